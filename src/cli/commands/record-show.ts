import { Command, Option } from "@commander-js/extra-typings";

import { decodeRole } from "../../chain/ids.js";
import { purposes } from "../../chain/purposes.js";
import type { OpenedRecord } from "../../record/open.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime, table } from "../terminal.js";

/** The purpose for which somebody else's record is opened. */
export const purposeOption = () =>
  new Option("--purpose <code>", "why you open it; your own records need none").choices(purposes);

/** What an opened record says, for people. */
export function recordLines({ record, description, stamps, parts }: OpenedRecord): string[] {
  const { recordId, patient, author, anchoredAt } = record;
  return [
    `Record       ${recordId}`,
    `Patient      ${patient}`,
    `Author       ${author}, anchored ${dateTime(anchoredAt)}`,
    `Description  ${description.resourceType}${typeof description.description === "string" ? `: ${description.description}` : ""}`,
    ...stamps.map(({ statement, signer, role, proven, selfReported, issuedAt }) => {
      const standing = selfReported
        ? "reported by the patient"
        : `${decodeRole(role)}, ${proven ? "credential proven" : "NOT PROVEN"}`;
      return `Stamp        ${statement} by ${signer} (${standing}), ${dateTime(issuedAt)}`;
    }),
    ...table(
      ["part", "name", "type", "bytes"],
      parts.map(({ name, mediaType, size }, part) => [String(part), name, mediaType, String(size)]),
    ),
  ];
}

/** What of an opened record goes into JSON. */
export function recordValue({ record, content, description, stamps, parts }: OpenedRecord): object {
  return {
    ...record,
    content,
    description,
    stamps: stamps.map(({ signer, role, statement, issuedAt, proven, selfReported }) => ({
      signer,
      role: decodeRole(role),
      statement,
      issuedAt,
      proven,
      selfReported,
    })),
    parts: parts.map(({ name, mediaType, size, sha256 }) => ({ name, mediaType, size, sha256 })),
  };
}

/** Opens and verifies a record and shows what it says, without its files. */
export function recordShowCommand(session: () => Session) {
  return new Command("show")
    .description("what a record says: description, stamps, parts")
    .argument("<record>", "record id")
    .addOption(purposeOption())
    .action(async (recordId, { purpose }) => {
      const carekey = await unlock(session());
      const opened = await long(session(), (pipeline) =>
        carekey.open(recordId, { ...pipeline, ...(purpose && { purpose }) }),
      );
      session().terminal.result(recordValue(opened), recordLines(opened));
    });
}

import { Command } from "@commander-js/extra-typings";

import { decodeText } from "../../chain/ids.js";
import type { OpenedRecord } from "../../record/open.js";
import { example } from "../help.js";
import { purposeOption } from "../purpose.js";
import { type Session, long, unlock } from "../session.js";
import type { Terminal } from "../terminal.js";
import { dateTime } from "../text.js";
import { underOption } from "../under.js";

/** What an opened record says, for people. */
export function recordLines({ record, description, stamps, parts }: OpenedRecord, terminal: Terminal): string[] {
  const { recordId, patient, author, anchoredAt, status, under } = record;
  return [
    `Record       ${recordId}`,
    ...(under === undefined ? [] : [`List         ${under}`]),
    `Patient      ${patient}`,
    `Author       ${author}, anchored ${dateTime(anchoredAt)}`,
    ...(status === "amended" ? ["Status       amended: another record took its place (carekey log)"] : []),
    `Description  ${description.resourceType}${typeof description.description === "string" ? `: ${description.description}` : ""}`,
    ...stamps.map(({ statement, signer, role, proven, contested, selfReported, issuedAt }) => {
      const credential = proven ? "credential proven" : contested ? "CREDENTIAL CONTESTED" : "NOT PROVEN";
      const standing = selfReported ? "reported by the patient" : `${decodeText(role)}, ${credential}`;
      return `Stamp        ${statement} by ${signer} (${standing}), ${dateTime(issuedAt)}`;
    }),
    ...terminal.table(
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
    stamps: stamps.map(({ signer, role, statement, issuedAt, proven, contested, selfReported }) => ({
      signer,
      role: decodeText(role),
      statement,
      issuedAt,
      proven,
      contested,
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
    .addOption(underOption())
    .addHelpText(
      "after",
      example("carekey record show 0x3f5c…e1", "carekey record show 0x3f5c…e1 --purpose TREAT --under 0x9a01…de"),
    )
    .action(async (recordId, { purpose, under }) => {
      const { terminal } = session();
      const { carekey } = await unlock(session());
      const opened = await long(session(), (pipeline) =>
        carekey.open(recordId, { ...pipeline, under, ...(purpose && { purpose }) }),
      );
      terminal.result(recordValue(opened), recordLines(opened, terminal));
    });
}

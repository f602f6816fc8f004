import { Command, Option } from "@commander-js/extra-typings";

import { type Hex32, checkRecordId } from "../../chain/ids.js";
import type { Purpose } from "../../chain/purposes.js";
import { type AnchoredRecord, findRecord } from "../../chain/records.js";
import { CareKeyError } from "../../errors.js";
import type { ListedRecord } from "../../record/chart.js";
import { indexType } from "../../record/index-file.js";
import { example } from "../help.js";
import { chartCache } from "../profile.js";
import { purposeOption } from "../purpose.js";
import { type Names, namesOf, patientOf, showScope } from "../scope.js";
import { type Session, type Unlocked, long, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** The records of a chart or of a list: one's own with what they say, another's as the chain and the list have them. */
export function recordListCommand(session: () => Session) {
  return new Command("list")
    .description("records on your chart or a patient's, or those that a list names")
    .option("--patient <address>", "whose chart (default: your own)")
    .addOption(
      new Option("--under <record>", "id of a list (record add --each): the records that it names")
        .argParser(checkRecordId)
        .conflicts("patient"),
    )
    .addOption(purposeOption())
    .addHelpText(
      "after",
      example(
        "carekey record list",
        "carekey record list --patient 0x7099…79C8 --json",
        "carekey record list --under 0x3f5c…e1 --purpose TREAT",
      ),
    )
    .action(async ({ patient: given, under, purpose }) => {
      if (purpose !== undefined && under === undefined)
        throw new CareKeyError("INVALID_ARGUMENT", "--purpose is why you open a list: name it (--under)");
      const unlocked = await unlock(session());
      if (under !== undefined) return showList(session(), unlocked, under, purpose);
      const patient = patientOf(unlocked, given);
      return patient === unlocked.carekey.address
        ? showOwn(session(), unlocked)
        : showChart(session(), unlocked, patient);
    });
}

async function showOwn(session: Session, unlocked: Unlocked): Promise<void> {
  const { terminal, home, profileName } = session;
  const { carekey, checkedBy } = unlocked;
  const { address: patient } = carekey;
  const names = await namesOf(unlocked);
  const cache = chartCache(home, profileName);
  const records = await long(session, (pipeline) => carekey.list({ ...pipeline, cache }));
  const head = ["anchored", "compartment", "what", "title", "date", "files", "bytes", "author", "status", "record"];
  const shown = records.filter((record) => !isList(record));
  const rows = shown.map((record) => [...row(record, names, patient), record.under ?? ""]);
  // a column for those who have lists
  const withLists = shown.some(({ under }) => under !== undefined);
  terminal.result({ patient, records, checkedBy }, terminal.table(withLists ? [...head, "list"] : head, rows));
}

async function showChart(session: Session, unlocked: Unlocked, patient: string): Promise<void> {
  const { carekey, checkedBy } = unlocked;
  const names = await namesOf(unlocked, patient);
  const records = await carekey.chart(patient);
  session.terminal.result({ patient, records, checkedBy }, plainTable(session, records, names, carekey.address));
}

async function showList(
  session: Session,
  unlocked: Unlocked,
  under: Hex32,
  purpose: Purpose | undefined,
): Promise<void> {
  const { carekey, checkedBy } = unlocked;
  const listed = await long(session, (pipeline) => carekey.listed(under, { ...pipeline, ...(purpose && { purpose }) }));
  const { patient } = await findRecord(carekey.chain, under);
  const names = await namesOf(unlocked, patient);
  // what has an anchor of its own by now has a status of its own, too
  const anchored = new Map((await carekey.chart(patient)).map((record) => [record.recordId, record]));
  const records = listed.map((record) => ({ ...record, ...anchored.get(record.recordId) }));
  session.terminal.result(
    { patient, under, records, checkedBy },
    records.length > 0
      ? plainTable(session, records, names, carekey.address)
      : [`Record ${under} is no list: it names no other record.`],
  );
}

/** What one knows of records without opening them. */
function plainTable(
  { terminal }: Session,
  records: readonly AnchoredRecord[],
  names: Names,
  address: string,
): string[] {
  const rows = records.map(({ recordId, compartment, author, anchoredAt, status }) => [
    dateTime(anchoredAt),
    showScope(compartment, names),
    author === address ? "you" : author,
    status,
    recordId,
  ]);
  return terminal.table(["anchored", "compartment", "author", "status", "record"], rows);
}

/** True for a list that could be read: the records that it names are shown in its place. */
function isList({ summary }: ListedRecord): boolean {
  return summary?.parts === 1 && summary.mediaTypes[0] === indexType;
}

function row(record: ListedRecord, names: Names, address: string): string[] {
  const { summary, code } = record;
  return [
    dateTime(record.anchoredAt),
    showScope(record.compartment, names),
    summary?.resourceType ?? code ?? "",
    summary?.title ?? "",
    summary?.date ?? "",
    summary ? `${summary.parts} ${summary.mediaTypes.join(", ")}` : "",
    summary ? String(summary.size) : "",
    record.author === address ? "you" : record.author,
    record.status,
    record.recordId,
  ];
}

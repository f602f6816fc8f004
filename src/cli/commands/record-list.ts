import { Command } from "@commander-js/extra-typings";

import type { ListedRecord } from "../../record/chart.js";
import { example } from "../help.js";
import { chartCache } from "../profile.js";
import { type Names, namesOf, patientOf, showScope } from "../scope.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** The records of a chart: one's own with what they say, another's as the chain knows them. */
export function recordListCommand(session: () => Session) {
  return new Command("list")
    .description("records on your chart, or on a patient's")
    .option("--patient <address>", "whose chart (default: your own)")
    .addHelpText("after", example("carekey record list", "carekey record list --patient 0x7099…79C8 --json"))
    .action(async (options) => {
      const { terminal, home, profileName } = session();
      const unlocked = await unlock(session());
      const { carekey, checkedBy } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const names = await namesOf(unlocked, patient);
      const you = (author: string): string => (author === carekey.address ? "you" : author);
      if (patient === carekey.address) {
        const cache = chartCache(home, profileName);
        const records = await long(session(), (pipeline) => carekey.list({ ...pipeline, cache }));
        const head = [
          "anchored",
          "compartment",
          "what",
          "title",
          "date",
          "files",
          "bytes",
          "author",
          "status",
          "record",
        ];
        const rows = records.map((record) => row(record, names, you));
        terminal.result({ patient, records, checkedBy }, terminal.table(head, rows));
        return;
      }
      const records = await carekey.chart(patient);
      const rows = records.map(({ recordId, compartment, author, anchoredAt, status }) => [
        dateTime(anchoredAt),
        showScope(compartment, names),
        you(author),
        status,
        recordId,
      ]);
      terminal.result(
        { patient, records, checkedBy },
        terminal.table(["anchored", "compartment", "author", "status", "record"], rows),
      );
    });
}

function row(record: ListedRecord, names: Names, you: (author: string) => string): string[] {
  const { summary, code } = record;
  return [
    dateTime(record.anchoredAt),
    showScope(record.compartment, names),
    summary?.resourceType ?? code ?? "",
    summary?.title ?? "",
    summary?.date ?? "",
    summary ? `${summary.parts} ${summary.mediaTypes.join(", ")}` : "",
    summary ? String(summary.size) : "",
    you(record.author),
    record.status,
    record.recordId,
  ];
}

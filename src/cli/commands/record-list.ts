import { Command } from "@commander-js/extra-typings";

import { example } from "../help.js";
import { namesOf, patientOf, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** The records of a chart, as the chain knows them. */
export function recordListCommand(session: () => Session) {
  return new Command("list")
    .description("records on your chart, or on a patient's")
    .option("--patient <address>", "whose chart (default: your own)")
    .addHelpText("after", example("carekey record list", "carekey record list --patient 0x7099…79C8 --json"))
    .action(async (options) => {
      const { terminal } = session();
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const names = await namesOf(unlocked, patient);
      const records = await carekey.chart(patient);
      const rows = records.map(({ recordId, compartment, author, anchoredAt, status }) => [
        dateTime(anchoredAt),
        showScope(compartment, names),
        author === carekey.address ? "you" : author,
        status,
        recordId,
      ]);
      terminal.result(
        { patient, records },
        terminal.table(["anchored", "compartment", "author", "status", "record"], rows),
      );
    });
}

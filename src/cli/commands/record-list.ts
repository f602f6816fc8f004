import { Command } from "@commander-js/extra-typings";

import { namesOf, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime, table } from "../terminal.js";

/** The records of a chart, as the chain knows them. */
export function recordListCommand(session: () => Session) {
  return new Command("list")
    .description("records on your chart, or on a patient's")
    .option("--patient <address>", "whose chart (default: your own)")
    .action(async (options) => {
      const carekey = await unlock(session());
      const patient = options.patient ?? carekey.address;
      const names = await namesOf(carekey, patient);
      const records = await carekey.chart(patient);
      const rows = records.map(({ recordId, compartment, author, anchoredAt, status }) => [
        dateTime(anchoredAt),
        showScope(compartment, names),
        author === carekey.address ? "you" : author,
        status,
        recordId,
      ]);
      session().terminal.result(
        { patient, records },
        table(["anchored", "compartment", "author", "status", "record"], rows),
      );
    });
}

import { Command } from "@commander-js/extra-typings";

import type { LogEntry } from "../../chain/log.js";
import { example } from "../help.js";
import { showDuration } from "../period.js";
import { namesOf, patientOf, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** The access log of a chart. */
export function logCommand(session: () => Session) {
  return new Command("log")
    .description("who did what on your chart, why and when")
    .option("--patient <address>", "another patient's chart: the chain is public to its members")
    .addHelpText("after", example("carekey log"))
    .action(async (options) => {
      const { terminal } = session();
      const unlocked = await unlock(session());
      const { carekey, checkedBy } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const names = await namesOf(unlocked, patient);
      const log = await carekey.log(patient);
      const you = (address = ""): string => (address === carekey.address ? "you" : address);
      const rows = log.map((entry) => [
        dateTime(entry.when),
        you(entry.who),
        entry.what,
        you(entry.grantee),
        showScope(entry.scope, names),
        entry.permissions?.join("+") ?? "",
        entry.purposes?.join("+") ?? "",
        entry.end === undefined ? "" : dateTime(entry.end),
        more(entry, you),
      ]);
      const head = ["when", "who", "what", "whom", "on", "may", "why", "until", "more"];
      terminal.result({ patient, log, checkedBy }, terminal.table(head, rows));
    });
}

/** What only some lines have. */
function more(entry: LogEntry, you: (address: string) => string): string {
  const { request, actedFor, role, longest, reason, replacement } = entry;
  return [
    ...(request === undefined ? [] : [`request ${request}`]),
    ...(actedFor === undefined ? [] : [`in the place of ${you(actedFor)}`]),
    ...(role === undefined ? [] : [`as ${role}`]),
    ...(longest === undefined ? [] : [`each up to ${showDuration(longest)}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(replacement === undefined ? [] : [`now ${replacement}`]),
  ].join(", ");
}

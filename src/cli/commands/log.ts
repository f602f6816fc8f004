import { Command } from "@commander-js/extra-typings";

import { example } from "../help.js";
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
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const names = await namesOf(unlocked, patient);
      const log = await carekey.log(patient);
      const you = (address = ""): string => (address === carekey.address ? "you" : address);
      const rows = log.map(({ when, who, what, grantee, scope, permissions, purposes }) => [
        dateTime(when),
        you(who),
        what,
        you(grantee),
        showScope(scope, names),
        permissions?.join("+") ?? "",
        purposes?.join("+") ?? "",
      ]);
      terminal.result({ patient, log }, terminal.table(["when", "who", "what", "whom", "on", "may", "why"], rows));
    });
}

import { Command } from "@commander-js/extra-typings";

import { namesOf, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime, table } from "../terminal.js";

/** The access log of a chart. */
export function logCommand(session: () => Session) {
  return new Command("log")
    .description("who did what on your chart, why and when")
    .option("--patient <address>", "another patient's chart: the chain is public to its members")
    .action(async (options) => {
      const carekey = await unlock(session());
      const patient = options.patient ?? carekey.address;
      const names = await namesOf(carekey, patient);
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
      session().terminal.result({ patient, log }, table(["when", "who", "what", "whom", "on", "may", "why"], rows));
    });
}

import { Command, Option } from "@commander-js/extra-typings";

import { roles } from "../../chain/ids.js";
import { parseMoment } from "../period.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime, table } from "../terminal.js";
import { readPurposes } from "./grant.js";

/** Asks a patient for a grant. */
export function requestCommand(session: () => Session) {
  return new Command("request")
    .description("ask a patient for access")
    .argument("<patient>", "address")
    .addOption(new Option("--role <role>", "the role you ask in").choices(roles).makeOptionMandatory())
    .requiredOption("--purpose <code...>", "why: TREAT, HRESCH …")
    .option("--scope <scope>", "chart, a compartment that the patient told you, a label or a record id", "chart")
    .option("--write", "ask to add records as well")
    .option("--until <time>", "how long you need it", "180d")
    .action(async (patient, options) => {
      const purposes = readPurposes(options.purpose);
      const carekey = await unlock(session());
      const scope = resolveScope(options.scope, await namesOf(carekey, patient));
      const end = parseMoment(options.until, await carekey.now());
      const permissions = options.write === true ? (["READ", "WRITE"] as const) : (["READ"] as const);
      await carekey.request({ patient, scope, role: options.role, permissions, purposes, end });
      session().terminal.result({ patient, scope, role: options.role, permissions, purposes, end }, [
        `Asked ${patient} for ${permissions.join(" and ")} for ${purposes.join(", ")} until ${dateTime(end)}.`,
      ]);
    });
}

/** Requests that wait for this patient's answer. */
export function requestsCommand(session: () => Session) {
  return new Command("requests").description("who waits for your answer").action(async () => {
    const carekey = await unlock(session());
    const names = await carekey.compartments();
    const requests = await carekey.requests();
    const rows = requests.map(({ when, who, role, scope, permissions, purposes, end }) => [
      dateTime(when),
      who,
      role ?? "",
      showScope(scope, names),
      permissions?.join("+") ?? "",
      purposes?.join("+") ?? "",
      end === undefined ? "" : dateTime(end),
    ]);
    session().terminal.result({ requests }, table(["asked", "by", "as", "on", "may", "why", "until"], rows));
  });
}

/** Says no. */
export function declineCommand(session: () => Session) {
  return new Command("decline")
    .description("say no to a request")
    .argument("<requester>", "address")
    .option("--scope <scope>", "the scope that was asked for", "chart")
    .action(async (requester, options) => {
      const carekey = await unlock(session());
      const scope = resolveScope(options.scope, await carekey.compartments());
      await carekey.decline(requester, scope);
      session().terminal.result({ requester, scope, declined: true }, [`Declined the request of ${requester}.`]);
    });
}

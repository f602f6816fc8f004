import { Command, Option } from "@commander-js/extra-typings";

import { checkAddress, roles } from "../../chain/ids.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { readPurposes } from "../purpose.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

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
    .addHelpText(
      "after",
      example("carekey request 0x7099…79C8 --role researcher --purpose HRESCH --scope imaging --until 180d"),
    )
    .action(async (given, options) => {
      const patient = checkAddress(given, "Patient");
      const purposes = readPurposes(options.purpose);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const scope = resolveScope(options.scope, await namesOf(unlocked, patient));
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
  const command = new Command("requests").description("who waits for your answer");
  return command.addHelpText("after", example("carekey requests")).action(async () => {
    const { terminal } = session();
    const unlocked = await unlock(session());
    const { carekey } = unlocked;
    const names = await namesOf(unlocked);
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
    terminal.result({ requests }, terminal.table(["asked", "by", "as", "on", "may", "why", "until"], rows));
  });
}

/** Says no. */
export function declineCommand(session: () => Session) {
  return new Command("decline")
    .description("say no to a request")
    .argument("<requester>", "address")
    .option("--scope <scope>", "the scope that was asked for", "chart")
    .addHelpText("after", example("carekey decline 0x7099…79C8 --scope imaging"))
    .action(async (given, options) => {
      const requester = checkAddress(given, "Requester");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const scope = resolveScope(options.scope, await namesOf(unlocked));
      await carekey.decline(requester, scope);
      session().terminal.result({ requester, scope, declined: true }, [`Declined the request of ${requester}.`]);
    });
}

import { Command, Option } from "@commander-js/extra-typings";

import { checkAddress, roles } from "../../chain/ids.js";
import { mayLine } from "../consent-lines.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { readPurposes } from "../purpose.js";
import { namesOf, resolveScope } from "../scope.js";
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
      const asked = { patient, scope, role: options.role, permissions, purposes, end };
      const id = await carekey.request(asked);
      session().terminal.result({ id, ...asked }, [
        `Request ${id}: asked ${patient} for ${mayLine(permissions, purposes)} until ${dateTime(end)}.`,
        `To take it back: carekey requests withdraw ${id} --patient ${patient}`,
      ]);
    });
}

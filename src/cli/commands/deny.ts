import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { example } from "../help.js";
import { namesOf, patientOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";

/** Shuts a scope for somebody. */
export function denyCommand(session: () => Session) {
  return new Command("deny")
    .description(
      "shut a scope for somebody, whatever else is or will be granted, until you lift it; takes the place of a grant on it",
    )
    .argument("<grantee>", "address")
    .option("--scope <scope>", "chart, a compartment's name, a label or a record id", "chart")
    .option("--for <patient>", "in the place of a patient who delegated it to you (--deny)")
    .addHelpText(
      "after",
      example(
        "carekey deny 0x7099…79C8 --scope genetics",
        "carekey deny 0x3C44…93BC --scope genetics --for 0x7099…79C8    # as a carer",
      ),
    )
    .action(async (given, options) => {
      const grantee = checkAddress(given, "Grantee");
      if (options.for !== undefined) checkAddress(options.for, "Patient");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.for);
      const names = await namesOf(unlocked, patient);
      const scope = resolveScope(options.scope, names);
      const transaction = await carekey.deny(grantee, scope, options.for === undefined ? {} : { for: patient });
      session().terminal.result({ patient, grantee, scope, denied: true, transaction }, [
        `${grantee}: shut out of ${showScope(scope, names)}, whatever is granted, until ${
          options.for === undefined ? "you lift it (carekey lift)" : "the patient lifts it or locks down"
        }.`,
        "Keys and copies they have can't be recalled; `carekey record rotate` encrypts a record anew.",
      ]);
    });
}

/** Takes a DENY away. */
export function liftCommand(session: () => Session) {
  return new Command("lift")
    .description("take a DENY away: what you granted them on wider or narrower scopes counts again")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "the scope that was shut", "chart")
    .addHelpText("after", example("carekey lift 0x7099…79C8 --scope genetics"))
    .action(async (given, options) => {
      const grantee = checkAddress(given, "Grantee");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const names = await namesOf(unlocked);
      const scope = resolveScope(options.scope, names);
      const transaction = await carekey.lift(grantee, scope);
      session().terminal.result({ patient: carekey.address, grantee, scope, lifted: true, transaction }, [
        `${grantee}: ${showScope(scope, names)} is no longer shut. What you granted them elsewhere counts again: carekey grants; keys that they lack: carekey redeliver.`,
      ]);
    });
}

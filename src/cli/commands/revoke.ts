import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { example } from "../help.js";
import { namesOf, patientOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";

/** Takes a grant back. */
export function revokeCommand(session: () => Session) {
  return new Command("revoke")
    .description("take a grant back")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "the scope that was granted", "chart")
    .option("--for <patient>", "in the place of a patient who delegated it to you")
    .addHelpText(
      "after",
      example(
        "carekey revoke 0x7099…79C8 --scope imaging",
        "carekey revoke 0x3C44…93BC --scope imaging --for 0x7099…79C8    # as a carer",
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
      await carekey.revoke(grantee, scope, options.for === undefined ? {} : { for: patient });
      session().terminal.result({ patient, grantee, scope, revoked: true }, [
        `${grantee}: nothing any more on ${showScope(scope, names)}. Keys and copies they have can't be recalled; \`carekey record rotate\` encrypts a record anew.`,
      ]);
    });
}

/** Voids every grant and delegation at once. */
export function lockdownCommand(session: () => Session) {
  const command = new Command("lockdown").description("void every grant and delegation you made, at once");
  return command.addHelpText("after", example("carekey lockdown", "carekey lockdown --yes")).action(async () => {
    const { terminal } = session();
    await terminal.confirm("Void every grant and delegation that you made?");
    const { carekey } = await unlock(session());
    await carekey.lockdown();
    terminal.result({ address: carekey.address, lockedDown: true }, [
      "Every grant and delegation is void; what you shut (carekey deny) stays shut. What you grant from now on holds again.",
    ]);
  });
}

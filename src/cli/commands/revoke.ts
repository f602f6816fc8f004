import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { example } from "../help.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";

/** Takes a grant back. */
export function revokeCommand(session: () => Session) {
  return new Command("revoke")
    .description("take a grant back")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "the scope that was granted", "chart")
    .addHelpText("after", example("carekey revoke 0x7099…79C8 --scope imaging"))
    .action(async (given, options) => {
      const grantee = checkAddress(given, "Grantee");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const names = await namesOf(unlocked);
      const scope = resolveScope(options.scope, names);
      await carekey.revoke(grantee, scope);
      session().terminal.result({ grantee, scope, revoked: true }, [
        `${grantee}: nothing any more on ${showScope(scope, names)}. Keys and copies they have can't be recalled; \`carekey record rotate\` encrypts a record anew.`,
      ]);
    });
}

/** Voids every grant at once. */
export function lockdownCommand(session: () => Session) {
  const command = new Command("lockdown").description("void every grant you made, at once");
  return command.addHelpText("after", example("carekey lockdown", "carekey lockdown --yes")).action(async () => {
    const { terminal } = session();
    await terminal.confirm("Void every grant that you made?");
    const { carekey } = await unlock(session());
    await carekey.lockdown();
    terminal.result({ address: carekey.address, lockedDown: true }, [
      "Every grant is void. What you grant from now on holds again.",
    ]);
  });
}

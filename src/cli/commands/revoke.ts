import { Command } from "@commander-js/extra-typings";

import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";

/** Takes a grant back. */
export function revokeCommand(session: () => Session) {
  return new Command("revoke")
    .description("take a grant back")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "the scope that was granted", "chart")
    .action(async (grantee, options) => {
      const carekey = await unlock(session());
      const names = await namesOf(carekey, carekey.address);
      const scope = resolveScope(options.scope, names);
      await carekey.revoke(grantee, scope);
      session().terminal.result({ grantee, scope, revoked: true }, [
        `${grantee}: nothing any more on ${showScope(scope, names)}. Keys and copies they have can't be recalled.`,
      ]);
    });
}

/** Voids every grant at once. */
export function lockdownCommand(session: () => Session) {
  return new Command("lockdown").description("void every grant you made, at once").action(async () => {
    const { terminal } = session();
    await terminal.confirm("Void every grant that you made?");
    const carekey = await unlock(session());
    await carekey.lockdown();
    terminal.result({ address: carekey.address, lockedDown: true }, [
      "Every grant is void. What you grant from now on holds again.",
    ]);
  });
}

import { Command } from "@commander-js/extra-typings";

import { example } from "../help.js";
import { publishedVault } from "../recovery.js";
import { type Session, unlock } from "../session.js";

/** Publishes the actor's encryption key and vault. */
export function keyCommand(session: () => Session) {
  return new Command("key")
    .description(
      "publish your encryption key, so that others can share with you, and your sealed vault, so that a recovery method finds it; published already: changes nothing",
    )
    .addHelpText("after", example("carekey key"))
    .action(async () => {
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      await carekey.publishKey();
      const vault = await publishedVault(session(), unlocked, { anew: true });
      const key = await carekey.publishedKey();
      session().terminal.result({ address: carekey.address, version: key?.version, digest: key?.digest, vault }, [
        `Key ${String(key?.version)} of ${carekey.address} is published.`,
        `Digest to compare with others: ${String(key?.digest)}`,
        vault === undefined
          ? "No vault is published: nothing but your passphrase opens it (carekey vault add-code)."
          : "The sealed vault is published, without its passphrase slot.",
        "Next: `carekey compartment add <name>`, then `carekey record add` and `carekey grant`.",
      ]);
    });
}

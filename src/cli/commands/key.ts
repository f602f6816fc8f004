import { Command } from "@commander-js/extra-typings";

import { example } from "../help.js";
import { type Session, unlock } from "../session.js";

/** Publishes the actor's encryption key. */
export function keyCommand(session: () => Session) {
  return new Command("key")
    .description("publish your encryption key, so that others can share with you; published already: changes nothing")
    .addHelpText("after", example("carekey key"))
    .action(async () => {
      const { carekey } = await unlock(session());
      await carekey.publishKey();
      const key = await carekey.publishedKey();
      session().terminal.result({ address: carekey.address, version: key?.version, digest: key?.digest }, [
        `Key ${String(key?.version)} of ${carekey.address} is published.`,
        `Digest to compare with others: ${String(key?.digest)}`,
        "Next: `carekey compartment add <name>`, then `carekey record add` and `carekey grant`.",
      ]);
    });
}

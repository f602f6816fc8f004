import { Command, InvalidArgumentError } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { recipientFromBytes } from "../../crypto/recipients.js";
import { offerCode } from "../code.js";
import { example } from "../help.js";
import { publishedVault, remember } from "../recovery.js";
import { type Session, profileOf, unlock } from "../session.js";

/** Adds a recovery code. */
export function vaultAddCodeCommand(session: () => Session) {
  return new Command("add-code")
    .description("add a recovery code: 24 words for paper, shown once and asked back")
    .option("--code-file <file>", "write it to a new file instead of showing it; then: carekey vault test")
    .addHelpText("after", example("carekey vault add-code"))
    .action(async ({ codeFile }) => {
      const here = session();
      const unlocked = await unlock(here);
      const { slot, tested } = await offerCode(here, unlocked.keyring, codeFile);
      const { keyring } = unlocked;
      await remember(here, await profileOf(here), { keyring, tested: tested ? [slot] : [] });
      const vault = await publishedVault(here, unlocked);
      here.terminal.result({ slot, tested, vault }, [
        `Slot ${slot} opens your vault by these words${tested ? "; you have tried it" : `: carekey vault test ${slot}`}.`,
      ]);
    });
}

/** Adds guardians. */
export function vaultAddGuardiansCommand(session: () => Session) {
  return new Command("add-guardians")
    .description("let some of several people open your vault together, for you alone")
    .argument("<address...>", "2 to 16 people whose encryption keys are published")
    .requiredOption("--threshold <count>", "how many of them are enough", count)
    .addHelpText("after", example("carekey vault add-guardians 0x7099…79C8 0x3C44…93BC 0x90F7…b906 --threshold 2"))
    .action(async (addresses, { threshold }) => {
      const here = session();
      const guardians = addresses.map((address) => checkAddress(address, "Guardian"));
      const unlocked = await unlock(here);
      const { carekey, keyring } = unlocked;
      const recipients = await Promise.all(
        guardians.map(async (guardian) => {
          const { recipient } = await carekey.trustedKey(guardian);
          return recipientFromBytes(recipient);
        }),
      );
      const { id: slot } = await keyring.addGuardians(recipients, threshold);
      await remember(here, await profileOf(here), { keyring });
      const vault = await publishedVault(here, unlocked);
      here.terminal.result({ slot, guardians, threshold, vault }, [
        `Slot ${slot}: any ${threshold} of these ${guardians.length} open your vault together. Tell them, and that you will telephone first.`,
        "Try it once: `carekey recover ask`, then `carekey vault test`.",
      ]);
    });
}

function count(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number is needed");
}

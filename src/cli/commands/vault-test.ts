import { Command } from "@commander-js/extra-typings";

import { Keyring } from "../../crypto/keyring/keyring.js";
import type { OpeningMethod } from "../../crypto/keyring/open.js";
import { decodeVault, slotOf, type Slot } from "../../crypto/keyring/vault.js";
import { CareKeyError } from "../../errors.js";
import { codeOf } from "../code.js";
import { example } from "../help.js";
import { passphraseOf } from "../passphrase.js";
import { dropPending, readPending } from "../pending.js";
import { remember } from "../recovery.js";
import { type Session, profileOf } from "../session.js";
import { readShares } from "../share-files.js";

/** Tries a way to open the vault. */
export function vaultTestCommand(session: () => Session) {
  return new Command("test")
    .description("try a way to open your vault once; two tested ones are needed before the first record")
    .argument("<slot>", "its id (carekey vault show)")
    .option("--code-file <file>", "file with the recovery code, where nobody can type it")
    .option("--share <file...>", "what guardians released for `carekey recover ask`")
    .addHelpText("after", example("carekey vault test 0x93bc01e2aa07d4f1"))
    .action(async (id, options) => {
      const here = session();
      const profile = await profileOf(here);
      const slot = slotOf(decodeVault(profile.vault).slots, id);
      const method = await methodFor(here, slot.kind, options);
      await Keyring.open(profile.vault, method, { slot: id });
      await remember(here, profile, { tested: [id.toLowerCase()] });
      if (slot.kind === "guardians") await dropPending(here.home, here.profileName);
      here.terminal.result({ slot: id, kind: slot.kind, tested: true }, [`Slot ${id} opens your vault.`]);
    });
}

async function methodFor(
  session: Session,
  kind: Slot["kind"],
  { codeFile, share = [] }: { codeFile?: string | undefined; share?: readonly string[] | undefined },
): Promise<OpeningMethod> {
  const { home, profileName } = session;
  switch (kind) {
    case "passphrase":
      return { kind, passphrase: await passphraseOf(session, `Passphrase of ${profileName}`) };
    case "recovery-code":
      return { kind, words: await codeOf(session, codeFile) };
    case "guardians": {
      const shares = await readShares(share);
      const passphrase = await passphraseOf(session, "Passphrase of the request");
      const { identity } = await readPending(home, profileName, passphrase);
      return { kind, shares, identity };
    }
    case "passkey":
      throw new CareKeyError("INVALID_ARGUMENT", "A passkey needs a browser: try it there");
  }
}

import { Command } from "@commander-js/extra-typings";

import { Keyring } from "../../crypto/keyring/keyring.js";
import { decodeVault, slotOf } from "../../crypto/keyring/vault.js";
import { CareKeyError } from "../../errors.js";
import { example } from "../help.js";
import { newPassphrase } from "../passphrase.js";
import { publishedVault, remember } from "../recovery.js";
import { type Session, profileOf, unlock } from "../session.js";

/** Changes the passphrase. */
export function vaultPassphraseCommand(session: () => Session) {
  return new Command("passphrase")
    .description("change the passphrase; recovery code, passkeys and guardians stay as they are")
    .option("--new-passphrase-file <file>", "file whose first line is the new one, where nobody can type it")
    .addHelpText("after", example("carekey vault passphrase"))
    .action(async ({ newPassphraseFile }) => {
      const here = session();
      const { keyring } = await unlock(here);
      const passphrase = await newPassphrase(here, newPassphraseFile);
      const { id } = await keyring.setPassphrase(passphrase);
      await Keyring.open(keyring.encode(), { kind: "passphrase", passphrase });
      await here.interruption.careful(async () => remember(here, await profileOf(here), { keyring, tested: [id] }));
      here.terminal.result({ slot: id }, [
        "The passphrase is changed. Copies of the old vault still open with the old one: remove them.",
      ]);
    });
}

/** Removes a slot. */
export function vaultRemoveCommand(session: () => Session) {
  return new Command("remove")
    .description("remove a way to open your vault; the others stay as they are")
    .argument("<slot>", "its id (carekey vault show)")
    .addHelpText("after", example("carekey vault remove 0x93bc01e2aa07d4f1"))
    .action(async (slot) => {
      const here = session();
      const { slots } = decodeVault((await profileOf(here)).vault);
      if (slotOf(slots, slot).kind === "passphrase" && slots.length > 1)
        throw new CareKeyError("INVALID_ARGUMENT", "This machine opens the vault by its passphrase: change it instead");
      await here.terminal.confirm(`Remove the slot ${slot}?`);
      const unlocked = await unlock(here);
      const { keyring } = unlocked;
      keyring.removeSlot(slot);
      await remember(here, await profileOf(here), { keyring });
      const vault = await publishedVault(here, unlocked);
      here.terminal.result({ slot, vault, slots: keyring.slots }, [
        `Slot ${slot} is removed. Who has its secret and an older copy of the vault can still open that copy and later ones: \`carekey vault renew\` ends it.`,
      ]);
    });
}

/** Makes the vault anew under another key. */
export function vaultRenewCommand(session: () => Session) {
  return new Command("renew")
    .description(
      "put your keys into a new vault: only the passphrase opens it until you add other ways; no old one does",
    )
    .addHelpText("after", example("carekey vault renew"))
    .action(async () => {
      const here = session();
      await here.terminal.confirm("End every way to open the vault but the passphrase?");
      const { terminal } = here;
      const { keyring: old, passphrase } = await unlock(here);
      const keyring = Keyring.create(old.owner, { identities: [...old.identities].reverse(), wallet: old.wallet });
      const { id } = await keyring.setPassphrase(passphrase);
      await here.interruption.careful(async () => remember(here, await profileOf(here), { keyring, tested: [id] }));
      terminal.result({ slots: keyring.slots }, [
        "The vault is new. Add your ways back: `carekey vault add-code`, `carekey vault add-guardians`. The one published before stays until then.",
      ]);
    });
}

import { Command } from "@commander-js/extra-typings";

import { ownerOf, decodeVault } from "../../crypto/keyring/vault.js";
import { slotInfo } from "../../crypto/keyring/keyring.js";
import { example } from "../help.js";
import { publicDigest, publishedVault, testedSlots } from "../recovery.js";
import { type Session, profileOf, unlock } from "../session.js";
import { slotRow } from "../slots.js";
import { vaultAddCodeCommand, vaultAddGuardiansCommand } from "./vault-add.js";
import { vaultPassphraseCommand, vaultRemoveCommand, vaultRenewCommand } from "./vault-change.js";
import { vaultExportCommand } from "./vault-export.js";
import { vaultTestCommand } from "./vault-test.js";

/** What keeps the actor's keys, and the ways to open it. */
export function vaultCommand(session: () => Session) {
  const command = new Command("vault").description("what keeps your keys, and the ways to open it");
  for (const below of [
    vaultShowCommand,
    vaultAddCodeCommand,
    vaultAddGuardiansCommand,
    vaultTestCommand,
    vaultPassphraseCommand,
    vaultRemoveCommand,
    vaultRenewCommand,
    vaultPublishCommand,
    vaultExportCommand,
  ])
    command.addCommand(below(session) as Command);
  return command;
}

function vaultShowCommand(session: () => Session) {
  return new Command("show")
    .description("the ways to open your vault, which were tested, whether it is published; needs no passphrase")
    .addHelpText("after", example("carekey vault show"))
    .action(async () => {
      const { terminal } = session();
      const profile = await profileOf(session());
      const vault = decodeVault(profile.vault);
      const tested = testedSlots(profile);
      const slots = vault.slots.map(slotInfo).map((slot) => ({ ...slot, tested: tested.includes(slot.id) }));
      const digest = publicDigest(profile);
      const published = digest !== undefined && digest === profile.settings.recovery.published;
      const { generation } = vault;
      terminal.result({ ...ownerOf(vault), generation, slots, published }, [
        ...terminal.table(["slot", "kind", "tested"], slots.map(slotRow)),
        published ? "Published as it is." : "Not published as it is (carekey vault publish).",
      ]);
    });
}

function vaultPublishCommand(session: () => Session) {
  return new Command("publish")
    .description("put the sealed vault, without its passphrase slot, where a blank machine finds it")
    .addHelpText("after", example("carekey vault publish"))
    .action(async () => {
      const vault = await publishedVault(session(), await unlock(session()), { anew: true });
      session().terminal.result({ vault }, [
        vault === undefined
          ? "Nothing but your passphrase opens the vault, and that is never published: carekey vault add-code"
          : `Vault ${vault} is published.`,
      ]);
    });
}

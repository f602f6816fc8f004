import { Command } from "@commander-js/extra-typings";
import { VoidSigner } from "ethers";

import { toHex } from "../../bytes.js";
import { connectChain } from "../../chain/connection.js";
import { checkAddress } from "../../chain/ids.js";
import { Keyring } from "../../crypto/keyring/keyring.js";
import type { OpeningMethod } from "../../crypto/keyring/open.js";
import { encodeRequest, requestFingerprint } from "../../crypto/keyring/recovery-request.js";
import { MAX_VAULT, decodeVault, ownerOf, slotsOf } from "../../crypto/keyring/vault.js";
import { generateIdentity, recipientOf } from "../../crypto/recipients.js";
import { fetchVault } from "../../record/vault.js";
import { codeOf, writeSecret } from "../code.js";
import { checkingOf, warnOfOneSource } from "../checking.js";
import { example } from "../help.js";
import { newPassphrase, passphraseOf } from "../passphrase.js";
import { dropPending, readPending, savePending } from "../pending.js";
import { type Place, type PlaceOptions, namesStore, optionsOf, placeOf, placeOptions } from "../place.js";
import { createProfile, readProfile, requireNoProfile, walletOf } from "../profile.js";
import type { Session } from "../session.js";
import { openStore } from "../stores.js";
import { readShares, readUpTo } from "../share-files.js";

/** Brings an actor back on a machine that knows nothing of them. */
export function recoverCommand(session: () => Session) {
  const command = new Command("recover").description("bring your keys back on a machine that has nothing of you");
  const from = (name: string) =>
    new Command(name)
      .option(...placeOptions.rpc)
      .option(...placeOptions.deployment)
      .option(...placeOptions.store)
      .option(...placeOptions.ipfs)
      .option(...placeOptions.node)
      .option(...placeOptions.tokenFile)
      .option(...placeOptions.pool);

  command.addCommand(
    from("code")
      .description("by the recovery code on paper, from the vault that was published")
      .argument("<address>", "who you are")
      .option("--code-file <file>", "file with the recovery code, where nobody can type it")
      .addHelpText("after", example("carekey recover code 0x7099…79C8"))
      .action(async (address, options) => {
        const here = session();
        await requireNoProfile(here.home, here.profileName);
        const found = await publishedVaultOf(here, address, options);
        const words = await codeOf(here, options.codeFile);
        await restore(here, found, { kind: "recovery-code", words });
      }),
  );
  command.addCommand(
    from("copy")
      .description("by the passphrase, from a copy of the vault's file")
      .argument("<vault-file>", "copy of a profile's vault.carekey")
      .addHelpText("after", example("carekey recover copy backup/vault.carekey"))
      .action(async (copy, options) => {
        const here = session();
        await requireNoProfile(here.home, here.profileName);
        const file = await readUpTo(copy, MAX_VAULT + 1, "The copy");
        const { actor } = ownerOf(decodeVault(file));
        const { place } = await placeOf(here, options);
        const passphrase = await passphraseOf(here, "Passphrase of the copy");
        await restore(here, { file, address: checkAddress(actor, "Actor"), place }, { kind: "passphrase", passphrase });
      }),
  );
  command.addCommand(
    from("ask")
      .description("make a request for your guardians; also to try them while nothing is lost")
      .argument("<address>", "who you are")
      .requiredOption("--to <request-file>", "new file to send to your guardians")
      .option("--slot <id>", "which guardians, where your vault has several groups (default: the newest)")
      .addHelpText("after", example("carekey recover ask 0x7099…79C8 --to request.json"))
      .action(async (address, options) => {
        const here = session();
        const { file, address: actor, place } = await publishedVaultOf(here, address, options);
        const vault = decodeVault(file);
        const groups = slotsOf(vault.slots, "guardians", options.slot);
        const slot = groups[groups.length - 1] ?? groups[0];
        const passphrase = await newPassphrase(here);
        const identity = await generateIdentity();
        const recipient = await recipientOf(identity);
        const name = { vault: toHex(vault.id), slot: toHex(slot.id) };
        const request = { chainId: place.chainId, actor, ...name, recipient };
        await writeSecret(options.to, encodeRequest(request));
        await savePending(here.home, here.profileName, { request, identity }, passphrase);
        const words = requestFingerprint(recipient);
        here.terminal.result({ actor, ...name, fingerprint: words, file: options.to }, [
          `Send ${options.to} to your guardians, and read them these words by voice or face to face:`,
          `  ${words}`,
          "Then: `carekey recover guardians <share…>`.",
        ]);
      }),
  );
  command.addCommand(
    from("guardians")
      .description("by what your guardians released for your request")
      .argument("<share-file...>", "the files that they sent back")
      .addHelpText("after", example("carekey recover guardians share-1.age share-2.age"))
      .action(async (files, options) => {
        const here = session();
        await requireNoProfile(here.home, here.profileName);
        const shares = await readShares(files);
        const passphrase = await passphraseOf(here, "Passphrase of the request");
        const { request, identity } = await readPending(here.home, here.profileName, passphrase);
        const found = await publishedVaultOf(here, request.actor, options);
        await restore(here, found, { kind: "guardians", shares, identity }, { passphrase, slot: request.slot });
        await dropPending(here.home, here.profileName);
      }),
  );
  return command;
}

/** A vault, whose it is, and where. */
interface Found {
  readonly file: Uint8Array;
  readonly address: string;
  readonly place: Place;
}

async function publishedVaultOf(session: Session, actor: string, options: PlaceOptions): Promise<Found> {
  const address = checkAddress(actor, "Actor");
  const { home, profileName } = session;
  // to try guardians while nothing is lost
  const own = await readProfile(home, profileName).catch(() => undefined);
  const known = own?.settings.address.toLowerCase() === address.toLowerCase() ? own.settings : undefined;
  if (own && !known) await requireNoProfile(home, profileName);
  const { place: named, deployment } = await placeOf(session, {
    ...{ rpc: known?.rpc, deployment: known?.deployment },
    ...(known && !namesStore(options) && optionsOf(known.store)),
    ...options,
  });
  const checking = checkingOf(session.checking, known);
  const place = { ...named, ...checking };
  const chain = await connectChain({ ...checking, signer: new VoidSigner(address), provider: place.rpc, deployment });
  warnOfOneSource(session.terminal, await chain.checkedBy());
  return { file: await fetchVault({ chain, store: await openStore(place.store) }, address), address, place };
}

/** Opens a vault and writes a profile around it, under a new passphrase where the method is another. */
async function restore(
  session: Session,
  { file, address, place }: Found,
  method: OpeningMethod,
  given: { passphrase?: string; slot?: string } = {},
): Promise<void> {
  const { terminal, home, profileName } = session;
  const owner = { chainId: place.chainId, actor: address };
  const { keyring, slot, refused } = await Keyring.open(file, method, { owner, slot: given.slot });
  const wallet = walletOf(keyring, address);
  const tested = [slot];
  if (method.kind !== "passphrase") {
    const passphrase = given.passphrase ?? (await newPassphrase(session));
    tested.push((await keyring.setPassphrase(passphrase)).id);
  }
  const settings = { ...place, address: wallet.address, recovery: { tested, lossAccepted: false } };
  await session.interruption.careful(() =>
    createProfile(home, { name: profileName, settings, vault: keyring.encode() }),
  );
  for (const { share, reason } of refused)
    terminal.note(`Share ${share} was false (${reason}); the others were enough.`);
  const keys = keyring.identities.length;
  terminal.result({ profile: profileName, address: wallet.address, slot, keys, slots: keyring.slots, refused }, [
    `Profile ${profileName}: ${wallet.address} is back, with ${keys} ${keys === 1 ? "key" : "keys"} for records.`,
    "Next: `carekey record list`; `carekey vault show` says which ways back there are.",
  ]);
}

import { readFile, rm, stat } from "node:fs/promises";
import path from "node:path";

import { Wallet, getBytes } from "ethers";

import { Keyring } from "../crypto/keyring/keyring.js";
import { openWithPassphrase } from "../crypto/passphrase.js";
import { CareKeyError } from "../errors.js";
import { type Profile, readSettings, writeProfile } from "./profile.js";

/** What profiles kept before there were vaults: a keystore, and identities (newest first) in an age file. */
const files = ["wallet.json", "identity.age"] as const;

/** True for a profile's folder of before there were vaults. */
export async function isFormer(folder: string): Promise<boolean> {
  const has = (file: string): Promise<boolean> =>
    stat(path.join(folder, file)).then(
      () => true,
      () => false,
    );
  const [vault, ...former] = await Promise.all(["vault.carekey", ...files].map(has));
  return vault === false && former.every(Boolean);
}

/**
 * Puts the keys of such a profile into a vault under the same passphrase, and removes the old files once that is written.
 * @throws PASSPHRASE_WRONG; PROFILE_DAMAGED, STORE_FAILED, DISK_FULL: then the old files stay
 */
export async function adoptFormer(folder: string, name: string, passphrase: string): Promise<Profile> {
  const settings = await readSettings(folder, name);
  const [keystore, sealed] = await Promise.all(files.map((file) => readFile(path.join(folder, file))));
  const text = new TextDecoder().decode(await openWithPassphrase(new Uint8Array(sealed ?? []), passphrase));
  const identities = text.split("\n").filter((line) => line.startsWith("AGE-SECRET-KEY-PQ-1"));
  let wallet: Wallet;
  try {
    wallet = new Wallet((await Wallet.fromEncryptedJson(String(keystore), passphrase)).privateKey);
  } catch (cause) {
    const details = { profile: name, file: files[0] };
    throw new CareKeyError("PROFILE_DAMAGED", `The file ${files[0]} of the profile ${name} is damaged`, details, {
      cause,
    });
  }
  const keyring = Keyring.create(
    { chainId: settings.chainId, actor: wallet.address },
    {
      identities: identities.reverse().map((identity, at) => ({ version: at + 1, identity })),
      wallet: getBytes(wallet.privateKey),
    },
  );
  const { id } = await keyring.setPassphrase(passphrase);
  const recovery = { tested: [id], lossAccepted: false };
  const profile = { name, settings: { ...settings, recovery }, vault: keyring.encode() };
  await writeProfile(folder, profile);
  for (const file of files) await rm(path.join(folder, file), { force: true });
  return profile;
}

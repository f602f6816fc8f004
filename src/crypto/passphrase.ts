import { Decrypter, Encrypter } from "age-encryption";

import { CareKeyError } from "../errors.js";

/** 2^17: about a second of a machine's time for each guess, as for the wallet's keystore beside it. */
const workFactor = 17;

/**
 * Seals a small secret under a passphrase, as an age file that `age -d` opens (C2SP age, "scrypt recipient stanza"). For what stays with its holder; records are
 * never sealed so.
 */
export async function sealWithPassphrase(secret: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return encrypter.encrypt(secret);
}

/**
 * Opens what {@link sealWithPassphrase} sealed.
 * @throws PASSPHRASE_WRONG; a damaged file can't be told from a wrong passphrase, nor should it.
 */
export async function openWithPassphrase(sealed: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(sealed);
  } catch (cause) {
    throw new CareKeyError("PASSPHRASE_WRONG", "The passphrase does not open it", {}, { cause });
  }
}

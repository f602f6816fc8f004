import { throwIfCancelled } from "../../errors.js";
import { primitives } from "../primitives/native.js";

/**
 * The key of a passphrase's slot: scrypt (RFC 7914), N = 2^workFactor, r = 8, p = 1, of the passphrase in UTF-8 after Unicode NFC, so that
 * it does not matter which keyboard wrote an accent.
 *
 * Errors: CANCELLED.
 */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  workFactor: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const password = new TextEncoder().encode(passphrase.normalize("NFC"));
  try {
    return await primitives.scrypt(password, salt, workFactor, signal);
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  }
}

import { scryptAsync } from "@noble/hashes/scrypt.js";

import { throwIfCancelled } from "../../errors.js";
import { KEY_SIZE } from "./wrap.js";

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
  throwIfCancelled(signal);
  const password = new TextEncoder().encode(passphrase.normalize("NFC"));
  return scryptAsync(password, salt, {
    ...{ N: 2 ** workFactor, r: 8, p: 1, dkLen: KEY_SIZE, maxmem: 2 ** 31 },
    onProgress: () => {
      throwIfCancelled(signal);
    },
  });
}

import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";

import { MLKEM_PUBLIC_SIZE, type HybridKem } from "./types.js";

/** {@link HybridKem} by noble, as age-encryption has it: for browsers, and for a Node without ML-KEM. */
export const portableKem: HybridKem = {
  publicKey: async (seed) => Promise.resolve(MLKEM768X25519.getPublicKey(seed)),
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to reject
  encapsulate: async (publicKey) => {
    if (!isReduced(publicKey.subarray(0, MLKEM_PUBLIC_SIZE - 32)))
      throw new RangeError("A coefficient of the ML-KEM key exceeds the modulus");
    const { cipherText, sharedSecret } = MLKEM768X25519.encapsulate(publicKey);
    return { share: cipherText, secret: sharedSecret };
  },
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to reject
  decapsulate: async (share, seed) => MLKEM768X25519.decapsulate(share, seed),
};

/** The modulus check of FIPS 203, section 7.2, which noble's hybrid leaves out: pairs of 12-bit coefficients, each below 3329. */
function isReduced(coefficients: Uint8Array): boolean {
  for (let at = 0; at + 2 < coefficients.length; at += 3) {
    const [low = 0, middle = 0, high = 0] = coefficients.subarray(at, at + 3);
    if ((low | ((middle & 0x0f) << 8)) >= 3329 || ((middle >> 4) | (high << 4)) >= 3329) return false;
  }
  return true;
}

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64nopad } from "@scure/base";

import { portableKem } from "./portable-kem.js";
import { scryptCost, type Primitives } from "./types.js";

/** The primitives where there is no Node: noble's, on which age-encryption stands too. */
export const primitives: Primitives = {
  hkdf: (material, salt, info, size) =>
    hkdf(sha256, material, salt, typeof info === "string" ? new TextEncoder().encode(info) : info, size),
  hmac: (key, message) => hmac(sha256, key, message),
  equal: (a, b) => {
    if (a.length !== b.length) return false;
    let difference = 0;
    for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
    return difference === 0;
  },
  encodeBase64: (bytes) => base64nopad.encode(bytes),
  decodeBase64: (text) => {
    try {
      return base64nopad.decode(text);
    } catch {
      return undefined;
    }
  },
  scrypt: (password, salt, workFactor, signal) =>
    scryptAsync(password, salt, {
      ...scryptCost(workFactor),
      dkLen: 32,
      onProgress: () => {
        signal?.throwIfAborted();
      },
    }),
  cipher: (key) => ({
    seal: (nonce, plaintext, target) => {
      chacha20poly1305(key, nonce).encrypt(plaintext, target);
    },
    open: (nonce, sealed, target) => {
      try {
        // it authenticates before it writes
        chacha20poly1305(key, nonce).decrypt(sealed, target);
        return true;
      } catch {
        return false;
      }
    },
  }),
  kem: portableKem,
};

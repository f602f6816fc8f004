import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  scrypt,
  timingSafeEqual,
} from "node:crypto";

import { hasNativeKem, nativeKem } from "./native-kem.js";
import { scryptCost, TAG_SIZE, type Cipher, type HybridKem, type Primitives } from "./types.js";

const CIPHER = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_SIZE } as const;

/** The primitives of Node: OpenSSL through node:crypto. */
export const primitives: Primitives = {
  hkdf: (material, salt, info, size) => new Uint8Array(hkdfSync("sha256", material, salt, info, size)),
  hmac: (key, message) => new Uint8Array(createHmac("sha256", key).update(message).digest()),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  encodeBase64,
  decodeBase64: (text) => {
    const bytes = Buffer.from(text, "base64");
    return encodeBase64(bytes) === text ? new Uint8Array(bytes) : undefined;
  },
  scrypt: nativeScrypt,
  cipher: nativeCipher,
  kem: hasNativeKem ? nativeKem : lazyPortableKem(),
};

function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64").replace(/=+$/, "");
}

/** On a thread of Node's pool, which goes on to its end where the caller no longer waits. */
function nativeScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  workFactor: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      reject(signal?.reason as Error);
    };
    if (signal?.aborted) {
      cancel();
      return;
    }
    signal?.addEventListener("abort", cancel, { once: true });
    scrypt(password, salt, 32, scryptCost(workFactor), (error, key) => {
      signal?.removeEventListener("abort", cancel);
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
}

function nativeCipher(bytes: Uint8Array): Cipher {
  // as a KeyObject it is prepared once, not for each message
  const key = createSecretKey(bytes);
  return {
    seal: (nonce, plaintext, target) => {
      const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS);
      moveTo(target, cipher.update(plaintext));
      cipher.final();
      target.set(cipher.getAuthTag(), plaintext.length);
    },
    open: (nonce, sealed, target) => {
      const size = sealed.length - TAG_SIZE;
      const decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS);
      decipher.setAuthTag(sealed.subarray(size));
      const plaintext = decipher.update(sealed.subarray(0, size));
      try {
        decipher.final();
      } catch {
        return false;
      }
      moveTo(target, plaintext);
      return true;
    },
  };
}

/** Copies, and gives the memory back at once: left to the collector, 64 KiB for each chunk pile up to 100 MiB a thread. */
function moveTo(target: Uint8Array, bytes: Buffer): void {
  target.set(bytes);
  // smaller ones lie in memory that Node shares out
  if (bytes.length === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}

/** The KEM of noble, which is read only once it is needed: by a Node without ML-KEM (before 24.7 with OpenSSL 3.5). */
function lazyPortableKem(): HybridKem {
  const load = async (): Promise<HybridKem> => (await import("./portable-kem.js")).portableKem;
  return {
    publicKey: async (seed) => (await load()).publicKey(seed),
    encapsulate: async (publicKey) => (await load()).encapsulate(publicKey),
    decapsulate: async (share, seed) => (await load()).decapsulate(share, seed),
  };
}

import { requireFileKey, sealedInvalid } from "./invalid.js";
import { primitives } from "./primitives/native.js";
import { TAG_SIZE, type Cipher } from "./primitives/types.js";

/** Plaintext bytes in each chunk but the last (C2SP age, "Payload"). */
export const CHUNK_SIZE = 64 * 1024;
/** Bytes of a whole chunk with its tag. */
export const SEALED_CHUNK_SIZE = CHUNK_SIZE + TAG_SIZE;
/** Random bytes before the first chunk, which make the payload key. */
export const NONCE_SIZE = 16;

/** The random bytes that a new payload begins with. */
export function newNonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
}

/**
 * Length of a sealed file: header, nonce, and the chunks with their tags.
 *
 * @example
 * sealedSize(0, 0); // 32: the nonce and the tag of one empty chunk
 */
export function sealedSize(plaintextSize: number, headerSize: number): number {
  return headerSize + NONCE_SIZE + plaintextSize + chunkCount(plaintextSize) * TAG_SIZE;
}

/** Chunks of a plaintext: one at least. */
export function chunkCount(plaintextSize: number): number {
  return Math.max(1, Math.ceil(plaintextSize / CHUNK_SIZE));
}

/**
 * The cipher of one payload, chunk by chunk (C2SP age, "Payload": STREAM). Chunks may be taken in any order.
 *
 * Errors: INVALID_ARGUMENT (file key not of 16 bytes).
 *
 * @example
 * new PayloadCipher(fileKey, nonce).seal(0, true, plaintext, target);
 */
export class PayloadCipher {
  readonly #cipher: Cipher;
  readonly #iv = new Uint8Array(12);
  readonly #counter = new DataView(this.#iv.buffer);

  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    requireFileKey(fileKey);
    this.#cipher = primitives.cipher(primitives.hkdf(fileKey, nonce, "payload", 32));
  }

  /** Encrypts chunk number `index` to `target`, which is 16 bytes longer. */
  seal(index: number, last: boolean, plaintext: Uint8Array, target: Uint8Array): void {
    this.#cipher.seal(this.#nonce(index, last), plaintext, target);
  }

  /** Encrypts a whole plaintext to `target`, which is 16 bytes longer for each chunk. */
  sealAll(plaintext: Uint8Array, target: Uint8Array): void {
    const last = chunkCount(plaintext.length) - 1;
    for (let index = 0; index <= last; index++) {
      const chunk = plaintext.subarray(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE);
      const sealed = target.subarray(index * SEALED_CHUNK_SIZE, (index + 1) * SEALED_CHUNK_SIZE);
      this.seal(index, index === last, chunk, sealed);
    }
  }

  /**
   * Decrypts chunk number `index` to `target`, which is 16 bytes shorter.
   *
   * Errors: SEALED_INVALID with reason payload-cut or payload-chunk, and the chunk; nothing is written then.
   */
  open(index: number, last: boolean, sealed: Uint8Array, target: Uint8Array): void {
    const size = sealed.length - TAG_SIZE;
    if (size < 0) throw sealedInvalid("payload-cut", "The payload ends within a chunk", { chunk: index });
    // an empty last chunk after others would be a second form of the same plaintext
    if (size === 0 && index > 0) throw sealedInvalid("payload-chunk", "The last chunk is empty", { chunk: index });
    if (this.#cipher.open(this.#nonce(index, last), sealed, target)) return;
    throw sealedInvalid("payload-chunk", `Chunk ${index} of the payload does not authenticate`, { chunk: index });
  }

  /** An 11-byte big-endian counter, of which 2^48 chunks (16 EiB) use six bytes, and the flag of the last chunk. */
  #nonce(index: number, last: boolean): Uint8Array {
    this.#counter.setUint16(5, Math.floor(index / 2 ** 32));
    this.#counter.setUint32(7, index % 2 ** 32);
    this.#iv[11] = last ? 1 : 0;
    return this.#iv;
  }
}

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { ByteStream, OperationOptions } from "../bytes.js";
import { throwIfCancelled } from "../errors.js";
import { requireFileKey, sealedInvalid } from "./invalid.js";
import { ByteReader } from "./reader.js";

/** Plaintext bytes in each chunk but the last (C2SP age, "Payload"). */
export const CHUNK_SIZE = 64 * 1024;
/** Poly1305 tag behind each chunk. */
export const TAG_SIZE = 16;
/** Random bytes before the first chunk, which make the payload key. */
export const NONCE_SIZE = 16;

const CIPHER = "chacha20-poly1305";
const CIPHER_OPTIONS = { authTagLength: TAG_SIZE } as const;
/** Chunks that leave together: about 1 MiB. */
const GROUP = 16;

/**
 * Length of a sealed file: header, nonce, and the chunks with their tags.
 *
 * @example
 * sealedSize(0, 0); // 32: the nonce and the tag of one empty chunk
 */
export function sealedSize(plaintextSize: number, headerSize: number): number {
  const chunks = Math.max(1, Math.ceil(plaintextSize / CHUNK_SIZE));
  return headerSize + NONCE_SIZE + plaintextSize + chunks * TAG_SIZE;
}

/**
 * Encrypts to an age payload (C2SP age, "Payload"): a fresh nonce, then STREAM chunks. Memory stays constant whatever the
 * size; the source may cut its pieces anywhere and reuse their memory. Every array it yields is the consumer's to keep.
 *
 * Errors: INVALID_ARGUMENT (file key not of 16 bytes), CANCELLED (looked at before each piece); the source's own pass through.
 *
 * @example
 * for await (const bytes of encryptPayload(fileKey, createReadStream(path))) await file.write(bytes);
 */
export async function* encryptPayload(
  fileKey: Uint8Array,
  source: ByteStream,
  { signal }: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  requireFileKey(fileKey);
  throwIfCancelled(signal);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
  yield nonce;
  const key = payloadKey(fileKey, nonce);
  yield* mapChunks(source, CHUNK_SIZE, CHUNK_SIZE + TAG_SIZE, signal, (chunk, iv, target) => {
    const cipher = createCipheriv(CIPHER, key, iv, CIPHER_OPTIONS);
    target.set(cipher.update(chunk));
    cipher.final();
    target.set(cipher.getAuthTag(), chunk.length);
  });
}

/**
 * Decrypts an age payload (C2SP age, "Payload"). A byte leaves only after its chunk authenticated, but earlier chunks leave
 * before later ones are seen: what came out counts only once the generator has ended without an error.
 *
 * Errors: SEALED_INVALID (altered, cut short, reordered, followed by anything, or an empty last chunk after others),
 * INVALID_ARGUMENT (file key not of 16 bytes), CANCELLED.
 *
 * @example
 * for await (const bytes of decryptPayload(fileKey, payload)) await temporary.write(bytes);
 * await rename(temporary, path); // only now
 */
export async function* decryptPayload(
  fileKey: Uint8Array,
  source: ByteStream,
  { signal }: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    requireFileKey(fileKey);
    throwIfCancelled(signal);
    const nonce = await reader.take(NONCE_SIZE);
    if (nonce.length < NONCE_SIZE) {
      throw sealedInvalid("payload-cut", "The payload ends within its nonce", { size: nonce.length });
    }
    const key = payloadKey(fileKey, nonce);
    yield* mapChunks(reader, CHUNK_SIZE + TAG_SIZE, CHUNK_SIZE, signal, (chunk, iv, target, index) => {
      openChunk(key, chunk, iv, target, index);
    });
  } finally {
    await reader.return();
  }
}

function openChunk(key: Uint8Array, chunk: Uint8Array, iv: Uint8Array, target: Uint8Array, index: number): void {
  const size = chunk.length - TAG_SIZE;
  if (size < 0) throw sealedInvalid("payload-cut", "The payload ends within a chunk", { chunk: index });
  // an empty last chunk after others would be a second form of the same plaintext
  if (size === 0 && index > 0) throw sealedInvalid("payload-chunk", "The last chunk is empty", { chunk: index });
  const decipher = createDecipheriv(CIPHER, key, iv, CIPHER_OPTIONS);
  decipher.setAuthTag(chunk.subarray(size));
  const plaintext = decipher.update(chunk.subarray(0, size));
  try {
    decipher.final();
  } catch (cause) {
    throw sealedInvalid(
      "payload-chunk",
      `Chunk ${index} of the payload does not authenticate`,
      { chunk: index },
      { cause },
    );
  }
  target.set(plaintext);
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", fileKey, nonce, "payload", 32));
}

/** Turns one chunk into its other form; `target` is exactly as long as that form. */
type ChunkWork = (chunk: Uint8Array, iv: Uint8Array, target: Uint8Array, index: number) => void;

/**
 * Cuts `source` into chunks of `from` bytes and gathers what `work` makes of them (`to` bytes each) in arrays of about 1 MiB.
 * A chunk waits until a byte behind it is seen, since only the end tells which one is the last.
 */
async function* mapChunks(
  source: ByteStream,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
  work: ChunkWork,
): AsyncGenerator<Uint8Array, void, undefined> {
  const output = new ChunkOutput(from, to, work);
  const held = new Uint8Array(from);
  let filled = 0;
  for await (const piece of source) {
    throwIfCancelled(signal);
    let at = 0;
    while (at < piece.length) {
      if (filled === from) {
        output.add(held, false);
        filled = 0;
      } else if (filled === 0 && piece.length - at > from) {
        // whole within the piece and not the last: no copy
        output.add(piece.subarray(at, at + from), false);
        at += from;
      } else {
        const part = piece.subarray(at, at + from - filled);
        held.set(part, filled);
        filled += part.length;
        at += part.length;
      }
      if (output.full) yield output.take();
    }
  }
  throwIfCancelled(signal);
  output.add(held.subarray(0, filled), true);
  const end = output.take();
  if (end.length > 0) yield end;
}

/** Numbers the chunks, and lets their results fill one fresh array after the other. */
class ChunkOutput {
  readonly #iv = Buffer.alloc(12);
  #index = 0;
  #array = new Uint8Array(0);
  #filled = 0;

  constructor(
    readonly from: number,
    readonly to: number,
    readonly work: ChunkWork,
  ) {}

  get full(): boolean {
    return this.#filled > 0 && this.#filled === this.#array.length;
  }

  add(chunk: Uint8Array, last: boolean): void {
    // an 11-byte big-endian counter, of which 2^48 chunks (16 EiB) use six bytes, and the flag of the last chunk
    this.#iv.writeUIntBE(this.#index, 5, 6);
    this.#iv[11] = last ? 1 : 0;
    const size = Math.max(0, chunk.length + this.to - this.from);
    // not zeroed first: it never leaves beyond what was written
    if (this.#filled === 0) this.#array = new Uint8Array(Buffer.allocUnsafeSlow(last ? size : GROUP * this.to).buffer);
    this.work(chunk, this.#iv, this.#array.subarray(this.#filled, this.#filled + size), this.#index);
    this.#index += 1;
    this.#filled += size;
  }

  /** The filled part; the next chunk starts a fresh array. */
  take(): Uint8Array {
    const taken = this.#array.subarray(0, this.#filled);
    this.#filled = 0;
    this.#array = new Uint8Array(0);
    return taken;
  }
}

import type { ByteStream, OperationOptions } from "../bytes.js";
import { throwIfCancelled } from "../errors.js";
import { CHUNK_SIZE, NONCE_SIZE, newNonce, PayloadCipher, SEALED_CHUNK_SIZE } from "./chunks.js";
import { requireFileKey, sealedInvalid } from "./invalid.js";
import { ByteReader } from "./reader.js";

/** Chunks that leave together: about 1 MiB. */
const GROUP = 16;

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
  const nonce = newNonce();
  yield nonce;
  const cipher = new PayloadCipher(fileKey, nonce);
  yield* mapChunks(source, CHUNK_SIZE, SEALED_CHUNK_SIZE, signal, (index, last, chunk, target) => {
    cipher.seal(index, last, chunk, target);
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
    const cipher = new PayloadCipher(fileKey, nonce);
    yield* mapChunks(reader, SEALED_CHUNK_SIZE, CHUNK_SIZE, signal, (index, last, chunk, target) => {
      cipher.open(index, last, chunk, target);
    });
  } finally {
    await reader.return();
  }
}

/** Turns one chunk into its other form; `target` is exactly as long as that form. */
type ChunkWork = (index: number, last: boolean, chunk: Uint8Array, target: Uint8Array) => void;

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
    const size = Math.max(0, chunk.length + this.to - this.from);
    if (this.#filled === 0) this.#array = new Uint8Array(last ? size : GROUP * this.to);
    this.work(this.#index, last, chunk, this.#array.subarray(this.#filled, this.#filled + size));
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

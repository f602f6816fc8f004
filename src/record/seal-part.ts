import type { CID } from "multiformats/cid";

import { type OperationOptions, concat, toHex } from "../bytes.js";
import { sealHashed } from "../crypto/files/hashed-stream.js";
import { CareKeyError } from "../errors.js";
import { HEAD_SIZE, type Recognised, recognise } from "../format/recognise.js";
import { addFile } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import type { BodyPart } from "./body.js";
import type { PartLocation } from "./manifest.js";
import type { Source } from "./source.js";

/** Pieces from here on are memory of their own, which nobody else looks at. */
const LARGE = 64 * 1024;

/** A part in the store: what body and manifest will say of it. */
export interface SealedPart {
  readonly body: BodyPart;
  readonly location: PartLocation;
  readonly recognised: Recognised;
  /** Blocks that this part brought into the store. */
  readonly added: readonly CID[];
}

/**
 * Seals one file and stores it, in constant memory: it is read once, hashed, recognised by its beginning, encrypted and cut into blocks on the way.
 * @param position Place of the part in the record, for messages: they never name the file.
 * @throws FILE_UNREADABLE, FILE_CHANGED when it does not have the size it had before, STORE_FAILED, CANCELLED; nothing of it stays in the store then.
 */
export async function sealPart(
  source: Source,
  position: number,
  recipients: readonly string[],
  store: BlockStore,
  { signal, onBytes }: OperationOptions & { onBytes?: (bytes: number) => void } = {},
): Promise<SealedPart> {
  const seen = new Observer(source, position, onBytes);
  const { size } = source;
  const { fileKey, stream, plaintextHash } = await sealHashed(seen.stream(), recipients, { size, signal });
  const { cid, parity, added } = await addFile(released(stream), store, { signal });
  const recognised = recognise(seen.head());
  return {
    body: {
      name: source.name,
      mediaType: source.mediaType ?? recognised.mediaType,
      size: seen.size,
      sha256: toHex(plaintextHash()),
    },
    location: { cid, key: fileKey, parity },
    recognised,
    added,
  };
}

/**
 * Gives the memory of each large piece back as soon as the next one is asked for: stores copy what they cut into leaves. Left to the collector, a file's pieces
 * pile up to 100 MiB.
 */
async function* released(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of stream) {
    yield piece;
    if (piece.length >= LARGE && piece.buffer instanceof ArrayBuffer) piece.buffer.transfer(0);
  }
}

/** Passes a source's bytes on and remembers what the body needs to know of them. */
class Observer {
  size = 0;
  readonly #head: Uint8Array[] = [];
  #headSize = 0;

  constructor(
    private readonly source: Source,
    private readonly position: number,
    private readonly onBytes: ((bytes: number) => void) | undefined,
  ) {}

  head(): Uint8Array {
    return concat(this.#head);
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.source.stream()) {
        this.#observe(chunk);
        yield chunk;
      }
    } catch (cause) {
      if (cause instanceof CareKeyError) throw cause;
      const details = { part: this.position };
      throw new CareKeyError("FILE_UNREADABLE", `Part ${this.position} can't be read to its end`, details, { cause });
    }
    // before the last chunk is sealed, so that a file that grew or shrank never becomes a part
    if (this.size !== this.source.size) {
      const details = { part: this.position, expected: this.source.size, size: this.size };
      throw new CareKeyError(
        "FILE_CHANGED",
        `Part ${this.position} has ${this.size} bytes, not ${this.source.size}`,
        details,
      );
    }
  }

  #observe(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.#headSize < HEAD_SIZE) {
      const piece = chunk.slice(0, HEAD_SIZE - this.#headSize);
      this.#head.push(piece);
      this.#headSize += piece.length;
    }
    this.onBytes?.(chunk.length);
  }
}

import { decode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { type ByteStream, concat } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import { type Block, MAX_BLOCK } from "../storage/types.js";
import { isSupported } from "../storage/verify.js";

/** Longest header: some thousand roots. */
const MAX_HEADER = 256 * 1024;
/** Longest CID of those that CareKey stores, by far. */
const MAX_CID = 128;
/** Bytes of a varint up to 2^35. */
const MAX_VARINT = 5;

/** A CAR as it comes: its roots, then its blocks, which nobody has checked yet. */
export interface IncomingCar {
  readonly roots: readonly CID[];
  readonly blocks: AsyncIterable<Block>;
}

/**
 * Reads a CAR, version 1 (https://ipld.io/specs/transport/car/carv1/), at the consumer's pace, one block in memory: a length is
 * looked at before anything so long is gathered, which the stock reader does not do.
 *
 * Throws INVALID_ARGUMENT with `{ reason }`: "end" for one that is cut short, "header", "varint", "cid" for a CID that CareKey does
 * not store; BLOCK_INVALID with `{ reason: "size" }` for a block past 2 MiB. What the source throws passes.
 *
 * @example
 * const { roots, blocks } = await readCar(body);
 * await store.putMany(blocks);
 */
export async function readCar(source: ByteStream): Promise<IncomingCar> {
  const input = new Input(source);
  const length = await input.varint();
  if (!length || length > MAX_HEADER) throw malformed("header", "The CAR has no header of acceptable length");
  return { roots: rootsOf(await input.exactly(length)), blocks: blocksOf(input) };
}

async function* blocksOf(input: Input): AsyncGenerator<Block, void, undefined> {
  for (let length = await input.varint(); length !== undefined; length = await input.varint()) {
    if (length > MAX_BLOCK + MAX_CID) throw tooLong(length);
    yield blockOf(await input.exactly(length));
  }
}

function blockOf(section: Uint8Array): Block {
  let cid: CID;
  let bytes: Uint8Array;
  try {
    [cid, bytes] = CID.decodeFirst(section);
  } catch (cause) {
    throw malformed("cid", "A block of the CAR has no CID", cause);
  }
  if (!isSupported(cid)) throw malformed("cid", "A CID in the CAR is not a CIDv1 of raw or dag-pb by sha2-256");
  if (bytes.length > MAX_BLOCK) throw tooLong(bytes.length);
  return { cid, bytes };
}

function rootsOf(header: Uint8Array): CID[] {
  let value: unknown;
  try {
    value = decode(header);
  } catch (cause) {
    throw malformed("header", "The header of the CAR is not DAG-CBOR", cause);
  }
  if (typeof value !== "object" || !value || !("version" in value) || value.version !== 1) {
    throw malformed("header", "Only CARs of version 1 are read");
  }
  const listed: unknown = "roots" in value ? value.roots : [];
  const roots = Array.isArray(listed) ? listed.map((root) => CID.asCID(root)) : [];
  if (!Array.isArray(listed) || !roots.every((root) => root !== null)) {
    throw malformed("header", "The roots of the CAR are no list of CIDs");
  }
  if (!roots.every(isSupported)) throw malformed("cid", "A root is not a CIDv1 of raw or dag-pb by sha2-256");
  return roots;
}

/** A stream that gives as many bytes as are asked for. */
class Input {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: ByteStream) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** A copy, so that a piece of the source does not stay in memory for a short block of it. */
  async exactly(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) throw cutShort();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
    }
    const bytes = concat(pieces, length);
    return pieces.length === 1 ? bytes.slice() : bytes;
  }

  /** A length; undefined at the end of the stream. */
  async varint(): Promise<number | undefined> {
    let value = 0;
    for (let index = 0; ; index++) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        if (index === 0) return undefined;
        throw cutShort();
      }
      const byte = this.#rest[0] ?? 0;
      this.#rest = this.#rest.subarray(1);
      value += (byte & 0x7f) * 0x80 ** index;
      if (byte < 0x80) return value;
      if (index + 1 >= MAX_VARINT) throw malformed("varint", "A length in the CAR is over-long");
    }
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next: IteratorResult<Uint8Array, undefined> = await this.#source.next();
      if (next.done) return false;
      if (next.value.length === 0) continue;
      this.#rest = next.value;
      return true;
    }
  }
}

function cutShort(): CareKeyError {
  return malformed("end", "The CAR is cut short");
}

function tooLong(size: number): CareKeyError {
  const details = { reason: "size", size, limit: MAX_BLOCK };
  return new CareKeyError("BLOCK_INVALID", `A block of the CAR is longer than ${MAX_BLOCK}`, details);
}

function malformed(reason: string, what: string, cause?: unknown): CareKeyError {
  return new CareKeyError("INVALID_ARGUMENT", what, { reason }, { cause });
}

import { readSync, writeSync } from "node:fs";

import { CareKeyError } from "../../errors.js";
import { readFailure } from "../../system-error.js";
import { CHUNK_SIZE, chunkCount, PayloadCipher, SEALED_CHUNK_SIZE } from "../chunks.js";
import { TAG_SIZE } from "../primitives/types.js";

/** One payload on its way from file to file. Plain data: every thread that works on it gets a copy. */
export interface Pass {
  readonly direction: "seal" | "open";
  /** File descriptors. */
  readonly input: number;
  readonly output: number;
  readonly fileKey: Uint8Array;
  /** The payload's nonce. */
  readonly nonce: Uint8Array;
  /** Bytes of the plaintext's file. */
  readonly plaintextSize: number;
  /** Where chunk 0 begins in the sealed file. */
  readonly sealedStart: number;
  /** What the threads share: one word, the number of the next group that nobody has taken. */
  readonly next: SharedArrayBuffer;
}

/** Chunks read, turned and written together: 256 KiB stay in a core's own cache. */
const GROUP = 4;
/** Stands in the shared word once nobody shall take another group. */
const STOPPED = 0x7fff_0000;

/** Groups of a plaintext. */
export function groupCount(plaintextSize: number): number {
  return Math.ceil(chunkCount(plaintextSize) / GROUP);
}

/** Groups that were taken, of {@link groupCount}. */
export function groupsTaken(next: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(next), 0);
}

/** Lets every thread end after the group at hand. */
export function stop(next: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(next), 0, STOPPED);
}

/** What one thread does of a pass. Every chunk stands at a place of its own in both files, so threads need not wait for each other. */
export class PassWork {
  readonly #cipher: PayloadCipher;
  readonly #next: Int32Array;
  readonly #chunks: number;
  readonly #groups: number;
  readonly #plaintext = new Uint8Array(GROUP * CHUNK_SIZE);
  readonly #sealed = new Uint8Array(GROUP * SEALED_CHUNK_SIZE);

  constructor(readonly pass: Pass) {
    this.#cipher = new PayloadCipher(pass.fileKey, pass.nonce);
    this.#next = new Int32Array(pass.next);
    this.#chunks = chunkCount(pass.plaintextSize);
    this.#groups = groupCount(pass.plaintextSize);
  }

  /**
   * Takes the next group, and turns it; false when none is left.
   *
   * Errors: SEALED_INVALID with reason payload-chunk, FILE_CHANGED where the input became shorter, FILE_UNREADABLE, and what writing throws.
   */
  step(): boolean {
    const group = Atomics.add(this.#next, 0, 1);
    if (group >= this.#groups) return false;
    const { direction, input, output, plaintextSize, sealedStart } = this.pass;
    const plaintextAt = group * GROUP * CHUNK_SIZE;
    const sealedAt = sealedStart + group * GROUP * SEALED_CHUNK_SIZE;
    const chunks = Math.min(GROUP, this.#chunks - group * GROUP);
    const plaintext = this.#plaintext.subarray(0, Math.min(chunks * CHUNK_SIZE, plaintextSize - plaintextAt));
    const sealed = this.#sealed.subarray(0, plaintext.length + chunks * TAG_SIZE);
    if (direction === "seal" && read(input, plaintext, plaintextAt) < plaintext.length) throw fileChanged();
    if (direction === "open" && read(input, sealed, sealedAt) < sealed.length) throw fileChanged();
    for (let chunk = 0; chunk < chunks; chunk++) {
      const index = group * GROUP + chunk;
      const last = index === this.#chunks - 1;
      const open = plaintext.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE);
      const shut = sealed.subarray(chunk * SEALED_CHUNK_SIZE, (chunk + 1) * SEALED_CHUNK_SIZE);
      if (direction === "seal") this.#cipher.seal(index, last, open, shut);
      else this.#cipher.open(index, last, shut, open);
    }
    if (direction === "seal") write(output, sealed, sealedAt);
    else write(output, plaintext, plaintextAt);
    return true;
  }
}

/** What a pass throws when its input does not have the bytes any more that it had in the beginning. */
export function fileChanged(): CareKeyError {
  return new CareKeyError("FILE_CHANGED", "Something wrote to the file while it was read");
}

/** Fills `target`, since calls may stop short of it; returns fewer bytes only where the file ends. */
function read(file: number, target: Uint8Array, position: number): number {
  let done = 0;
  try {
    while (done < target.length) {
      const count = readSync(file, target, done, target.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
  } catch (cause) {
    throw readFailure(cause);
  }
  return done;
}

/** Writes all of `bytes`; a full disk lets a call stop short before the next one fails. */
function write(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

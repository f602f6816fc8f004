import { expect } from "chai";
import { Encrypter, type Recipient } from "age-encryption";
import { collect, type ByteStream } from "../../src/bytes.js";
import { CareKeyError } from "../../src/errors.js";

/** The same pseudo-random bytes at every run. */
export function sampleBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 0x9e3779b9;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Streams `bytes` in pieces of the given lengths, taken in turn. */
export async function* inPieces(bytes: Uint8Array, ...lengths: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length;
    await Promise.resolve();
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

export async function all(stream: ByteStream): Promise<Uint8Array> {
  return collect(stream, Number.MAX_SAFE_INTEGER);
}

/** Compares without printing megabytes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Code and reason with which `work` is refused; fails when it is not. */
export async function refusal(work: () => unknown): Promise<{ code: string; reason: unknown; error: CareKeyError }> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CareKeyError)) throw error;
    return { code: error.code, reason: error.details.reason, error };
  }
  return expect.fail("it was not refused");
}

/** What another writer of the format makes, and the file key that it chose. */
export async function sealElsewhere(
  plaintext: Uint8Array,
  ...recipients: (string | Recipient)[]
): Promise<{ sealed: Uint8Array; fileKey: Uint8Array }> {
  const encrypter = new Encrypter();
  let fileKey = new Uint8Array(0);
  encrypter.addRecipient({
    wrapFileKey: (chosen) => {
      fileKey = chosen.slice();
      return [];
    },
  });
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return { sealed: await encrypter.encrypt(plaintext), fileKey };
}

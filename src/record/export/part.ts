import { createHash } from "node:crypto";

import { type ByteStream, type OperationOptions, toHex } from "../../bytes.js";
import { open } from "../../crypto/age.js";
import { encodeHeader } from "../../crypto/header.js";
import { wrapFileKey } from "../../crypto/recipients.js";
import { CareKeyError } from "../../errors.js";
import type { BodyPart } from "../body.js";
import type { PartLocation } from "../manifest.js";

/** A part on its way into the export: its plaintext, or its ciphertext as it lies behind a header for the patient alone. */
export async function* transfer(
  ciphertext: ByteStream,
  { key }: PartLocation,
  expected: BodyPart,
  part: number,
  recipient: string | undefined,
  options: OperationOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new PartCheck(expected, part);
  const passed: Uint8Array[] = [];
  const source = recipient === undefined ? ciphertext : noted(ciphertext, passed);
  const { header, plaintext } = await open(source, { fileKey: key }, options);
  if (recipient !== undefined) yield encodeHeader(key, await wrapFileKey(key, [recipient])).bytes;
  let skip = header.bytes.length;
  const behindHeader = (): Uint8Array[] =>
    passed.splice(0).flatMap((piece) => {
      const rest = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - rest.length;
      return rest.length > 0 ? [rest] : [];
    });
  for await (const chunk of plaintext) {
    check.add(chunk);
    if (recipient === undefined) yield chunk;
    else yield* behindHeader();
  }
  if (recipient !== undefined) yield* behindHeader();
  check.end();
}

async function* noted(source: ByteStream, passed: Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of source) {
    // a copy: who opens it may do so in place
    passed.push(piece.slice());
    yield piece;
  }
}

/** Compares what passes with what the author stamped. */
export class PartCheck {
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(
    private readonly expected: BodyPart,
    private readonly part: number,
  ) {}

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /** @throws RECORD_INVALID */
  end(): void {
    if (this.#size === this.expected.size && toHex(this.#hash.digest()) === this.expected.sha256) return;
    const details = { what: "part", part: this.part };
    throw new CareKeyError("RECORD_INVALID", `Part ${this.part} is not the file that the author stamped`, details);
  }
}

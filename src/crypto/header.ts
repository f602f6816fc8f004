import { concat, type ByteStream } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import { requireFileKey, sealedInvalid } from "./invalid.js";
import { primitives } from "./primitives/native.js";
import { ByteReader } from "./reader.js";

/** Most stanzas a header may have: each may cost its reader a key decapsulation. */
export const MAX_STANZAS = 16;
/** Longest header in bytes. */
export const MAX_HEADER_SIZE = 64 * 1024;

/** One way to the file key: its type and arguments, and the wrapped key. */
export interface Stanza {
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

/** A header that was read or written. */
export interface Header {
  readonly stanzas: readonly Stanza[];
  /** The whole header, from the version line up to and including the line of the MAC. */
  readonly bytes: Uint8Array;
}

const VERSION = "age-encryption.org/v1";
const MAC_LINE = /^--- ([A-Za-z0-9+/]{43})$/;
/** Characters of the MAC and its line feed at the end of a header; before them a space, up to which the MAC reaches. */
const MAC_TAIL = 43 + 1;
/** Bytes of a stanza's body in one line of 64 columns. */
const LINE_BYTES = 48;
const ARGUMENT = /^[!-~]+$/;
const STANZA_LINE = /^->(?: [!-~]+)+$/;
const LINE_FEED = 0x0a;
const { decodeBase64, encodeBase64 } = primitives;

/**
 * Reads an age header (C2SP age, "Header") from the start of a stream, strictly, and stops right behind it. It never looks at
 * more than 64 KiB or 16 stanzas. The MAC is not checked: see {@link verifyHeader}.
 *
 * @returns the header, and the rest of the stream to iterate or to close with `return()`. On an error the stream is closed.
 *
 * Errors: SEALED_INVALID with reason header-syntax, header-size or stanza-count.
 *
 * @example
 * const { header, rest } = await readHeader(createReadStream(path));
 */
export async function readHeader(source: ByteStream): Promise<{ header: Header; rest: ByteReader }> {
  const rest = new ByteReader(source);
  try {
    return { header: await parse(rest), rest };
  } catch (error) {
    await rest.return();
    throw error;
  }
}

async function parse(reader: ByteReader): Promise<Header> {
  const buffer = new Uint8Array(MAX_HEADER_SIZE);
  const lines = new HeaderLines();
  let filled = 0;
  let lineStart = 0;
  for (;;) {
    const { done, value: piece } = await reader.next();
    if (done) throw sealedInvalid("header-syntax", "The data ends within its header", { size: filled });
    const part = piece.subarray(0, MAX_HEADER_SIZE - filled);
    buffer.set(part, filled);
    const before = filled;
    filled += part.length;
    for (let end; (end = buffer.subarray(0, filled).indexOf(LINE_FEED, Math.max(lineStart, before))) >= 0;) {
      const ended = lines.add(latin1(buffer.subarray(lineStart, end)));
      lineStart = end + 1;
      if (!ended) continue;
      reader.unread(piece.subarray(lineStart - before));
      return { stanzas: lines.stanzas, bytes: buffer.slice(0, lineStart) };
    }
    if (filled === MAX_HEADER_SIZE) {
      throw sealedInvalid("header-size", `The header is longer than ${MAX_HEADER_SIZE} bytes`, {
        limit: MAX_HEADER_SIZE,
      });
    }
  }
}

/** Takes a header line by line. */
class HeaderLines {
  readonly stanzas: Stanza[] = [];
  #line = 0;
  #args: string[] | undefined;
  #body: Uint8Array[] = [];

  /** Returns true when `text` was the last line of the header. */
  add(text: string): boolean {
    this.#line += 1;
    if (this.#line === 1) {
      if (text !== VERSION) throw this.#refusal("is not the version line of age v1");
    } else if (this.#args) {
      this.#addBody(this.#args, text);
    } else if (STANZA_LINE.test(text)) {
      this.#startStanza(text);
    } else {
      const mac = MAC_LINE.exec(text)?.[1];
      if (mac === undefined) throw this.#refusal("starts no part of a header");
      this.#decode(mac);
      if (this.stanzas.length === 0) throw this.#refusal("ends a header without stanzas");
      return true;
    }
    return false;
  }

  #startStanza(text: string): void {
    if (this.stanzas.length === MAX_STANZAS) {
      throw sealedInvalid("stanza-count", `The header has more than ${MAX_STANZAS} stanzas`, { limit: MAX_STANZAS });
    }
    this.#args = text.slice(3).split(" ");
  }

  #addBody(args: string[], text: string): void {
    const bytes = this.#decode(text);
    if (bytes.length > LINE_BYTES) throw this.#refusal("is longer than 64 columns");
    this.#body.push(bytes);
    // only a line shorter than 64 columns ends the stanza, be it empty
    if (bytes.length === LINE_BYTES) return;
    this.stanzas.push({ args, body: concat(this.#body) });
    this.#args = undefined;
    this.#body = [];
  }

  #decode(text: string): Uint8Array {
    const bytes = decodeBase64(text);
    if (!bytes) throw this.#refusal("is not canonical base64");
    return bytes;
  }

  #refusal(what: string): CareKeyError {
    return sealedInvalid("header-syntax", `Line ${this.#line} of the header ${what}`, { line: this.#line });
  }
}

/**
 * Writes an age header with its MAC (C2SP age, "Header").
 *
 * Errors: INVALID_ARGUMENT when the header would not be readable again (no stanza, more than 16, more than 64 KiB, an argument
 * that is empty or not of visible ASCII), or the file key is not of 16 bytes.
 *
 * @example
 * const { bytes } = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
 */
export function encodeHeader(fileKey: Uint8Array, stanzas: readonly Stanza[]): Header {
  let text = `${VERSION}\n`;
  for (const { args, body } of stanzas) {
    if (args.length === 0 || !args.every((arg) => ARGUMENT.test(arg))) {
      throw new CareKeyError("INVALID_ARGUMENT", "A stanza has an argument of other than visible ASCII");
    }
    text += `-> ${args.join(" ")}\n`;
    // up to and including the length: a full last line is followed by an empty one
    for (let at = 0; at <= body.length; at += LINE_BYTES)
      text += `${encodeBase64(body.subarray(at, at + LINE_BYTES))}\n`;
  }
  text += "---";
  const encoder = new TextEncoder();
  const bytes = encoder.encode(`${text} ${encodeBase64(headerMac(fileKey, encoder.encode(text)))}\n`);
  if (stanzas.length < 1 || stanzas.length > MAX_STANZAS || bytes.length > MAX_HEADER_SIZE) {
    const details = { stanzas: stanzas.length, size: bytes.length };
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `A header has 1 to ${MAX_STANZAS} stanzas in ${MAX_HEADER_SIZE} bytes`,
      details,
    );
  }
  return { stanzas, bytes };
}

/**
 * Checks the header's MAC in constant time (C2SP age, "Header MAC").
 *
 * Errors: SEALED_INVALID with reason header-mac; INVALID_ARGUMENT for a file key not of 16 bytes.
 */
export function verifyHeader({ bytes }: Header, fileKey: Uint8Array): void {
  const mac = decodeBase64(latin1(bytes.subarray(-MAC_TAIL, -1)));
  const expected = headerMac(fileKey, bytes.subarray(0, -MAC_TAIL - 1));
  if (mac && primitives.equal(mac, expected)) return;
  throw sealedInvalid("header-mac", "The header does not authenticate under its file key");
}

function headerMac(fileKey: Uint8Array, covered: Uint8Array): Uint8Array {
  requireFileKey(fileKey);
  return primitives.hmac(primitives.hkdf(fileKey, new Uint8Array(0), "header", 32), covered);
}

/** One character for each byte; those beyond ASCII become some that no header may have. */
function latin1(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const decoder = new TextDecoder("latin1");

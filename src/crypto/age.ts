import { concat, type ByteStream, type OperationOptions } from "../bytes.js";
import { throwIfCancelled } from "../errors.js";
import { newNonce, NONCE_SIZE, PayloadCipher, sealedSize } from "./chunks.js";
import { encodeHeader, MAX_HEADER_SIZE, readHeader, verifyHeader, type Header } from "./header.js";
import { FILE_KEY_SIZE, sealedInvalid } from "./invalid.js";
import { requireStanzas, unwrapFileKey, wrapFileKey, type Identity } from "./recipients.js";
import { decryptPayload, encryptPayload } from "./stream.js";

/** How to open sealed data: as one of its recipients, or with the file key that a manifest told. */
export type OpeningKey =
  | { readonly identity: string | Identity; readonly fileKey?: never }
  | { readonly fileKey: Uint8Array; readonly identity?: never };

/** Options of sealing. */
export interface SealOptions extends OperationOptions {
  /** 16 random bytes; fresh ones unless given. Give the old key only to seal the same content again. */
  readonly fileKey?: Uint8Array | undefined;
}

/** An age file about to be written. */
export interface Sealed {
  /** The 16 bytes that open the file without an identity. Keep them secret. */
  readonly fileKey: Uint8Array;
  readonly header: Header;
  /** The whole file, header first; reads the source as it is iterated. */
  readonly stream: AsyncGenerator<Uint8Array, void, undefined>;
}

/** An age file whose header was accepted. */
export interface Opened {
  readonly fileKey: Uint8Array;
  readonly header: Header;
  /** Counts only once it has ended without an error; see {@link decryptPayload}. Iterate it: that also closes the source. */
  readonly plaintext: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Seals a stream to 1 to 16 hybrid recipients, as an age file that stock age opens (C2SP age, "Encrypted file format"). Sealing
 * again with the same file key makes another payload (fresh nonce), which opens behind either header.
 *
 * Errors: RECIPIENT_INVALID, INVALID_ARGUMENT (file key not of 16 bytes), CANCELLED, at once or from the stream.
 *
 * @example
 * const { fileKey, stream } = await seal(createReadStream(path), [patient, author], { signal });
 */
export async function seal(
  source: ByteStream,
  recipients: readonly string[],
  { fileKey = newFileKey(), signal }: SealOptions = {},
): Promise<Sealed> {
  throwIfCancelled(signal);
  const header = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
  return { fileKey, header, stream: join(header, encryptPayload(fileKey, source, { signal })) };
}

async function* join(
  header: Header,
  payload: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  // a copy: the consumer may transfer or overwrite what it gets
  yield header.bytes.slice();
  yield* payload;
}

/**
 * Opens a sealed stream with an identity or a file key. Before any key is used the header is held to 64 KiB, 16 stanzas, and
 * hybrid stanzas only; the MAC is checked with either kind of key.
 *
 * Errors: SEALED_INVALID (details.reason says why), NOT_A_RECIPIENT, IDENTITY_INVALID, CANCELLED; the source is closed then.
 * The payload's own errors come from `plaintext`.
 *
 * @example
 * const { fileKey, plaintext } = await open(source, { identity });
 * for await (const bytes of plaintext) await temporary.write(bytes);
 */
export async function open(source: ByteStream, key: OpeningKey, { signal }: OperationOptions = {}): Promise<Opened> {
  const { header, rest } = await readHeader(source);
  try {
    throwIfCancelled(signal);
    const fileKey = await acceptHeader(header, key);
    return { fileKey, header, plaintext: decryptPayload(fileKey, rest, { signal }) };
  } catch (error) {
    await rest.return();
    throw error;
  }
}

/**
 * The file key of a header that a record may have and whose MAC is right.
 *
 * Errors: SEALED_INVALID, NOT_A_RECIPIENT, IDENTITY_INVALID.
 */
export async function acceptHeader(header: Header, key: OpeningKey): Promise<Uint8Array> {
  requireStanzas(header);
  const fileKey = key.fileKey ?? (await unwrapFileKey(header, key.identity));
  verifyHeader(header, fileKey);
  return fileKey;
}

/**
 * {@link seal} for a small object in memory.
 *
 * @example
 * const { bytes } = await sealBytes(manifest, [patient, author]);
 */
export async function sealBytes(
  plaintext: Uint8Array,
  recipients: readonly string[],
  { fileKey = newFileKey(), signal }: SealOptions = {},
): Promise<{ fileKey: Uint8Array; bytes: Uint8Array }> {
  throwIfCancelled(signal);
  const header = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
  const bytes = new Uint8Array(sealedSize(plaintext.length, header.bytes.length));
  const nonce = newNonce();
  bytes.set(header.bytes);
  bytes.set(nonce, header.bytes.length);
  // no stream: the array's size is known
  new PayloadCipher(fileKey, nonce).sealAll(plaintext, bytes.subarray(header.bytes.length + NONCE_SIZE));
  return { fileKey, bytes };
}

/**
 * {@link open} for a small object in memory: its plaintext, all of it authenticated, of at most `limit` bytes.
 *
 * Errors: as of {@link open}, and SEALED_INVALID with reason too-large.
 *
 * @example
 * const manifest = await openBytes(bytes, { identity }, 1024 * 1024);
 */
export async function openBytes(
  bytes: Uint8Array,
  key: OpeningKey,
  limit: number,
  options: OperationOptions = {},
): Promise<Uint8Array> {
  // no key is used on what cannot fit
  if (bytes.length > sealedSize(limit, MAX_HEADER_SIZE)) throw tooLarge(limit);
  const { plaintext } = await open([bytes], key, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of plaintext) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return concat(chunks, size);
}

function tooLarge(limit: number): Error {
  return sealedInvalid("too-large", `The sealed object holds more than ${limit} bytes`, { limit });
}

/** 16 random bytes. */
export function newFileKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(FILE_KEY_SIZE));
}

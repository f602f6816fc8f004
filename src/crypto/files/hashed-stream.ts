import { createHash } from "node:crypto";

import type { ByteStream, OperationOptions } from "../../bytes.js";
import { throwIfCancelled } from "../../errors.js";
import { acceptHeader, newFileKey, open, type Opened, type OpeningKey, seal, type Sealed } from "../age.js";
import { encodeHeader, readHeader } from "../header.js";
import { wrapFileKey } from "../recipients.js";
import { onThread, THREADED_SIZE } from "./stream-on-thread.js";

/** What a stream tells beside its bytes. */
export interface Hashed {
  /** SHA-256 of the plaintext, once the stream has ended. */
  readonly plaintextHash: () => Uint8Array;
}

export interface HashedStreamOptions extends OperationOptions {
  /** Bytes of the plaintext that are expected: a large stream is turned and hashed on a thread of its own. */
  readonly size: number;
}

/**
 * {@link seal}, and the plaintext's hash: whoever stores a stream while it is sealed so uses a second core. Node only. A thread does not hasten the work itself, see
 * docs/decisions/0014-threads-for-files.md. Errors: those of `seal`.
 *
 * @example
 * const { stream, plaintextHash } = await sealHashed(source.stream(), recipients, { size: source.size });
 */
export async function sealHashed(
  source: ByteStream,
  recipients: readonly string[],
  { size, signal }: HashedStreamOptions,
): Promise<Sealed & Hashed> {
  const { found, plaintextHash } = result();
  if (size < THREADED_SIZE) {
    return { ...(await seal(hashed(source, found), recipients, { signal })), plaintextHash };
  }
  throwIfCancelled(signal);
  const fileKey = newFileKey();
  const header = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield header.bytes.slice();
    yield* onThread({ direction: "seal", fileKey }, source, found, signal);
  }
  return { fileKey, header, stream: stream(), plaintextHash };
}

/**
 * {@link open}, and the plaintext's hash, as {@link sealHashed} has them. Errors: those of `open`.
 *
 * @example
 * const { plaintext, plaintextHash } = await openHashed(ciphertext, { fileKey }, { size });
 */
export async function openHashed(
  source: ByteStream,
  key: OpeningKey,
  { size, signal }: HashedStreamOptions,
): Promise<Opened & Hashed> {
  const { found, plaintextHash } = result();
  if (size < THREADED_SIZE) {
    const opened = await open(source, key, { signal });
    return { ...opened, plaintext: hashed(opened.plaintext, found), plaintextHash };
  }
  const { header, rest } = await readHeader(source);
  try {
    throwIfCancelled(signal);
    const fileKey = await acceptHeader(header, key);
    const plaintext = onThread({ direction: "open", fileKey }, rest, found, signal);
    return { fileKey, header, plaintext, plaintextHash };
  } catch (error) {
    await rest.return();
    throw error;
  }
}

function result(): Hashed & { found: (sha256: Uint8Array) => void } {
  let digest: Uint8Array | undefined;
  return {
    found: (sha256) => (digest = sha256),
    plaintextHash: () => {
      if (!digest) throw new Error("the stream has not ended");
      return digest;
    },
  };
}

async function* hashed(
  source: ByteStream,
  found: (sha256: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  found(new Uint8Array(hash.digest()));
}

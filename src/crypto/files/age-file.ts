import { type FileHandle, open as openHandle } from "node:fs/promises";

import { newFile } from "../../new-file.js";
import { readFailure } from "../../system-error.js";
import { acceptHeader, newFileKey, type OpeningKey, type SealOptions } from "../age.js";
import { newNonce, NONCE_SIZE, SEALED_CHUNK_SIZE } from "../chunks.js";
import { encodeHeader, type Header, MAX_HEADER_SIZE, readHeader } from "../header.js";
import { sealedInvalid } from "../invalid.js";
import { TAG_SIZE } from "../primitives/types.js";
import { wrapFileKey } from "../recipients.js";
import { fileChanged, type Pass } from "./pass.js";
import { type FileOptions, runPass } from "./threads.js";

/**
 * Seals a regular file to a new age file, as `seal` does a stream, on all cores and in constant memory. Node only.
 *
 * `target` appears only once all of it is on the disk; a file that exists is not replaced.
 *
 * Errors: RECIPIENT_INVALID, INVALID_ARGUMENT, FILE_UNREADABLE, FILE_CHANGED when it is written to meanwhile, FILE_EXISTS, DISK_FULL, STORE_FAILED, CANCELLED.
 *
 * @returns the 16 bytes that open the file without an identity. Keep them secret.
 * @example
 * await sealFile("brain.nii", "brain.nii.age", [patient, author]);
 */
export async function sealFile(
  source: string,
  target: string,
  recipients: readonly string[],
  { fileKey = newFileKey(), ...options }: SealOptions & FileOptions = {},
): Promise<{ readonly fileKey: Uint8Array; readonly header: Header }> {
  const header = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
  return withInput(source, async (input, size, isUnchanged) => {
    const nonce = newNonce();
    await newFile(target, async (output) => {
      const start = header.bytes.length + NONCE_SIZE;
      await output.writev([header.bytes, nonce], 0);
      await runPass(passOf("seal", input, output, fileKey, nonce, size, start), options);
      if (!(await isUnchanged())) throw fileChanged();
    });
    return { fileKey, header };
  });
}

/**
 * Opens an age file to a new file, as `open` does a stream, on all cores and in constant memory. Node only.
 *
 * `target` appears only once every chunk authenticated, the last one too, and all of it is on the disk; a file that exists is not replaced.
 *
 * Errors: SEALED_INVALID, NOT_A_RECIPIENT, IDENTITY_INVALID, FILE_UNREADABLE, FILE_CHANGED, FILE_EXISTS, DISK_FULL, STORE_FAILED, CANCELLED.
 *
 * @example
 * await openFile("brain.nii.age", "brain.nii", { identity });
 */
export async function openFile(
  source: string,
  target: string,
  key: OpeningKey,
  options: FileOptions = {},
): Promise<{ readonly fileKey: Uint8Array; readonly header: Header }> {
  return withInput(source, async (input, size) => {
    const head = await readStart(input, Math.min(size, MAX_HEADER_SIZE + NONCE_SIZE));
    const { header, rest } = await readHeader([head]);
    await rest.return();
    const fileKey = await acceptHeader(header, key);
    const start = header.bytes.length + NONCE_SIZE;
    const plaintextSize = openedSize(size - start);
    const nonce = head.slice(header.bytes.length, start);
    await newFile(target, (output) =>
      runPass(passOf("open", input, output, fileKey, nonce, plaintextSize, start), options),
    );
    return { fileKey, header };
  });
}

function passOf(
  direction: Pass["direction"],
  { fd: input }: FileHandle,
  { fd: output }: FileHandle,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  plaintextSize: number,
  sealedStart: number,
): Pass {
  const next = new SharedArrayBuffer(4);
  return { direction, input, output, fileKey, nonce, plaintextSize, sealedStart, next };
}

/** Bytes of the plaintext in chunks of so many bytes altogether. */
function openedSize(size: number): number {
  if (size < 0) throw sealedInvalid("payload-cut", "The payload ends within its nonce", { size: size + NONCE_SIZE });
  const chunks = Math.max(1, Math.ceil(size / SEALED_CHUNK_SIZE));
  const last = size - (chunks - 1) * SEALED_CHUNK_SIZE - TAG_SIZE;
  const chunk = chunks - 1;
  if (last < 0) throw sealedInvalid("payload-cut", "The payload ends within a chunk", { chunk });
  if (last === 0 && chunk > 0) throw sealedInvalid("payload-chunk", "The last chunk is empty", { chunk });
  return size - chunks * TAG_SIZE;
}

/** Opens a regular file for as long as `work` takes. */
async function withInput<Value>(
  path: string,
  work: (input: FileHandle, size: number, isUnchanged: () => Promise<boolean>) => Promise<Value>,
): Promise<Value> {
  const input = await openHandle(path, "r").catch((cause: unknown) => {
    throw readFailure(cause);
  });
  try {
    const { mtimeNs, size, isFile } = await look(input);
    if (!isFile) throw readFailure(new Error("not a regular file"));
    return await work(input, size, async () => {
      const now = await look(input);
      return now.size === size && now.mtimeNs === mtimeNs;
    });
  } finally {
    await input.close();
  }
}

async function look(input: FileHandle): Promise<{ mtimeNs: bigint; size: number; isFile: boolean }> {
  const stats = await input.stat({ bigint: true });
  return { mtimeNs: stats.mtimeNs, size: Number(stats.size), isFile: stats.isFile() };
}

async function readStart(input: FileHandle, size: number): Promise<Uint8Array> {
  const start = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await input.read(start, done, size - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return start.subarray(0, done);
}

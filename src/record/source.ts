import { open } from "node:fs/promises";
import { basename } from "node:path";

import type { ByteStream } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import { readFailure } from "../system-error.js";

/** One file about to be shared. */
export interface Source {
  /** A plain file name: it is sealed with the record. */
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Media type where the caller knows better than {@link recognise}. */
  readonly mediaType?: string | undefined;
  /** Its content, from the beginning. A piece may be overwritten once the next one is asked for. */
  stream(): ByteStream;
}

/** Reads in pieces of 1 MiB: fewer calls, and still little memory. */
const pieceSize = 1024 * 1024;

/**
 * A file on disk. Messages never name it: file names often hold the patient's.
 * @throws FILE_UNREADABLE, FILE_EMPTY
 * @example await carekey.share([await fileSource("ecg.dcm")], …);
 */
export async function fileSource(path: string, mediaType?: string): Promise<Source> {
  let size: number;
  try {
    const handle = await open(path, "r");
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new Error("not a regular file");
      size = stats.size;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw readFailure(cause);
  }
  if (size === 0) throw new CareKeyError("FILE_EMPTY", "The file has no bytes", { size });
  return { name: basename(path), size, mediaType, stream: () => readFrom(path) };
}

/** Bytes in memory. */
export function bytesSource(name: string, bytes: Uint8Array, mediaType?: string): Source {
  return { name, size: bytes.length, mediaType, stream: () => [bytes] };
}

async function* readFrom(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const handle = await open(path, "r");
    try {
      const piece = new Uint8Array(pieceSize);
      for (;;) {
        const { bytesRead } = await handle.read(piece, 0, pieceSize);
        if (bytesRead === 0) return;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw readFailure(cause);
  }
}

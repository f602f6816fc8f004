import { open } from "node:fs/promises";

import { CareKeyError } from "../errors.js";

/** Longest share that a guardian releases; one has some 2,000 bytes. */
const limit = 16 * 1024;

/**
 * Reads what guardians released. Files that are far too long are cut: the share is refused by its content, and the others count.
 * @throws FILE_UNREADABLE with the position
 */
export async function readShares(files: readonly string[]): Promise<Uint8Array[]> {
  return Promise.all(files.map((file, at) => readUpTo(file, limit, `Share ${at + 1}`)));
}

/** The first bytes of a file. Throws FILE_UNREADABLE. */
export async function readUpTo(file: string, most: number, what: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, "r");
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(most), 0, most, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new CareKeyError("FILE_UNREADABLE", `${what} can't be read`, {}, { cause });
  }
}

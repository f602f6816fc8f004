import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { CareKeyError } from "./errors.js";

/**
 * Makes a file that appears under `path` only once `write` has ended without an error and its bytes are on the disk: until then they lie in a
 * temporary file beside it, of mode 0600, which is gone after a failure. A file that exists is never replaced.
 *
 * Errors: FILE_EXISTS, DISK_FULL, STORE_FAILED where it can't be written; what `write` throws of CareKey's passes through.
 *
 * @example
 * await newFile("slice.dcm", (handle) => handle.writeFile(bytes));
 */
export async function newFile<Value>(path: string, write: (handle: FileHandle) => Promise<Value>): Promise<Value> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    let value: Value;
    try {
      value = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // link, unlike rename, never replaces a file
    await link(temporary, path);
    return value;
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === "EEXIST") throw new CareKeyError("FILE_EXISTS", "A file of that name exists already", {}, { cause });
    throw new CareKeyError(
      code === "ENOSPC" ? "DISK_FULL" : "STORE_FAILED",
      `The file can't be written${code === undefined ? "" : ` (${code})`}`,
      { code },
      { cause },
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

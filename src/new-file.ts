import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { CareKeyError } from "./errors.js";
import { systemCode, writeFailure } from "./system-error.js";

/**
 * Makes a file that appears under `path` only once `write` has ended without an error and its bytes are on the disk: until then they lie in a
 * temporary file beside it, of mode 0600, which is gone after a failure. A file that exists is never replaced.
 *
 * Errors: FILE_EXISTS, DISK_FULL, STORE_FAILED where it can't be written; what `write` throws of CareKey's passes through.
 *
 * @example
 * await newFile("slice.dcm", (handle) => handle.writeFile(bytes));
 */
export function newFile<Value>(path: string, write: (handle: FileHandle) => Promise<Value>): Promise<Value> {
  // link, unlike rename, never replaces a file
  return appear(path, write, link, "The file");
}

/**
 * The same in place of whatever lies there: the old file stays until the new one is whole.
 * @param what Begins the message of a failure.
 */
export function replaceFile(path: string, content: string | Uint8Array, what = "The file"): Promise<void> {
  return appear(path, (handle) => handle.writeFile(content), rename, what);
}

async function appear<Value>(
  path: string,
  write: (handle: FileHandle) => Promise<Value>,
  name: (temporary: string, path: string) => Promise<void>,
  what: string,
): Promise<Value> {
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
    await name(temporary, path);
    return value;
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    if (systemCode(cause) === "EEXIST")
      throw new CareKeyError("FILE_EXISTS", "A file of that name exists already", {}, { cause });
    throw writeFailure(`${what} can't be written`, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

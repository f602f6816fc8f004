import { randomUUID } from "node:crypto";
import { link, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { OperationOptions } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import type { OpenedPart } from "./open.js";

/**
 * Writes a part to a new file. Its bytes go to a temporary file beside it, which gets its name only when all of them were authenticated and the
 * hash is the one that the author stamped: no partial or false file ever stands under `path`.
 * @throws FILE_EXISTS, STORE_FAILED when it can't be written (disk full, no permission), and what {@link OpenedPart.stream} throws
 */
export async function savePart(part: OpenedPart, path: string, options: OperationOptions = {}): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      for await (const chunk of part.stream(options)) await handle.write(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // link, unlike rename, never replaces a file
    await link(temporary, path);
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === "EEXIST") throw new CareKeyError("FILE_EXISTS", "A file of that name exists already", {}, { cause });
    throw new CareKeyError(
      "STORE_FAILED",
      `The file can't be written${code === undefined ? "" : ` (${code})`}`,
      { code },
      { cause },
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

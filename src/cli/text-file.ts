import { readFile } from "node:fs/promises";

import { CareKeyError } from "../errors.js";

/**
 * The text of a file that somebody named. Throws FILE_UNREADABLE.
 * @param what Begins the message: the file's name may be personal.
 */
export async function textOf(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CareKeyError("FILE_UNREADABLE", `${what} can't be read`, {}, { cause });
  }
}

/** The first line of a file that holds a secret. Throws FILE_UNREADABLE. */
export async function firstLine(file: string, what: string): Promise<string> {
  return (await textOf(file, what)).split(/\r?\n/, 1)[0] ?? "";
}

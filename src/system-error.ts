import { CareKeyError, type ErrorDetails } from "./errors.js";

/** Codes of a disk or a quota that has no room left. */
const noRoom: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** The code of a system's error, such as `"ENOENT"`; undefined for every other. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/**
 * What a failure to write comes to: DISK_FULL where there is no room, else STORE_FAILED, with the system's code. Its own message may name paths, so that
 * stays in the cause. An error of ours passes as it is.
 *
 * @example throw writeFailure("The export can't be written", cause);
 */
export function writeFailure(said: string, cause: unknown, details: ErrorDetails = {}): CareKeyError {
  if (cause instanceof CareKeyError) return cause;
  const code = systemCode(cause);
  const kind = noRoom.includes(code) ? "DISK_FULL" : "STORE_FAILED";
  return new CareKeyError(kind, withCode(said, code), { code, ...details }, { cause });
}

/** What a failure to read a file comes to: FILE_UNREADABLE, with the system's code. An error of ours passes as it is. */
export function readFailure(cause: unknown): CareKeyError {
  if (cause instanceof CareKeyError) return cause;
  const code = systemCode(cause);
  return new CareKeyError("FILE_UNREADABLE", withCode("The file can't be read", code), { code }, { cause });
}

function withCode(said: string, code: string | undefined): string {
  return code === undefined ? said : `${said} (${code})`;
}

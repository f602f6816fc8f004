import { CareKeyError, type ErrorDetails } from "../errors.js";

/** Why sealed data was refused; stands as `reason` in the details of SEALED_INVALID. */
export type SealedReason =
  | "header-syntax"
  | "header-size"
  | "stanza-count"
  | "stanza-type"
  | "stanza-shape"
  | "header-mac"
  | "payload-cut"
  | "payload-chunk"
  | "too-large";

/**
 * SEALED_INVALID with its reason.
 *
 * @example
 * throw sealedInvalid("payload-cut", "The payload ends within its nonce", { size: 3 });
 */
export function sealedInvalid(
  reason: SealedReason,
  what: string,
  details: ErrorDetails = {},
  options?: ErrorOptions,
): CareKeyError {
  return new CareKeyError("SEALED_INVALID", what, { reason, ...details }, options);
}

/** Length of a file key in bytes (C2SP age, "File key"). */
export const FILE_KEY_SIZE = 16;

/** Throws INVALID_ARGUMENT unless `fileKey` has 16 bytes: HKDF would take any length without a word. */
export function requireFileKey(fileKey: Uint8Array): void {
  if (fileKey.length === FILE_KEY_SIZE) return;
  const size = fileKey.length;
  throw new CareKeyError("INVALID_ARGUMENT", `A file key has ${FILE_KEY_SIZE} bytes, this one ${size}`, { size });
}

import { CareKeyError } from "../../errors.js";
import { type Chain, presentTime } from "../connection.js";
import { type Power, type Terms, permissionsToBits } from "../terms.js";
import { checkTime, maxRevision } from "../word.js";
import type { TermsMessage } from "./types.js";

/** How long a signature may be used unless told otherwise, in seconds. */
export const usualDeadline = 3600;

/**
 * How far ahead of what stands a signed revocation reaches: a grantee who holds back that many signed grants can't outrun it.
 * The contract takes up to 1,024; further would freeze the slot.
 */
export const revocationReach = 16;

/** What every signed action may be told. */
export interface SigningOptions {
  /** Last second at which the signature may be used, since 1970; in an hour where omitted. */
  readonly deadline?: number | undefined;
}

/** The last second at which a signature may be used. */
export async function deadlineOf(chain: Chain, { deadline }: SigningOptions): Promise<number> {
  return checkTime(deadline ?? (await presentTime(chain)) + usualDeadline);
}

/** The highest revision that a signed revocation kills. */
export function reachFrom(revision: number): number {
  return Math.min(revision + revocationReach, maxRevision - 1);
}

/** The same for a grant: a DENY is lifted only where it is named itself, so that no signature of before it does. */
export function reachOf({ revision, permissions }: Pick<Terms, "revision" | "permissions">): number {
  return permissions.includes("DENY") ? revision : reachFrom(revision);
}

/**
 * The revision after this one.
 * @throws INVALID_ARGUMENT at the last one
 */
export function nextRevision(revision: number): number {
  if (revision >= maxRevision) throw new CareKeyError("INVALID_ARGUMENT", "The slot has no revision left");
  return revision + 1;
}

/** Permissions, one by one, as a wallet shows them. */
export function flagsOf(permissions: readonly Power[]): Pick<TermsMessage, "read" | "write" | "deny"> {
  const has = (power: Power): boolean => permissions.includes(power);
  return { read: has("READ"), write: has("WRITE"), deny: has("DENY") };
}

/** The bit set of the permissions that a message shows one by one. */
export function bitsOf(flags: { read: boolean; write: boolean; deny: boolean; manage?: boolean }): number {
  const { read, write, deny, manage = false } = flags;
  const shown = { READ: read, WRITE: write, DENY: deny, MANAGE: manage };
  return permissionsToBits((Object.keys(shown) as Power[]).filter((power) => shown[power]));
}

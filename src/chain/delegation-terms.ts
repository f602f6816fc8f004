import { CareKeyError } from "../errors.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";
import { type NewTerms, type Power, permissionsToBits, powersOf } from "./terms.js";
import { checkTime, packFields, unpackFields } from "./word.js";

/** What a delegate may give, as in `DelegationTerms.sol`. Times are seconds since 1970. */
export interface Delegation {
  /** Longest grant that it may give, in seconds from the granting. */
  readonly longest: number;
  /** First second after the delegation. */
  readonly end: number;
  /** The patient's last lockdown as they saw it: another since voids the delegation. */
  readonly asOf: number;
  readonly permissions: readonly Power[];
  readonly purposes: readonly Purpose[];
  /** Counts the changes of the slot. */
  readonly revision: number;
}

/** A delegation as a patient gives it: the contract numbers it. */
export type NewDelegation = Omit<Delegation, "revision">;

/**
 * The word that `ConsentRegistry.delegate` takes.
 * @throws PERIOD_INVALID for what is no time, INVALID_ARGUMENT when there is no permission, or READ without a purpose
 */
export function packDelegation(delegation: NewDelegation): bigint {
  const { longest, end, asOf, permissions } = delegation;
  for (const time of [longest, end, asOf]) checkTime(time);
  if (permissions.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "A delegation needs at least one permission");
  if (permissions.includes("READ") && delegation.purposes.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "READ needs at least one purpose of use");
  const purposes = purposeBits(delegation.purposes);
  return packFields({ first: longest, end, asOf, purposes, permissions: permissionsToBits(permissions), revision: 0 });
}

/** Reads the word of a delegation. */
export function unpackDelegation(word: bigint): Delegation {
  const { first, end, asOf, purposes, permissions, revision } = unpackFields(word);
  return { longest: first, end, asOf, purposes: purposesOf(purposes), permissions: powersOf(permissions), revision };
}

/** True when the delegation has begun to hold and neither ended nor was voided: time < end, and no lockdown since. */
export function isActive({ end, asOf }: Delegation, time: number, lockdownAt: number): boolean {
  return time < end && asOf === lockdownAt;
}

/** True when a delegate may give these terms at `time`: nothing beyond its own permissions and purposes, and not for longer. */
export function permits(
  delegation: Delegation,
  terms: Pick<NewTerms, "end" | "permissions" | "purposes">,
  time: number,
) {
  const { longest, end, permissions, purposes } = delegation;
  return (
    (permissionsToBits(terms.permissions) & ~permissionsToBits(permissions)) === 0 &&
    (purposeBits(terms.purposes) & ~purposeBits(purposes)) === 0n &&
    terms.end <= end &&
    terms.end <= time + longest
  );
}

import { CareKeyError } from "../errors.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";
import { type NewTerms, type Power, groupBit, permissionsToBits, powersOf } from "./terms.js";
import { checkTime, packFields, unpackFields } from "./word.js";

/** What a delegate may give, as in `DelegationTerms.sol`. Times are seconds since 1970. */
export interface Delegation {
  /** Longest grant that it may give, in seconds from the granting. */
  readonly longest: number;
  /** First second after the delegation. */
  readonly end: number;
  /** The patient's era that it belongs to: a lockdown since voids it. */
  readonly era: number;
  /** Empty where nothing stands. */
  readonly permissions: readonly Power[];
  readonly purposes: readonly Purpose[];
  /** It may grant to groups. */
  readonly group: boolean;
  /** Block of the last write. */
  readonly writtenAt: number;
  /** Number of the slot on the patient's list, which grants and delegations share; 0 where nothing was ever written. */
  readonly index: number;
}

/** A delegation as a patient gives it. */
export interface NewDelegation {
  readonly longest: number;
  readonly end: number;
  readonly permissions: readonly Power[];
  readonly purposes: readonly Purpose[];
  readonly group?: boolean | undefined;
}

/**
 * The word that `ConsentRegistry.delegate` takes.
 * @param era The patient's; of no consequence where the patient delegates in person.
 * @throws PERIOD_INVALID for what is no time, INVALID_ARGUMENT when permissions and purposes do not go together
 */
export function packDelegation(delegation: NewDelegation, era = 0): bigint {
  const { longest, end, permissions, group = false } = delegation;
  for (const time of [longest, end, era]) checkTime(time);
  if (permissions.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "A delegation needs at least one permission");
  const reads = permissions.includes("READ");
  if (reads && delegation.purposes.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "READ needs at least one purpose of use");
  if (group && !reads) throw new CareKeyError("INVALID_ARGUMENT", "Without READ a delegate can't grant to groups");
  const bits = permissionsToBits(permissions) | (group ? groupBit : 0);
  const purposes = purposeBits(delegation.purposes);
  return packFields({ first: longest, end, era, purposes, permissions: bits, writtenAt: 0, index: 0 });
}

/** Reads the word of a delegation. */
export function unpackDelegation(word: bigint): Delegation {
  const { first, end, era, purposes, permissions, writtenAt, index } = unpackFields(word);
  return {
    longest: first,
    end,
    era,
    permissions: powersOf(permissions),
    purposes: purposesOf(purposes),
    group: (permissions & groupBit) !== 0,
    writtenAt,
    index,
  };
}

/** True when the delegation neither ended nor was taken back or voided: time < end, in the patient's present era. */
export function isActive({ end, era, permissions }: Delegation, presentEra: number, time: number): boolean {
  return permissions.length > 0 && time < end && era === presentEra;
}

/** True when a delegate may give these terms at `time`: nothing beyond its own permissions and purposes, and not for longer. */
export function permits(
  delegation: Delegation,
  terms: Pick<NewTerms, "end" | "permissions" | "purposes" | "group">,
  time: number,
): boolean {
  const { longest, end, permissions, purposes, group } = delegation;
  return (
    (permissionsToBits(terms.permissions) & ~permissionsToBits(permissions)) === 0 &&
    (purposeBits(terms.purposes) & ~purposeBits(purposes)) === 0n &&
    (group || terms.group !== true) &&
    terms.end <= end &&
    terms.end <= time + longest
  );
}

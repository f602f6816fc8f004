import { CareKeyError } from "../errors.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";
import { checkTime, packFields, unpackFields } from "./word.js";

/** What may stand for a grantee; DENY stands alone and shuts whatever else is granted. */
export type Permission = "READ" | "WRITE" | "DENY";

/** What can be granted: a DENY is set by `deny` alone. */
export type Grantable = "READ" | "WRITE";

/** What a delegate may give; MANAGE lets it touch what the patient granted, and correct records in the patient's place. */
export type Power = Permission | "MANAGE";

/** Bits of `GrantTerms.sol` and `DelegationTerms.sol`. */
const permissionBits = { READ: 1, WRITE: 2, DENY: 4, MANAGE: 64 } as const satisfies Record<Power, number>;

/** Set by the contract alone: a delegate gave or shut this. */
const byDelegateBit = 8;
/** The grant is for the members of a group. */
export const groupBit = 16;

/** What stands for a grantee, as in `GrantTerms.sol`. Times are seconds since 1970; the period is half-open. */
export interface Terms {
  readonly start: number;
  readonly end: number;
  /** The patient's era that it belongs to: in every other it is void, but for the patient's own DENY. */
  readonly era: number;
  /** Empty where nothing stands: never written, or taken back. */
  readonly permissions: readonly Permission[];
  readonly purposes: readonly Purpose[];
  /** It is for the members of a group: the grantee is the contract that knows them. */
  readonly group: boolean;
  /** A delegate gave or shut it in the patient's place. */
  readonly byDelegate: boolean;
  /** Block of the last write. */
  readonly writtenAt: number;
  /** Number of the slot on the patient's list; 0 where nothing was ever written. */
  readonly index: number;
}

/** Terms as somebody gives them. */
export interface NewTerms {
  readonly start: number;
  readonly end: number;
  readonly permissions: readonly Grantable[];
  readonly purposes: readonly Purpose[];
  /** For the members of a group; READ alone. */
  readonly group?: boolean | undefined;
}

/** The bit set of permissions. */
export function permissionsToBits(permissions: readonly Power[]): number {
  return permissions.reduce((bits, permission) => bits | permissionBits[permission], 0);
}

/** The permissions of a grant in a bit set. */
export function permissionsOf(bits: number): Permission[] {
  return powersOf(bits).filter((power) => power !== "MANAGE");
}

/** The permissions of a delegation in a bit set. */
export function powersOf(bits: number): Power[] {
  return (Object.keys(permissionBits) as Power[]).filter((power) => (bits & permissionBits[power]) !== 0);
}

/**
 * The word that `ConsentRegistry.grant` takes.
 * @param era The patient's; of no consequence where the patient grants in person.
 * @throws PERIOD_INVALID when the end does not lie after the start, INVALID_ARGUMENT when permissions and purposes do not go together
 */
export function packTerms(terms: NewTerms, era = 0): bigint {
  const { start, end, permissions, group = false } = terms;
  for (const time of [start, end, era]) checkTime(time);
  if (start >= end)
    throw new CareKeyError("PERIOD_INVALID", `The end ${end} does not lie after the start ${start}`, { start, end });
  if (permissions.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "A grant needs at least one permission");
  if ((permissions as readonly Power[]).some((each) => each !== "READ" && each !== "WRITE"))
    throw new CareKeyError("INVALID_ARGUMENT", "A grant gives READ, WRITE or both; deny shuts");
  const reads = permissions.includes("READ");
  if (reads && terms.purposes.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "READ needs at least one purpose of use");
  if (group && (!reads || permissions.includes("WRITE")))
    throw new CareKeyError("INVALID_ARGUMENT", "The members of a group may be given READ alone");
  const bits = permissionsToBits(permissions) | (group ? groupBit : 0);
  const purposes = purposeBits(terms.purposes);
  return packFields({ first: start, end, era, purposes, permissions: bits, writtenAt: 0, index: 0 });
}

/** Reads the word of a grant. */
export function unpackTerms(word: bigint): Terms {
  const { first, end, era, purposes, permissions, writtenAt, index } = unpackFields(word);
  return {
    start: first,
    end,
    era,
    permissions: permissionsOf(permissions),
    purposes: purposesOf(purposes),
    group: (permissions & groupBit) !== 0,
    byDelegate: (permissions & byDelegateBit) !== 0,
    writtenAt,
    index,
  };
}

/** True when the terms are of this era, start ≤ time < end, and no DENY. */
export function isInForce({ start, end, era, permissions }: Terms, presentEra: number, time: number): boolean {
  return era === presentEra && start <= time && time < end && !permissions.includes("DENY");
}

/** True for a DENY that holds in this era: the patient's own in every one, a delegate's in its own. */
export function denies({ permissions, byDelegate, era }: Terms, presentEra: number): boolean {
  return permissions.includes("DENY") && (!byDelegate || era === presentEra);
}

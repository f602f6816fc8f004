import { CareKeyError } from "../errors.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";
import { checkTime, packFields, unpackFields } from "./word.js";

/** What a grant lets its grantee do; DENY stands alone and shuts what a wider grant opens. */
export type Permission = "READ" | "WRITE" | "DENY";

/** What a delegate may give; MANAGE lets it touch what the patient granted or shut, and correct records in the patient's place. */
export type Power = Permission | "MANAGE";

/** Bits of `GrantTerms.sol` and `DelegationTerms.sol`. */
const permissionBits = { READ: 1, WRITE: 2, DENY: 4, MANAGE: 16 } as const satisfies Record<Power, number>;

/** Set by the contract alone: a delegate gave these terms. */
const byDelegateBit = 8;

/** The terms of a grant, as in `GrantTerms.sol`. Times are seconds since 1970; the period is half-open. */
export interface Terms {
  readonly start: number;
  readonly end: number;
  /** The patient's last lockdown that the granter saw. */
  readonly asOf: number;
  readonly permissions: readonly Permission[];
  readonly purposes: readonly Purpose[];
  /** A delegate gave them in the patient's place. */
  readonly byDelegate: boolean;
  /** Counts the changes of the slot. */
  readonly revision: number;
}

/** Terms as somebody gives them: the contract numbers them and says who gave them. */
export type NewTerms = Omit<Terms, "revision" | "byDelegate">;

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
 * @throws PERIOD_INVALID when the end does not lie after the start, INVALID_ARGUMENT when permissions and purposes do not go together.
 */
export function packTerms(terms: NewTerms): bigint {
  const { start, end, asOf, permissions } = terms;
  for (const time of [start, end, asOf]) checkTime(time);
  if (start >= end)
    throw new CareKeyError("PERIOD_INVALID", `The end ${end} does not lie after the start ${start}`, { start, end });
  if (permissions.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "A grant needs at least one permission");
  if (permissions.includes("DENY") && permissions.length > 1)
    throw new CareKeyError("INVALID_ARGUMENT", "DENY stands alone: it can't be combined with READ or WRITE");
  if (permissions.includes("READ") && terms.purposes.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "READ needs at least one purpose of use");
  const purposes = purposeBits(terms.purposes);
  return packFields({ first: start, end, asOf, purposes, permissions: permissionsToBits(permissions), revision: 0 });
}

/** Reads the word of a grant. */
export function unpackTerms(word: bigint): Terms {
  const { first, end, asOf, purposes, permissions, revision } = unpackFields(word);
  return {
    start: first,
    end,
    asOf,
    purposes: purposesOf(purposes),
    permissions: permissionsOf(permissions),
    byDelegate: (permissions & byDelegateBit) !== 0,
    revision,
  };
}

import { CareKeyError } from "../errors.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";

/** What a grant lets its grantee do; DENY stands alone and shuts what a wider grant opens. */
export type Permission = "READ" | "WRITE" | "DENY";

/** Bits of `GrantTerms.sol`. */
const permissionBits = { READ: 1, WRITE: 2, DENY: 4 } as const satisfies Record<Permission, number>;

/** The terms of a grant, as in `GrantTerms.sol`. Times are seconds since 1970; the period is half-open. */
export interface Terms {
  readonly start: number;
  readonly end: number;
  /** The patient's last lockdown that the granter saw. */
  readonly asOf: number;
  readonly permissions: readonly Permission[];
  readonly purposes: readonly Purpose[];
  /** Counts the changes of the slot; 0 in what is about to be granted. */
  readonly revision: number;
}

const uint40 = (1n << 40n) - 1n;

/** The bit set of permissions. */
export function permissionsToBits(permissions: readonly Permission[]): number {
  return permissions.reduce((bits, permission) => bits | permissionBits[permission], 0);
}

/** The permissions in a bit set. */
export function permissionsOf(bits: bigint): Permission[] {
  return (Object.keys(permissionBits) as Permission[]).filter(
    (permission) => bits & BigInt(permissionBits[permission]),
  );
}

/**
 * The word that `ConsentRegistry.grant` takes.
 * @throws PERIOD_INVALID when the end does not lie after the start, INVALID_ARGUMENT when permissions and purposes do not go together.
 */
export function packTerms(terms: Omit<Terms, "revision">): bigint {
  const { start, end, asOf, permissions } = terms;
  for (const time of [start, end, asOf]) {
    if (!Number.isInteger(time) || time < 0 || BigInt(time) > uint40)
      throw new CareKeyError("PERIOD_INVALID", `${String(time)} is no time in seconds since 1970`, { time });
  }
  if (start >= end)
    throw new CareKeyError("PERIOD_INVALID", `The end ${end} does not lie after the start ${start}`, { start, end });
  if (permissions.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "A grant needs at least one permission");
  if (permissions.includes("DENY") && permissions.length > 1)
    throw new CareKeyError("INVALID_ARGUMENT", "DENY stands alone: it can't be combined with READ or WRITE");
  if (permissions.includes("READ") && terms.purposes.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "READ needs at least one purpose of use");
  return (
    BigInt(start) |
    (BigInt(end) << 40n) |
    (BigInt(asOf) << 80n) |
    (purposeBits(terms.purposes) << 120n) |
    (BigInt(permissionsToBits(permissions)) << 184n)
  );
}

/** Reads the word of a grant. */
export function unpackTerms(word: bigint): Terms {
  return {
    start: Number(word & uint40),
    end: Number((word >> 40n) & uint40),
    asOf: Number((word >> 80n) & uint40),
    purposes: purposesOf((word >> 120n) & ((1n << 63n) - 1n)),
    permissions: permissionsOf((word >> 184n) & 0xffn),
    revision: Number((word >> 192n) & 0xffffffffn),
  };
}

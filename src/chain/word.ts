import { CareKeyError } from "../errors.js";

/** The fields of a word of terms, from its lowest bit: of a grant (`GrantTerms.sol`) and of a delegation (`DelegationTerms.sol`). */
export interface Fields {
  /** Start of a grant, longest grant of a delegation: 40 bits. */
  readonly first: number;
  readonly end: number;
  readonly asOf: number;
  /** Bit set of 64. */
  readonly purposes: bigint;
  /** Bit set of 8. */
  readonly permissions: number;
  readonly revision: number;
}

/** Latest time and longest period, in seconds, that a word can hold. */
export const maxTime = 2 ** 40 - 1;

/** Highest number of a revision. */
export const maxRevision = 2 ** 32 - 1;

/** Packs fields as they are; what they mean is not looked at. */
export function packFields({ first, end, asOf, purposes, permissions, revision }: Fields): bigint {
  return (
    BigInt(first) |
    (BigInt(end) << 40n) |
    (BigInt(asOf) << 80n) |
    (purposes << 120n) |
    (BigInt(permissions) << 184n) |
    (BigInt(revision) << 192n)
  );
}

/** Reads the fields of a word. */
export function unpackFields(word: bigint): Fields {
  const bits = (offset: bigint, size: number): bigint => BigInt.asUintN(size, word >> offset);
  return {
    first: Number(bits(0n, 40)),
    end: Number(bits(40n, 40)),
    asOf: Number(bits(80n, 40)),
    purposes: bits(120n, 64),
    permissions: Number(bits(184n, 8)),
    revision: Number(bits(192n, 32)),
  };
}

/** A time as contracts keep it, in seconds since 1970; undefined for 0, which stands for never. */
export function timeOrNever(time: bigint): number | undefined {
  return time === 0n ? undefined : Number(time);
}

/**
 * The time, if a word can hold it.
 * @throws PERIOD_INVALID
 */
export function checkTime(time: number): number {
  if (!Number.isInteger(time) || time < 0 || time > maxTime)
    throw new CareKeyError("PERIOD_INVALID", `${String(time)} is no time in seconds since 1970`, { time });
  return time;
}

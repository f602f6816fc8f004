import { CareKeyError } from "../errors.js";

/** The fields of a word of terms, from its lowest bit: of a grant (`GrantTerms.sol`) and of a delegation (`DelegationTerms.sol`). */
export interface Fields {
  /** Start of a grant, longest grant of a delegation: 40 bits. */
  readonly first: number;
  readonly end: number;
  /** The patient's era: 40 bits. */
  readonly era: number;
  /** Bit set of 64. */
  readonly purposes: bigint;
  /** Bit set of 8. */
  readonly permissions: number;
  /** Block of the last write; the contract sets it. */
  readonly writtenAt: number;
  /** Number of the slot on the patient's list, from 1 on; the contract sets it. */
  readonly index: number;
}

/** Latest time, longest period in seconds, and last era that a word can hold. */
export const maxTime = 2 ** 40 - 1;

/** Packs fields as they are; what they mean is not looked at. */
export function packFields({ first, end, era, purposes, permissions, writtenAt, index }: Fields): bigint {
  return (
    BigInt(first) |
    (BigInt(end) << 40n) |
    (BigInt(era) << 80n) |
    (purposes << 120n) |
    (BigInt(permissions) << 184n) |
    (BigInt(writtenAt) << 192n) |
    (BigInt(index) << 224n)
  );
}

/** Reads the fields of a word. */
export function unpackFields(word: bigint): Fields {
  return {
    first: bitsOf(word, 0, 40),
    end: bitsOf(word, 40, 40),
    era: bitsOf(word, 80, 40),
    purposes: BigInt.asUintN(64, word >> 120n),
    permissions: bitsOf(word, 184, 8),
    writtenAt: bitsOf(word, 192, 32),
    index: bitsOf(word, 224, 32),
  };
}

/** Some bits of a word, at most 53 of them. */
export function bitsOf(word: bigint, offset: number, size: number): number {
  return Number(BigInt.asUintN(size, word >> BigInt(offset)));
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

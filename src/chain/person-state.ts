import type { Link } from "./links.js";
import { bitsOf } from "./word.js";

/** What orders a person's acts, as in `PersonState.sol`. */
export interface PersonState {
  /** Counts lockdowns, and can't be foreseen: grants of another era are void. */
  readonly era: number;
  /** Another one after every act of the person: no signature of before that would open something works any more. */
  readonly stand: bigint;
  /** The last number that an opening signature of the present session used. */
  readonly number: number;
  /** Changes of their consents, and the block of the newest. */
  readonly changes: Link;
  /** Grants and delegations that were ever written, and the block in which the newest was first written. */
  readonly slots: Link;
  /** Slots that delegates wrote first since a lockdown or the end of a delegation. */
  readonly byDelegates: number;
}

/** Reads the word of a person's state. */
export function unpackPersonState(word: bigint): PersonState {
  return {
    era: bitsOf(word, 0, 40),
    stand: BigInt.asUintN(56, word >> 40n),
    number: bitsOf(word, 96, 16),
    changes: { number: bitsOf(word, 112, 32), lastAt: bitsOf(word, 144, 32) },
    slots: { number: bitsOf(word, 176, 32), lastAt: bitsOf(word, 208, 32) },
    byDelegates: bitsOf(word, 240, 16),
  };
}

/** An era counts no more lockdowns than these. */
export const mostLockdowns = 2 ** 16 - 1;

/** How often the person locked down. */
export function lockdownsOf({ era }: Pick<PersonState, "era">): number {
  return Math.floor(era / 2 ** 24);
}

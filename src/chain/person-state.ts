import { CareKeyError } from "../errors.js";
import type { Link } from "./links.js";
import { bitsOf } from "./word.js";

/** What orders a person's acts, as in `PersonState.sol`. */
export interface PersonState {
  /** Counts lockdowns, and can't be foreseen: grants of another era are void. */
  readonly era: number;
  /** Another after every act of the person in person. */
  readonly stand: number;
  /** The last number that an opening signature of theirs used. */
  readonly number: number;
  /** Changes of their consents, and the block of the newest. */
  readonly changes: Link;
  /** Grants and delegations that were ever written, and the block in which the newest was first written. */
  readonly slots: Link;
  /** Slots that delegates wrote first in this era. */
  readonly byDelegates: number;
}

/** Numbers of one stand: an opening signature names one of them. */
export const numbersOfStand = 256;

/** Reads the word of a person's state. */
export function unpackPersonState(word: bigint): PersonState {
  return {
    era: bitsOf(word, 0, 40),
    stand: bitsOf(word, 40, 40),
    number: bitsOf(word, 80, 32),
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

/**
 * The number that an opening signature may name.
 * @param ahead How many signatures of the same batch go before, and one.
 * @throws INVALID_ARGUMENT past the last number of the stand: any act in person begins another
 */
export function nextNumber({ number }: Pick<PersonState, "number">, ahead = 1): number {
  const next = number + ahead;
  if (Math.floor(next / numbersOfStand) !== Math.floor(number / numbersOfStand))
    throw new CareKeyError("INVALID_ARGUMENT", `The signer's stand has no number ${ahead} ahead of ${number}`, {
      number,
      ahead,
    });
  return next;
}

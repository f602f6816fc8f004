import { bitsOf } from "./word.js";

/** Head of a list that is counted and linked (`Link.sol`): how many entries there are, and the block of the newest. In an event: the entry's own number, and the block of the one before. */
export interface Link {
  readonly number: number;
  readonly lastAt: number;
}

/** Where a consent event stands in its patient's history (`Change.sol`). */
export interface Change {
  readonly number: number;
  /** Block of the change before. */
  readonly before: number;
  /** Block in which the patient's slot before was first written. */
  readonly slotBefore: number;
}

/** Reads a {@link Link} from the lowest 64 bits of a word. */
export function unpackLink(word: bigint): Link {
  return { number: bitsOf(word, 0, 32), lastAt: bitsOf(word, 32, 32) };
}

/** Reads a {@link Change}. */
export function unpackChange(word: bigint): Change {
  return { number: bitsOf(word, 0, 32), before: bitsOf(word, 32, 32), slotBefore: bitsOf(word, 64, 32) };
}

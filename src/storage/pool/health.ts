import type { CID } from "multiformats/cid";
import { keyOf } from "../verify.js";
import type { PoolNode } from "./types.js";

/** How much the newest answer counts in the average. */
const WEIGHT = 0.3;
/** Milliseconds for which a node is not asked after its first trouble, doubled by each that follows, up to the second figure. */
const BACK_OFF = 1000;
const LONGEST_BACK_OFF = 60_000;
/** A node is slow where it takes that much longer than the others. */
export const SLOW = 3;
/** Blocks known to be rotten that a node's memory names. */
const ROTTEN = 10_000;

/** What a pool knows of one node: how fast it answers, and whether it is worth asking. */
export class NodeHealth {
  readonly node: PoolNode;
  /** Moving average of the milliseconds until an answer; undefined before the first. */
  average: number | undefined;
  outstanding = 0;
  /** Troubles in a row. */
  #strikes = 0;
  #until = 0;
  #failed = false;
  readonly #rotten = new Set<string>();

  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(node: PoolNode, now = () => performance.now()) {
    this.node = node;
    this.#now = now;
  }

  /** In trouble, and not to be asked where others can be. */
  get avoided(): boolean {
    return this.#strikes > 0 && (this.#now() < this.#until || this.outstanding > 0);
  }

  /** Was in trouble, and should be asked whether that is over, by a call that nobody waits for. */
  get suspect(): boolean {
    return this.#strikes > 0 && !this.avoided;
  }

  /** In trouble that was no mere slowness. */
  get down(): boolean {
    return this.#failed && this.avoided;
  }

  answered(milliseconds: number): void {
    this.#note(milliseconds);
    this.#strikes = 0;
    this.#failed = false;
  }

  /** Did what it was told: it does not fail any more, though it may be slow. */
  recovered(): void {
    if (this.#failed) this.#strikes = 0;
    this.#failed = false;
  }

  /** Given up after so many milliseconds, because others were faster. */
  outrun(milliseconds: number): void {
    this.#note(milliseconds);
    this.#strike();
  }

  failed(): void {
    this.#failed = true;
    this.#strike();
  }

  /** Gave bytes that are not the block's: other blocks of it are as good as anyone's. */
  gaveRotten(cid: CID): void {
    if (this.#rotten.size >= ROTTEN) this.#rotten.clear();
    this.#rotten.add(keyOf(cid));
  }

  /** A new copy was put, or the old one removed. */
  mended(cid: CID): void {
    this.#rotten.delete(keyOf(cid));
  }

  isRotten(cid: CID): boolean {
    return this.#rotten.has(keyOf(cid));
  }

  #note(milliseconds: number): void {
    this.average = this.average === undefined ? milliseconds : this.average + WEIGHT * (milliseconds - this.average);
  }

  #strike(): void {
    this.#until = this.#now() + Math.min(BACK_OFF * 2 ** this.#strikes, LONGEST_BACK_OFF);
    this.#strikes++;
  }
}

/** The middle of the values; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** What a healthy node takes: the median of all averages. */
export function typicalTime(healths: Iterable<NodeHealth>): number | undefined {
  const averages = [...healths].filter((health) => !health.avoided).map(({ average }) => average);
  return median(averages.filter((average) => average !== undefined));
}

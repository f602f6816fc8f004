import { CareKeyError } from "../errors.js";
import type { Link } from "./links.js";

/** An entry of a list that is counted and linked. */
export interface Entry {
  /** From 1 on. */
  readonly number: number;
  /** Block of the entry before, as its event says. */
  readonly before: number;
  readonly block: number;
}

/** A list to walk. */
export interface List<Told extends Entry> {
  /** What it is called in an error. */
  readonly list: string;
  /** How many entries there are, and the block of the newest: proven, so that none can be left out. */
  readonly head: Link;
  /** Asks anybody for the entries of some blocks, both inclusive; others of the same list may be among them. */
  readonly entriesIn: (from: number, to: number) => Promise<readonly Told[]>;
  /** How many of the oldest are known already. */
  readonly known?: number | undefined;
}

/** Widest range of blocks, and most entries, that are asked for ahead. */
const [widest, most] = [1000, 512];

/**
 * A list from its newest entry back, each number exactly once. One question for one block per step; where entries lie close to one another, the next ones are asked
 * for along with it, as far as the node allows ranges.
 * @throws HISTORY_INCOMPLETE, and what `entriesIn` throws
 */
export async function* walkBack<Told extends Entry>(list: List<Told>): AsyncGenerator<Told, void, undefined> {
  const { head, known = 0 } = list;
  const ahead = new Ahead(list);
  let block = head.lastAt;
  for (let number = head.number; number > known; number--) {
    const entry = await ahead.entry(number, block, number - known);
    yield entry;
    // an entry is never in a later block than the next
    if (entry.before > entry.block) throw incomplete(list.list, number - 1, entry.block);
    block = entry.before;
  }
}

/** The same list, oldest first. */
export async function walk<Told extends Entry>(list: List<Told>): Promise<Told[]> {
  const entries: Told[] = [];
  for await (const entry of walkBack(list)) entries.push(entry);
  return entries.reverse();
}

/** An entry that a list must have, and that the node does not tell, or tells falsely. */
export function incomplete(list: string, missing: number, block: number): CareKeyError {
  return new CareKeyError("HISTORY_INCOMPLETE", `The node leaves out or forges number ${missing} of the ${list}`, {
    list,
    missing,
    block,
  });
}

/** Asks for entries, and for as many of those before as lie close. */
class Ahead<Told extends Entry> {
  private readonly told = new Map<string, Told>();
  /** How many entries the next question may bring. */
  private hoped = 1;
  /** Where the last question began, and how many entries were taken since. */
  private last: { readonly block: number; taken: number } | undefined;

  constructor(private readonly list: List<Told>) {}

  /** @param left How many entries are wanted yet, this one among them. */
  async entry(number: number, block: number, left: number): Promise<Told> {
    const place = placed(number, block);
    if (!this.told.has(place)) await this.ask(block, left);
    // a node may cut off ranges without a word
    if (!this.told.has(place)) await this.tell(block, block);
    const entry = this.told.get(place);
    if (!entry) throw incomplete(this.list.list, number, block);
    this.told.delete(place);
    if (this.last) this.last.taken++;
    return entry;
  }

  private async ask(block: number, left: number): Promise<void> {
    const { last } = this;
    if (last && this.hoped > 0) this.hoped = last.taken * 2 > this.hoped ? Math.min(this.hoped * 2, most) : 1;
    const gap = last ? (last.block - block) / Math.max(last.taken, 1) : widest;
    const width = Math.min(Math.ceil(gap * (Math.min(this.hoped, left) - 1)), widest - 1);
    this.last = { block, taken: 0 };
    // so far apart that a range would bring no second one
    if (width < 1 || gap > widest) return;
    try {
      await this.tell(Math.max(block - width, 0), block);
    } catch {
      // some nodes refuse ranges
      this.hoped = 0;
    }
  }

  private async tell(from: number, to: number): Promise<void> {
    const entries = await this.list.entriesIn(from, to);
    const numbers = new Set<string>();
    for (const entry of entries) {
      const place = placed(entry.number, entry.block);
      if (numbers.has(place)) throw incomplete(this.list.list, entry.number, entry.block);
      numbers.add(place);
      this.told.set(place, entry);
    }
  }
}

function placed(number: number, block: number): string {
  return `${number} ${block}`;
}

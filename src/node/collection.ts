import type { CID } from "multiformats/cid";

import { isCareKeyError, throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import type { BlockStore, StoreOptions, StoredBlock } from "../storage/types.js";
import { isDagPb } from "../storage/verify.js";
import { linksOf } from "./dag.js";
import type { Gate } from "./gate.js";
import { type Ledger, digestKey } from "./ledger.js";

/** What a garbage collection did. */
export interface Collected {
  /** Blocks that were removed. */
  readonly removed: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Blocks that stay. */
  readonly kept: number;
}

/** What a collection works on. */
export interface Ground {
  readonly store: BlockStore;
  readonly gate: Gate;
  readonly ledger: Ledger;
  /** Blocks put or pinned since the collection began. Whoever changes a set holds the gate. */
  readonly beside: { readonly blocks: ReadonlySet<string>; readonly roots: CID[] };
  /** When this process last put a block, in milliseconds since 1970; for stores that do not know it. */
  readonly put: ReadonlyMap<string, number>;
  /** When a collection first found a block unpinned, in milliseconds since 1970; for stores that do not know when it was put. */
  readonly unpinned: Map<string, number>;
  /** When the collection began, in milliseconds since 1970. */
  readonly now: number;
  /** Blocks put after this time stay, in milliseconds since 1970. */
  readonly before: number;
  readonly onRemoved: (cid: CID) => void;
}

/** Blocks that are deleted while writers wait. */
const BATCH = 64;
const PARALLEL = 4;

/**
 * Removes the blocks that no pin leads to and that were put before `before`. Of a pinned DAG a node may hold only a part: that stays. A
 * pinned node that cannot be read fails the collection, as nobody knows what lies below it. Errors: the store's, CANCELLED.
 */
export async function collectGarbage(ground: Ground, options: StoreOptions): Promise<Collected> {
  return new Collection(ground, options).run();
}

class Collection {
  readonly #marked = new Set<string>();
  /** dag-pb nodes that were walked: raw CIDs of the same bytes lead nowhere. */
  readonly #walked = new Set<string>();
  #removed = 0;
  #bytes = 0;
  #kept = 0;

  constructor(
    private readonly ground: Ground,
    private readonly options: StoreOptions,
  ) {}

  async run(): Promise<Collected> {
    const { store, unpinned, now } = this.ground;
    for await (const root of store.pins(this.options)) await this.#mark(root);
    const found = new Set<string>();
    let batch: StoredBlock[] = [];
    for await (const block of store.blocks(this.options)) {
      throwIfCancelled(this.options.signal);
      const key = digestKey(block.cid);
      if (!this.#marked.has(key) && block.since === undefined) {
        found.add(key);
        if (!unpinned.has(key)) unpinned.set(key, now);
      }
      if (!this.#isGarbage(block)) this.#kept++;
      else if (batch.push(block) === BATCH) {
        await this.#sweep(batch);
        batch = [];
      }
    }
    await this.#sweep(batch);
    for (const key of unpinned.keys()) if (!found.has(key) || this.#marked.has(key)) unpinned.delete(key);
    return { removed: this.#removed, bytes: this.#bytes, kept: this.#kept };
  }

  #isGarbage({ cid, since }: StoredBlock): boolean {
    const key = digestKey(cid);
    const { beside, put, unpinned, before } = this.ground;
    if (this.#marked.has(key) || beside.blocks.has(key)) return false;
    // file systems count fractions of a millisecond
    const last = Math.max(Math.floor(since ?? unpinned.get(key) ?? Infinity), put.get(key) ?? 0);
    return last <= before;
  }

  async #mark(root: CID): Promise<void> {
    const stack = [root];
    for (let cid = stack.pop(); cid; cid = stack.pop()) {
      const key = digestKey(cid);
      this.#marked.add(key);
      if (!isDagPb(cid) || this.#walked.has(key)) continue;
      this.#walked.add(key);
      throwIfCancelled(this.options.signal);
      try {
        stack.push(...linksOf(cid, await this.ground.store.get(cid, this.options)));
      } catch (error) {
        if (!isCareKeyError(error, "BLOCK_MISSING")) throw error;
      }
    }
  }

  async #sweep(batch: readonly StoredBlock[]): Promise<void> {
    if (batch.length === 0) return;
    const { gate, beside } = this.ground;
    for (let done = false; !done;) {
      // walking may take long: writers go on meanwhile
      for (let root = beside.roots.pop(); root; root = beside.roots.pop()) await this.#mark(root);
      done = await gate.exclude(async () => {
        if (beside.roots.length > 0) return false;
        await inParallel(batch, PARALLEL, (block) => this.#remove(block));
        return true;
      });
    }
  }

  async #remove(block: StoredBlock): Promise<void> {
    if (!this.#isGarbage(block)) {
      this.#kept++;
      return;
    }
    try {
      await this.ground.store.delete(block.cid, this.options);
    } catch (error) {
      // an IPFS node keeps what it pins for itself
      if (!isCareKeyError(error, "STORE_FAILED") || error.details.reason !== "pinned") throw error;
      this.#kept++;
      return;
    }
    this.ground.ledger.remove(block.cid);
    this.#removed++;
    this.#bytes += block.size;
    this.ground.onRemoved(block.cid);
  }
}

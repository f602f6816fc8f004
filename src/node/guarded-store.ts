import type { CID } from "multiformats/cid";

import { CareKeyError, throwIfCancelled } from "../errors.js";
import { batchesOf } from "../storage/kubo-car.js";
import type { Block, BlockStore, StoreOptions, StoredBlock } from "../storage/types.js";
import { keyOf } from "../storage/verify.js";
import { type Collected, collectGarbage } from "./collection.js";
import { Gate } from "./gate.js";
import { Ledger, type Usage, digestKey } from "./ledger.js";

export type { Collected, Usage };

export interface GuardedStoreOptions {
  /** The most bytes of blocks that it takes; no limit by default. */
  readonly quota?: number | undefined;
  /** Milliseconds for which a block stays without a pin, so that whoever writes a DAG has the time to pin it. An hour by default. */
  readonly grace?: number | undefined;
  /** Milliseconds between collections that happen by themselves; none by default, but when the quota is nearly used. */
  readonly collectEvery?: number | undefined;
  /** Is told of each collection that happens by itself. Without it, one that fails is silent. */
  readonly onCollection?: ((collection: Promise<Collected>) => void) | undefined;
}

export interface CollectOptions extends StoreOptions {
  /** Is told of each block that was removed. */
  readonly onRemoved?: ((cid: CID) => void) | undefined;
}

/** A store that knows how full it is, takes no more than it may, and removes what no pin leads to. */
export interface GuardedStore extends BlockStore {
  /** Waits until the blocks are counted. Errors: the store's. */
  usage(): Promise<Usage>;
  /**
   * Removes blocks that no pin leads to and that were put more than `grace` ago; where the store does not know when, those that an earlier
   * collection of this process found so `grace` ago. What is put or pinned beside it stays. One at a time: who asks meanwhile shares it,
   * as it was asked for first. Errors: the store's, CANCELLED.
   */
  collect(options?: CollectOptions): Promise<Collected>;
}

/** A guarded store that may collect by itself. */
export interface OpenGuardedStore extends GuardedStore {
  /** Stops collections, also the one that runs. The store beneath stays open. */
  close(): Promise<void>;
}

const GRACE = 60 * 60 * 1000;
/** Share of the quota beyond which it looks for garbage. */
const NEARLY_FULL = 0.9;
/** A nearly full store looks again after this share of the grace: sooner there is hardly more to find. */
const AGAIN = 0.1;

/**
 * Guards a store of a storage node. Its blocks are counted at the first use; a put past the quota is DISK_FULL with `{ quota, bytes }`
 * before anything of it is written (of a long `putMany`, before the group of about 8 MiB). No other process may write to the store.
 *
 * Throws INVALID_ARGUMENT for a negative quota, grace or interval.
 *
 * @example
 * const store = guardedStore(await fsStore("/var/lib/carekey"), { quota: 100e9 });
 * const { bytes, quota } = await store.usage();
 */
export function guardedStore(store: BlockStore, options: GuardedStoreOptions = {}): OpenGuardedStore {
  for (const name of ["quota", "grace", "collectEvery"] as const) {
    const value = options[name] ?? 0;
    if (!(value >= 0)) throw new CareKeyError("INVALID_ARGUMENT", `The ${name} is not a positive number`, { value });
  }
  return new Guarded(store, options);
}

class Guarded implements OpenGuardedStore {
  readonly #store: BlockStore;
  readonly #ledger: Ledger;
  readonly #grace: number;
  readonly #onCollection: (collection: Promise<Collected>) => void;
  readonly #gate = new Gate();
  readonly #put = new Map<string, number>();
  readonly #unpinned = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #beside: { readonly blocks: Set<string>; readonly roots: CID[] } | undefined;
  #counted: Promise<void> | undefined;
  #collection: Promise<Collected> | undefined;
  #onRemoved: ((cid: CID) => void)[] = [];
  #lookAgain = 0;

  constructor(store: BlockStore, { quota, grace = GRACE, collectEvery, onCollection }: GuardedStoreOptions) {
    this.#store = store;
    this.#ledger = new Ledger(quota);
    this.#grace = grace;
    this.#onCollection = onCollection ?? (() => undefined);
    if (collectEvery === undefined) return;
    this.#timer = setInterval(() => {
      this.#collectByItself();
    }, collectEvery);
    this.#timer.unref();
  }

  put(block: Block, options?: StoreOptions): Promise<void> {
    return this.#keep([block], options, () => this.#store.put(block, options));
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks))
      await this.#keep(batch, options, () => this.#store.putMany(batch, options));
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return this.#store.get(cid, options);
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#store.has(cid, options);
  }

  async delete(cid: CID, options?: StoreOptions): Promise<void> {
    // counted first, lest the count finds what is just going
    await this.#count();
    await this.#gate.share(async () => {
      await this.#store.delete(cid, options);
      this.#ledger.remove(cid);
    });
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#gate.share(async () => {
      await this.#store.pin(root, options);
      this.#beside?.roots.push(root);
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#store.unpin(root, options);
  }

  pins(options?: StoreOptions): AsyncIterable<CID> {
    return this.#store.pins(options);
  }

  blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    return this.#store.blocks(options);
  }

  async usage(): Promise<Usage> {
    await this.#count();
    return this.#ledger.usage;
  }

  collect({ onRemoved, ...options }: CollectOptions = {}): Promise<Collected> {
    if (onRemoved) this.#onRemoved.push(onRemoved);
    this.#collection ??= this.#collect(options).finally(() => {
      this.#collection = undefined;
      this.#onRemoved = [];
    });
    return this.#collection;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#collection?.catch(() => undefined);
  }

  async #keep(blocks: readonly Block[], options: StoreOptions | undefined, write: () => Promise<void>): Promise<void> {
    throwIfCancelled(options?.signal);
    if (this.#ledger.quota !== undefined) await this.#count();
    for (const { cid } of blocks) keyOf(cid);
    await this.#gate.share(async () => {
      const room = this.#reserve(blocks);
      try {
        this.#note(blocks);
        await write();
        room.keep();
      } catch (error) {
        await this.#recount(blocks);
        throw error;
      } finally {
        room.release();
      }
    });
    const { bytes, quota = Infinity } = this.#ledger.usage;
    if (bytes > quota * NEARLY_FULL) this.#lookForRoom();
  }

  #reserve(blocks: readonly Block[]) {
    try {
      return this.#ledger.reserve(blocks);
    } catch (error) {
      this.#lookForRoom();
      throw error;
    }
  }

  #note(blocks: readonly Block[]): void {
    const now = Date.now();
    for (const { cid } of blocks) {
      this.#put.set(digestKey(cid), now);
      this.#beside?.blocks.add(digestKey(cid));
    }
  }

  /** A write that failed may have kept some of its blocks. */
  async #recount(blocks: readonly Block[]): Promise<void> {
    for (const { cid, bytes } of blocks)
      if (!this.#ledger.holds(cid) && (await this.#store.has(cid).catch(() => false)))
        this.#ledger.add({ cid, size: bytes.length });
  }

  #count(): Promise<void> {
    this.#counted ??= this.#countAll().catch((error: unknown) => {
      this.#counted = undefined;
      throw error;
    });
    return this.#counted;
  }

  async #countAll(): Promise<void> {
    for await (const block of this.#store.blocks({ signal: this.#stop.signal })) this.#ledger.add(block);
  }

  #lookForRoom(): void {
    if (Date.now() < this.#lookAgain) return;
    this.#lookAgain = Date.now() + this.#grace * AGAIN;
    this.#collectByItself();
  }

  #collectByItself(): void {
    if (this.#collection || this.#stop.signal.aborted) return;
    const collection = this.collect();
    collection.catch(() => undefined);
    this.#onCollection(collection);
  }

  async #collect({ signal, ...options }: StoreOptions): Promise<Collected> {
    await this.#count();
    const now = Date.now();
    const before = now - this.#grace;
    const beside = { blocks: new Set<string>(), roots: [] };
    try {
      // alone for a moment: whoever writes already has put or pinned when the collection looks
      await this.#gate.exclude(() => {
        this.#beside = beside;
        return Promise.resolve();
      });
      const stop = AbortSignal.any([this.#stop.signal, signal].filter((each) => each !== undefined));
      for (const [key, time] of this.#put) if (time < before) this.#put.delete(key);
      const ground = {
        store: this.#store,
        gate: this.#gate,
        ledger: this.#ledger,
        beside,
        put: this.#put,
        unpinned: this.#unpinned,
        now,
        before,
        onRemoved: (cid: CID) => {
          for (const told of this.#onRemoved) told(cid);
        },
      };
      return await collectGarbage(ground, { ...options, signal: stop });
    } finally {
      this.#beside = undefined;
    }
  }
}

import type { CID } from "multiformats/cid";
import type { Block, BlockStore, StoreOptions } from "../../storage/types.js";
import type { ImportTarget } from "../../storage/unixfs/import.js";
import { keyOf } from "../../storage/verify.js";
import { batchesOf } from "../../storage/kubo-car.js";
import { Gate } from "../gate.js";

/** A block that uploads under way have put. */
interface Shared {
  readonly uploads: Set<Upload>;
  /** False once somebody relies on it: it was there before, an upload that put it has ended well, or a pin leads to it. */
  fresh: boolean;
}

/**
 * Uploads under way, so that one that breaks off takes back what it brought, yet nothing that another one brought too: a client
 * whose connection broke sends the same bytes again at once.
 */
export class Uploads {
  readonly blocks = new Map<string, Shared>();
  readonly gate = new Gate();

  constructor(readonly store: BlockStore) {}

  /** Runs an upload; when it fails, what it alone brought is removed again, as far as the store answers. */
  async run<T>(work: (upload: Upload) => Promise<T>): Promise<T> {
    const upload = new Upload(this);
    try {
      const result = await work(upload);
      upload.keep();
      return result;
    } catch (error) {
      await upload.undo();
      throw error;
    }
  }

  /** Tells whether a block is here, and leaves it here whatever becomes of the upload that brought it. */
  rely(cid: CID, options: StoreOptions): Promise<boolean> {
    return this.gate.share(() => {
      const shared = this.blocks.get(keyOf(cid));
      if (shared) shared.fresh = false;
      return this.store.has(cid, options);
    });
  }
}

/** The store as one upload sees it. */
export class Upload implements ImportTarget {
  readonly #all: Uploads;
  readonly #put = new Map<string, CID>();

  constructor(all: Uploads) {
    this.#all = all;
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#all.store.has(cid, options);
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks)) {
      await this.#all.gate.share(async () => {
        for (const { cid } of batch) await this.#claim(cid, options);
        await this.#all.store.putMany(batch, options);
      });
    }
  }

  /** Undoing is for the end, when it is known what the other uploads need. */
  delete(): Promise<void> {
    return Promise.resolve();
  }

  keep(): void {
    for (const key of this.#put.keys()) {
      const shared = this.#all.blocks.get(key);
      if (shared) shared.fresh = false;
      this.#leave(key);
    }
  }

  async undo(): Promise<void> {
    const { gate, store } = this.#all;
    await gate
      .exclude(async () => {
        const mine = [...this.#put].filter(([key]) => this.#leave(key));
        // a store that does not answer now leaves the rest to its garbage collection
        for (const [, cid] of mine) await store.delete(cid);
      })
      .catch(() => undefined);
  }

  async #claim(cid: CID, options: StoreOptions | undefined): Promise<void> {
    const key = keyOf(cid);
    const there = await this.#all.store.has(cid, options);
    // looked up after the wait: another upload may have come meanwhile
    const shared = this.#all.blocks.get(key) ?? { uploads: new Set(), fresh: !there };
    this.#all.blocks.set(key, shared);
    shared.uploads.add(this);
    this.#put.set(key, cid);
  }

  /** True for a block that nobody else needs. */
  #leave(key: string): boolean {
    const shared = this.#all.blocks.get(key);
    shared?.uploads.delete(this);
    if (!shared || shared.uploads.size > 0) return false;
    this.#all.blocks.delete(key);
    return shared.fresh;
  }
}

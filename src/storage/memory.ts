import type { CID } from "multiformats/cid";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import type { Block, BlockStore, StoreOptions } from "./types.js";
import { keyOf, verifyBlock } from "./verify.js";

/**
 * A store in this process' memory, gone with it: for tests, demos and browsers without a disk. It answers at once, so
 * deadlines never strike.
 *
 * @example
 * const store = memoryStore();
 * await store.put(await rawBlock(sealed));
 */
export function memoryStore(): BlockStore {
  return new MemoryStore();
}

class MemoryStore implements BlockStore {
  readonly #blocks = new Map<string, Uint8Array>();
  readonly #pins = new Map<string, CID>();

  put(block: Block, options?: StoreOptions): Promise<void> {
    return attempt(options, async () => {
      // a copy, taken before the check, so that nobody can change what was checked
      const bytes = Uint8Array.from(block.bytes);
      await verifyBlock(block.cid, bytes);
      this.#blocks.set(keyOf(block.cid), bytes);
    });
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const block of blocks) await this.put(block, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return attempt(options, async () => {
      const kept = this.#blocks.get(keyOf(cid));
      if (!kept) throw missing(cid);
      const bytes = Uint8Array.from(kept);
      await verifyBlock(cid, bytes);
      return bytes;
    });
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return attempt(options, () => this.#blocks.has(keyOf(cid)));
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return attempt(options, () => {
      this.#blocks.delete(keyOf(cid));
    });
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return attempt(options, () => {
      if (!this.#blocks.has(keyOf(root))) throw missing(root);
      this.#pins.set(root.toString(), root);
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return attempt(options, () => {
      keyOf(root);
      this.#pins.delete(root.toString());
    });
  }

  async *pins(options?: StoreOptions): AsyncIterable<CID> {
    yield* await attempt(options, () => [...this.#pins.values()]);
  }
}

function missing(cid: CID): CareKeyError {
  return new CareKeyError("BLOCK_MISSING", "The memory holds no such block", { cid: cid.toString() });
}

async function attempt<T>(options: StoreOptions | undefined, work: () => T | Promise<T>): Promise<T> {
  throwIfCancelled(options?.signal);
  return work();
}

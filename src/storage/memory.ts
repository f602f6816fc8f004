import type { CID } from "multiformats/cid";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import type { Block, BlockStore, StoreOptions, StoredBlock } from "./types.js";
import { cidOfDigest, keyOf, verifyBlock } from "./verify.js";

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
  readonly #blocks = new Map<string, { readonly cid: CID; readonly bytes: Uint8Array; readonly since: number }>();
  readonly #pins = new Map<string, CID>();

  put(block: Block, options?: StoreOptions): Promise<void> {
    return attempt(options, async () => {
      // a copy, taken before the check, so that nobody can change what was checked
      const bytes = Uint8Array.from(block.bytes);
      await verifyBlock(block.cid, bytes);
      const cid = cidOfDigest(block.cid.multihash.digest);
      this.#blocks.set(keyOf(cid), { cid, bytes, since: Date.now() });
    });
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const block of blocks) await this.put(block, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return attempt(options, async () => {
      const kept = this.#blocks.get(keyOf(cid));
      if (!kept) throw missing(cid);
      const bytes = Uint8Array.from(kept.bytes);
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

  async *blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    const all = await attempt(options, () => [...this.#blocks.values()]);
    for (const { cid, bytes, since } of all) yield { cid, size: bytes.length, since };
  }
}

function missing(cid: CID): CareKeyError {
  return new CareKeyError("BLOCK_MISSING", "The memory holds no such block", { cid: cid.toString() });
}

async function attempt<T>(options: StoreOptions | undefined, work: () => T | Promise<T>): Promise<T> {
  throwIfCancelled(options?.signal);
  return work();
}

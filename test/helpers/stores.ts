import type { CID } from "multiformats/cid";

import { CareKeyError } from "../../src/errors.js";
import type { Block, BlockStore } from "../../src/storage/types.js";

/** A store that tells what it holds. */
export interface WatchedStore extends BlockStore {
  content(): Promise<{ blocks: string[]; pins: string[] }>;
}

/** Notes which blocks came into a store and went. */
export function watched(inner: BlockStore): WatchedStore {
  const blocks = new Set<string>();
  const noted = (block: Block): Block => {
    blocks.add(block.cid.toString());
    return block;
  };
  return {
    ...forward(inner),
    put: (block, options) => inner.put(noted(block), options),
    putMany: (many, options) => inner.putMany(map(many, noted), options),
    delete: async (cid, options) => {
      await inner.delete(cid, options);
      blocks.delete(cid.toString());
    },
    content: async () => {
      const pins: string[] = [];
      for await (const cid of inner.pins()) pins.push(cid.toString());
      return { blocks: [...blocks].sort(), pins: pins.sort() };
    },
  };
}

/** Methods of a store that do something to it. */
export type Deed = "put" | "putMany" | "has" | "get" | "pin";

/** A store some of whose calls fail before they do anything: those for which `fails` says so. It is asked for every call. */
export function faulty(inner: BlockStore, fails: (deed: Deed) => boolean): BlockStore {
  const check = (deed: Deed): void => {
    if (fails(deed)) throw new CareKeyError("STORE_FAILED", "The store was made to fail", { code: "EIO" });
  };
  return {
    ...forward(inner),
    put: async (block, options) => {
      check("put");
      await inner.put(block, options);
    },
    putMany: async (blocks, options) => {
      check("putMany");
      await inner.putMany(blocks, options);
    },
    has: async (cid, options) => {
      check("has");
      return inner.has(cid, options);
    },
    get: async (cid, options) => {
      check("get");
      return inner.get(cid, options);
    },
    pin: async (cid, options) => {
      check("pin");
      await inner.pin(cid, options);
    },
  };
}

/** A store without some blocks. */
export function lacking(inner: BlockStore, lost: (cid: CID) => boolean): BlockStore {
  return {
    ...forward(inner),
    get: async (cid, options) => {
      if (lost(cid)) throw new CareKeyError("BLOCK_MISSING", "The store was made to lose it", { cid: cid.toString() });
      return inner.get(cid, options);
    },
  };
}

/** A store of the same calls, to replace some of. */
export function forward(inner: BlockStore): BlockStore {
  return {
    put: (...args) => inner.put(...args),
    putMany: (...args) => inner.putMany(...args),
    get: (...args) => inner.get(...args),
    has: (...args) => inner.has(...args),
    delete: (...args) => inner.delete(...args),
    pin: (...args) => inner.pin(...args),
    unpin: (...args) => inner.unpin(...args),
    pins: (...args) => inner.pins(...args),
    blocks: (...args) => inner.blocks(...args),
  };
}

async function* map(
  blocks: AsyncIterable<Block> | Iterable<Block>,
  each: (block: Block) => Block,
): AsyncGenerator<Block, void, undefined> {
  for await (const block of blocks) yield each(block);
}

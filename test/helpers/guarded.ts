import { CareKeyError } from "../../src/errors.js";
import type { GuardedStore } from "../../src/node/guarded-store.js";
import type { Block, BlockStore } from "../../src/storage/types.js";
import { listBlocks } from "../../src/storage/unixfs/blocks.js";
import { keyOf } from "../../src/storage/verify.js";
import { forward } from "./stores.js";

/** A guarded store that counts anew for every put, and collects whatever no pin leads to: for tests of what stands on it. */
export function guardedStore(inner: BlockStore, { quota }: { quota?: number | undefined } = {}): GuardedStore {
  const usage = async () => {
    let blocks = 0;
    let bytes = 0;
    for await (const { size } of inner.blocks()) {
      blocks++;
      bytes += size;
    }
    return { blocks, bytes, quota };
  };
  const checked = async function* (blocks: AsyncIterable<Block> | Iterable<Block>) {
    const all: Block[] = [];
    for await (const block of blocks) all.push(block);
    const size = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (quota !== undefined && (await usage()).bytes + size > quota) {
      throw new CareKeyError("DISK_FULL", "The store is past its quota", { quota });
    }
    yield* all;
  };
  return {
    ...forward(inner),
    put: (block, options) => inner.putMany(checked([block]), options),
    putMany: (blocks, options) => inner.putMany(checked(blocks), options),
    usage,
    collect: async ({ onRemoved } = {}) => {
      const keep = new Set<string>();
      for await (const root of inner.pins()) for await (const cid of listBlocks(root, inner)) keep.add(keyOf(cid));
      const collected = { removed: 0, bytes: 0, kept: 0 };
      for await (const { cid, size } of inner.blocks()) {
        if (keep.has(keyOf(cid))) {
          collected.kept++;
          continue;
        }
        await inner.delete(cid);
        onRemoved?.(cid);
        collected.removed++;
        collected.bytes += size;
      }
      return collected;
    },
  };
}

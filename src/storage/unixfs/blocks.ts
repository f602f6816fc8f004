import type { CID } from "multiformats/cid";
import { isCareKeyError } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { fetchNode } from "./walk.js";
import { isDagPb } from "../verify.js";

export interface ListOptions extends StoreOptions {
  /** Names missing nodes without looking below them, instead of BLOCK_MISSING: to go on with a removal that broke off. */
  readonly skipMissing?: boolean | undefined;
}

/**
 * The CIDs of all blocks of a file, each once, every node after what lies below it; so blocks may be removed while they are
 * listed. Reads only the nodes, about a thousandth of the file. Errors: the store's, and RECORD_INVALID as `readFile` has them.
 *
 * @example
 * for await (const block of listBlocks(cid, store, { skipMissing: true })) await store.delete(block);
 */
export async function* listBlocks(
  cid: CID,
  store: BlockStore,
  options: ListOptions = {},
): AsyncGenerator<CID, void, undefined> {
  yield* below(cid, 0, store, options, new Set());
}

/**
 * Removes blocks one after the other until the store fails: what is left is ciphertext that nothing leads to. Never throws, as
 * it cleans up after another failure. Returns how many the store removed.
 *
 * @example
 * await removeBlocks(imported.added, store);
 */
export async function removeBlocks(
  cids: Iterable<CID>,
  store: Pick<BlockStore, "delete">,
  options: StoreOptions = {},
): Promise<number> {
  let removed = 0;
  try {
    for (const cid of cids) {
      await store.delete(cid, options);
      removed++;
    }
  } catch {
    // a store that does not answer now will not for the rest, and each would take its deadline
  }
  return removed;
}

async function* below(
  cid: CID,
  depth: number,
  store: BlockStore,
  options: ListOptions,
  seen: Set<string>,
): AsyncGenerator<CID, void, undefined> {
  const name = cid.toString();
  if (seen.has(name)) return;
  seen.add(name);
  for (const child of await children(cid, depth, store, options)) yield* below(child, depth + 1, store, options, seen);
  yield cid;
}

async function children(cid: CID, depth: number, store: BlockStore, options: ListOptions): Promise<CID[]> {
  if (!isDagPb(cid)) return [];
  try {
    return (await fetchNode(cid, depth, store, options)).links.map((link) => link.cid);
  } catch (error) {
    if (options.skipMissing && isCareKeyError(error, "BLOCK_MISSING")) return [];
    throw error;
  }
}

import type { CID } from "multiformats/cid";
import type { Block, BlockStore, StoreOptions } from "../../storage/types.js";
import { invalidNode, parseFileNode } from "../../storage/unixfs/node.js";
import { MAX_DEPTH } from "../../storage/unixfs/walk.js";
import { isDagPb } from "../../storage/verify.js";

/**
 * The blocks of a file, each once, every node before what lies below it: the order of CARs that Kubo writes. Errors: the
 * store's, and RECORD_INVALID as `readFile` has them.
 */
export async function* walkFile(
  cid: CID,
  store: BlockStore,
  options: StoreOptions,
  depth = 0,
  seen = new Set<string>(),
): AsyncGenerator<Block, void, undefined> {
  const name = cid.toString();
  if (seen.has(name)) return;
  seen.add(name);
  const bytes = await store.get(cid, options);
  yield { cid, bytes };
  if (!isDagPb(cid)) return;
  if (depth >= MAX_DEPTH) throw invalidNode(cid, "depth", `The file has more than ${MAX_DEPTH} levels`);
  for (const link of parseFileNode(cid, bytes).links) yield* walkFile(link.cid, store, options, depth + 1, seen);
}

import type { CID } from "multiformats/cid";

import { isCareKeyError } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../../storage/types.js";
import { parseFileNode } from "../../storage/unixfs/node.js";
import { isDagPb } from "../../storage/verify.js";
import { carHeader, sectionOf } from "../car-out.js";
import { linksOf } from "../dag.js";
import type { WantedCar } from "./negotiate.js";

/**
 * A CAR of the DAG below `root`, depth first, one block in memory. Begins once the root is here; a block below that is missing breaks it
 * off with BLOCK_MISSING. Errors: the store's.
 */
export async function* carStream(
  root: CID,
  store: BlockStore,
  { scope, duplicates }: WantedCar,
  options: StoreOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const seen = new Set<string>();
  const stack = [root];
  let isRoot = true;
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    if (!duplicates && seen.has(cid.toString())) continue;
    if (!duplicates) seen.add(cid.toString());
    const bytes = await store.get(cid, options);
    if (isRoot) yield carHeader(root);
    yield* sectionOf({ cid, bytes });
    const goesOn = scope === "all" || (scope === "entity" && (!isRoot || isFile(cid, bytes)));
    if (goesOn) for (const link of linksOf(cid, bytes).reverse()) stack.push(link);
    isRoot = false;
  }
}

/** An entity that is no file, e.g. a directory, is its root alone. */
function isFile(cid: CID, bytes: Uint8Array): boolean {
  if (!isDagPb(cid)) return false;
  try {
    parseFileNode(cid, bytes);
    return true;
  } catch (error) {
    if (isCareKeyError(error, "RECORD_INVALID")) return false;
    throw error;
  }
}

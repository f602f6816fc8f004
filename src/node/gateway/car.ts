import * as CarBufferWriter from "@ipld/car/buffer-writer";
import type { CID } from "multiformats/cid";
import { varint } from "multiformats";

import { concat } from "../../bytes.js";
import { isCareKeyError } from "../../errors.js";
import type { Block, BlockStore, StoreOptions } from "../../storage/types.js";
import { parseFileNode } from "../../storage/unixfs/node.js";
import { isNode, linksOf } from "../dag.js";
import type { WantedCar } from "./negotiate.js";

/** A CAR of no block, version 1: https://ipld.io/specs/transport/car/carv1/. */
export function carHeader(root: CID): Uint8Array {
  const roots = [root];
  const size = CarBufferWriter.headerLength({ roots });
  return CarBufferWriter.createWriter(new ArrayBuffer(size), { roots }).close();
}

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
    yield sectionOf({ cid, bytes });
    const goesOn = scope === "all" || (scope === "entity" && (!isRoot || isFile(cid, bytes)));
    if (goesOn) for (const link of linksOf(cid, bytes).reverse()) stack.push(link);
    isRoot = false;
  }
}

function sectionOf({ cid, bytes }: Block): Uint8Array {
  const length = cid.bytes.length + bytes.length;
  const prefix = varint.encodeTo(length, new Uint8Array(varint.encodingLength(length)));
  return concat([prefix, cid.bytes, bytes]);
}

/** An entity that is no file, e.g. a directory, is its root alone. */
function isFile(cid: CID, bytes: Uint8Array): boolean {
  if (!isNode(cid)) return false;
  try {
    parseFileNode(cid, bytes);
    return true;
  } catch (error) {
    if (isCareKeyError(error, "RECORD_INVALID")) return false;
    throw error;
  }
}

import type { CID } from "multiformats/cid";

import type { Hex32 } from "../chain/ids.js";
import { type ErrorCode, isCareKeyError, throwIfCancelled } from "../errors.js";
import { rootsOf } from "../storage/files.js";
import { inParallel } from "../storage/parallel.js";
import type { PoolNode } from "../storage/pool/types.js";
import type { StoreOptions } from "../storage/types.js";
import { listBlocks } from "../storage/unixfs/blocks.js";
import type { Context } from "./context.js";
import { type StoredOptions, storedRecords } from "./stored.js";
import { asPool } from "./upkeep.js";

/** What one node has of a record. */
export interface NodeShare {
  readonly node: string;
  readonly operator: string;
  /** How many of the record's blocks it says that it has; undefined where it did not answer. */
  readonly blocks: number | undefined;
}

/** Where a record lies. */
export interface StorageEntry {
  readonly recordId: Hex32;
  readonly compartment: Hex32;
  /** Different blocks of the record: leaves, added fragments, nodes of its trees, manifest. */
  readonly blocks: number;
  /** Blocks that no node says it has. */
  readonly missing: number;
  readonly nodes: readonly NodeShare[];
  /** Why its parts are not known. */
  readonly failure?: ErrorCode | undefined;
}

/** Questions to one node at once. */
const PARALLEL = 8;

/**
 * Where each record of the actor's chart lies, as the nodes say it: quick, for people. Whether the blocks are what they should be only
 * {@link checkRecords} finds out.
 *
 * @throws RECORD_UNKNOWN, CHAIN_UNREACHABLE, CANCELLED
 */
export async function* storageReport(
  context: Context,
  options: StoredOptions = {},
): AsyncGenerator<StorageEntry, void, undefined> {
  const pool = asPool(context.store);
  for await (const { record, files, blocks: lone, failure } of storedRecords(context, options)) {
    const cids = new Map<string, CID>(lone.map((cid) => [cid.toString(), cid]));
    let lost: ErrorCode | undefined = failure;
    for (const root of files.flatMap(rootsOf)) {
      try {
        for await (const cid of listBlocks(root, pool, { signal: options.signal, skipMissing: true }))
          cids.set(cid.toString(), cid);
      } catch (error) {
        if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
        lost ??= error.code;
      }
    }
    throwIfCancelled(options.signal);
    const found = new Set<string>();
    const shares = pool.nodes.map((node) => shareOf(node, [...cids.values()], found, { signal: options.signal }));
    const nodes = await Promise.all(shares);
    const { recordId, compartment } = record;
    yield {
      ...{ recordId, compartment, blocks: cids.size, missing: cids.size - found.size, nodes },
      ...(lost && { failure: lost }),
    };
  }
}

async function shareOf(
  { name: node, operator, store }: PoolNode,
  cids: readonly CID[],
  found: Set<string>,
  options: StoreOptions,
): Promise<NodeShare> {
  let blocks = 0;
  try {
    await inParallel(cids, PARALLEL, async (cid) => {
      if (!(await store.has(cid, options))) return;
      blocks++;
      found.add(cid.toString());
    });
    return { node, operator, blocks };
  } catch (error) {
    if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
    return { node, operator, blocks: undefined };
  }
}

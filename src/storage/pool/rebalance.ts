import type { CID } from "multiformats/cid";
import type { Block, StoreOptions } from "../types.js";
import { belonging, placeKey, throwUnlessLost } from "./check.js";
import { type Holding, inspect, withReadAhead } from "./inspect.js";
import { Members } from "./members.js";
import { onNode } from "./on-node.js";
import { spreadPins } from "./pins.js";
import { type Group, groupsOf, type Kept, type MaintenanceOptions, type Place, keptRoots } from "./places.js";
import { checkPolicy } from "./policy.js";
import { restoreGroup } from "./repair.js";
import type { Pool, PoolNode } from "./types.js";

export interface RebalanceSummary {
  /** Blocks that were looked at. */
  readonly blocks: number;
  /** Blocks that were put where they belong, each node counted, and their bytes. */
  readonly placed: number;
  readonly bytes: number;
  /** Blocks that were removed from where they do not belong. */
  readonly removed: number;
  /** Blocks that could not be placed: their node does not answer, or nobody has them. They stay where they are. */
  readonly failed: number;
}

/** A block on a node where it does not belong. */
interface Extra {
  readonly cid: CID;
  readonly node: PoolNode;
}

type Counts = { -readonly [Name in keyof RebalanceSummary]: number };

/**
 * Brings each block of files and lone blocks where it belongs, as after a node was added: puts it there, reads it back, and
 * only when all is in place removes it from where it does not belong. Name all files of the pool that may share blocks: those of others are not known here.
 * Roots that one node pins are pinned on all that have them.
 *
 * Doing it again is harmless; after CANCELLED, call it again to go on. Throws CANCELLED, INVALID_ARGUMENT, and RECORD_INVALID for
 * what is no file.
 *
 * @example
 * const { placed, removed } = await rebalanceFiles(nodePool([...nodes, added]), { files: [location] }, { signal });
 */
export async function rebalanceFiles(
  pool: Pool,
  kept: Kept,
  options: MaintenanceOptions = {},
): Promise<RebalanceSummary> {
  const { policy = pool.policy, signal, deadline, onProgress } = options;
  checkPolicy(pool.nodes, policy);
  const members = new Members(pool.nodes, policy);
  const counts: Counts = { blocks: 0, placed: 0, bytes: 0, removed: 0, failed: 0 };
  const limits = { signal, deadline };
  const extras: Extra[] = [];
  const groups = groupsOf(members, pool, kept, options, (_, error) => {
    throwUnlessLost(error, options);
    counts.failed++;
  });
  const look = (group: Group) => inspect(members, group, { ...limits, quick: true });
  for await (const [group, holdings] of withReadAhead(groups, 1, look)) {
    for (const [index, place] of group.places.entries()) {
      extras.push(...(await settle(members, group, place, index, holdings[index] ?? [], limits, counts)));
    }
    counts.blocks += group.places.length;
    onProgress?.({ blocks: counts.blocks, bytes: counts.bytes });
  }
  await spreadPins(members, kept, limits);
  await removeExtras(members, pool, kept, extras, options, counts);
  return counts;
}

/** Puts a block where it belongs and is not; returns where it may go from then on: nowhere, unless all is in place. */
async function settle(
  members: Members,
  group: Group,
  { cid, nodes }: Place,
  index: number,
  holdings: readonly Holding[],
  options: StoreOptions,
  counts: Counts,
): Promise<Extra[]> {
  const has = (node: PoolNode) => holdings.some((holding) => holding.node === node && holding.state === "good");
  const lacking = nodes.filter((node) => !has(node));
  const extras = holdings.filter(({ belongs, state }) => !belongs && state === "good");
  if (lacking.length === 0 && extras.length === 0) return [];
  const block = lacking.length === 0 ? undefined : await blockOf(members, group, index, extras, options);
  for (const node of lacking) {
    const done = block && (await onNode(members, node, options, (limit) => node.store.put(block, limit)));
    if (!done) counts.failed++;
    if (!done) continue;
    counts.placed++;
    counts.bytes += block.bytes.length;
  }
  // reads back what was put, and what was only said to be there
  for (const node of extras.length > 0 || block ? nodes : []) {
    if (!(await onNode(members, node, options, (limit) => node.store.get(cid, limit)))) return [];
  }
  return extras.map(({ node }) => ({ cid, node }));
}

/** From a node that has it whole, which is a tenth of what restoring it from its stripe takes. */
async function blockOf(
  members: Members,
  group: Group,
  index: number,
  extras: readonly Holding[],
  options: StoreOptions,
): Promise<Block | undefined> {
  const cid = group.places[index]?.cid;
  for (const { node } of cid ? extras : []) {
    const got: Block[] = [];
    await onNode(members, node, options, async (limit) => {
      if (cid) got.push({ cid, bytes: await node.store.get(cid, limit) });
    });
    if (got[0]) return got[0];
  }
  return (await restoreGroup(members, group, options))?.[index];
}

async function removeExtras(
  members: Members,
  pool: Pool,
  kept: Kept,
  extras: readonly Extra[],
  options: MaintenanceOptions,
  counts: Counts,
): Promise<void> {
  const keys = new Set(extras.map(({ cid, node }) => placeKey(cid, node.name)));
  const right = await belonging(members, pool, kept, options, keys);
  const roots = new Set(keptRoots(kept).map(String));
  for (const { cid, node } of extras) {
    if (right.has(placeKey(cid, node.name))) continue;
    const removed = await onNode(members, node, options, async (limit) => {
      if (roots.has(cid.toString())) await node.store.unpin(cid, limit);
      await node.store.delete(cid, limit);
    });
    if (removed) counts.removed++;
  }
}

import type { Block, StoreOptions } from "../types.js";
import { verifyBlock } from "../verify.js";
import { invalidNode } from "../unixfs/node.js";
import { throwUnlessLost } from "./check.js";
import { type Holding, inspect, withReadAhead } from "./inspect.js";
import { Members } from "./members.js";
import { isDagPb } from "../verify.js";
import { onNode } from "./on-node.js";
import { spreadPins } from "./pins.js";
import { Spread } from "./placement.js";
import { type Group, groupsOf, type Kept, type MaintenanceOptions } from "./places.js";
import { checkPolicy, nodesOf } from "./policy.js";
import { encode } from "./reed-solomon.js";
import { keyOfStripe, restoreStripe } from "./stripes.js";
import type { Pool, PoolNode } from "./types.js";

export interface RepairSummary {
  /** Blocks that were looked at. */
  readonly blocks: number;
  /** Blocks that were put on a node again, each node counted, and their bytes. */
  readonly restored: number;
  readonly bytes: number;
  /** Rotten blocks that were removed. */
  readonly removed: number;
  /** Blocks that no node took. */
  readonly failed: number;
  /** Blocks that what is reachable does not restore. */
  readonly lost: number;
}

/** A block and the nodes that should get it. */
interface Need {
  readonly index: number;
  readonly nodes: readonly PoolNode[];
}

type Counts = { -readonly [Name in keyof RepairSummary]: number };

/**
 * Heals files and lone blocks: removes what rotted, restores it and what is missing from copies or from the stripe's other
 * fragments, and puts it where it belongs, or on the next node while that one does not answer. What lies on another node than
 * it should is left to `rebalanceFiles`. Roots that one node pins are pinned on all that have them.
 *
 * Doing it again is harmless; after CANCELLED, call it again to go on. What is lost is counted, not thrown. Throws CANCELLED,
 * INVALID_ARGUMENT, and RECORD_INVALID for what is no file.
 *
 * @example
 * const { restored, lost } = await repairFiles(pool, { files: [location], blocks: [manifest] }, { signal });
 */
export async function repairFiles(pool: Pool, kept: Kept, options: MaintenanceOptions = {}): Promise<RepairSummary> {
  const { policy = pool.policy, signal, deadline, onProgress } = options;
  checkPolicy(pool.nodes, policy);
  const members = new Members(pool.nodes, policy);
  const counts: Counts = { blocks: 0, restored: 0, bytes: 0, removed: 0, failed: 0, lost: 0 };
  const limits = { signal, deadline };
  const groups = groupsOf(members, pool, kept, options, (_, error) => {
    throwUnlessLost(error, options);
    counts.lost++;
  });
  let bytes = 0;
  for await (const [group, holdings] of withReadAhead(groups, 1, (one) => inspect(members, one, limits))) {
    await removeRotten(members, group, holdings, limits, counts);
    await heal(members, group, holdings, limits, counts);
    counts.blocks += group.places.length;
    bytes += holdings.flat().reduce((sum, holding) => sum + holding.bytes, 0);
    onProgress?.({ blocks: counts.blocks, bytes });
  }
  await spreadPins(members, kept, limits);
  return counts;
}

async function removeRotten(
  members: Members,
  { places }: Group,
  holdings: readonly (readonly Holding[])[],
  options: StoreOptions,
  counts: Counts,
): Promise<void> {
  for (const [index, { cid }] of places.entries()) {
    for (const { node, state } of holdings[index] ?? []) {
      if (state !== "rotten") continue;
      if (await onNode(members, node, options, (limit) => node.store.delete(cid, limit))) counts.removed++;
    }
  }
}

async function heal(
  members: Members,
  group: Group,
  holdings: readonly (readonly Holding[])[],
  options: StoreOptions,
  counts: Counts,
): Promise<void> {
  const needs = needsOf(members, group, holdings);
  if (needs.length === 0) return;
  const blocks = await restoreGroup(members, group, options);
  if (!blocks) {
    counts.lost += holdings.filter((all) => !all.some(({ state }) => state === "good")).length;
    return;
  }
  for (const { index, nodes } of needs) {
    const block = blocks[index];
    for (const node of block ? nodes : []) {
      if (block && (await onNode(members, node, options, (limit) => node.store.put(block, limit)))) {
        counts.restored++;
        counts.bytes += block.bytes.length;
      } else {
        counts.failed++;
      }
    }
  }
}

/** What lies on too few nodes, and where it should be put. */
function needsOf(members: Members, group: Group, holdings: readonly (readonly Holding[])[]): Need[] {
  const unreachable = new Set(holdings.flat().flatMap(({ node, state }) => (state === "unreachable" ? [node] : [])));
  const allowed = nodesOf(members.nodes, members.policy);
  const { fragments } = group;
  const spread = fragments && new Spread(allowed, keyOfStripe(fragments.stripe), "fragments");
  if (spread) for (const index of group.places.keys()) spread.choose(index);
  const needs = group.places.map(({ cid, nodes }, index): Need => {
    const good = (holdings[index] ?? []).filter(({ state }) => state === "good").map(({ node }) => node);
    const short = nodes.length - good.length;
    const free = nodes.filter((node) => !good.includes(node) && !unreachable.has(node)).slice(0, Math.max(0, short));
    const instead: PoolNode[] = [];
    // the whole tree lies on all nodes, so none can stand in for another
    if (free.length < short && !isDagPb(cid)) {
      const others = spread ?? new Spread(allowed, cid.multihash.digest, "copies");
      const taken = new Set([...unreachable, ...good, ...free]);
      for (const node of spread ? nodes : []) others.release(node);
      for (let left = short - free.length; left > 0; left--) {
        const node = others.choose(spread ? index : 0, taken);
        if (node) instead.push(node);
      }
    }
    return { index, nodes: [...free, ...instead] };
  });
  return needs.filter(({ nodes }) => nodes.length > 0);
}

/** All blocks of a group; undefined where too few are left. */
export async function restoreGroup(
  members: Members,
  { fragments, places, needed }: Group,
  options: StoreOptions,
): Promise<Block[] | undefined> {
  if (!fragments) {
    const blocks = places.map(async ({ cid }) => {
      const bytes = (await members.gatherBlock(cid, options)).found.get(0);
      return bytes ? [{ cid, bytes }] : [];
    });
    const found = (await Promise.all(blocks)).flat();
    return found.length === places.length ? found : undefined;
  }
  const { stripe, parity } = fragments;
  const { found } = await members.gatherStripe(stripe, options);
  if (found.size < needed) return undefined;
  const data = await restoreStripe(stripe, parity, found);
  const short = Array.from({ length: parity.data - data.length }, () => new Uint8Array());
  const all = [...data, ...encode([...data, ...short], parity.parity)];
  return Promise.all(
    places.map(async ({ cid }, index) => {
      const bytes = all[index] ?? new Uint8Array();
      await verifyBlock(cid, bytes).catch((error: unknown) => {
        throw invalidNode(cid, "parity", "The fragments are of another file", error);
      });
      return { cid, bytes };
    }),
  );
}

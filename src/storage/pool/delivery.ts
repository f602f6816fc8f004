import type { CID } from "multiformats/cid";
import { CareKeyError, throwIfCancelled } from "../../errors.js";
import type { Block, StoreOptions } from "../types.js";
import { removeBlocks } from "../unixfs/blocks.js";
import { withDeadline } from "../deadline.js";
import { NODE_DEADLINE } from "./gather.js";
import type { Members } from "./members.js";
import { Spread } from "./placement.js";
import { copiesOf, fewestCopies, nodesOf } from "./policy.js";
import type { Policy, PoolNode } from "./types.js";

/** A put is given up after so many milliseconds at least, and in times of the longest that worked: others can have the block. */
const PATIENCE = 2000;
const VERY_SLOW = 10;
/** Milliseconds between looks at the clock. */
const LOOK = 200;

/** Brings blocks to nodes, to others where one fails, and takes them back again where too few are left. */
export class Delivery {
  readonly #members: Members;
  readonly #policy: Policy;
  readonly #options: StoreOptions;
  readonly #nodes: readonly PoolNode[];
  /** Nodes that failed are asked no more. */
  readonly #failed: Set<PoolNode>;
  /** What each node did not have before. */
  readonly #added = new Map<PoolNode, CID[]>();
  /** Milliseconds of the longest put that worked; undefined before the first. */
  #longest: number | undefined;

  constructor(members: Members, options: StoreOptions = {}) {
    const { policy } = members;
    this.#members = members;
    this.#policy = policy;
    this.#options = options;
    this.#nodes = nodesOf(members.nodes, policy);
    const down = this.#nodes.filter((node) => members.healthOf(node).down);
    const enough = this.#nodes.length - down.length >= fewestNodes(policy);
    this.#failed = new Set(enough ? down : []);
  }

  /** The blocks that were brought to some node, each once. */
  get added(): CID[] {
    return [...new Map([...this.#added.values()].flat().map((cid) => [cid.toString(), cid])).values()];
  }

  /** A stripe's fragments, each to the node where it belongs or the next best. Throws NODES_MISSING. */
  async keepFragments(fragments: readonly Block[], key: Uint8Array): Promise<void> {
    const spread = new Spread(this.#nodes, key, "fragments");
    const belongs = fragments.map((_, index) => spread.choose(index));
    await settled(
      fragments.map(async (block, index) => {
        for (let node = belongs[index]; !(await this.#put(block, node)); node = spread.choose(index, this.#failed)) {
          if (node) spread.release(node);
          this.#checkLeft();
        }
      }),
    );
  }

  /** A block as a whole on as many nodes as the policy has copies. Throws NODES_MISSING where fewer than two, or than the copies, keep it. */
  async keepCopies(block: Block): Promise<void> {
    const spread = new Spread(this.#nodes, block.cid.multihash.digest, "copies");
    const belongs = Array.from({ length: copiesOf(this.#policy) }, () => spread.choose(0));
    let kept = 0;
    await settled(
      belongs.map(async (first) => {
        for (let node = first; node; node = spread.choose(0, this.#failed)) {
          if (!(await this.#put(block, node))) continue;
          kept++;
          return;
        }
      }),
    );
    this.#checkKept(kept);
  }

  /** A node of a tree on all nodes. Throws NODES_MISSING as {@link keepCopies}. */
  async keepEverywhere(block: Block): Promise<void> {
    const kept = await settled(this.#nodes.map((node) => this.#put(block, node)));
    this.#checkKept(kept.filter(Boolean).length);
  }

  /** Removes again what was added, as far as the nodes answer. Never throws. */
  async undo(): Promise<void> {
    const { deadline } = this.#options;
    await Promise.all([...this.#added].map(([node, cids]) => removeBlocks(cids, node.store, { deadline })));
  }

  /** Puts on one node; false where it failed or failed before. */
  async #put(block: Block, node: PoolNode | undefined): Promise<boolean> {
    throwIfCancelled(this.#options.signal);
    if (!node || this.#failed.has(node)) return false;
    const health = this.#members.healthOf(node);
    const started = performance.now();
    const late = new AbortController();
    const watch = setInterval(() => {
      if (this.#isLate(started)) late.abort();
    }, LOOK);
    try {
      const { signal: caller, deadline } = this.#options;
      const limits = { signal: caller ? AbortSignal.any([caller, late.signal]) : late.signal, deadline };
      await withDeadline(limits, NODE_DEADLINE, async (signal) => {
        const limit = { signal, deadline: Infinity };
        const there = await node.store.has(block.cid, limit);
        if (!there) this.#note(node, block.cid);
        // also what is there already, as a store heals what rotted
        await node.store.put(block, limit);
      });
      health.mended(block.cid);
      health.recovered();
      this.#longest = Math.max(this.#longest ?? 0, performance.now() - started);
      return true;
    } catch {
      throwIfCancelled(this.#options.signal);
      this.#failed.add(node);
      health.failed();
      return false;
    } finally {
      clearInterval(watch);
    }
  }

  /** True for a put that takes far longer than any that worked. */
  #isLate(started: number): boolean {
    if (this.#longest === undefined) return false;
    return performance.now() - started > Math.max(PATIENCE, VERY_SLOW * this.#longest);
  }

  #note(node: PoolNode, cid: CID): void {
    const cids = this.#added.get(node) ?? [];
    cids.push(cid);
    this.#added.set(node, cids);
  }

  #checkLeft(): void {
    const reached = this.#nodes.length - this.#failed.size;
    const needed = fewestNodes(this.#policy);
    if (reached < needed) throw nodesMissing(needed, reached);
  }

  #checkKept(reached: number): void {
    const needed = fewestCopies(this.#policy);
    if (reached < needed) throw nodesMissing(needed, reached);
  }
}

export function nodesMissing(needed: number, reached: number): CareKeyError {
  const what = `Only ${reached} nodes answer, ${needed} are needed`;
  return new CareKeyError("NODES_MISSING", what, { needed, reached });
}

/** Fewest nodes that a file can be spread over: with fewer, the loss of one could be more than parity restores. */
function fewestNodes(policy: Policy): number {
  return policy.kind === "fragments" ? policy.data : fewestCopies(policy);
}

/** Waits for all, so that nothing goes on behind the caller's back, then throws the first failure. */
async function settled<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

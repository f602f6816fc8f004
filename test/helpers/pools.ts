import type { CID } from "multiformats/cid";
import { CareKeyError } from "../../src/errors.js";
import { memoryStore } from "../../src/storage/memory.js";
import type { PoolNode } from "../../src/storage/pool/types.js";
import type { BlockStore, StoreOptions } from "../../src/storage/types.js";
import { keyOf } from "../../src/storage/verify.js";
import { forward } from "./stores.js";

/** A node whose troubles a test makes. */
export interface TestNode extends PoolNode {
  /** Every call fails while this is so. */
  dead: boolean;
  /** Every `get` and `put` waits until it is given up. */
  stalled: boolean;
  /** Calls of `get` so far. */
  gets: number;
  /** What it really holds, reachable or not. */
  readonly inside: BlockStore;
  /** Makes the bytes of a block other than its CID says. */
  rot(cid: CID): void;
  /** Number of blocks. */
  count(): Promise<number>;
}

/** A node over a store in memory. */
export function testNode(name: string, operator = name, inside: BlockStore = memoryStore()): TestNode {
  const rotten = new Set<string>();
  const node = {
    name,
    operator,
    inside,
    dead: false,
    stalled: false,
    gets: 0,
    rot: (cid: CID) => void rotten.add(keyOf(cid)),
    count: async () => {
      const cids: CID[] = [];
      for await (const { cid } of inside.blocks()) cids.push(cid);
      return cids.length;
    },
  };
  const check = () => {
    if (node.dead) throw new CareKeyError("STORE_UNREACHABLE", "The node was made to fail");
  };
  const store: BlockStore = {
    ...forward(inside),
    put: async (block, options) => {
      if (node.stalled) await aborted(options);
      check();
      await inside.put(block, options);
      rotten.delete(keyOf(block.cid));
      check();
    },
    get: async (cid, options) => {
      node.gets++;
      if (node.stalled) await aborted(options);
      check();
      if (rotten.has(keyOf(cid))) {
        throw new CareKeyError("BLOCK_INVALID", "It rotted", { cid: cid.toString(), reason: "hash" });
      }
      return inside.get(cid, options);
    },
    has: async (cid, options) => {
      check();
      return inside.has(cid, options);
    },
    delete: async (cid, options) => {
      check();
      await inside.delete(cid, options);
      rotten.delete(keyOf(cid));
    },
    pin: async (cid, options) => {
      check();
      await inside.pin(cid, options);
    },
    unpin: async (cid, options) => {
      check();
      await inside.unpin(cid, options);
    },
    pins: async function* (options) {
      check();
      yield* inside.pins(options);
    },
    blocks: async function* (options) {
      check();
      yield* inside.blocks(options);
    },
  };
  return Object.assign(node, { store });
}

/** Nodes of an operator each. */
export function testNodes(count: number): TestNode[] {
  return Array.from({ length: count }, (_, index) => testNode(`node ${index}`));
}

function aborted(options: StoreOptions | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  options?.signal?.addEventListener("abort", () => {
    reject(options.signal?.reason as Error);
  });
  return promise;
}

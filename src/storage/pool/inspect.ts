import type { CID } from "multiformats/cid";
import { isCareKeyError, throwIfCancelled } from "../../errors.js";
import { withDeadline } from "../deadline.js";
import type { StoreOptions } from "../types.js";
import { NODE_DEADLINE } from "./gather.js";
import type { Members } from "./members.js";
import type { Group, Place } from "./places.js";
import type { PoolNode } from "./types.js";

export type State = "good" | "rotten" | "missing" | "unreachable";

/** What one node has of a block. */
export interface Holding {
  readonly node: PoolNode;
  readonly state: State;
  readonly belongs: boolean;
  /** Bytes that were read and verified. */
  readonly bytes: number;
}

export interface InspectOptions extends StoreOptions {
  /** Believes a node that it has a block, instead of reading it. */
  readonly quick?: boolean | undefined;
}

/** What every node has of each block of a group, in the order of its places. Throws CANCELLED alone. */
export function inspect(members: Members, group: Group, options: InspectOptions): Promise<Holding[][]> {
  return Promise.all(
    group.places.map((place) => Promise.all(members.nodes.map((node) => holdingOf(members, node, place, options)))),
  );
}

async function holdingOf(
  members: Members,
  node: PoolNode,
  { cid, nodes }: Place,
  { quick, ...options }: InspectOptions,
): Promise<Holding> {
  const belongs = nodes.includes(node);
  const { state, bytes } = await look(members, node, cid, options, quick ? "has" : belongs ? "get" : "both");
  return { node, state, belongs, bytes };
}

/** @param how where a block is not expected, it is asked for before it is read */
async function look(
  members: Members,
  node: PoolNode,
  cid: CID,
  options: StoreOptions,
  how: "has" | "get" | "both",
): Promise<{ state: State; bytes: number }> {
  throwIfCancelled(options.signal);
  const health = members.healthOf(node);
  if (health.down) return { state: "unreachable", bytes: 0 };
  try {
    return await withDeadline(options, NODE_DEADLINE, async (signal) => {
      const limit = { signal, deadline: Infinity };
      if (how !== "get" && !(await node.store.has(cid, limit))) return { state: "missing", bytes: 0 } as const;
      if (how === "has") return { state: "good", bytes: 0 } as const;
      const { length } = await node.store.get(cid, limit);
      return { state: "good", bytes: length } as const;
    });
  } catch (error) {
    throwIfCancelled(options.signal);
    if (isCareKeyError(error, "BLOCK_MISSING")) return { state: "missing", bytes: 0 };
    if (isCareKeyError(error, "BLOCK_INVALID")) return { state: "rotten", bytes: 0 };
    health.failed();
    return { state: "unreachable", bytes: 0 };
  }
}

/** Does `work` for items that follow, a few of them begun ahead, and gives the results in their order. */
export async function* withReadAhead<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<readonly [T, R], void, undefined> {
  const begun: (readonly [T, Promise<R>])[] = [];
  const next = async (): Promise<(readonly [T, R])[]> => {
    const first = begun.shift();
    return first ? [[first[0], await first[1]]] : [];
  };
  try {
    for await (const item of items) {
      const result = work(item);
      result.catch(() => undefined);
      begun.push([item, result]);
      if (begun.length > ahead) yield* await next();
    }
    while (begun.length > 0) yield* await next();
  } finally {
    await Promise.allSettled(begun.map(([, result]) => result));
  }
}

import type { CID } from "multiformats/cid";
import type { BlockStore, StoreOptions } from "../types.js";
import { listBlocks } from "../unixfs/blocks.js";
import { type Members } from "./members.js";
import { rootsOf } from "../files.js";
import { isDagPb } from "../verify.js";
import { place } from "./placement.js";
import { nodesOf } from "./policy.js";
import { keyOfStripe, listStripes, type Stripe } from "./stripes.js";
import type { FileLocation, Parity, Policy, PoolNode } from "./types.js";

/** What a pool has to keep: files, and blocks that stand for themselves, e.g. manifests. */
export interface Kept {
  readonly files: readonly FileLocation[];
  readonly blocks?: readonly CID[] | undefined;
}

export interface MaintenanceOptions extends StoreOptions {
  /** The pool's where omitted. */
  readonly policy?: Policy | undefined;
  /** Told after each group of blocks how many were looked at so far, and how many of their bytes were read and verified. */
  readonly onProgress?: ((progress: { readonly blocks: number; readonly bytes: number }) => void) | undefined;
}

/** A block and the nodes where it belongs. */
export interface Place {
  readonly cid: CID;
  readonly nodes: readonly PoolNode[];
}

/** Blocks that stand in for each other: the fragments of a stripe, or one block with its copies. */
export interface Group {
  /** Root of the file, or the block itself. */
  readonly file: CID;
  readonly places: readonly Place[];
  /** How many of the places restore the others. */
  readonly needed: number;
  /** Where the places are a stripe's fragments. */
  readonly fragments?: { readonly stripe: Stripe; readonly parity: Parity } | undefined;
}

/** All that a file consists of: its stripes, or its leaves where it has none, and the nodes of its trees. Errors: as `listBlocks`. */
export async function* groupsOfFile(
  members: Members,
  store: BlockStore,
  { cid: file, parity }: FileLocation,
  { policy = members.policy, signal, deadline }: MaintenanceOptions,
): AsyncGenerator<Group, void, undefined> {
  const options = { signal, deadline };
  if (!parity) {
    for await (const cid of listBlocks(file, store, options)) yield groupOfBlock(members, cid, policy, file);
    return;
  }
  for (const root of [file, parity.cid]) {
    for await (const cid of listBlocks(root, store, options)) {
      if (isDagPb(cid)) yield groupOfBlock(members, cid, policy, file);
    }
  }
  const nodes = nodesOf(members.nodes, policy);
  for await (const stripe of listStripes({ cid: file, parity }, store, options)) {
    const belongs = place(nodes, keyOfStripe(stripe), stripe.fragments.length, "fragments");
    const places = stripe.fragments.map(({ cid }, index) => ({
      cid,
      nodes: belongs.slice(index, index + 1),
    }));
    yield { file, places, needed: stripe.data.length, fragments: { stripe, parity } };
  }
}

export function groupOfBlock(members: Members, cid: CID, policy: Policy = members.policy, file = cid): Group {
  return { file, places: [{ cid, nodes: members.holders(cid, policy) }], needed: 1 };
}

/** Calls `lost` with the root and the error where a file's nodes are found nowhere, and goes on with the next. */
export async function* groupsOf(
  members: Members,
  store: BlockStore,
  { files, blocks = [] }: Kept,
  options: MaintenanceOptions,
  lost: (root: CID, error: unknown) => void,
): AsyncGenerator<Group, void, undefined> {
  for (const cid of blocks) yield groupOfBlock(members, cid, options.policy);
  for (const location of files) {
    const groups = groupsOfFile(members, store, location, options);
    for (;;) {
      const next = await groups.next().catch((error: unknown) => {
        lost(location.cid, error);
        return { done: true, value: undefined } as const;
      });
      if (next.done) break;
      yield next.value;
    }
  }
}

/** The roots by which nodes are told to keep what lies below. */
export function keptRoots({ files, blocks = [] }: Kept): CID[] {
  return [...blocks, ...files.flatMap(rootsOf)];
}

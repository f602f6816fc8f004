import type { CID } from "multiformats/cid";
import type { BlockStore } from "../types.js";
import { type LeafOptions, listLeaves } from "../unixfs/leaves.js";
import { invalidNode } from "../unixfs/node.js";
import { checkFragments, restore } from "./reed-solomon.js";
import type { FileLocation, Parity } from "./types.js";
import { isCareKeyError } from "../../errors.js";
import { RAW, verifyBlock } from "../verify.js";

/** A leaf of a file or of its parity. */
export interface Fragment {
  readonly cid: CID;
  /** Bytes; unknown for a parity file of one leaf. */
  readonly size: number | undefined;
}

/** Leaves that follow each other in a file, and the parity that restores them. */
export interface Stripe {
  /** Position in the file, from 0. */
  readonly index: number;
  /** Leaves that any as many fragments restore; the last stripe may have fewer than the others. */
  readonly data: readonly Fragment[];
  /** The data leaves, then the parity leaves: the position of each is what places it. */
  readonly fragments: readonly Fragment[];
}

/** A file of which each stripe is kept in fragments. */
export interface FragmentedFile extends FileLocation {
  readonly parity: Parity;
}

/**
 * The stripes of a file, one after the other, from the nodes of its tree and of its parity's. Errors: those of `listLeaves`;
 * RECORD_INVALID with `{ cid, reason: "parity" }` for a file that is not made of raw leaves alone; INVALID_ARGUMENT for impossible numbers.
 *
 * @example
 * for await (const { index, fragments } of listStripes(location, pool)) console.log(index, fragments.length);
 */
export async function* listStripes(
  { cid, parity }: FragmentedFile,
  store: BlockStore,
  options: LeafOptions = {},
): AsyncGenerator<Stripe, void, undefined> {
  checkFragments(parity.data, parity.parity);
  const leaves = fragments(cid, store, options);
  // what bounds the file bounds its parity, as no more of it is asked for than the stripes need
  const added = fragments(parity.cid, store, { ...options, maxBytes: undefined });
  for (let index = 0; ; index++) {
    const data = await take(leaves, parity.data);
    if (data.length === 0) return;
    yield { index, data, fragments: [...data, ...(await take(added, parity.parity))] };
  }
}

/** What decides where a stripe's fragments lie: the digest of its first leaf. */
export function keyOfStripe({ data: [first] }: Stripe): Uint8Array {
  return first?.cid.multihash.digest ?? new Uint8Array();
}

/**
 * The data leaves of a stripe from any `stripe.data.length` of its fragments, by position; those restored are checked against
 * their CIDs. Throws FRAGMENTS_MISSING, or RECORD_INVALID with `{ cid, reason: "parity" }` where the parity is of another file.
 */
export async function restoreStripe(
  stripe: Stripe,
  { data }: Parity,
  found: ReadonlyMap<number, Uint8Array>,
): Promise<Uint8Array[]> {
  const real = stripe.data.length;
  // leaves that a short stripe does not have count as zeros
  const shards = Array.from({ length: data + stripe.fragments.length - real }, (_, index) => {
    if (index < real) return found.get(index);
    return index < data ? new Uint8Array() : found.get(index - data + real);
  });
  const restored = restore(shards, data);
  return Promise.all(
    stripe.data.map(async ({ cid, size }, index) => {
      const given = found.get(index);
      if (given) return given;
      const bytes = restored[index]?.subarray(0, size) ?? new Uint8Array();
      await verifyBlock(cid, bytes).catch((error: unknown) => {
        throw isCareKeyError(error) ? invalidNode(cid, "parity", "The fragments are of another file", error) : error;
      });
      return bytes;
    }),
  );
}

async function* fragments(
  root: CID,
  store: BlockStore,
  options: LeafOptions,
): AsyncGenerator<Fragment, void, undefined> {
  for await (const { cid, size } of listLeaves(root, store, options)) {
    const codec: number = cid.code;
    if (codec !== RAW) throw invalidNode(cid, "parity", "Files with fragments have raw leaves alone");
    yield { cid, size };
  }
}

async function take<T>(items: AsyncGenerator<T, void, undefined>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await items.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

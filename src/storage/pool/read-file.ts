import { throwIfCancelled } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { invalidNode } from "../unixfs/node.js";
import type { ReadOptions } from "../unixfs/read.js";
import type { Members } from "./members.js";
import { fragmentsMissing } from "./reed-solomon.js";
import { type FragmentedFile, listStripes, restoreStripe, type Stripe } from "./stripes.js";

/** Stripes that are asked for before they are needed, the one that is consumed included. */
const STRIPES = 2;

/**
 * Reads a file of which each stripe is kept in fragments, from the nodes that answer first, at the consumer's pace: the next
 * stripe is fetched while one is consumed. What was yielded before a failure is the true beginning of the file.
 *
 * Throws FRAGMENTS_MISSING with `{ stripe, found, needed }`; for the trees above, and for a file that is none, as `readFile` of one store.
 *
 * @param store the pool, for the nodes of the trees
 */
export async function* readFragments(
  members: Members,
  store: BlockStore,
  file: FragmentedFile,
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { maxBytes, deadline, signal: caller } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any(caller ? [caller, stop.signal] : [stop.signal]);
  const ahead: Promise<Uint8Array[]>[] = [];
  const next = async (): Promise<Uint8Array[]> => {
    const leaves = (await ahead.shift()) ?? [];
    throwIfCancelled(caller);
    return leaves;
  };
  try {
    for await (const stripe of listStripes(file, store, { maxBytes, signal, deadline })) {
      const leaves = readStripe(members, file, stripe, { signal, deadline });
      // a consumer that stops early never awaits it
      leaves.catch(() => undefined);
      ahead.push(leaves);
      if (ahead.length >= STRIPES) yield* await next();
    }
    while (ahead.length > 0) yield* await next();
  } finally {
    stop.abort();
  }
}

/** The data leaves of a stripe, whichever fragments came. Errors: as {@link readFragments}. */
export async function readStripe(
  members: Members,
  { parity }: FragmentedFile,
  stripe: Stripe,
  options: StoreOptions,
): Promise<Uint8Array[]> {
  const needed = stripe.data.length;
  const { found } = await members.gatherStripe(stripe, options);
  if (found.size < needed) throw fragmentsMissing(found.size, needed, stripe.index);
  const leaves = await restoreStripe(stripe, parity, found);
  for (const [index, { cid, size }] of stripe.data.entries()) {
    const bytes = leaves[index];
    if (size !== undefined && bytes?.length !== size) {
      throw invalidNode(cid, "size", "A leaf is not as long as declared");
    }
  }
  return leaves;
}

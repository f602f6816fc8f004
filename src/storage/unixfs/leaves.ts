import type { CID } from "multiformats/cid";
import { CareKeyError } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { invalidNode } from "./node.js";
import { fetchNode } from "./walk.js";
import { DAG_PB, isSupported } from "../verify.js";

/** A leaf of a file; a root has no parent to declare its size. */
export interface Leaf {
  readonly cid: CID;
  /** Bytes, as its parent declared. */
  readonly size: number | undefined;
  /** Its bytes where a dag-pb node holds it. */
  readonly data: Uint8Array | undefined;
}

export interface LeafOptions extends StoreOptions {
  /** Longest file to accept; the nodes' claim is checked before any leaf is named. */
  readonly maxBytes?: number | undefined;
}

/**
 * The leaves of a plain UnixFS file in order. Reads only the nodes above them. Errors: the store's, RECORD_TOO_LARGE and
 * RECORD_INVALID as `readFile` has them.
 *
 * @example
 * for await (const { cid, size } of listLeaves(root, store)) console.log(cid, size);
 */
export async function* listLeaves(
  cid: CID,
  store: BlockStore,
  options: LeafOptions = {},
): AsyncGenerator<Leaf, void, undefined> {
  const { maxBytes = Infinity, signal, deadline } = options;
  if (!isSupported(cid)) throw invalidNode(cid, "codec", "The root is neither raw nor dag-pb by sha2-256");
  yield* leaves(cid, maxBytes, store, { signal, deadline });
}

async function* leaves(
  cid: CID,
  maxBytes: number,
  store: BlockStore,
  options: StoreOptions,
  declared?: number,
  depth = 0,
): AsyncGenerator<Leaf, void, undefined> {
  const codec: number = cid.code;
  if (codec !== DAG_PB) {
    yield { cid, size: declared, data: undefined };
    return;
  }
  const { size, links, data } = await fetchNode(cid, depth, store, options);
  if (size !== (declared ?? size)) throw invalidNode(cid, "size", "A node is not as long as declared");
  checkLimit(size, maxBytes);
  if (data.length > 0) yield { cid, size, data };
  for (const link of links) yield* leaves(link.cid, maxBytes, store, options, link.size, depth + 1);
}

/** Throws RECORD_TOO_LARGE with `{ size, limit }` for a file past the limit. */
export function checkLimit(size: number, limit: number): void {
  if (size > limit) {
    throw new CareKeyError("RECORD_TOO_LARGE", `The file has ${size} bytes, more than ${limit}`, { size, limit });
  }
}

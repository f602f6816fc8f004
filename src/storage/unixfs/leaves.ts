import type { CID } from "multiformats/cid";
import { CareKeyError } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { invalidNode } from "./node.js";
import { fetchNode } from "./walk.js";
import { isDagPb, isSupported } from "../verify.js";

/** A leaf of a file; a root has no parent to declare its size. */
export interface Leaf {
  readonly cid: CID;
  /** Bytes, as its parent declared. */
  readonly size: number | undefined;
  /** Where in the file it begins. */
  readonly start: number;
  /** Its bytes where a dag-pb node holds it. */
  readonly data: Uint8Array | undefined;
}

export interface LeafOptions extends StoreOptions {
  /** Longest file to accept; the nodes' claim is checked before any leaf is named. */
  readonly maxBytes?: number | undefined;
  /** Only leaves that have a byte from here on; what lies before is not fetched. */
  readonly from?: number | undefined;
  /** Only leaves that begin before. */
  readonly to?: number | undefined;
}

type Limits = Required<Readonly<Record<"maxBytes" | "from" | "to", number>>>;

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
  const { maxBytes = Infinity, from = 0, to = Infinity, signal, deadline } = options;
  if (!isSupported(cid)) throw invalidNode(cid, "codec", "The root is neither raw nor dag-pb by sha2-256");
  yield* leaves(cid, { maxBytes, from, to }, store, { signal, deadline });
}

async function* leaves(
  cid: CID,
  limits: Limits,
  store: BlockStore,
  options: StoreOptions,
  declared?: number,
  depth = 0,
  start = 0,
): AsyncGenerator<Leaf, void, undefined> {
  if (!isDagPb(cid)) {
    yield { cid, size: declared, start, data: undefined };
    return;
  }
  const { size, links, data } = await fetchNode(cid, depth, store, options);
  if (size !== (declared ?? size)) throw invalidNode(cid, "size", "A node is not as long as declared");
  checkLimit(size, limits.maxBytes);
  if (data.length > 0) yield { cid, size, start, data };
  let position = start;
  for (const link of links) {
    const end = position + link.size;
    if (end > limits.from && position < limits.to)
      yield* leaves(link.cid, limits, store, options, link.size, depth + 1, position);
    position = end;
  }
}

/** Throws RECORD_TOO_LARGE with `{ size, limit }` for a file past the limit. */
export function checkLimit(size: number, limit: number): void {
  if (size > limit) {
    throw new CareKeyError("RECORD_TOO_LARGE", `The file has ${size} bytes, more than ${limit}`, { size, limit });
  }
}

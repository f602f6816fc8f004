import type { CID } from "multiformats/cid";
import { CareKeyError, throwIfCancelled } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { invalidNode } from "./node.js";
import { fetchNode } from "./walk.js";
import { DAG_PB, isSupported } from "../verify.js";

export interface ReadOptions extends StoreOptions {
  /** Leaves asked for before they are needed, and so at most in memory. 4 by default. */
  readonly window?: number | undefined;
  /** Longest file to accept; the nodes' claim is checked before any leaf is fetched. Without it a hostile DAG goes on for long. */
  readonly maxBytes?: number | undefined;
  /** First byte to give; leaves before it are not fetched. 0 by default; past the end gives nothing. */
  readonly offset?: number | undefined;
  /** How many bytes to give at most. All by default. */
  readonly length?: number | undefined;
}

/** What is asked of a file: its bytes from `from` up to `to`, of a file of at most `maxBytes`. */
interface Request {
  readonly from: number;
  readonly to: number;
  readonly maxBytes: number;
}

/** A leaf to fetch, and the size that its parent declared; a root has no parent. */
interface Leaf {
  readonly cid: CID;
  readonly size: number | undefined;
  /** Where in the file it begins. */
  readonly start: number;
  /** Its bytes where a dag-pb node holds it. */
  readonly data: Uint8Array | undefined;
}

/**
 * Reads a plain UnixFS file (https://specs.ipfs.tech/unixfs/) in order, at the consumer's pace with a bounded read-ahead. The
 * store vouches for every block (that is its contract); this checks that the blocks make one file.
 *
 * Throws the store's BLOCK_MISSING, BLOCK_INVALID and STORE_FAILED; CANCELLED; RECORD_TOO_LARGE with `{ size, limit }` past
 * `maxBytes`; RECORD_INVALID with `{ cid, reason }` for a DAG that is no plain file: "encoding", "links", "size", "depth", or
 * "codec" for a root that CareKey does not read. What was yielded before a failure is the true beginning of the file.
 *
 * @example
 * for await (const chunk of readFile(cid, store, { signal, maxBytes: size })) await write(chunk);
 */
export async function* readFile(
  cid: CID,
  store: BlockStore,
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { window = 4, maxBytes = Infinity, offset = 0, length = Infinity, deadline, signal: caller } = options;
  const request = { from: offset, to: offset + length, maxBytes };
  const stop = new AbortController();
  const signal = AbortSignal.any(caller ? [caller, stop.signal] : [stop.signal]);
  const ahead: Promise<Uint8Array>[] = [];
  const next = async (): Promise<Uint8Array> => {
    const bytes = (await ahead.shift()) ?? new Uint8Array();
    throwIfCancelled(caller);
    return bytes;
  };
  try {
    if (!isSupported(cid)) throw invalidNode(cid, "codec", "The root is neither raw nor dag-pb by sha2-256");
    for await (const leaf of leaves(cid, request, store, { signal, deadline })) {
      const bytes = load(leaf, request, store, { signal, deadline });
      // a consumer that stops early never awaits it
      bytes.catch(() => undefined);
      ahead.push(bytes);
      if (ahead.length >= window) yield await next();
    }
    while (ahead.length > 0) yield await next();
  } finally {
    stop.abort();
  }
}

async function load(
  { cid, size, start, data }: Leaf,
  { from, to, maxBytes }: Request,
  store: BlockStore,
  options: StoreOptions,
): Promise<Uint8Array> {
  const bytes = data ?? (await store.get(cid, options));
  if (bytes.length !== (size ?? bytes.length)) throw invalidNode(cid, "size", "A leaf is not as long as declared");
  checkLimit(bytes.length, maxBytes);
  return bytes.subarray(Math.max(0, from - start), Math.max(0, to - start));
}

async function* leaves(
  cid: CID,
  request: Request,
  store: BlockStore,
  options: StoreOptions,
  declared?: number,
  depth = 0,
  start = 0,
): AsyncGenerator<Leaf, void, undefined> {
  const codec: number = cid.code;
  if (codec !== DAG_PB) {
    yield { cid, size: declared, start, data: undefined };
    return;
  }
  const { size, links, data } = await fetchNode(cid, depth, store, options);
  if (size !== (declared ?? size)) throw invalidNode(cid, "size", "A node is not as long as declared");
  checkLimit(size, request.maxBytes);
  if (data.length > 0) yield { cid, size, start, data };
  let position = start;
  for (const link of links) {
    const end = position + link.size;
    if (end > request.from && position < request.to) {
      yield* leaves(link.cid, request, store, options, link.size, depth + 1, position);
    }
    position = end;
  }
}

function checkLimit(size: number, limit: number): void {
  if (size > limit) {
    throw new CareKeyError("RECORD_TOO_LARGE", `The file has ${size} bytes, more than ${limit}`, { size, limit });
  }
}

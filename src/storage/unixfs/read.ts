import type { CID } from "multiformats/cid";
import { throwIfCancelled } from "../../errors.js";
import type { BlockStore, StoreOptions } from "../types.js";
import { checkLimit, type Leaf, listLeaves } from "./leaves.js";
import { invalidNode } from "./node.js";

export interface ReadOptions extends StoreOptions {
  /** Leaves asked for before they are needed, and so at most in memory. 4 by default. */
  readonly window?: number | undefined;
  /** Longest file to accept; the nodes' claim is checked before any leaf is fetched. Without it a hostile DAG goes on for long. */
  readonly maxBytes?: number | undefined;
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
  const { window = 4, maxBytes = Infinity, deadline, signal: caller } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any(caller ? [caller, stop.signal] : [stop.signal]);
  const ahead: Promise<Uint8Array>[] = [];
  const next = async (): Promise<Uint8Array> => {
    const bytes = (await ahead.shift()) ?? new Uint8Array();
    throwIfCancelled(caller);
    return bytes;
  };
  try {
    for await (const leaf of listLeaves(cid, store, { maxBytes, signal, deadline })) {
      const bytes = load(leaf, maxBytes, store, { signal, deadline });
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
  { cid, size, data }: Leaf,
  maxBytes: number,
  store: BlockStore,
  options: StoreOptions,
): Promise<Uint8Array> {
  const bytes = data ?? (await store.get(cid, options));
  if (bytes.length !== (size ?? bytes.length)) throw invalidNode(cid, "size", "A leaf is not as long as declared");
  checkLimit(bytes.length, maxBytes);
  return bytes;
}

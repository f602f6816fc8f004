import type { CID } from "multiformats/cid";

import type { ByteStream } from "../bytes.js";
import { type AddOptions, type AddedFile, type FileLocation, type Policy, isPool } from "./pool/types.js";
import type { BlockStore } from "./types.js";
import { importFile } from "./unixfs/import.js";
import { type ReadOptions, readFile } from "./unixfs/read.js";

/**
 * Stores a file as its store does it: whole in a store of one node, by the policy in a pool. The CID is the same everywhere. Errors: those of
 * {@link importFile} and of the pool.
 *
 * @example
 * const { cid, parity, added } = await addFile(sealed, store, { signal });
 */
export function addFile(source: ByteStream, store: BlockStore, options: AddOptions = {}): Promise<AddedFile> {
  return isPool(store) ? store.addFile(source, options) : importFile(source, store, options);
}

/** Reads a file from one store or from a pool: see {@link readFile} for how and its errors. */
export function readStored(
  location: FileLocation,
  store: BlockStore,
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  return isPool(store) ? store.readFile(location, options) : readFile(location.cid, store, options);
}

/** The DAGs that keep a file: its own, and that of its added fragments. What is pinned, and what goes when the file goes. */
export function rootsOf({ cid, parity }: FileLocation): CID[] {
  return parity ? [cid, parity.cid] : [cid];
}

/** The store as a policy wants it; a store of one node has no choice. */
export function storeUnder(store: BlockStore, policy: Policy | undefined): BlockStore {
  return policy && isPool(store) ? store.under(policy) : store;
}

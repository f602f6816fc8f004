import type { CID } from "multiformats/cid";

import type { ByteStream } from "../../bytes.js";
import type { Shape } from "../unixfs/node.js";
import type { ReadOptions } from "../unixfs/read.js";
import type { BlockStore, StoreOptions } from "../types.js";

/** One of several stores that keep a chart together. */
export interface PoolNode {
  /** Unique in its pool and stable: where blocks belong depends on it. */
  readonly name: string;
  /** Who runs it: what one operator loses is lost at once. */
  readonly operator: string;
  readonly store: BlockStore;
}

/** How files are kept: whole on several nodes, or cut into fragments of which any `data` restore a stripe. */
export type Policy = CopiesPolicy | FragmentsPolicy;

export interface CopiesPolicy {
  readonly kind: "copies";
  /** Nodes that keep each block. */
  readonly copies: number;
  /** Only nodes of these operators; all where omitted. */
  readonly operators?: readonly string[] | undefined;
}

export interface FragmentsPolicy {
  readonly kind: "fragments";
  /** Leaves of a stripe, 10 by default. */
  readonly data: number;
  /** Leaves that are added to each stripe: as many nodes may be lost. 4 by default. */
  readonly parity: number;
  readonly operators?: readonly string[] | undefined;
}

/** The fragments that were added to a file: a file of its own, whose leaves are the stripes' parity leaves, one stripe after the other. */
export interface Parity {
  /** Root of that file. */
  readonly cid: CID;
  readonly data: number;
  readonly parity: number;
}

/** What leads to a file in a pool. */
export interface FileLocation {
  readonly cid: CID;
  /** Missing where every node that keeps a block keeps a whole one. */
  readonly parity?: Parity | undefined;
}

export interface AddOptions extends StoreOptions {
  /** Told how many bytes of the file are kept so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Another cut than the profile's gives other CIDs: for tests of deep trees. */
  readonly shape?: Shape | undefined;
}

export interface AddedFile extends FileLocation {
  /** Bytes of the file. */
  readonly size: number;
  /** The blocks that were brought: what undoes it. */
  readonly added: readonly CID[];
}

/**
 * Several nodes as one store. A block alone is kept on as many nodes as the policy has copies, or can lose and one more; a file under fragments is
 * spread by `addFile`. A node that fails is passed over: a call fails only where too few are left.
 */
export interface Pool extends BlockStore {
  readonly nodes: readonly PoolNode[];
  readonly policy: Policy;
  /** The same nodes under another policy: for what is put from now on; reading looks at all of them. */
  under(policy: Policy): Pool;
  addFile(source: ByteStream, options?: AddOptions): Promise<AddedFile>;
  /** Like `readFile` of one store, from the nodes that answer first; whatever up to `parity` nodes do, the file comes whole. */
  readFile(location: FileLocation, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined>;
}

/** True for a store that spreads files over nodes. */
export function isPool(store: BlockStore): store is Pool {
  return "addFile" in store;
}

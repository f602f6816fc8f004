import type { CID } from "multiformats/cid";
import type { BlockStore, StoreOptions } from "../storage/types.js";

/** What a store holds, in blocks and bytes, and how many bytes it may hold. */
export interface Usage {
  readonly blocks: number;
  readonly bytes: number;
  readonly quota: number | undefined;
}

/** What a collection removed, in blocks and bytes, and how many blocks it kept. */
export interface Collected {
  readonly removed: number;
  readonly bytes: number;
  readonly kept: number;
}

export interface CollectOptions extends StoreOptions {
  /** Told of each block that was removed. */
  readonly onRemoved?: ((cid: CID) => void) | undefined;
}

/** A block store that knows what it holds, keeps to a quota (DISK_FULL past it) and removes what no pin leads to. */
export interface GuardedStore extends BlockStore {
  usage(): Promise<Usage>;
  collect(options?: CollectOptions): Promise<Collected>;
}

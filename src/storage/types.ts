import type { CID } from "multiformats/cid";

/** An IPFS block: bytes and the CID that names them by their hash. */
export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** A block as a store lists it. */
export interface StoredBlock {
  /** Raw codec: a store keeps bytes by their hash and does not know which codec they were put under. */
  readonly cid: CID;
  /** Bytes. */
  readonly size: number;
  /** When it was last put, in milliseconds since 1970, where the store knows it. */
  readonly since?: number | undefined;
}

export interface StoreOptions {
  /** Stops the call with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call fails with STORE_FAILED; each driver has its default. */
  readonly deadline?: number | undefined;
}

/**
 * Where ciphertext lies: IPFS blocks by CID. One file per driver, one shared test suite that each passes.
 *
 * - Every `put` and every `get` is checked against the CID (sha2-256 only): other bytes are BLOCK_INVALID, whoever sent them.
 * - Once a `put` returned or failed, the store reads the block's bytes no more: its caller may change them.
 * - A `put` that returned survives a crash of the process and, where the driver says so, of the machine.
 * - Blocks are at most {@link MAX_BLOCK} bytes long: BLOCK_INVALID beyond.
 * - A missing block is BLOCK_MISSING; any other trouble of the store is STORE_FAILED with its cause.
 */
export interface BlockStore {
  put(block: Block, options?: StoreOptions): Promise<void>;
  /** Puts many at once, as a remote store needs it; when it returns, all are kept. */
  putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void>;
  get(cid: CID, options?: StoreOptions): Promise<Uint8Array>;
  has(cid: CID, options?: StoreOptions): Promise<boolean>;
  /** Removes one block; none there is no error. */
  delete(cid: CID, options?: StoreOptions): Promise<void>;
  /** Keeps the DAG below `root` from garbage collection. Pinning twice is pinning once. */
  pin(root: CID, options?: StoreOptions): Promise<void>;
  unpin(root: CID, options?: StoreOptions): Promise<void>;
  /** The pinned roots. */
  pins(options?: StoreOptions): AsyncIterable<CID>;
  /** All blocks, pinned or not, in no order; one that comes or goes meanwhile may be named or not. Nothing is checked against its CID. */
  blocks(options?: StoreOptions): AsyncIterable<StoredBlock>;
}

/** Longest block that IPFS peers exchange (bitswap, trustless gateways): 2 MiB. */
export const MAX_BLOCK = 2 * 1024 * 1024;

import { CID } from "multiformats/cid";
import { CareKeyError } from "../errors.js";
import { withDeadline } from "./deadline.js";
import { batchesOf, carOf } from "./kubo-car.js";
import {
  type KuboCallOptions,
  type KuboClient,
  saysGivenUp,
  saysMissing,
  saysNotPinned,
  saysPinned,
  unwrapped,
} from "./kubo-client.js";
import { inParallel } from "./parallel.js";
import type { Block, BlockStore, StoreOptions, StoredBlock } from "./types.js";
import { cidOfDigest, isSupported, keyOf, verifyBlock, verifyPut } from "./verify.js";

export interface KuboStoreOptions {
  /** Milliseconds for each call, so for each CAR of about 8 MiB too, where a call gives none. 30 s by default; Infinity for none. */
  readonly deadline?: number | undefined;
  /** True asks for blocks and roots on the node's own disk only, so that a missing one is known at once. False by default. */
  readonly offline?: boolean | undefined;
}

/** Hashes at once. */
const PARALLEL = 4;
const DEADLINE = 30_000;
/** How much of the deadline the node may search, so that its own answer still arrives; and the most that its clock can count. */
const SEARCH = 0.9;
const LONGEST_SEARCH = 2 ** 31;

/**
 * A running IPFS node: `client` is an instance of `kubo-rpc-client`, or of its predecessor `ipfs-http-client`. Blocks travel
 * in CARs, every block read is checked against its CID, and the DAG is ours: the node only keeps it.
 *
 * - `get` and `pin` also ask the node's peers. What has not come when 9/10 of the deadline are over is BLOCK_MISSING, while a
 *   node that does not answer is STORE_FAILED with `{ deadline }`. `has` speaks of the node's own disk alone.
 * - `pin` walks the whole DAG and asks peers for what is missing below the root, offline too: give a longer deadline for
 *   terabytes. A root that is there but was not pinned in time is STORE_FAILED with `{ deadline }`. A node started with
 *   `--offline` searches for nothing: BLOCK_MISSING names the root whichever block below it is missing.
 * - `delete` of a block below a pinned root is STORE_FAILED with `{ cid, reason: "pinned" }`: the node keeps it.
 * - `pins` and `blocks` leave out what CareKey does not store, e.g. roots that the node pins for itself. Kubo knows no time of a block.
 * - What a put acknowledged survives a crash of the node, and one of its machine where `Datastore.Spec` says `sync: true`. The
 *   node's garbage collection, off by default, may take what is not pinned yet.
 *
 * Other trouble is STORE_FAILED with its cause and the system's `{ code }`, e.g. ECONNREFUSED, or the `{ status }` of a refusal.
 * A storage node of CareKey past its quota is DISK_FULL.
 *
 * @example
 * import { create } from "kubo-rpc-client";
 * const store = kuboStore(create({ url: "http://127.0.0.1:5001" }));
 */
export function kuboStore(client: KuboClient, options: KuboStoreOptions = {}): BlockStore {
  return new KuboStore(client, options);
}

class KuboStore implements BlockStore {
  readonly #client: KuboClient;
  readonly #deadline: number;
  readonly #offline: boolean;

  constructor(client: KuboClient, { deadline = DEADLINE, offline = false }: KuboStoreOptions) {
    this.#client = client;
    this.#deadline = deadline;
    this.#offline = offline;
  }

  put(block: Block, options?: StoreOptions): Promise<void> {
    return this.#send([block], options);
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks)) await this.#send(batch, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      try {
        const bytes = await this.#client.block.get(cid, this.#search(signal, options));
        await verifyBlock(cid, bytes);
        return bytes;
      } catch (error) {
        throw saysMissing(error) || saysGivenUp(error) ? missing(cid, error) : error;
      }
    });
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#ask(options, (signal) => this.#holds(cid, signal));
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      for await (const { error } of this.#client.block.rm(cid, { signal, force: true })) {
        if (!error) continue;
        const details = { cid: cid.toString(), reason: saysPinned(error) ? "pinned" : undefined };
        throw new CareKeyError("STORE_FAILED", "The IPFS node did not remove a block", details, { cause: error });
      }
    });
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(root);
      try {
        await this.#client.pin.add(root.toString(), { ...this.#search(signal, options), recursive: true });
      } catch (error) {
        if (saysMissing(error)) throw missing(root, error);
        if (!saysGivenUp(error)) throw error;
        if (!(await this.#holds(root, signal))) throw missing(root, error);
        const deadline = this.#deadlineOf(options);
        throw new CareKeyError("STORE_FAILED", `Not pinned within ${deadline} ms`, { deadline }, { cause: error });
      }
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(root);
      try {
        await this.#client.pin.rm(root.toString(), { signal });
      } catch (error) {
        if (!saysNotPinned(error)) throw error;
      }
    });
  }

  async *pins(options?: StoreOptions): AsyncIterable<CID> {
    yield* await this.#ask(options, async (signal) => {
      const roots: CID[] = [];
      for await (const { cid } of this.#client.pin.ls({ signal, type: "recursive" })) {
        const root = CID.parse(cid.toString());
        if (isSupported(root)) roots.push(root);
      }
      return roots;
    });
  }

  async *blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    const all = await this.#ask(options, async (signal) => {
      const cids: CID[] = [];
      for await (const { ref } of this.#client.refs.local({ signal })) {
        const cid = CID.parse(ref);
        if (isSupported(cid)) cids.push(cidOfDigest(cid.multihash.digest));
      }
      return cids;
    });
    for (const cid of all) {
      const size = await this.#ask(options, (signal) => this.#sizeOf(cid, signal));
      if (size !== undefined) yield { cid, size };
    }
  }

  async #holds(cid: CID, signal: AbortSignal): Promise<boolean> {
    return (await this.#sizeOf(cid, signal)) !== undefined;
  }

  async #sizeOf(cid: CID, signal: AbortSignal): Promise<number | undefined> {
    keyOf(cid);
    try {
      return (await this.#client.block.stat(cid, { signal, offline: true })).size;
    } catch (error) {
      if (saysMissing(error)) return undefined;
      throw error;
    }
  }

  #send(blocks: readonly Block[], options: StoreOptions | undefined): Promise<void> {
    return this.#ask(options, async (signal) => {
      const distinct = new Map<string, Block>();
      await inParallel(blocks, PARALLEL, async (block) => {
        await verifyPut(block);
        distinct.set(keyOf(block.cid), block);
      });
      if (distinct.size === 0) return;
      signal.throwIfAborted();
      // a CAR whose roots are not pinned has no results; the stream only ends or fails
      const results = this.#client.dag.import([carOf([...distinct.values()])], { signal, pinRoots: false });
      const stream = results[Symbol.asyncIterator]();
      while (!(await stream.next()).done);
    });
  }

  #deadlineOf(options: StoreOptions | undefined): number {
    return options?.deadline ?? this.#deadline;
  }

  #search(signal: AbortSignal, options: StoreOptions | undefined): KuboCallOptions {
    const call = { signal, offline: this.#offline };
    const deadline = this.#deadlineOf(options);
    if (deadline === Infinity) return call;
    return { ...call, timeout: Math.floor(Math.min(deadline * SEARCH, LONGEST_SEARCH)) };
  }

  #ask<T>(options: StoreOptions | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(options, this.#deadline, async (signal) => {
      try {
        return await work(signal);
      } catch (error) {
        throw unwrapped(error);
      }
    });
  }
}

function missing(cid: CID, cause: unknown): CareKeyError {
  const details = { cid: cid.toString() };
  return new CareKeyError("BLOCK_MISSING", "The IPFS node has no such block", details, { cause });
}

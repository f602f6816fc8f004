import type { CID } from "multiformats/cid";
import { CareKeyError } from "../errors.js";
import { ClusterApi, type PinStatus } from "./cluster-api.js";
import { withDeadline } from "./deadline.js";
import { type KuboStoreOptions, kuboStore } from "./kubo.js";
import type { KuboClient } from "./kubo-client.js";
import { originOf } from "./kubo-url.js";
import type { Block, BlockStore, StoreOptions, StoredBlock } from "./types.js";
import { keyOf } from "./verify.js";

export interface ClusterStoreOptions extends KuboStoreOptions {
  /** Copies of each pinned DAG, no more and no fewer. The cluster's own least and most where omitted. */
  readonly replicas?: number | undefined;
  /** Sent with each call of the cluster's API, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const DEADLINE = 30_000;
/** How much of a deadline `pin` waits for copies, so that what it asked for can still be taken back. */
const WAIT = 0.9;
/** Milliseconds to take a pin back after its call failed. */
const UNDO = 3_000;
/** Milliseconds between two looks at a pin: the first, and the longest. */
const LOOK = { first: 25, longest: 1_000 };
/** What a peer says that still keeps the blocks, or is about to let them go. */
const HOLDING = new Set<PinStatus>(["pinned", "pinning", "pin_queued", "unpinning", "unpin_queued", "queued"]);

/**
 * A peer of IPFS Cluster and the Kubo node beside it. `client` is an instance of `kubo-rpc-client` or `ipfs-http-client` for the
 * peer's proxy (port 9095), `api` the URL of the same peer's REST API (port 9094): the proxy's own pins say nothing of copies.
 *
 * All is as with {@link kuboStore}, except:
 * - `pin` returns once the least copies are pinned on as many nodes. When time is over before, or the call is cancelled, the cluster is told to
 *   forget a pin that was not there before; STORE_FAILED with `{ deadline, pinned, wanted }`. Too few nodes to place it on is
 *   STORE_FAILED with `{ status: 500 }`.
 * - `unpin` returns once this peer's node let go. The other nodes follow; what they hold stays until their garbage collection.
 * - `delete`, `has` and `blocks` speak of this peer's node alone. A block below a pinned root stays there, as with Kubo.
 * - `pins` are those of the whole cluster.
 *
 * Throws INVALID_ARGUMENT for copies that are no positive whole number and for an `api` that is no http(s) URL or holds credentials.
 *
 * @example
 * import { create } from "kubo-rpc-client";
 * const store = clusterStore(create({ url: "http://127.0.0.1:9095" }), "http://127.0.0.1:9094");
 */
export function clusterStore(client: KuboClient, api: string, options: ClusterStoreOptions = {}): BlockStore {
  const { replicas } = options;
  originOf(api);
  if (replicas !== undefined && !(Number.isSafeInteger(replicas) && replicas > 0)) {
    throw new CareKeyError("INVALID_ARGUMENT", `${replicas} is no number of copies`, { replicas });
  }
  return new ClusterStore(kuboStore(client, options), new ClusterApi(api, options.headers ?? {}), options);
}

class ClusterStore implements BlockStore {
  readonly #node: BlockStore;
  readonly #api: ClusterApi;
  readonly #replicas: number | undefined;
  readonly #deadline: number;

  constructor(node: BlockStore, api: ClusterApi, { replicas, deadline = DEADLINE }: ClusterStoreOptions) {
    this.#node = node;
    this.#api = api;
    this.#replicas = replicas;
    this.#deadline = deadline;
  }

  put(block: Block, options?: StoreOptions): Promise<void> {
    return this.#node.put(block, options);
  }

  putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    return this.#node.putMany(blocks, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return this.#node.get(cid, options);
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#node.has(cid, options);
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return this.#node.delete(cid, options);
  }

  async pin(root: CID, options?: StoreOptions): Promise<void> {
    keyOf(root);
    // a cluster takes any root and searches for it for ever
    if (!(await this.#node.has(root, options))) await this.#node.get(root, options);
    const deadline = options?.deadline ?? this.#deadline;
    await withDeadline(options, this.#deadline, async (signal) => {
      const wasKnown = await this.#api.knows(root, signal);
      try {
        const wanted = await this.#api.add(root, { replicas: this.#replicas }, signal);
        await this.#copies(root, wanted, deadline, signal);
      } catch (error) {
        // nobody would ever take back a pin that its caller believes not to be there
        if (!wasKnown) await this.#api.remove(root, AbortSignal.timeout(UNDO)).catch(() => undefined);
        throw error;
      }
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return withDeadline(options, this.#deadline, async (signal) => {
      keyOf(root);
      await this.#api.remove(root, signal);
      await until(async () => !HOLDING.has((await this.#api.statusHere(root, signal)) ?? "unpinned"), signal);
    });
  }

  pins(options?: StoreOptions): AsyncIterable<CID> {
    return this.#node.pins(options);
  }

  blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    return this.#node.blocks(options);
  }

  /** Waits until so many nodes hold the whole DAG. */
  async #copies(root: CID, wanted: number, deadline: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + deadline * WAIT;
    const look = async (): Promise<boolean> => {
      const statuses = await this.#api.statuses(root, signal);
      const pinned = statuses.filter((status) => status === "pinned").length;
      const needed = wanted > 0 ? wanted : statuses.length;
      if (pinned >= needed) return true;
      if (performance.now() < end) return false;
      const details = { deadline, pinned, wanted: needed };
      throw new CareKeyError("STORE_FAILED", `${pinned} of ${needed} copies within ${deadline} ms`, details);
    };
    await until(look, signal, end);
  }
}

/** Looks until there is what it looks for, ever longer apart, and at `end`: no peer tells by itself when a pin is done. */
async function until(look: () => Promise<boolean>, signal: AbortSignal, end = Infinity): Promise<void> {
  for (let pause = LOOK.first; !(await look()); pause = Math.min(pause * 2, LOOK.longest)) {
    await elapsed(Math.max(0, Math.min(pause, end - performance.now())), signal);
    signal.throwIfAborted();
  }
}

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
function elapsed(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

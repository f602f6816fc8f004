import type { CID } from "multiformats/cid";
import type { ByteStream } from "../../bytes.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../../errors.js";
import { withDeadline } from "../deadline.js";
import type { Block, BlockStore, StoreOptions, StoredBlock } from "../types.js";
import { batchesOf } from "../unixfs/cut.js";
import { readFile, type ReadOptions } from "../unixfs/read.js";
import { keyOf, verifyBlock } from "../verify.js";
import { addFile } from "./add-file.js";
import { Delivery, nodesMissing } from "./delivery.js";
import { NODE_DEADLINE } from "./gather.js";
import { Members } from "./members.js";
import { isDagPb } from "../verify.js";
import { checkPolicy, defaultPolicy } from "./policy.js";
import { readFragments } from "./read-file.js";
import type { AddedFile, AddOptions, FileLocation, Policy, Pool, PoolNode } from "./types.js";

export interface PoolOptions {
  /** 10 + 4 fragments over 14 nodes or more, three copies over fewer, where omitted. */
  readonly policy?: Policy | undefined;
}

/** Blocks that putMany brings at once. */
const BATCH = 8;

/**
 * Several nodes as one store. The hash of a block says which nodes keep it; one that fails is passed over, and what it should have
 * kept goes to the next.
 *
 * - `put` needs two nodes, or as many as the policy has copies where that is one: NODES_MISSING with `{ needed, reached }` below.
 * - `get` asks the nodes that are likely to answer first, and one more for each that is overdue or has other bytes. BLOCK_MISSING
 *   says that every node answered and none has it; NODES_MISSING that some did not answer; BLOCK_INVALID that all copies rotted.
 * - `delete` and `unpin` are done on every node that answers; STORE_FAILED with `{ nodes }` tells how many did not.
 * - `pin` keeps the root on each node that has it. `has`, `pins` and `blocks` speak of the nodes that answer, NODES_MISSING where none does.
 *
 * The deadline is that of each call of a node, 30 s where none is given. Throws INVALID_ARGUMENT for nodes of one name, or fewer than the policy needs.
 *
 * @example
 * const pool = nodePool([
 *   { name: "ward-1", operator: "clinic", store: await fsStore("/srv/one") },
 *   { name: "lab-1", operator: "lab", store: kuboStore(create({ url })) },
 * ], { policy: { kind: "copies", copies: 2 } });
 * const { cid, parity } = await pool.addFile(sealed);
 */
export function nodePool(nodes: readonly PoolNode[], options: PoolOptions = {}): Pool {
  const policy = options.policy ?? defaultPolicy(nodes);
  checkPolicy(nodes, policy);
  return new NodePool(new Members(nodes, policy));
}

class NodePool implements Pool {
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  get nodes(): readonly PoolNode[] {
    return this.#members.nodes;
  }

  get policy(): Policy {
    return this.#members.policy;
  }

  under(policy: Policy): Pool {
    checkPolicy(this.nodes, policy);
    return new NodePool(this.#members.under(policy));
  }

  addFile(source: ByteStream, options?: AddOptions): Promise<AddedFile> {
    return addFile(this.#members, source, options);
  }

  async *readFile(location: FileLocation, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const { cid, parity } = location;
    if (parity) yield* readFragments(this.#members, this, { cid, parity }, options);
    else yield* readFile(cid, this, options);
  }

  async put(block: Block, options?: StoreOptions): Promise<void> {
    throwIfCancelled(options?.signal);
    // a copy, taken before the check, so that nobody can change what was checked
    const { cid, bytes } = { cid: block.cid, bytes: Uint8Array.from(block.bytes) };
    await verifyBlock(cid, bytes);
    const delivery = new Delivery(this.#members, options);
    try {
      await (isDagPb(cid) ? delivery.keepEverywhere({ cid, bytes }) : delivery.keepCopies({ cid, bytes }));
    } catch (error) {
      await delivery.undo();
      throw error;
    }
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks, BATCH)) {
      const works = batch.map((block) => this.put(block, options));
      await Promise.allSettled(works);
      await Promise.all(works);
    }
  }

  async get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    keyOf(cid);
    const { found, failed, rotten } = await this.#members.gatherBlock(cid, options);
    const bytes = found.get(0);
    if (bytes) return bytes;
    if (failed > 0) throw nodesMissing(1, 0);
    if (rotten === 0) throw missing(cid);
    const details = { cid: cid.toString(), reason: "hash" };
    throw new CareKeyError("BLOCK_INVALID", "What the nodes hold hashes to another CID", details);
  }

  async has(cid: CID, options?: StoreOptions): Promise<boolean> {
    keyOf(cid);
    throwIfCancelled(options?.signal);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const stop = new AbortController();
    const { signal: caller, deadline } = options ?? {};
    const signal = AbortSignal.any(caller ? [caller, stop.signal] : [stop.signal]);
    const asked = this.#all(
      async (node, limit) => {
        if (await node.store.has(cid, limit)) resolve(true);
      },
      { signal, deadline },
      this.#up(),
    );
    asked.then(({ answers }) => {
      if (answers.length > 0) resolve(false);
      else reject(nodesMissing(1, 0));
    }, reject);
    try {
      return await promise;
    } finally {
      stop.abort();
    }
  }

  async delete(cid: CID, options?: StoreOptions): Promise<void> {
    keyOf(cid);
    await this.#onAll((node, limit) => node.store.delete(cid, limit), options);
    for (const node of this.nodes) this.#members.healthOf(node).mended(cid);
  }

  async pin(root: CID, options?: StoreOptions): Promise<void> {
    keyOf(root);
    const { answers, failures } = await this.#all((node, limit) => node.store.pin(root, limit), options);
    if (answers.length > 0) return;
    throw failures.every((error) => isCareKeyError(error, "BLOCK_MISSING")) ? missing(root) : nodesMissing(1, 0);
  }

  async unpin(root: CID, options?: StoreOptions): Promise<void> {
    keyOf(root);
    await this.#onAll((node, limit) => node.store.unpin(root, limit), options);
  }

  pins(options?: StoreOptions): AsyncIterable<CID> {
    return this.#union(
      (store) => store.pins(options),
      (cid) => cid.toString(),
      options,
    );
  }

  blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    return this.#union(
      (store) => store.blocks(options),
      ({ cid }) => keyOf(cid),
      options,
    );
  }

  /** The nodes that did not just fail, or all where all did. */
  #up(): readonly PoolNode[] {
    const up = this.nodes.filter((node) => !this.#members.healthOf(node).down);
    return up.length > 0 ? up : this.nodes;
  }

  async *#union<T>(
    list: (store: BlockStore) => AsyncIterable<T>,
    nameOf: (item: T) => string,
    options: StoreOptions | undefined,
  ): AsyncGenerator<T, void, undefined> {
    throwIfCancelled(options?.signal);
    const seen = new Set<string>();
    let answered = 0;
    for (const { store } of this.nodes) {
      try {
        for await (const item of list(store)) {
          const name = nameOf(item);
          if (seen.has(name)) continue;
          seen.add(name);
          yield item;
        }
        answered++;
      } catch {
        throwIfCancelled(options?.signal);
      }
    }
    if (answered === 0) throw nodesMissing(1, 0);
  }

  async #onAll(
    work: (node: PoolNode, options: StoreOptions) => Promise<void>,
    options: StoreOptions | undefined,
  ): Promise<void> {
    const { failures } = await this.#all(work, options);
    const { length: nodes } = failures;
    if (nodes > 0)
      throw new CareKeyError("STORE_FAILED", `${nodes} nodes did not do it`, { nodes }, { cause: failures[0] });
  }

  /** Does it on every node, each within the deadline; throws CANCELLED alone. */
  async #all<T>(
    work: (node: PoolNode, options: StoreOptions) => Promise<T>,
    options: StoreOptions | undefined,
    nodes = this.nodes,
  ): Promise<{ answers: T[]; failures: unknown[] }> {
    throwIfCancelled(options?.signal);
    const results = await Promise.allSettled(
      nodes.map((node) => withDeadline(options, NODE_DEADLINE, (signal) => work(node, { signal, deadline: Infinity }))),
    );
    throwIfCancelled(options?.signal);
    return {
      answers: results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
      failures: results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : [])),
    };
  }
}

function missing(cid: CID): CareKeyError {
  return new CareKeyError("BLOCK_MISSING", "No node holds such a block", { cid: cid.toString() });
}

import type { ByteStream } from "../../bytes.js";
import { throwIfCancelled } from "../../errors.js";
import type { Block } from "../types.js";
import { batchesOf, cut } from "../unixfs/cut.js";
import { PROFILE } from "../unixfs/node.js";
import { BalancedTree } from "../unixfs/tree.js";
import { rawBlock } from "../verify.js";
import { Delivery } from "./delivery.js";
import type { Members } from "./members.js";
import { encode } from "./reed-solomon.js";
import type { AddedFile, AddOptions, FragmentsPolicy, Policy } from "./types.js";

/** Stripes that are brought at once. */
const STRIPES = 2;
/** Leaves that are brought together where no policy makes stripes of them. */
const BATCH = 8;

/**
 * Cuts a stream as `importFile` does, into the same CID, and brings its leaves to the nodes of the policy: whole copies, or stripes
 * with parity, whose leaves are those of a second file. Holds two stripes in memory. A file of one leaf is kept as copies:
 * they take the same room. All or nothing, as `importFile`.
 *
 * Throws NODES_MISSING with `{ needed, reached }` where too many nodes fail, CANCELLED, and what the source throws.
 */
export async function addFile(members: Members, source: ByteStream, options: AddOptions = {}): Promise<AddedFile> {
  const { shape = PROFILE, signal } = options;
  const { policy } = members;
  const writer = new Writer(new Delivery(members, options), policy, options);
  const length = policy.kind === "fragments" ? policy.data : BATCH;
  try {
    for await (const chunks of batchesOf(cut(source, shape.chunk, signal), length)) await writer.write(chunks);
    return await writer.finish();
  } catch (error) {
    await writer.undo();
    throw error;
  }
}

class Writer {
  readonly #delivery: Delivery;
  readonly #policy: Policy;
  readonly #options: AddOptions;
  readonly #tree: BalancedTree;
  readonly #parityTree: BalancedTree;
  readonly #underWay: Promise<void>[] = [];
  #fragmented = false;
  #batches = 0;
  #kept = 0;

  constructor(delivery: Delivery, policy: Policy, options: AddOptions) {
    const { children } = options.shape ?? PROFILE;
    this.#delivery = delivery;
    this.#policy = policy;
    this.#options = options;
    this.#tree = new BalancedTree(children);
    this.#parityTree = new BalancedTree(children);
  }

  /** Begins to bring the leaves, and waits while too many are under way. */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    const leaves = await Promise.all(chunks.map(rawBlock));
    const nodes = await grow(this.#tree, leaves);
    const alone = this.#batches++ === 0 && chunks.length === 1;
    const policy = this.#policy;
    if (policy.kind === "fragments" && !(alone && policy.data > 1)) {
      const parity = await this.#parityOf(chunks, policy);
      nodes.push(...(await grow(this.#parityTree, parity)));
      this.#fragmented = true;
      await this.#begin(() => this.#bringStripe([...leaves, ...parity]), nodes, leaves);
    } else {
      await this.#begin(() => all(leaves, (leaf) => this.#delivery.keepCopies(leaf)), nodes, leaves);
    }
  }

  async finish(): Promise<AddedFile> {
    const { root, nodes } = await this.#tree.finish();
    const parity = this.#fragmented ? await this.#parityTree.finish() : undefined;
    await this.#settle(0);
    await this.#bringNodes([...nodes, ...(parity?.nodes ?? [])]);
    throwIfCancelled(this.#options.signal);
    const { cid, size } = root;
    const file = { cid, size, added: this.#delivery.added };
    if (!parity || this.#policy.kind !== "fragments") return file;
    return { ...file, parity: { cid: parity.root.cid, data: this.#policy.data, parity: this.#policy.parity } };
  }

  async undo(): Promise<void> {
    // what is under way could put blocks after they were removed
    await Promise.allSettled(this.#underWay);
    await this.#delivery.undo();
  }

  #parityOf(chunks: readonly Uint8Array[], { data, parity }: FragmentsPolicy): Promise<Block[]> {
    const short = Array.from({ length: data - chunks.length }, () => new Uint8Array());
    return Promise.all(encode([...chunks, ...short], parity).map(rawBlock));
  }

  async #bringStripe(fragments: readonly Block[]): Promise<void> {
    const [first] = fragments;
    if (first) await this.#delivery.keepFragments(fragments, first.cid.multihash.digest);
  }

  async #bringNodes(nodes: readonly Block[]): Promise<void> {
    await all(nodes, (node) => this.#delivery.keepEverywhere(node));
  }

  async #begin(bring: () => Promise<void>, nodes: readonly Block[], leaves: readonly Block[]): Promise<void> {
    await this.#settle(STRIPES - 1);
    const work = (async () => {
      await bring();
      await this.#bringNodes(nodes);
      this.#kept += leaves.reduce((sum, { bytes }) => sum + bytes.length, 0);
      this.#options.onProgress?.(this.#kept);
    })();
    // its failure is seen by the next call
    work.catch(() => undefined);
    this.#underWay.push(work);
  }

  /** Waits until no more than so many are under way; those that failed stay, to be waited for before the rest is undone. */
  async #settle(most: number): Promise<void> {
    while (this.#underWay.length > most) {
      await this.#underWay[0];
      await this.#underWay.shift();
    }
  }
}

/** Waits for all, then throws the first failure. */
async function all(blocks: readonly Block[], keep: (block: Block) => Promise<void>): Promise<void> {
  const works = blocks.map(keep);
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** Adds leaves to a tree; returns the nodes that they completed. */
async function grow(tree: BalancedTree, leaves: readonly Block[]): Promise<Block[]> {
  const nodes: Block[] = [];
  for (const { cid, bytes } of leaves) {
    nodes.push(...(await tree.add({ cid, size: bytes.length, tsize: bytes.length })));
  }
  return nodes;
}

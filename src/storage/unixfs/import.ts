import type { CID } from "multiformats/cid";
import type { ByteStream } from "../../bytes.js";
import { throwIfCancelled } from "../../errors.js";
import type { Block, BlockStore, StoreOptions } from "../types.js";
import { removeBlocks } from "./blocks.js";
import { batchesOf, cut } from "./cut.js";
import { PROFILE, type Shape } from "./node.js";
import { BalancedTree } from "./tree.js";
import { rawBlock } from "../verify.js";

/** Leaves that are hashed and put together: 8 MiB, so that a remote store has something to batch. */
const BATCH = 8;

export interface ImportOptions extends StoreOptions {
  /** Told how many bytes of the file the store keeps so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Another cut than the profile's gives other CIDs: for tests of deep trees. */
  readonly shape?: Shape | undefined;
}

/** What an import does to a store. */
export type ImportTarget = Pick<BlockStore, "has" | "putMany" | "delete">;

export interface ImportedFile {
  /** Root of the DAG: a dag-pb node, or the raw leaf itself for a file of one chunk. */
  readonly cid: CID;
  readonly size: number;
  /** Bytes of the whole DAG (dag-pb's Tsize), which repeats what the file repeats. */
  readonly tsize: number;
  /** The blocks that this import brought: what {@link removeBlocks} takes to undo it. Those already in the store are not among them. */
  readonly added: readonly CID[];
}

/**
 * Cuts a stream into a standard UnixFS DAG (CIDv1, raw leaves of 1 MiB, balanced, profile unixfs-v1-2025) and puts its blocks.
 * Memory stays constant (some 20 MiB), but for a CID per block. The deadline is that of each call of the store. The signal is
 * looked at between two pieces of the source, which has to heed it itself where it waits.
 *
 * All or nothing: when the source, the store or the caller's signal ends it early, the blocks it added are removed again, as
 * far as the store answers, and the failure passes: CANCELLED, the store's STORE_FAILED, or what the source threw. Undoing
 * an import must not run beside another one of the same bytes, which would rely on the blocks; ciphertext never repeats.
 *
 * @example
 * const { cid, size, added } = await importFile(sealed, store, { signal, onProgress });
 * try { await anchor(cid); } catch (error) { await removeBlocks(added, store); throw error; }
 */
export async function importFile(
  source: ByteStream,
  store: ImportTarget,
  options: ImportOptions = {},
): Promise<ImportedFile> {
  const { shape = PROFILE, signal } = options;
  const tree = new BalancedTree(shape.children);
  const writer = new Writer(store, options);
  try {
    for await (const chunks of batchesOf(cut(source, shape.chunk, signal, writer.spare), BATCH)) {
      const leaves = await Promise.all(chunks.map(rawBlock));
      const nodes: Block[] = [];
      for (const { cid, bytes } of leaves) {
        nodes.push(...(await tree.add({ cid, size: bytes.length, tsize: bytes.length })));
      }
      const size = leaves.reduce((sum, { bytes }) => sum + bytes.length, 0);
      await writer.write([...leaves, ...nodes], size, chunks);
    }
    const { root, nodes } = await tree.finish();
    await writer.write(nodes, 0);
    await writer.settle();
    throwIfCancelled(signal);
    return { cid: root.cid, size: root.size, tsize: root.tsize, added: [...writer.added.values()] };
  } catch (error) {
    // what is under way could put blocks after they were removed
    await writer.settle().catch(() => undefined);
    await removeBlocks(writer.added.values(), store, { deadline: options.deadline });
    throw error;
  }
}

/** Puts one batch while the next is being made. */
class Writer {
  /** By CID, as a file may repeat a block. */
  readonly added = new Map<string, CID>();
  /** Memory of leaves that were put, for those to come: new memory for each costs a third of the time. */
  readonly spare: Uint8Array[] = [];
  #kept = 0;
  #underWay: Promise<void> = Promise.resolve();
  readonly #store: ImportTarget;
  readonly #options: ImportOptions;

  constructor(store: ImportTarget, options: ImportOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Waits for the batch before, then begins with this one; `size` is what it holds of the file, in `chunks`. */
  async write(blocks: readonly Block[], size: number, chunks: readonly Uint8Array[] = []): Promise<void> {
    await this.settle();
    this.#underWay = this.#put(blocks, size).then(() => void this.spare.push(...chunks));
    // its failure is seen by the next call
    this.#underWay.catch(() => undefined);
  }

  settle(): Promise<void> {
    return this.#underWay;
  }

  async #put(blocks: readonly Block[], size: number): Promise<void> {
    if (blocks.length === 0) return;
    const { signal, deadline, onProgress } = this.#options;
    const there = await Promise.all(blocks.map(({ cid }) => this.#store.has(cid, { signal, deadline })));
    for (const [index, { cid }] of blocks.entries()) if (!there[index]) this.added.set(cid.toString(), cid);
    // also those already there, as a store heals what rotted
    await this.#store.putMany(blocks, { signal, deadline });
    this.#kept += size;
    // the last nodes hold nothing of the file itself
    if (size > 0) onProgress?.(this.#kept);
  }
}

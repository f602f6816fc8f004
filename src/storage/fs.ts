import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CID } from "multiformats/cid";
import { CareKeyError, isCareKeyError } from "../errors.js";
import { withDeadline } from "./deadline.js";
import { makeDirectory, readUpTo, sweep, syncDirectory, touch, unlessMissing, writeTemporary } from "./fs-files.js";
import { inParallel } from "./parallel.js";
import { type Block, type BlockStore, MAX_BLOCK, type StoreOptions, type StoredBlock } from "./types.js";
import { cidOfKey, keyOf, verifyBlock, verifyPut } from "./verify.js";

export interface FsStoreOptions {
  /** False lets a power cut lose what was acknowledged: for tests and caches only. True by default. */
  readonly fsync?: boolean | undefined;
}

/** As many as Node's thread pool does at once. */
const PARALLEL = 4;
/** Bytes and blocks that putMany gathers before it writes, and so what it holds in memory. */
const BATCH = 16 * 1024 * 1024;
const BATCH_BLOCKS = 1024;
/** No writer holds a temporary file for longer; younger ones may belong to a living process, here or in another container. */
const ABANDONED = 60 * 60 * 1000;
const SUFFIX = ".data";
/** A local disk answers or fails by itself. */
const DEADLINE = Infinity;

/**
 * The embedded store: one file (0600) per IPFS block below `directory`, which is made (0700) where it is missing.
 *
 * - `blocks/XY/KEY.data` as Kubo's flatfs names them: base32 of the multihash, sharded by its last characters but one
 * - `pins/CID`, an empty file per pinned root
 * - `temporary/`, where a block is written and synced before a rename makes it appear whole or not at all
 *
 * What was acknowledged survives a crash of the process and of the machine. Several processes may share a directory. A block
 * that rotted on the disk is refused with BLOCK_INVALID; putting it again heals it. `has` says that a file is there, not
 * that it is intact. Throws DISK_FULL, or STORE_FAILED with the system's `{ code }`.
 *
 * @example
 * const store = await fsStore(join(home, "blocks"));
 * await store.put(await rawBlock(sealed));
 */
export async function fsStore(directory: string, { fsync = true }: FsStoreOptions = {}): Promise<BlockStore> {
  const store = new FsStore(directory, fsync);
  await store.open();
  return store;
}

class FsStore implements BlockStore {
  readonly #blocks: string;
  readonly #pins: string;
  readonly #temporary: string;
  readonly #fsync: boolean;
  /** Shards that this process knows to be on the disk. */
  readonly #shards = new Set<string>();

  constructor(directory: string, fsync: boolean) {
    this.#blocks = join(directory, "blocks");
    this.#pins = join(directory, "pins");
    this.#temporary = join(directory, "temporary");
    this.#fsync = fsync;
  }

  open(): Promise<void> {
    return withDeadline(undefined, DEADLINE, async () => {
      for (const path of [this.#blocks, this.#pins, this.#temporary]) await makeDirectory(path, this.#fsync);
      await sweep(this.#temporary, ABANDONED);
    });
  }

  put(block: Block, options?: StoreOptions): Promise<void> {
    return this.#keep([block], options);
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    let batch: Block[] = [];
    let size = 0;
    for await (const block of blocks) {
      batch.push(block);
      size += block.bytes.length;
      if (size >= BATCH || batch.length >= BATCH_BLOCKS) {
        await this.#keep(batch, options);
        batch = [];
        size = 0;
      }
    }
    await this.#keep(batch, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return withDeadline(options, DEADLINE, async (signal) => {
      const bytes = await readUpTo(this.#path(keyOf(cid)), MAX_BLOCK);
      signal.throwIfAborted();
      if (!bytes) throw missing(cid);
      await verifyBlock(cid, bytes);
      return bytes;
    });
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return withDeadline(options, DEADLINE, () => this.#holds(cid));
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return withDeadline(options, DEADLINE, async () => {
      if (!(await this.#holds(cid))) return;
      const path = this.#path(keyOf(cid));
      await rm(path, { force: true });
      if (this.#fsync) await syncDirectory(dirname(path));
    });
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return withDeadline(options, DEADLINE, async () => {
      if (!(await this.#holds(root))) throw missing(root);
      await touch(join(this.#pins, root.toString()));
      if (this.#fsync) await syncDirectory(this.#pins);
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return withDeadline(options, DEADLINE, async () => {
      keyOf(root);
      await rm(join(this.#pins, root.toString()), { force: true });
      if (this.#fsync) await syncDirectory(this.#pins);
    });
  }

  async *pins(options?: StoreOptions): AsyncIterable<CID> {
    yield* await withDeadline(options, DEADLINE, async () =>
      (await readdir(this.#pins)).map((name) => CID.parse(name)),
    );
  }

  async *blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    const shards = await withDeadline(options, DEADLINE, () => readdir(this.#blocks));
    for (const shard of shards) yield* await withDeadline(options, DEADLINE, () => this.#shard(shard));
  }

  async #shard(shard: string): Promise<StoredBlock[]> {
    const blocks: StoredBlock[] = [];
    for (const name of (await unlessMissing(readdir(join(this.#blocks, shard)))) ?? []) {
      const cid = cidOfKey(name.slice(0, -SUFFIX.length));
      const file = cid && (await unlessMissing(stat(join(this.#blocks, shard, name))));
      if (file) blocks.push({ cid, size: file.size, since: file.mtimeMs });
    }
    return blocks;
  }

  #path(key: string): string {
    return join(this.#blocks, key.slice(-3, -1), `${key}${SUFFIX}`);
  }

  async #holds(cid: CID): Promise<boolean> {
    return (await unlessMissing(stat(this.#path(keyOf(cid))))) !== undefined;
  }

  /** Checks, writes and syncs a batch; one sync per shard. After a failure none of its temporary files is left. */
  #keep(blocks: readonly Block[], options: StoreOptions | undefined): Promise<void> {
    return withDeadline(options, DEADLINE, async (signal) => {
      const distinct = new Map<string, Block>();
      await inParallel(blocks, PARALLEL, async (block) => {
        await verifyPut(block);
        distinct.set(this.#path(keyOf(block.cid)), block);
      });
      const written = new Map<string, string>();
      try {
        await inParallel(distinct, PARALLEL, async ([path, block]) => {
          signal.throwIfAborted();
          if (await isIntact(path, block.cid)) {
            // whoever collects garbage must see that somebody counts on it anew; one taken just now is written below
            const now = new Date();
            if ((await unlessMissing(utimes(path, now, now).then(() => true))) === true) return;
          }
          written.set(path, await writeTemporary(this.#temporary, block.bytes, this.#fsync));
        });
        signal.throwIfAborted();
        // the blocks already there too: whoever wrote them may not have come to sync them
        const shards = new Set([...distinct.keys()].map((path) => dirname(path)));
        await this.#makeShards(shards);
        for (const [path, temporary] of written) {
          await rename(temporary, path);
          written.delete(path);
        }
        if (this.#fsync) await inParallel(shards, PARALLEL, syncDirectory);
      } finally {
        for (const temporary of written.values()) await rm(temporary, { force: true });
      }
    });
  }

  async #makeShards(shards: ReadonlySet<string>): Promise<void> {
    const unknown = [...shards].filter((path) => !this.#shards.has(path));
    if (unknown.length === 0) return;
    await inParallel(unknown, PARALLEL, (path) => makeDirectory(path, false));
    // also those that were there: another process may just have made them
    if (this.#fsync) await syncDirectory(this.#blocks);
    for (const path of unknown) this.#shards.add(path);
  }
}

/** False also for a file that is rotten or cannot be read: writing it anew heals it, or fails with the right error. */
async function isIntact(path: string, cid: CID): Promise<boolean> {
  const bytes = await readUpTo(path, MAX_BLOCK).catch(() => undefined);
  if (!bytes) return false;
  try {
    await verifyBlock(cid, bytes);
    return true;
  } catch (error) {
    if (isCareKeyError(error, "BLOCK_INVALID")) return false;
    throw error;
  }
}

function missing(cid: CID): CareKeyError {
  return new CareKeyError("BLOCK_MISSING", "The directory holds no such block", { cid: cid.toString() });
}

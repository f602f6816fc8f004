import type { CID } from "multiformats/cid";

import { open } from "../crypto/age.js";
import { isCareKeyError } from "../errors.js";
import { readStored, rootsOf } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import { listBlocks } from "../storage/unixfs/blocks.js";
import type { PipelineOptions } from "./context.js";
import type { PartLocation } from "./manifest.js";

/** What became of blocks that were to go, in one store. */
export interface Removal {
  readonly store: string;
  /** How many blocks it was asked to drop. */
  readonly blocks: number;
  /** CIDs of those that it still has, or did not answer for. */
  readonly left: readonly string[];
}

/** What is to leave the stores: parts, and the blocks that alone say where those lie. */
export interface Leaving {
  readonly roots: readonly CID[];
  /** All blocks below the roots. */
  readonly blocks: readonly CID[];
  /** Manifests and capsules: they go last, and only once the parts are gone. */
  readonly leading: readonly CID[];
}

/**
 * What leaves when these parts and manifests do.
 * @param kept Names of roots that stay, whoever lists them.
 */
export async function leavingOf(
  parts: readonly PartLocation[],
  leading: readonly CID[],
  kept: ReadonlySet<string>,
  store: BlockStore,
): Promise<Leaving> {
  const known = new Set(kept);
  const roots: CID[] = [];
  for (const location of parts) {
    const own = rootsOf(location).filter((cid) => !known.has(cid.toString()));
    if (!own[0]?.equals(location.cid) || !(await isSealedUnder(location, store))) continue;
    for (const cid of own) known.add(cid.toString());
    roots.push(...own);
  }
  return { roots, blocks: await blocksOf(roots, store), leading };
}

/** Unpins and deletes in every store, one after the other, and asks each what it still has. */
export async function removeFrom(
  stores: Readonly<Record<string, BlockStore>>,
  { roots, blocks, leading }: Leaving,
  { onProgress }: PipelineOptions = {},
): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const [name, store] of Object.entries(stores)) {
    onProgress?.({ step: "removing", done: removals.length, total: Object.keys(stores).length });
    const left = await drop(roots, blocks, store);
    const more = left.length === 0 ? await drop(leading, leading, store) : leading.map(String);
    removals.push({ store: name, blocks: blocks.length + leading.length, left: [...left, ...more] });
  }
  return removals;
}

/** True when the key opens the header of what lies there: a list alone proves nothing. Also where its beginning is gone already. */
async function isSealedUnder(location: PartLocation, store: BlockStore): Promise<boolean> {
  try {
    const { plaintext } = await open(readStored(location, store, { window: 1 }), { fileKey: location.key });
    await plaintext.return();
    return true;
  } catch (error) {
    return isCareKeyError(error, "BLOCK_MISSING");
  }
}

async function blocksOf(roots: readonly CID[], store: BlockStore): Promise<CID[]> {
  const blocks = new Map<string, CID>();
  for (const root of roots)
    for await (const cid of listBlocks(root, store, { skipMissing: true })) blocks.set(cid.toString(), cid);
  return [...blocks.values()];
}

/** Unpins and deletes, and asks the store what it still has. A store that fails keeps nobody from the rest. */
async function drop(roots: readonly CID[], blocks: readonly CID[], store: BlockStore): Promise<string[]> {
  for (const root of roots) await store.unpin(root).catch(() => undefined);
  const left: string[] = [];
  for (const cid of blocks) {
    await store.delete(cid).catch(() => undefined);
    if (await store.has(cid).catch(() => true)) left.push(cid.toString());
  }
  return left;
}

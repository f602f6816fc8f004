import { getBytes } from "ethers";
import type { CID } from "multiformats/cid";

import type { Hex32 } from "../chain/ids.js";
import { type AnchoredRecord, findRecords, manifestsOf } from "../chain/records.js";
import { open } from "../crypto/age.js";
import { isCareKeyError, throwIfCancelled } from "../errors.js";
import type { BlockStore } from "../storage/types.js";
import { listBlocks } from "../storage/unixfs/blocks.js";
import { readFile } from "../storage/unixfs/read.js";
import { cidOfDigest } from "../storage/verify.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import type { Manifest, OpenedManifest, PartLocation } from "./manifest.js";
import { fetchManifest } from "./own.js";

/** A manifest that a record had before, still in the store. */
export interface FormerManifest extends OpenedManifest {
  readonly digest: Hex32;
  /** Its sealed bytes. */
  readonly block: Uint8Array;
}

/** What became of blocks that were to go, in one store. */
export interface Removal {
  readonly store: string;
  /** How many blocks it was asked to drop. */
  readonly blocks: number;
  /** CIDs of those that it still has, or did not answer for. */
  readonly left: readonly string[];
}

/**
 * The former manifests of a record that are still in the store and that this actor can open, oldest first. What a pointer led to that is not this
 * record's manifest is none: a writer could have pointed it at anything.
 */
export async function formerManifests(
  context: Context,
  record: AnchoredRecord,
  options: PipelineOptions = {},
): Promise<FormerManifest[]> {
  const digests = new Set((await manifestsOf(context.chain, record)).map(({ manifest }) => manifest));
  digests.delete(record.manifest);
  const former: FormerManifest[] = [];
  for (const digest of digests) {
    throwIfCancelled(options.signal);
    if (!(await context.store.has(cidOfDigest(getBytes(digest)), options))) continue;
    const manifest = { ...record, manifest: digest };
    const opened = await fetchManifest(context, manifest, asActor(context), options).catch(unlessForeign);
    if (opened) former.push({ ...opened, digest });
  }
  return former;
}

/**
 * Drops former manifests, and of their parts what no current record of this chart that the actor can open refers to: a writer could have
 * listed another record's parts. The manifests go last, and only once their parts are gone from the actor's own store: they alone say where those lie.
 *
 * @param stores The actor's own store under the name "own", and others that are asked to drop the same blocks.
 */
export async function removeFormer(
  context: Context,
  { record, manifest: current }: { readonly record: AnchoredRecord; readonly manifest: Manifest },
  former: readonly FormerManifest[],
  stores: Readonly<Record<string, BlockStore>>,
  options: PipelineOptions = {},
): Promise<Removal[]> {
  if (former.length === 0) return [];
  const kept = new Set(current.parts.map(({ cid }) => cid.toString()));
  const gone = former.flatMap(({ manifest }) => manifest.parts).filter(({ cid }) => !kept.has(cid.toString()));
  if (gone.length > 0) for (const root of await referredTo(context, record, options)) kept.add(root);
  const roots: CID[] = [];
  for (const { cid, key } of gone) {
    if (kept.has(cid.toString()) || !(await isSealedUnder({ cid, key }, context.store))) continue;
    kept.add(cid.toString());
    roots.push(cid);
  }
  const blocks = await blocksOf(roots, context.store);
  const manifests = former.map(({ digest }) => cidOfDigest(getBytes(digest)));
  const removals: Removal[] = [];
  for (const [name, store] of Object.entries(stores)) {
    options.onProgress?.({ step: "removing", done: removals.length, total: Object.keys(stores).length });
    const left = await drop(roots, blocks, store);
    const more = left.length === 0 ? await drop(manifests, manifests, store) : manifests.map(String);
    removals.push({ store: name, blocks: blocks.length + manifests.length, left: [...left, ...more] });
  }
  return removals;
}

/** Roots of parts of the chart's current records, as far as this actor can open them. */
async function referredTo(context: Context, record: AnchoredRecord, options: PipelineOptions): Promise<Set<string>> {
  const { chain } = context;
  // an author opens only some of a patient's records, and trusts its own
  const chart = chain.address === record.patient ? await findRecords(chain, record.patient) : [];
  const roots = new Set<string>();
  for (const each of chart) {
    throwIfCancelled(options.signal);
    const opened = await fetchManifest(context, each, asActor(context), options).catch(unlessForeign);
    for (const { cid } of opened?.manifest.parts ?? []) roots.add(cid.toString());
  }
  return roots;
}

/** True when the key opens the header of what lies there: a list alone proves nothing. Also where its beginning is gone already. */
async function isSealedUnder({ cid, key }: PartLocation, store: BlockStore): Promise<boolean> {
  try {
    const { plaintext } = await open(readFile(cid, store, { window: 1 }), { fileKey: key });
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

/** What a pointer may lead to that is not this actor's to judge. */
const foreign = [
  "NOT_A_RECIPIENT",
  "SEALED_INVALID",
  "RECORD_INVALID",
  "RECORD_MISMATCH",
  "BLOCK_MISSING",
  "BLOCK_INVALID",
] as const;

function unlessForeign(error: unknown): undefined {
  if (!foreign.some((code) => isCareKeyError(error, code))) throw error;
}

import { getBytes } from "ethers";

import type { Hex32 } from "../chain/ids.js";
import { type AnchoredRecord, manifestsOf } from "../chain/records.js";
import { isCareKeyError, throwIfCancelled } from "../errors.js";
import { rootsOf } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import { cidOfDigest } from "../storage/verify.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { type Removal, leavingOf, removeFrom } from "./drop.js";
import { asActor } from "./identities.js";
import { recordsOf } from "./known-charts.js";
import { listedIn, unanchored } from "./listed.js";
import type { Manifest, OpenedManifest, PartLocation } from "./manifest.js";
import { fetchManifest } from "./own.js";

/** A manifest that a record had before, still in the store. */
export interface FormerManifest extends OpenedManifest {
  readonly digest: Hex32;
  /** Its sealed bytes. */
  readonly block: Uint8Array;
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
  const kept = new Set(namesOf(current.parts));
  const gone = former.flatMap(({ manifest }) => manifest.parts).filter(({ cid }) => !kept.has(cid.toString()));
  if (gone.length > 0) {
    const { chain } = context;
    // an author opens only some of a patient's records, and trusts its own
    const chart = chain.address === record.patient ? await recordsOf(context, record.patient) : [];
    for (const root of await referredTo(context, record, chart, options)) kept.add(root);
  }
  const leaving = await leavingOf(
    gone,
    former.map(({ digest }) => cidOfDigest(getBytes(digest))),
    kept,
    context.store,
  );
  return removeFrom(stores, leaving, options);
}

/** Manifests, and roots of parts, of a chart's other records as they are now, and of what they list, as far as this actor can open them. */
export async function referredTo(
  context: Context,
  record: AnchoredRecord,
  chart: readonly AnchoredRecord[],
  options: PipelineOptions,
): Promise<Set<string>> {
  const roots = new Set<string>();
  const listed: ChartRecord[] = [];
  const refer = async (each: ChartRecord): Promise<void> => {
    if (each.recordId === record.recordId) return;
    throwIfCancelled(options.signal);
    const opened = await fetchManifest(context, each, asActor(context), options).catch(unlessForeign);
    if (!opened) return;
    for (const name of namesOf(opened.manifest.parts)) roots.add(name);
    roots.add(cidOfDigest(getBytes(each.manifest)).toString());
    listed.push(...(await listedThere(context, each, opened.manifest, options)));
  };
  for (const each of chart) await refer(each);
  for (const each of unanchored(listed, chart)) await refer(each);
  return roots;
}

async function listedThere(...asked: Parameters<typeof listedIn>): Promise<ChartRecord[]> {
  return (await listedIn(...asked).catch(unlessForeign)) ?? [];
}

/** The manifests of what a record lists and no anchor of its own has, as far as they are still there and this actor can open them. */
export async function listedManifests(
  context: Context,
  { record, manifest }: { readonly record: AnchoredRecord; readonly manifest: Manifest },
  chart: readonly AnchoredRecord[],
  options: PipelineOptions,
): Promise<FormerManifest[]> {
  const listed = await listedThere(context, record, manifest, options);
  const manifests: FormerManifest[] = [];
  for (const each of unanchored(listed, chart)) {
    throwIfCancelled(options.signal);
    const opened = await fetchManifest(context, each, asActor(context), options).catch(unlessForeign);
    if (opened) manifests.push({ ...opened, digest: each.manifest });
  }
  return manifests;
}

function namesOf(locations: readonly PartLocation[]): string[] {
  return locations.flatMap(rootsOf).map(String);
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

import type { Hex32 } from "../../chain/ids.js";
import { rootAnchoredAt } from "../../chain/roots.js";
import type { View } from "../../chain/view.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../../errors.js";
import type { ChartRecord } from "../chart-record.js";
import type { Context, PipelineOptions } from "../context.js";
import { asActor } from "../identities.js";
import { recordsOf } from "../known-charts.js";
import { listedBy, unanchored } from "../listed.js";
import { fetchManifest } from "../own.js";
import { judgeStamps, testimonyOf } from "../verify.js";
import { lastingView } from "../words.js";
import { type ClaimedRoot, type Evidence, collectEvidence } from "./facts.js";
import { type ExportFolder, isFolderTrouble } from "./folder.js";
import { folderOf, names } from "./layout.js";
import { readList } from "./lists.js";
import { ExportReader } from "./reader.js";
import { type ExportedRecord, readRecord, recordJson, writeRecord } from "./record-files.js";

export interface WriteOptions extends PipelineOptions {
  readonly sealed: boolean;
}

/** What of a chart was written. */
export interface Written {
  /** Of the whole chart; what an index record lists follows it. */
  readonly records: readonly ChartRecord[];
  readonly written: Map<Hex32, ExportedRecord>;
  readonly missing: Map<Hex32, ErrorCode>;
  readonly evidence: Evidence;
}

/** Trouble with the chain, the store as a whole or the caller's wish: not of one record. */
const fatal: ReadonlySet<ErrorCode> = new Set([
  ...(["CANCELLED", "CHAIN_UNREACHABLE", "CHAIN_INCONSISTENT", "STORE_UNREACHABLE", "DISK_FULL"] as const),
]);

/** How often records that came meanwhile are written, too. */
const attempts = 3;

/** The files of all records, and what the chain says of them; those that come while it is written are among them. */
export async function writeWhole(context: Context, folder: ExportFolder, options: WriteOptions): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    const { roots, ...all } = await writeAll(context, folder, options);
    const evidence = await collectEvidence(
      context.chain,
      all.records.map((record) => ({ ...record, stamps: all.written.get(record.recordId)?.stamps ?? [] })),
      roots,
    );
    if (!evidence.hasGrown || attempt === attempts) return { ...all, evidence };
  }
}

/** The files of all records: first of those with an anchor of their own, then of what is listed in them. */
async function writeAll(
  context: Context,
  folder: ExportFolder,
  options: WriteOptions,
): Promise<Omit<Written, "evidence"> & { readonly roots: readonly ClaimedRoot[] }> {
  const view = lastingView(context.chain);
  const chart = await recordsOf(context, context.chain.address);
  const written = new Map<Hex32, ExportedRecord>();
  const missing = new Map<Hex32, ErrorCode>();
  const write = async (records: readonly ChartRecord[], before: number): Promise<void> => {
    for (const [place, record] of records.entries()) {
      throwIfCancelled(options.signal);
      options.onProgress?.({ step: "exporting", done: before + place, total: before + records.length });
      const { recordId, status } = record;
      if (status === "erased") {
        await folder.remove(folderOf(recordId));
        continue;
      }
      try {
        written.set(recordId, await writeOne(context, folder, record, await view(), options));
      } catch (error) {
        if (!(error instanceof CareKeyError) || fatal.has(error.code) || isFolderTrouble(error)) throw error;
        await folder.remove(folderOf(recordId));
        missing.set(recordId, error.code);
      }
    }
  };
  await folder.makeFolder(names.records);
  await write(chart, 0);
  const { listed, roots } = await readLists(context, folder, chart, written, options);
  await removeOthers(folder, [...chart, ...listed]);
  await write(listed, chart.length);
  const under = Map.groupBy(listed, (record) => record.under);
  const records = chart.flatMap((record) => [record, ...(under.get(record.recordId) ?? [])]);
  return { records, written, missing, roots };
}

/** What the lists that were written name and has no anchor of its own, and the roots that lists name: also those that nobody anchored, to prove it. */
async function readLists(
  context: Context,
  folder: ExportFolder,
  chart: readonly ChartRecord[],
  written: ReadonlyMap<Hex32, ExportedRecord>,
  options: WriteOptions,
): Promise<{ listed: ChartRecord[]; roots: ClaimedRoot[] }> {
  const reader = readerOf(context, folder, options);
  const listed: ChartRecord[] = [];
  const roots: ClaimedRoot[] = [];
  for (const record of chart) {
    const { author, anchoredAt, recordId } = record;
    const own = written.get(recordId);
    const file = own && (await readList(reader, own));
    if (!file) continue;
    roots.push({ author, root: file.root });
    if ((await rootAnchoredAt(context.chain, author, file.root)) === anchoredAt)
      listed.push(...listedBy(record, file.records));
  }
  return { listed: unanchored(listed, chart), roots };
}

/** An interrupted export may have written what is no record of the chart any more. */
async function removeOthers(folder: ExportFolder, records: readonly ChartRecord[]): Promise<void> {
  const expected = new Set(records.map(({ recordId }) => folderOf(recordId)));
  for (const name of await folder.list(names.records))
    if (!expected.has(`${names.records}/${name}`)) await folder.remove(`${names.records}/${name}`);
}

/** Reads what was written. */
function readerOf(context: Context, folder: ExportFolder, options: WriteOptions): ExportReader {
  return new ExportReader(folder.partial, options.sealed, asActor(context).identity, options);
}

async function writeOne(
  context: Context,
  folder: ExportFolder,
  record: ChartRecord,
  view: View,
  options: WriteOptions,
): Promise<ExportedRecord> {
  const { chain, recipient } = context;
  const { manifest } = await fetchManifest(context, record, asActor(context), options);
  await judgeStamps(testimonyOf(chain, view), record, manifest);
  const earlier = await keepEarlier(context, folder, record, options);
  // it may have been stamped or sealed anew since
  if (earlier?.json === recordJson(manifest)) return earlier;
  await folder.remove(folderOf(record.recordId));
  return writeRecord(context, folder, manifest, options.sealed ? recipient : undefined, options);
}

/** What an interrupted export wrote of a record, if all of it is there and nothing else. */
async function keepEarlier(
  context: Context,
  folder: ExportFolder,
  { recordId, patient }: ChartRecord,
  options: WriteOptions,
): Promise<ExportedRecord | undefined> {
  const place = folderOf(recordId);
  const { chain } = context;
  const reader = readerOf(context, folder, options);
  const { files, others } = await reader.list(place);
  if (files.length === 0 || others.length > 0) return undefined;
  const wrong: string[] = [];
  const expected = { recordId, patient, chainId: chain.chainId, recordRegistry: chain.addresses.RecordRegistry };
  const found = await readRecord(reader, expected, (file) => wrong.push(file));
  if (!found || wrong.length > 0 || found.all.length !== files.length) return undefined;
  for (const file of found.all) folder.keep(file, await reader.sum(file));
  return found;
}

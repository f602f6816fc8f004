import { chainHead } from "../../chain/connection.js";
import type { Hex32 } from "../../chain/ids.js";
import { recordLogs } from "../../chain/record-logs.js";
import type { AnchoredRecord } from "../../chain/records.js";
import { readStateProof } from "../../chain/state-proof.js";
import type { View } from "../../chain/view.js";
import { sealBytes } from "../../crypto/age.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../../errors.js";
import { recordsOf } from "../known-charts.js";
import type { Context, PipelineOptions } from "../context.js";
import { asActor } from "../identities.js";
import { fetchManifest } from "../own.js";
import { judgeStamps, testimonyOf } from "../verify.js";
import { lastingView } from "../words.js";
import { bundleOf } from "./bundle.js";
import { type Evidence, collectEvidence, testimonyOfFacts } from "./facts.js";
import { ExportFolder, isFolderTrouble } from "./folder.js";
import { type ExportIndex, folderOf, names, toJson } from "./layout.js";
import { ExportReader } from "./reader.js";
import { readmeOf } from "./readme.js";
import { type ExportedRecord, readRecord, recordJson, writeRecord } from "./record-files.js";

export interface ExportOptions extends PipelineOptions {
  /** Writes what is personal as age files for this actor's identity; in the clear where omitted. */
  readonly sealed?: boolean;
}

/** What became of an export. */
export interface Exported {
  readonly directory: string;
  /** Records that are in it. */
  readonly records: readonly Hex32[];
  /** Records that could not be opened, and why; those erased by the patient's wish count as nothing missing. */
  readonly missing: readonly { readonly recordId: Hex32; readonly code: ErrorCode }[];
  readonly block: ExportIndex["block"];
  /** Why there is no proof of the chain's state; undefined where there is one. */
  readonly unproven: string | undefined;
}

/** Trouble with the chain, the store as a whole or the caller's wish: not of one record. */
const fatal: ReadonlySet<ErrorCode> = new Set([
  ...(["CANCELLED", "CHAIN_UNREACHABLE", "CHAIN_INCONSISTENT", "STORE_UNREACHABLE", "DISK_FULL"] as const),
]);

/**
 * Writes this actor's whole chart into a new folder (docs/format.md §19): files, bodies, stamps, a FHIR Bundle, and what the chain says, with proofs where the node gives them.
 * It is written beside `directory` and renamed when all of it is there; done again after an interruption, it keeps the records that are there already. A record that
 * can't be opened is listed with its code, and the rest goes on.
 *
 * @throws FILE_EXISTS for a folder that holds something, DISK_FULL, STORE_FAILED, STORE_UNREACHABLE, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE,
 * CANCELLED
 * @example const { records, missing } = await exportChart(context, "my-chart", { sealed: true });
 */
export async function exportChart(context: Context, directory: string, options: ExportOptions = {}): Promise<Exported> {
  throwIfCancelled(options.signal);
  const { chain } = context;
  const { sealed = false } = options;
  const { RecordRegistry: recordRegistry, CredentialRegistry: credentialRegistry } = chain.addresses;
  const kind = { version: 1, chainId: chain.chainId, recordRegistry, patient: chain.address, sealed };
  const folder = await ExportFolder.begin(directory, kind);
  const { chart, written, missing, evidence } = await writeWhole(context, folder, { ...options, sealed });
  const about = { chainId: chain.chainId, recordRegistry };
  // a credential may have been taken back while the files were written
  for (const record of chart) {
    const own = written.get(record.recordId);
    const code = own && (await refusalOf(judgeStamps(testimonyOfFacts(about, evidence.facts), record, own)));
    if (code === undefined) continue;
    await folder.remove(folderOf(record.recordId));
    written.delete(record.recordId);
    missing.set(record.recordId, code);
  }
  const index: ExportIndex = {
    version: 1,
    sealed,
    ...about,
    credentialRegistry,
    patient: chain.address,
    block: await blockOf(context, evidence),
    ...(evidence.unproven !== undefined && { unproven: evidence.unproven }),
    records: chart.map(({ recordId, compartment, manifest, ...known }) => {
      const { author, anchoredAt, status, index: number } = evidence.anchors.get(recordId) ?? known;
      const code = missing.get(recordId);
      const entry = { recordId, compartment, author, anchoredAt, status, index: number, manifest };
      return code === undefined ? entry : { ...entry, missing: code };
    }),
  };
  await writeRest(context, folder, index, written, evidence);
  throwIfCancelled(options.signal);
  await folder.finish();
  return {
    directory,
    records: [...written.keys()],
    missing: [...missing].map(([recordId, code]) => ({ recordId, code })),
    block: index.block,
    unproven: evidence.unproven,
  };
}

/** What of a chart was written. */
interface Written {
  readonly chart: readonly AnchoredRecord[];
  readonly written: Map<Hex32, ExportedRecord>;
  readonly missing: Map<Hex32, ErrorCode>;
  readonly evidence: Evidence;
}

/** How often records that came meanwhile are written, too. */
const attempts = 3;

/** The files of all records, and what the chain says of them; those that come while it is written are among them. */
async function writeWhole(
  context: Context,
  folder: ExportFolder,
  options: ExportOptions & { readonly sealed: boolean },
): Promise<Written> {
  const { chain } = context;
  for (let attempt = 1; ; attempt++) {
    const chart = await recordsOf(context, chain.address);
    const { written, missing } = await writeAll(context, folder, chart, options);
    const evidence = await collectEvidence(
      chain,
      chart.map((record) => ({ ...record, stamps: written.get(record.recordId)?.stamps ?? [] })),
    );
    if (!evidence.hasGrown || attempt === attempts) return { chart, written, missing, evidence };
  }
}

/** The files of all records, one record after the other. */
async function writeAll(
  context: Context,
  folder: ExportFolder,
  chart: readonly AnchoredRecord[],
  options: ExportOptions & { readonly sealed: boolean },
): Promise<Pick<Written, "written" | "missing">> {
  const view = lastingView(context.chain);
  const written = new Map<Hex32, ExportedRecord>();
  const missing = new Map<Hex32, ErrorCode>();
  await folder.makeFolder(names.records);
  const expected = new Set(chart.map(({ recordId }) => folderOf(recordId)));
  for (const name of await folder.list(names.records))
    if (!expected.has(`${names.records}/${name}`)) await folder.remove(`${names.records}/${name}`);
  for (const [done, record] of chart.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "exporting", done, total: chart.length });
    if (record.status === "erased") {
      await folder.remove(folderOf(record.recordId));
      continue;
    }
    try {
      written.set(record.recordId, await writeOne(context, folder, record, await view(), options));
    } catch (error) {
      if (!(error instanceof CareKeyError) || fatal.has(error.code) || isFolderTrouble(error)) throw error;
      await folder.remove(folderOf(record.recordId));
      missing.set(record.recordId, error.code);
    }
  }
  return { written, missing };
}

async function writeOne(
  context: Context,
  folder: ExportFolder,
  record: AnchoredRecord,
  view: View,
  options: ExportOptions & { readonly sealed: boolean },
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
  { recordId, patient }: AnchoredRecord,
  options: ExportOptions & { readonly sealed: boolean },
): Promise<ExportedRecord | undefined> {
  const place = folderOf(recordId);
  const { chain } = context;
  const reader = new ExportReader(folder.partial, options.sealed, asActor(context).identity, options);
  const { files, others } = await reader.list(place);
  if (files.length === 0 || others.length > 0) return undefined;
  const wrong: string[] = [];
  const expected = { recordId, patient, chainId: chain.chainId, recordRegistry: chain.addresses.RecordRegistry };
  const found = await readRecord(reader, expected, (file) => wrong.push(file));
  if (!found || wrong.length > 0 || found.all.length !== files.length) return undefined;
  for (const file of found.all) folder.keep(file, await reader.sum(file));
  return found;
}

/** Everything beside the records. */
async function writeRest(
  { chain, recipient }: Context,
  folder: ExportFolder,
  index: ExportIndex,
  written: ReadonlyMap<Hex32, ExportedRecord>,
  { facts, proof }: Evidence,
): Promise<void> {
  await folder.makeFolder("proofs");
  await folder.write(names.facts, toJson(facts));
  if (proof) await folder.write(names.state, toJson(proof));
  await folder.write(names.events, toJson(await recordLogs(chain, chain.address)));
  const bundle = Buffer.from(toJson(bundleOf(index, written)));
  if (index.sealed) await folder.write(`${names.bundle}.age`, (await sealBytes(bundle, [recipient])).bytes);
  else await folder.write(names.bundle, bundle);
  await folder.write(names.index, toJson(index));
  await folder.write(names.readme, readmeOf(index));
}

async function blockOf({ chain }: Context, { proof }: Evidence): Promise<ExportIndex["block"]> {
  if (!proof) return chainHead(chain);
  const { blockNumber, blockHash, time } = await readStateProof(proof);
  return { number: blockNumber, hash: blockHash, time };
}

async function refusalOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof CareKeyError) return error.code;
    throw error;
  }
}

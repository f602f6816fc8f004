import { chainHead } from "../../chain/connection.js";
import type { Hex32 } from "../../chain/ids.js";
import { recordLogs } from "../../chain/record-logs.js";
import { readStateProof } from "../../chain/state-proof.js";
import { sealBytes } from "../../crypto/age.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../../errors.js";
import type { ChartRecord } from "../chart-record.js";
import type { Context, PipelineOptions } from "../context.js";
import { judgeStamps } from "../verify.js";
import { bundleOf } from "./bundle.js";
import { type Evidence, testimonyOfFacts } from "./facts.js";
import { ExportFolder } from "./folder.js";
import { type ExportIndex, folderOf, names, toJson } from "./layout.js";
import { readmeOf } from "./readme.js";
import type { ExportedRecord } from "./record-files.js";
import { type Written, writeWhole } from "./write.js";

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

/**
 * Writes this actor's whole chart into a new folder (docs/format.md §19): files, bodies, stamps, a FHIR Bundle, and what the chain says, with proofs where the node gives them.
 * It is written beside `directory` and renamed when all of it is there; done again after an interruption, it keeps the records that are there already. A record that
 * can't be opened is listed with its code, and the rest goes on; what index records list is in it, as far as those are.
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
  const whole = await writeWhole(context, folder, { ...options, sealed });
  const { written, missing, evidence } = whole;
  const about = { chainId: chain.chainId, recordRegistry };
  const records = await withoutFallen(folder, about, whole);
  const index: ExportIndex = {
    version: 1,
    sealed,
    ...about,
    credentialRegistry,
    patient: chain.address,
    block: await blockOf(context, evidence),
    ...(evidence.unproven !== undefined && { unproven: evidence.unproven }),
    records: records.map((record) => entryOf(record, whole)),
  };
  await writeRest(context, folder, index, written, evidence);
  throwIfCancelled(options.signal);
  await folder.finish();
  return {
    directory,
    records: records.map(({ recordId }) => recordId).filter((recordId) => written.has(recordId)),
    missing: [...missing].map(([recordId, code]) => ({ recordId, code })),
    block: index.block,
    unproven: evidence.unproven,
  };
}

/**
 * The records of an export, but what was listed in one that is not in it. What fell while the files were written is removed: it was erased, or a credential was taken back.
 */
async function withoutFallen(
  folder: ExportFolder,
  about: Pick<ExportIndex, "chainId" | "recordRegistry">,
  { records, written, missing, evidence }: Written,
): Promise<ChartRecord[]> {
  const left: ChartRecord[] = [];
  const testimony = testimonyOfFacts(about, evidence.facts);
  for (const record of records) {
    const { recordId, under } = record;
    // only the list shows its author and time
    const isLost = under !== undefined && !written.has(under);
    if (!isLost) left.push(record);
    const own = written.get(recordId);
    const isErased = evidence.anchors.get(recordId)?.status === "erased";
    const code = own && !isLost && !isErased ? await refusalOf(judgeStamps(testimony, record, own)) : undefined;
    if (isLost || isErased) missing.delete(recordId);
    if (code !== undefined) missing.set(recordId, code);
    if (!own || !(isLost || isErased || code !== undefined)) continue;
    await folder.remove(folderOf(recordId));
    written.delete(recordId);
  }
  return left;
}

function entryOf(record: ChartRecord, { missing, evidence }: Written): ExportIndex["records"][number] {
  const { recordId, compartment, manifest, under } = record;
  const { author, anchoredAt, status, index } = evidence.anchors.get(recordId) ?? record;
  const known = { recordId, compartment, author, anchoredAt, status };
  const code = missing.get(recordId);
  return {
    ...(under === undefined ? { ...known, index } : { ...known, under }),
    manifest,
    ...(code !== undefined && { missing: code }),
  };
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

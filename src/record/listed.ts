import { collect } from "../bytes.js";
import { type Hex32, recordIdOf } from "../chain/ids.js";
import { type AnchoredRecord, findRecord } from "../chain/records.js";
import { claimLeaves, recordTree, rootAnchoredAt } from "../chain/roots.js";
import type { Status } from "../chain/stored-words.js";
import type { View } from "../chain/view.js";
import { isCareKeyError, throwIfCancelled } from "../errors.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { type IndexEntry, type IndexFile, MAX_INDEX_SIZE, indexInvalid, isIndex, readIndexFile } from "./index-file.js";
import { recordsOf } from "./known-charts.js";
import type { Manifest } from "./manifest.js";
import { openRecord, requireReadable } from "./open-manifest.js";
import { partStream } from "./part-stream.js";
import { sentUnder } from "./sent.js";

export interface ListedOptions extends PipelineOptions {
  /** The index record that lists it. */
  readonly under?: Hex32 | undefined;
}

/** Index files as a session has read them: what a record says never changes. */
const known = new WeakMap<Context, Map<Hex32, IndexFile>>();

/**
 * The records that an opened record lists; none where it is no index record. Each has its author and time, as the root shows them.
 * @throws RECORD_INVALID where the list is not that of a root which the author anchored with it, BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, CHAIN_UNREACHABLE,
 * CANCELLED
 */
export async function listedIn(
  context: Context,
  record: AnchoredRecord,
  manifest: Pick<Manifest, "body" | "parts">,
  options: PipelineOptions = {},
): Promise<ChartRecord[]> {
  return isIndex(manifest.body) ? listedBy(record, (await indexOf(context, record, manifest, options)).records) : [];
}

/** What the entries of an index record stand for. */
export function listedBy(record: AnchoredRecord, entries: readonly IndexEntry[]): ChartRecord[] {
  const { recordId: under, patient, compartment, status } = record;
  return entries.map(({ content, manifest: digest }) => ({
    ...record,
    ...{ recordId: recordIdOf(patient, compartment, content), content, origin: content, manifest: digest },
    ...{ status: listedStatus(status), pointers: 0, under },
  }));
}

/** Status of what an index record with this status lists. */
export function listedStatus(status: Status): Status {
  // what takes the place of a list takes that of no record in it
  return status === "amended" ? "anchored" : status;
}

async function indexOf(
  context: Context,
  record: AnchoredRecord,
  { body, parts }: Pick<Manifest, "body" | "parts">,
  options: PipelineOptions,
): Promise<IndexFile> {
  const files = known.get(context) ?? new Map<Hex32, IndexFile>();
  known.set(context, files);
  const { recordId, author, anchoredAt } = record;
  const read = files.get(recordId);
  if (read) return read;
  const [part, location] = [body.parts[0], parts[0]];
  if (!part || !location || part.size > MAX_INDEX_SIZE) throw indexInvalid(recordId, "size");
  const encoded = await collect(partStream(context, part, location, 0, options), MAX_INDEX_SIZE).catch(
    (error: unknown) => {
      // longer than it says
      if (isCareKeyError(error) && error.code !== "RECORD_TOO_LARGE") throw error;
      throw indexInvalid(recordId, "size");
    },
  );
  const file = readIndexFile(encoded, record);
  // otherwise nobody could ever claim them, nor have them erased
  if ((await rootAnchoredAt(context.chain, author, file.root)) !== anchoredAt) throw indexInvalid(recordId, "root");
  files.set(recordId, file);
  return file;
}

/** Of what index records list, what has no anchor of its own, each once. */
export function unanchored(listed: readonly ChartRecord[], chart: readonly AnchoredRecord[]): ChartRecord[] {
  const found = new Set(chart.map(({ recordId }) => recordId));
  return listed.filter(({ recordId }) => {
    const isNew = !found.has(recordId);
    found.add(recordId);
    return isNew;
  });
}

/**
 * A record by its id: by its own anchor, or in the index record that lists it. Where none is named it is looked for on the actor's own chart, and where its key was sent
 * in this session.
 * @param requireList Refuses an index record that may not be opened.
 * @throws RECORD_UNKNOWN, RECORD_RETRACTED for what a withdrawn list names, and what opening the index record throws
 */
export async function findListed(
  context: Context,
  recordId: Hex32,
  view: View | undefined,
  { under, ...options }: ListedOptions = {},
  requireList: (index: AnchoredRecord) => Promise<void> | void = requireReadable,
): Promise<ChartRecord> {
  const { chain } = context;
  try {
    return await findRecord(chain, recordId, view);
  } catch (error) {
    if (!isCareKeyError(error, "RECORD_UNKNOWN")) throw error;
    const isNamed = under !== undefined;
    const lists = isNamed ? [await findRecord(chain, under, view)] : await candidates(context, recordId, view);
    for (const index of lists) {
      throwIfCancelled(options.signal);
      if (isNamed || index.patient !== chain.address) await requireList(index);
      const opened = openListed(context, index, view, options);
      const listed = await (isNamed ? opened : opened.catch(unlessLost));
      const found = listed.find((each) => each.recordId === recordId.toLowerCase());
      if (found) return found;
    }
    throw error;
  }
}

/** Records that may list it: of one's own chart, the oldest first, and then the one under which its key was sent, which may be a lie. */
async function candidates(context: Context, recordId: Hex32, view: View | undefined): Promise<AnchoredRecord[]> {
  const { chain } = context;
  const records = await recordsOf(context, chain.address, { view });
  const own = records.filter(({ status }) => status === "anchored" || status === "amended");
  const sent = sentUnder(context, recordId);
  if (sent === undefined) return own;
  const found = await findRecord(chain, sent, view).catch((error: unknown) => {
    if (!isCareKeyError(error, "RECORD_UNKNOWN")) throw error;
    return undefined;
  });
  return found && found.patient !== chain.address ? [...own, found] : own;
}

/** One lost or spoiled record keeps nobody from the others. */
export function unlessLost(error: unknown): [] {
  if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
  return [];
}

/** Opens a record and reads what it lists. */
export async function openListed(
  context: Context,
  index: AnchoredRecord,
  view: View | undefined,
  options: PipelineOptions = {},
): Promise<ChartRecord[]> {
  const { manifest } = await openRecord(context, index, view, options);
  return listedIn(context, index, manifest, options);
}

/**
 * Gives records that index records list an anchor of their own, by their author or the patient: then they can be amended, retracted, sealed anew or erased one by one.
 * What has one already is left as it is.
 * @throws CONTRACT_REFUSED (NotWriter, NotAuthor), CHAIN_UNREACHABLE, TRANSACTION_PENDING
 */
export async function claimListed(
  context: Context,
  records: readonly ChartRecord[],
  options: PipelineOptions = {},
): Promise<void> {
  const byIndex = Map.groupBy(
    records.filter(({ under }) => under !== undefined),
    ({ under }) => under,
  );
  for (const listed of byIndex.values()) {
    const [first] = listed;
    if (first?.under === undefined) continue;
    throwIfCancelled(options.signal);
    const file = known.get(context)?.get(first.under) ?? (await fileOf(context, first.under, options));
    const { patient, compartment, author } = first;
    const tree = recordTree(file.records.map(({ content }) => recordIdOf(patient, compartment, content)));
    const outcomes = await claimLeaves(context.chain, tree, { patient, compartment, author }, listed);
    for (const { error } of outcomes) if (error && error.details.error !== "AlreadyAnchored") throw error;
  }
}

async function fileOf(context: Context, under: Hex32, options: PipelineOptions): Promise<IndexFile> {
  const index = await findRecord(context.chain, under);
  const { manifest } = await openRecord(context, index, undefined, options);
  return indexOf(context, index, manifest, options);
}

/**
 * The same with the index record that listed it before it had an anchor of its own, as far as this actor can open it. What was claimed has the time of its root, and not
 * that of its block.
 */
export async function withIndex(
  context: Context,
  record: AnchoredRecord,
  options: PipelineOptions = {},
): Promise<ChartRecord> {
  const { recordId, patient, compartment, author, anchoredAt } = record;
  const block = await context.chain.provider.getBlock(record.block);
  if (block?.timestamp === anchoredAt) return record;
  const chart = await recordsOf(context, patient, { compartment });
  for (const each of chart.filter((other) => other.author === author && other.anchoredAt === anchoredAt)) {
    const listed = await openListed(context, each, undefined, options).catch(unlessLost);
    if (listed.some((other) => other.recordId === recordId)) return { ...record, under: each.recordId };
  }
  return record;
}

/** Gives one record an anchor of its own where it is only listed. What is claimed stays: a manifest that does not open is none. */
export async function claimOne(context: Context, record: ChartRecord, options: PipelineOptions = {}): Promise<void> {
  if (record.under === undefined) return;
  await openRecord(context, record, undefined, options);
  await claimListed(context, [record], options);
}

/**
 * A record with an anchor of its own: one that is only listed gets one now.
 * @throws as {@link findListed} and {@link claimListed}
 */
export async function anchoredRecord(
  context: Context,
  recordId: Hex32,
  options: ListedOptions = {},
): Promise<AnchoredRecord> {
  const record = await findListed(context, recordId, undefined, options);
  if (record.under === undefined) return record;
  requireReadable(record);
  await claimOne(context, record, options);
  return findRecord(context.chain, recordId);
}

import { chartState } from "../chain/chart.js";
import type { Hex32 } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import { type ChartCache, type RecordSummary, readCache, writeCache } from "./chart-cache.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { listedBy, listedIn, unanchored } from "./listed.js";
import type { Manifest } from "./manifest.js";
import { parseDescription } from "./open.js";
import { asActor } from "./identities.js";
import { fetchManifest } from "./own.js";

export interface ListOptions extends PipelineOptions {
  /** File that keeps what was listed, sealed to this actor; none where omitted. */
  readonly cache?: string | undefined;
}

/** A record of one's own chart, and what it says of itself. */
export interface ListedRecord extends ChartRecord {
  /** Undefined where the record can't be opened, or is erased. */
  readonly summary: RecordSummary | undefined;
  /** Why there is no summary. */
  readonly code?: ErrorCode;
}

/** Manifests asked for at once: a remote store answers many at a time. */
const parallel = 16;

/**
 * This actor's own chart, oldest first, with what each record says of itself; what an index record lists follows it. That is what its author anchored: the record's id holds it. Stamps and credentials are judged where a record
 * is opened. With a cache only what is new is read from chain and store; one that is damaged, or of a chain that was reorganised, is not believed.
 *
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, STORE_UNREACHABLE, CANCELLED
 * @example for (const { summary, anchoredAt } of await listChart(context, { cache })) …
 */
export async function listChart(context: Context, options: ListOptions = {}): Promise<ListedRecord[]> {
  throwIfCancelled(options.signal);
  const { chain } = context;
  const cached = options.cache === undefined ? undefined : await readCache(context, options.cache);
  const state = await chartState(chain, chain.address, cached);
  const said: Said = { summaries: new Map(), codes: new Map(), lists: new Map() };
  let news = await lookAt(context, state.records, cached, said, options);
  const listed = unanchored(
    state.records.flatMap(({ recordId }) => said.lists.get(recordId) ?? []),
    state.records,
  );
  news += await lookAt(context, listed, cached, said, options);
  const { summaries, codes, lists } = said;
  const isNew = cached?.block.hash !== state.block.hash || news > codes.size;
  if (options.cache !== undefined && isNew) {
    const about = { chainId: chain.chainId, recordRegistry: chain.addresses.RecordRegistry, patient: chain.address };
    const cache: ChartCache = {
      ...{ version: 1, ...about, ...state, records: [...state.records] },
      lists: Object.fromEntries(
        [...lists].map(([id, records]) => [id, records.map(({ content, manifest }) => ({ content, manifest }))]),
      ),
      summaries: Object.fromEntries(summaries),
    };
    await writeCache(context, options.cache, cache);
  }
  const under = Map.groupBy(listed, (record) => record.under);
  const records = state.records.flatMap((record) => [record, ...(under.get(record.recordId) ?? [])]);
  return records.map((record) => {
    const code = codes.get(keyOf(record));
    return { ...record, summary: summaries.get(keyOf(record)), ...(code !== undefined && { code }) };
  });
}

/** What some records say of themselves. */
interface Said {
  readonly summaries: Map<string, RecordSummary>;
  /** Why there is none. */
  readonly codes: Map<string, ErrorCode>;
  /** What index records list, by their ids. */
  readonly lists: Map<Hex32, readonly ChartRecord[]>;
}

/** @returns How many manifests were asked for. */
async function lookAt(
  context: Context,
  records: readonly ChartRecord[],
  cached: ChartCache | undefined,
  { summaries, codes, lists }: Said,
  options: ListOptions,
): Promise<number> {
  const unknown: ChartRecord[] = [];
  for (const record of records) {
    const known = cached?.summaries[keyOf(record)];
    const entries = cached?.lists[record.recordId];
    if (record.status === "erased") continue;
    if (known) summaries.set(keyOf(record), known);
    else unknown.push(record);
    if (known && entries) lists.set(record.recordId, listedBy(record, entries));
  }
  let done = 0;
  await inParallel(unknown, parallel, async (record) => {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "listing", done: done++, total: unknown.length });
    try {
      const { manifest } = await fetchManifest(context, record, asActor(context), options);
      const listed = await listedIn(context, record, manifest, options);
      if (listed.length > 0) lists.set(record.recordId, listed);
      summaries.set(keyOf(record), summaryOf(manifest));
    } catch (error) {
      // one lost or spoiled record must not hide the others
      if (!(error instanceof CareKeyError) || ["CANCELLED", "STORE_UNREACHABLE"].includes(error.code)) throw error;
      codes.set(keyOf(record), error.code);
    }
  });
  return unknown.length;
}

function keyOf({ recordId, manifest }: AnchoredRecord): string {
  return `${recordId} ${manifest}`;
}

function summaryOf({ body, content }: Manifest): RecordSummary {
  const resource = parseDescription(body.description);
  const title = [resource.description, resource.title].find((text) => typeof text === "string");
  const date = dateOf(resource);
  return {
    content,
    resourceType: resource.resourceType,
    ...(title !== undefined && { title }),
    ...(date !== undefined && { date }),
    mediaTypes: [...new Set(body.parts.map(({ mediaType }) => mediaType))],
    parts: body.parts.length,
    size: body.parts.reduce((sum, { size }) => sum + size, 0),
  };
}

/** When what it is about happened: a document's period, or the date of another resource. */
function dateOf(resource: Readonly<Record<string, unknown>>): string | undefined {
  const context = resource.context as { period?: { start?: unknown } } | undefined;
  const dates = [context?.period?.start, resource.effectiveDateTime, resource.started, resource.date];
  return dates.find((date): date is string => typeof date === "string");
}

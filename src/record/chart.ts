import { chartState } from "../chain/chart.js";
import type { AnchoredRecord } from "../chain/records.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import { type ChartCache, type RecordSummary, readCache, writeCache } from "./chart-cache.js";
import type { Context, PipelineOptions } from "./context.js";
import type { Manifest } from "./manifest.js";
import { parseDescription } from "./open.js";
import { asActor } from "./identities.js";
import { fetchManifest } from "./own.js";

export interface ListOptions extends PipelineOptions {
  /** File that keeps what was listed, sealed to this actor; none where omitted. */
  readonly cache?: string | undefined;
}

/** A record of one's own chart, and what it says of itself. */
export interface ListedRecord extends AnchoredRecord {
  /** Undefined where the record can't be opened, or is erased. */
  readonly summary: RecordSummary | undefined;
  /** Why there is no summary. */
  readonly code?: ErrorCode;
}

/** Manifests asked for at once: a remote store answers many at a time. */
const parallel = 16;

/**
 * This actor's own chart, oldest first, with what each record says of itself. That is what its author anchored: the record's id holds it. Stamps and credentials are judged where a record
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
  const summaries = new Map<string, RecordSummary>();
  const codes = new Map<string, ErrorCode>();
  const unknown: AnchoredRecord[] = [];
  for (const record of state.records) {
    const known = cached?.summaries[keyOf(record)];
    if (record.status === "erased") continue;
    if (known) summaries.set(keyOf(record), known);
    else unknown.push(record);
  }
  let done = 0;
  await inParallel(unknown, parallel, async (record) => {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "listing", done: done++, total: unknown.length });
    try {
      const { manifest } = await fetchManifest(context, record, asActor(context), options);
      summaries.set(keyOf(record), summaryOf(manifest));
    } catch (error) {
      // one lost or spoiled record must not hide the others
      if (!(error instanceof CareKeyError) || ["CANCELLED", "STORE_UNREACHABLE"].includes(error.code)) throw error;
      codes.set(keyOf(record), error.code);
    }
  });
  const isNew = cached?.block.hash !== state.block.hash || unknown.length > codes.size;
  if (options.cache !== undefined && isNew) {
    const about = { chainId: chain.chainId, recordRegistry: chain.addresses.RecordRegistry, patient: chain.address };
    const cache: ChartCache = {
      ...{ version: 1, ...about, ...state, records: [...state.records] },
      summaries: Object.fromEntries(summaries),
    };
    await writeCache(context, options.cache, cache);
  }
  return state.records.map((record) => {
    const code = codes.get(keyOf(record));
    return { ...record, summary: summaries.get(keyOf(record)), ...(code !== undefined && { code }) };
  });
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

import type { Hex32 } from "../chain/ids.js";
import { type AnchoredRecord, consentScopeOf } from "../chain/records.js";
import type { View } from "../chain/view.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import type { RecordKey } from "./capsule.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { profileLabel } from "./derive.js";
import { readInbox } from "./inbox.js";
import { recordsOf } from "./known-charts.js";
import { listedIn, unanchored } from "./listed.js";
import { openRecord } from "./open-manifest.js";
import type { NamedPlace } from "./place.js";
import { shutBy, standingsOf } from "./readers.js";

/** A record whose key could not be got, and why. */
export interface Unreadable {
  readonly recordId: Hex32;
  readonly code: ErrorCode;
}

/** The key of a record's manifest, which record it is, and what it lists. */
export type NamedKey = RecordKey & { readonly recordId: Hex32; readonly lists: readonly ChartRecord[] };

/** What a grant on a place can bring. */
export interface Collected {
  readonly keys: readonly NamedKey[];
  /** Records in the place whose keys could not be got, and why. */
  readonly unreadable: readonly Unreadable[];
  /** Scopes on which a DENY shuts all or part of the place for the grantee. */
  readonly denied: readonly Hex32[];
}

/** Manifests asked for at once. */
const atOnce = 8;

/**
 * The keys of the records on a place that a grantee may have: all that no DENY shuts for them. Whether a grant is in force yet is not looked at.
 * @param lifted A scope whose DENY goes with the grant.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, CANCELLED
 */
export async function collectKeys(
  context: Context,
  { patient, place, grantee, lifted }: Wanted,
  view: View,
  { signal, onProgress }: PipelineOptions,
): Promise<Collected> {
  const profile = profileLabel(context.identities);
  const chart = await recordsOn(context, patient, place, view);
  const records = chart.filter(
    ({ compartment, status }) =>
      // the names of all compartments are nobody else's business: capsules carry those that a grantee needs
      compartment !== profile && (status === "anchored" || status === "amended"),
  );
  const denied = new Set<Hex32>();
  // on one's own chart nothing was sent
  let isSent = patient === context.chain.address;
  let done = 0;
  const collect = async (some: readonly ChartRecord[]): Promise<(NamedKey | Unreadable)[]> => {
    const standing = await standingsOf(view, patient, grantee, some);
    const open = some.filter((record) => {
      const shut = shutBy(standing(record)).filter((scope) => scope !== lifted);
      for (const scope of shut) denied.add(scope);
      return shut.length === 0;
    });
    // of many, what was sent is read once for all
    if (!isSent && open.length > 1) {
      isSent = true;
      await readInbox(context, patient, { signal });
    }
    const found = new Map<ChartRecord, NamedKey | Unreadable>();
    const total = done + open.length;
    await inParallel(open, atOnce, async (record) => {
      throwIfCancelled(signal);
      onProgress?.({ step: "collecting keys", done: done++, total });
      found.set(record, await keyOf(context, record, isSent ? undefined : view, { signal }));
    });
    return open.flatMap((record) => found.get(record) ?? []);
  };
  const anchored = await collect(records);
  const listed = anchored.flatMap((each) => ("lists" in each && place.record === undefined ? each.lists : []));
  const all = [...anchored, ...(await collect(unanchored(listed, chart)))];
  return {
    keys: all.filter((each) => "key" in each),
    unreadable: all.filter((each) => "code" in each),
    denied: [...denied],
  };
}

/** For whom keys of which place are wanted. */
export interface Wanted {
  readonly patient: string;
  readonly place: NamedPlace;
  readonly grantee: string;
  readonly lifted: Hex32 | undefined;
}

/** A record's key as far as this actor can open its manifest: one lost or spoiled record must not keep the others from their readers. */
export async function keyOf(
  context: Context,
  record: ChartRecord,
  view: View | undefined,
  options: PipelineOptions,
): Promise<NamedKey | Unreadable> {
  const { recordId, compartment, under } = record;
  try {
    const { manifest, fileKey } = await openRecord(context, record, view, options);
    const lists = await listedIn(context, record, manifest, options);
    return { recordId, compartment, content: manifest.content, key: fileKey, lists, ...(under && { under }) };
  } catch (error) {
    if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
    return { recordId, code: error.code };
  }
}

async function recordsOn(
  context: Context,
  patient: string,
  { scope, compartment, record }: NamedPlace,
  view: View,
): Promise<AnchoredRecord[]> {
  if (!record) return recordsOf(context, patient, { compartment, view });
  // alone in its lineage
  if (record.origin === record.content && record.status !== "amended") return [record];
  return (await recordsOf(context, patient, { compartment, view })).filter((each) => consentScopeOf(each) === scope);
}

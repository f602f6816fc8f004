import { getBytes } from "ethers";

import { type Capsule, capsulesOf } from "../chain/capsules.js";
import { type Hex32, checkAddress, wholeChart } from "../chain/ids.js";
import type { PublishedKey } from "../chain/keys.js";
import { consentScopeOf } from "../chain/records.js";
import { type Shares, sharesOf } from "../chain/shares.js";
import { isInForce } from "../chain/terms.js";
import type { View } from "../chain/view.js";
import { throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import { cidOfDigest } from "../storage/verify.js";
import { type Compartment, MAX_CAPSULE_RECORDS, MAX_GRANTEES, type RecordKey, sealCapsule } from "./capsule.js";
import type { ChartRecord } from "./chart-record.js";
import { type NamedKey, type Unreadable, keyOf } from "./collect-keys.js";
import type { Context, PipelineOptions } from "./context.js";
import { announce, keysOf } from "./deliver.js";
import { profileLabel } from "./derive.js";
import { covers } from "./holders.js";
import { recordsOf } from "./known-charts.js";
import { unanchored } from "./listed.js";
import { readCompartments } from "./profile.js";
import { readersIn } from "./readers.js";
import type { HeldKey } from "./trust.js";
import { freshView, presentAt } from "./words.js";

export interface RedeliverOptions extends PipelineOptions {
  /** Only these; everybody with an active grant where omitted. */
  readonly grantees?: readonly string[];
  /** Sends everything that may be read, whatever was sent before. */
  readonly all?: boolean;
}

/** What became of a delivery of what was lacking. */
export interface Redelivered {
  /** Who got keys, and of which records. */
  readonly delivered: readonly { readonly grantee: string; readonly records: readonly Hex32[] }[];
  readonly withoutKey: readonly string[];
  /** Grantees whose newer key still waits. */
  readonly held: readonly HeldKey[];
  /** Records whose keys could not be got. */
  readonly unreadable: readonly Unreadable[];
}

/** What one grantee lacks. */
interface Lacking {
  readonly key: PublishedKey;
  readonly keys: readonly NamedKey[];
  readonly names: readonly Compartment[];
}

/**
 * Sends grantees on the caller's chart the keys that they may have and lack: because their newer key was held, because a grant began later than
 * it was given, because a record's key is another since, or because they have published a newer key and want to leave the older one behind.
 *
 * A capsule that was announced since the grantee's newest key, since the last change of what they were granted, and since the record's newest
 * manifest, and that is in the store, counts as sent; what is in doubt is sent again. Repeating it goes on where it was interrupted.
 *
 * @throws INVALID_ARGUMENT, KEY_CHANGED, STORE_FAILED, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * await carekey.confirmKey(doctor, fingerprint);
 * const { delivered } = await carekey.redeliver({ grantees: [doctor] });
 */
export async function redeliver(context: Context, options: RedeliverOptions = {}): Promise<Redelivered> {
  const { chain } = context;
  throwIfCancelled(options.signal);
  const only = options.grantees?.map((grantee) => checkAddress(grantee, "Grantee"));
  const view = await freshView(chain);
  const now = presentAt(view);
  const shares = await sharesOf(chain, chain.address, view);
  const grants = activeGrants(shares, now);
  const grantees = [...new Set(grants.map(({ grantee }) => grantee))].filter((each) => only?.includes(each) ?? true);
  const { reachable, withoutKey, held } = await keysOf(context, grantees, view);
  const manifests = new Map<ChartRecord, Promise<NamedKey | Unreadable>>();
  const chart = reachable.length === 0 ? [] : await recordsToGive(context, view, manifests, options);
  const readers = new Map(chart.map((record) => [record, new Set(readersIn(shares, record, now))]));
  const compartments = await readCompartments(context, options);
  const announced = options.all ? [] : await inStore(context, await capsulesOf(chain, chain.address, view));

  const lacking: Lacking[] = [];
  const unreadable = new Map<Hex32, Unreadable>();
  for (const [done, key] of reachable.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "collecting keys", done, total: reachable.length });
    const { actor: grantee } = key;
    const slots = shares.grants.filter((each) => each.grantee === grantee);
    const sent = announced.filter((each) => each.grantee === grantee && isCurrent(each, key, slots));
    const keys: NamedKey[] = [];
    for (const record of chart) {
      if (!readers.get(record)?.has(grantee) || sent.some((each) => brings(each, record, slots))) continue;
      const asked = manifests.get(record) ?? keyOf(context, record, view, options);
      manifests.set(record, asked);
      const found = await asked;
      if ("code" in found) unreadable.set(record.recordId, found);
      else keys.push(found);
    }
    const theirs = grants.filter((each) => each.grantee === grantee);
    const named = compartments.filter(({ label }) =>
      theirs.some(({ scope }) => scope === wholeChart || scope === label),
    );
    const isNamed = sent.some(({ by }) => by === chain.address);
    // names alone are announced for the whole chart, which must not hide that a key is lacking
    const isDue = named.length > 0 && !isNamed && unreadable.size === 0;
    if (keys.length > 0 || isDue) lacking.push({ key, keys, names: named });
  }
  await send(context, lacking, unreadable.size > 0, options);
  const delivered = lacking.map(({ key: { actor }, keys }) => ({
    grantee: actor,
    records: keys.map(({ recordId }) => recordId),
  }));
  return { delivered, withoutKey, held, unreadable: [...unreadable.values()] };
}

/** The grants that let somebody read or write now, as far as no DENY shuts it; those to groups are nobody's in person. */
function activeGrants({ grants, state }: Shares, now: number): Shares["grants"] {
  return grants.filter(({ terms }) => isInForce(terms, state.era, now) && terms.permissions.length > 0 && !terms.group);
}

/** The records of the caller's chart that others may have keys of, those that an index record lists among them. */
async function recordsToGive(
  context: Context,
  view: View,
  manifests: Map<ChartRecord, Promise<NamedKey | Unreadable>>,
  options: PipelineOptions,
): Promise<ChartRecord[]> {
  const profile = profileLabel(context.identities);
  const chart = await recordsOf(context, context.chain.address, { view });
  const records = chart.filter(
    ({ compartment, status }) => compartment !== profile && (status === "anchored" || status === "amended"),
  );
  const lists = new Map<ChartRecord, readonly ChartRecord[]>();
  await inParallel(records, atOnce, async (record) => {
    throwIfCancelled(options.signal);
    const asked = keyOf(context, record, view, options);
    manifests.set(record, asked);
    const found = await asked;
    if ("lists" in found) lists.set(record, found.lists);
  });
  // of two lists that name a record the older counts
  const listed = records.flatMap((record) => lists.get(record) ?? []);
  return [...records, ...unanchored(listed, chart)];
}

/** Manifests asked for at once. */
const atOnce = 8;

async function inStore({ store }: Context, announced: readonly Capsule[]): Promise<Capsule[]> {
  const known = new Map<Hex32, boolean>();
  for (const { capsule } of announced)
    if (!known.has(capsule)) known.set(capsule, await store.has(cidOfDigest(getBytes(capsule))));
  return announced.filter(({ capsule }) => known.get(capsule));
}

/** It came after the grantee's newest key, and not before the last change of what they were granted. */
function isCurrent({ block }: Capsule, key: PublishedKey, slots: Shares["grants"]): boolean {
  // a grant and its capsule are of the same block
  return block > key.block && slots.every(({ terms }) => block >= terms.writtenAt);
}

/** What others with WRITE announce is not believed, but for an author's own record; nor that a delegate had all keys. */
function brings(capsule: Capsule, record: ChartRecord, slots: Shares["grants"]): boolean {
  const { by, scope, place, block, patient } = capsule;
  const { recordId, author, under } = record;
  if (!covers(scope, record) || place <= record.place) return false;
  if (by !== patient) return by === author && (scope === recordId || scope === under);
  // on a list the patient may have sent the list's key alone, or those of some records in it
  if (scope === under) return false;
  const grant = slots.find((each) => each.scope === scope && each.terms.writtenAt === block);
  if (grant) return !grant.terms.byDelegate;
  // on the scope of a lineage a delivery is of its first record alone
  return scope === recordId || scope !== consentScopeOf(record);
}

/** One capsule for up to 14 grantees who lack the same. */
async function send(
  context: Context,
  lacking: readonly Lacking[],
  isIncomplete: boolean,
  { signal, onProgress }: PipelineOptions,
): Promise<void> {
  const { chain } = context;
  const alike = new Map<string, Lacking[]>();
  for (const each of lacking) {
    const what = [...each.keys.map(({ recordId }) => recordId), ...each.names.map(({ label }) => label)].join();
    alike.set(what, [...(alike.get(what) ?? []), each]);
  }
  const { address: patient } = chain;
  let done = 0;
  for (const group of alike.values())
    for (let from = 0; from < group.length; from += MAX_GRANTEES) {
      throwIfCancelled(signal);
      onProgress?.({ step: "delivering", done, total: lacking.length });
      const some = group.slice(from, from + MAX_GRANTEES);
      done += some.length;
      const [{ keys, names } = { keys: [], names: [] }] = some;
      const grantees = some.map(({ key }) => key);
      for (let first = 0; first < Math.max(keys.length, 1); first += MAX_CAPSULE_RECORDS) {
        const records = keys.slice(first, first + MAX_CAPSULE_RECORDS);
        const capsule = { patient, compartments: first === 0 ? names : [], records };
        const block = await sealCapsule(chain, capsule, grantees);
        const isWhole = !isIncomplete && keys.length <= MAX_CAPSULE_RECORDS;
        const to = { patient, grantees: grantees.map(({ actor }) => actor), ...placeFor(records, isWhole) };
        await announce(context, to, block);
      }
    }
}

/** The place to announce at: it says that all in it was sent, so where something is lacking it is that of one record. */
function placeFor(records: readonly RecordKey[], isWhole: boolean): { compartment?: Hex32; content?: Hex32 } {
  const [first] = records;
  if (!first) return {};
  if (records.length === 1 || !isWhole) return { compartment: first.compartment, content: first.content };
  return records.every(({ compartment }) => compartment === first.compartment)
    ? { compartment: first.compartment }
    : {};
}

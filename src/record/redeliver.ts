import { getBytes } from "ethers";

import { type PlacedAnnouncement, announcementsOf } from "../chain/announcements.js";
import { presentTime } from "../chain/connection.js";
import { type StandingGrant, canAccess, lastChanges, lockdownAt, standingGrants } from "../chain/consent.js";
import { type Hex32, checkAddress, wholeChart } from "../chain/ids.js";
import { type PublishedKey, newestKeyPlace } from "../chain/keys.js";
import { type AnchoredRecord, findRecords, manifestsOf } from "../chain/records.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { type Compartment, MAX_CAPSULE_RECORDS, MAX_GRANTEES, type RecordKey, sealCapsule } from "./capsule.js";
import type { Context, PipelineOptions } from "./context.js";
import { announce, keysOf } from "./deliver.js";
import { profileLabel } from "./derive.js";
import type { Unreadable } from "./grant.js";
import { covers } from "./holders.js";
import { asActor } from "./identities.js";
import { fetchManifest } from "./own.js";
import { readCompartments } from "./profile.js";
import type { HeldKey } from "./trust.js";

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

/** A record with what decides whether somebody has its key. */
interface Candidate {
  readonly record: AnchoredRecord;
  /** Where its newest manifest was announced: its key may be another since. */
  readonly since: number;
}

/** What one grantee lacks. */
interface Lacking {
  readonly key: PublishedKey;
  readonly keys: readonly (RecordKey & { readonly recordId: Hex32 })[];
  readonly names: readonly Compartment[];
}

/**
 * Sends grantees on the caller's chart the keys that they may have and lack: because their newer key was held, because a grant began later than
 * it was given, because a record's key is another since, or because they have published a newer key and want to leave the older one behind.
 *
 * A capsule that was announced since the grantee's newest key, since the last change of what they were granted, and since the record's newest
 * manifest, and that is in the store, counts as sent; what is in doubt is sent again. Repeating it goes on where it was interrupted.
 *
 * @throws INVALID_ARGUMENT, KEY_CHANGED, STORE_FAILED, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * await carekey.confirmKey(doctor, fingerprint);
 * const { delivered } = await carekey.redeliver({ grantees: [doctor] });
 */
export async function redeliver(context: Context, options: RedeliverOptions = {}): Promise<Redelivered> {
  const { chain } = context;
  throwIfCancelled(options.signal);
  const only = options.grantees?.map((grantee) => checkAddress(grantee, "Grantee"));
  const active = await activeGrants(context);
  const grantees = [...new Set(active.map(({ grantee }) => grantee))].filter((each) => only?.includes(each) ?? true);
  const { reachable, withoutKey, held } = await keysOf(context, grantees);
  const chart = await candidates(context);
  const compartments = await readCompartments(context, options);
  const announced = options.all ? [] : await inStore(context, await announcementsOf(chain, chain.address));
  const changed = await lastChanges(chain, chain.address);

  const manifests = new Map<Hex32, Promise<RecordKey | Unreadable>>();
  const lacking: Lacking[] = [];
  const unreadable = new Map<Hex32, Unreadable>();
  for (const [done, key] of reachable.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "collecting keys", done, total: reachable.length });
    const { actor: grantee } = key;
    const grants = active.filter((each) => each.grantee === grantee);
    const since = Math.max(changed(grantee), (await newestKeyPlace(chain, grantee)) ?? 0);
    const sent = announced.filter((each) => each.grantee === grantee && each.place >= since);
    const keys: (RecordKey & { recordId: Hex32 })[] = [];
    for (const { record, since: newest } of chart) {
      const { recordId } = record;
      const reading = grants.filter(({ scope, terms }) => terms.permissions.includes("READ") && covers(scope, record));
      if (reading.length === 0 || sent.some((each) => each.place > newest && brings(each, record))) continue;
      const found = await (manifests.get(recordId) ?? keep(manifests, recordId, keyOf(context, record, options)));
      if ("code" in found) unreadable.set(recordId, found);
      else if (await mayRead(context, reading, found)) keys.push({ ...found, recordId });
    }
    const named = compartments.filter(({ label }) =>
      grants.some(({ scope }) => scope === wholeChart || scope === label),
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

/** The grants of the caller's chart that let somebody read or write now. */
async function activeGrants({ chain }: Context): Promise<StandingGrant[]> {
  const [now, asOf] = [await presentTime(chain), await lockdownAt(chain, chain.address)];
  const grants = await standingGrants(chain, chain.address);
  return grants.filter(
    ({ terms }) =>
      terms.start <= now &&
      now < terms.end &&
      terms.asOf === asOf &&
      terms.permissions.some((permission) => permission === "READ" || permission === "WRITE"),
  );
}

/** The records of the caller's chart that others may have keys of. */
async function candidates({ chain, identities }: Context): Promise<Candidate[]> {
  const profile = profileLabel(identities);
  const records = (await findRecords(chain, chain.address)).filter(
    ({ compartment, status }) => compartment !== profile && (status === "anchored" || status === "amended"),
  );
  const manifests = await manifestsOf(chain, { patient: chain.address });
  const newest = new Map(manifests.map(({ recordId, place }) => [recordId, place]));
  return records.map((record) => ({ record, since: newest.get(record.recordId) ?? 0 }));
}

async function inStore({ store }: Context, announced: readonly PlacedAnnouncement[]): Promise<PlacedAnnouncement[]> {
  const known = new Map<Hex32, boolean>();
  for (const { capsule } of announced)
    if (!known.has(capsule)) known.set(capsule, await store.has(cidOfDigest(getBytes(capsule))));
  return announced.filter(({ capsule }) => known.get(capsule));
}

/** What others with WRITE announce is not believed, but for an author's own record. */
function brings({ by, scope, patient }: PlacedAnnouncement, record: AnchoredRecord): boolean {
  return covers(scope, record) && (by === patient || (by === record.author && scope === record.recordId));
}

function keep<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

async function keyOf(
  context: Context,
  record: AnchoredRecord,
  options: PipelineOptions,
): Promise<RecordKey | Unreadable> {
  const { recordId, compartment } = record;
  try {
    const { manifest, fileKey } = await fetchManifest(context, record, asActor(context), options);
    return { compartment, content: manifest.content, key: fileKey };
  } catch (error) {
    // one lost or spoiled record must not keep the others from their readers
    if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
    return { recordId, code: error.code };
  }
}

/** The chain decides, for any of the purposes granted. */
async function mayRead({ chain }: Context, grants: readonly StandingGrant[], key: RecordKey): Promise<boolean> {
  const { compartment, content } = key;
  for (const { grantee, terms } of grants) {
    const [purpose] = terms.purposes;
    const question = { patient: chain.address, grantee, compartment, content, permission: "READ", purpose } as const;
    if (purpose !== undefined && (await canAccess(chain, { ...question, purpose }))) return true;
  }
  return false;
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
        const to = { patient, grantees: grantees.map(({ actor }) => actor), ...scopeOf(records, isWhole) };
        await announce(context, to, block);
      }
    }
}

/** The place to announce at: it says that all in it was sent, so where something is lacking it is that of one record. */
function scopeOf(records: readonly RecordKey[], isWhole: boolean): { compartment?: Hex32; content?: Hex32 } {
  const [first] = records;
  if (!first) return {};
  if (records.length === 1 || !isWhole) return { compartment: first.compartment, content: first.content };
  return records.every(({ compartment }) => compartment === first.compartment)
    ? { compartment: first.compartment }
    : {};
}

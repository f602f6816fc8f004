import { chainTime, presentTime } from "../chain/connection.js";
import { type StandingGrant, lockdownAt, sendGrant, standingGrants } from "../chain/consent.js";
import { type Hex32, checkAddress, checkScope, isRecordId, wholeChart } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import { type AnchoredRecord, findRecord, findRecords } from "../chain/records.js";
import { type Permission, packTerms } from "../chain/terms.js";
import { CareKeyError, type ErrorCode, throwIfCancelled } from "../errors.js";
import type { Block } from "../storage/types.js";
import { type Compartment, MAX_CAPSULE_RECORDS, type RecordKey, checkCompartment, sealCapsule } from "./capsule.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { announce, keep } from "./deliver.js";
import { profileLabel } from "./derive.js";
import { asActor } from "./identities.js";
import { digestOf } from "./manifest.js";
import { fetchManifest } from "./own.js";
import { type HeldKey, lookAtKey } from "./trust.js";

export interface GrantOptions extends PipelineOptions {
  readonly grantee: string;
  /** Whole chart (`wholeChart`), a compartment's label or a record id. */
  readonly scope: Hex32;
  readonly permissions: readonly Permission[];
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[];
  /** Seconds since 1970; now where omitted. */
  readonly start?: number;
  /** First second at which the grant no longer holds. */
  readonly end: number;
  /** What labels mean, for the grantee's eyes: sealed in the capsule. */
  readonly compartments?: readonly Compartment[];
}

/** A record whose key could not be got, and why. */
export interface Unreadable {
  readonly recordId: Hex32;
  readonly code: ErrorCode;
}

/** What became of a grant. */
export interface Granted {
  readonly transaction: string;
  /** Records whose keys the grantee got. */
  readonly records: readonly Hex32[];
  /** Records in the scope whose keys could not be got, and why. */
  readonly unreadable: readonly Unreadable[];
  /** Where the grantee's newer key still waits: the grant stands, but its capsule does not go before `redeliver`. */
  readonly held?: HeldKey;
}

/**
 * Grants terms on the caller's chart. For READ, a capsule with the keys of the records that are in the scope goes along; what a
 * narrower DENY shuts for the grantee stays out of it. To a grantee whose newer key still waits no capsule is sealed: the grant stands, and
 * `redeliver` sends the keys once it is trusted.
 *
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, NO_PUBLISHED_KEY (also for an unknown grantee), KEY_CHANGED, RECORD_UNKNOWN, STORE_FAILED, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * await grant(context, { grantee, scope: imaging, permissions: ["READ"], purposes: ["TREAT"], end });
 */
export async function grant(context: Context, options: GrantOptions): Promise<Granted> {
  const { chain } = context;
  const { permissions, purposes = [], end, signal } = options;
  throwIfCancelled(signal);
  const grantee = checkAddress(options.grantee, "Grantee");
  const scope = checkScope(options.scope);
  const names = (options.compartments ?? []).map(checkCompartment);
  if (grantee === chain.address)
    throw new CareKeyError("INVALID_ARGUMENT", "A patient needs no grant on their own chart", { grantee });
  const now = await presentTime(chain);
  if (end <= now) throw new CareKeyError("PERIOD_INVALID", `The end ${end} is not after now, ${now}`, { end, now });
  const { start = now } = options;
  const terms = {
    // this machine's clock may be ahead of the validators': what is to hold now has to hold from the grant's own block on
    start: start > now ? start : Math.min(start, await chainTime(chain)),
    end,
    asOf: await lockdownAt(chain, chain.address),
    permissions,
    purposes,
  };
  packTerms(terms);

  if (permissions.includes("DENY")) {
    const transaction = await sendGrant(chain, { grantee, scope, terms }, { signal });
    return { transaction, records: [], unreadable: [] };
  }
  const seen = await lookAtKey(context, grantee);
  if (!seen)
    throw new CareKeyError("NO_PUBLISHED_KEY", `The grantee ${grantee} has published no encryption key`, {
      actor: grantee,
    });
  if (seen.standing === "held") {
    const transaction = await sendGrant(chain, { grantee, scope, terms }, { signal });
    return { transaction, records: [], unreadable: [], held: seen.held };
  }
  const { key } = seen;
  const { keys, unreadable } = permissions.includes("READ")
    ? await collectKeys(context, { ...options, scope }, grantee, now)
    : { keys: [], unreadable: [] };

  const capsules: Block[] = [];
  for (let from = 0; from < Math.max(keys.length, 1); from += MAX_CAPSULE_RECORDS) {
    const records = keys.slice(from, from + MAX_CAPSULE_RECORDS);
    const compartments = from === 0 ? names : [];
    if (records.length + compartments.length > 0)
      capsules.push(await sealCapsule(chain, { patient: chain.address, compartments, records }, [key]));
  }
  const [first, ...more] = capsules;
  const capsule = first && digestOf(first);
  const transaction = await sendGrant(chain, { grantee, scope, terms, capsule }, { signal });
  // a scope that is no compartment has no policy of its own
  if (first) await keep(storeFor(context, scope), first);
  // one capsule has room for one record, so these are of the whole chart or a compartment
  for (const block of more)
    await announce(context, { patient: chain.address, compartment: scope, grantees: [grantee] }, block);
  return { transaction, records: keys.map(({ recordId }) => recordId), unreadable };
}

async function collectKeys(
  context: Context,
  { scope, signal, onProgress }: GrantOptions,
  grantee: string,
  now: number,
): Promise<{ keys: (RecordKey & { recordId: Hex32 })[]; unreadable: Granted["unreadable"] }> {
  const { chain } = context;
  const profile = profileLabel(context.identities);
  const shut = deniedScopes(await standingGrants(chain, chain.address), grantee, now);
  const records = (await recordsIn(context, scope)).filter(
    ({ recordId, compartment, status }) =>
      // a narrower DENY wins over this grant; on the same scope it is replaced by it, and a wider one loses
      !(shut.has(recordId) && scope !== recordId) &&
      !(shut.has(compartment) && scope === wholeChart) &&
      // the names of all compartments are nobody else's business: capsules carry those that a grantee needs
      compartment !== profile &&
      (status === "anchored" || status === "amended"),
  );
  const keys: (RecordKey & { recordId: Hex32 })[] = [];
  const unreadable: { recordId: Hex32; code: ErrorCode }[] = [];
  for (const [done, record] of records.entries()) {
    throwIfCancelled(signal);
    onProgress?.({ step: "collecting keys", done, total: records.length });
    const { recordId, compartment } = record;
    try {
      const { manifest, fileKey } = await fetchManifest(context, record, asActor(context), { signal });
      keys.push({ recordId, compartment, content: manifest.content, key: fileKey });
    } catch (error) {
      // one lost or spoiled record must not keep the others from the grantee
      if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
      unreadable.push({ recordId, code: error.code });
    }
  }
  return { keys, unreadable };
}

async function recordsIn({ chain }: Context, scope: Hex32): Promise<AnchoredRecord[]> {
  if (!isRecordId(scope)) return findRecords(chain, chain.address, scope === wholeChart ? undefined : scope);
  const record = await findRecord(chain, scope);
  if (record.patient !== chain.address)
    throw new CareKeyError("RECORD_UNKNOWN", `The record ${scope} is not on this patient's chart`, { recordId: scope });
  return [record];
}

function deniedScopes(grants: readonly StandingGrant[], grantee: string, now: number): Set<Hex32> {
  return new Set(
    grants
      .filter(
        (standing) =>
          standing.grantee === grantee && standing.terms.permissions.includes("DENY") && now < standing.terms.end,
      )
      .map(({ scope }) => scope),
  );
}

import { grantFor } from "../chain/acting.js";
import { lift, sendGrant } from "../chain/consent.js";
import { type Hex32, checkAddress } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import { unpackPersonState } from "../chain/person-state.js";
import { grantSlot, stateSlot } from "../chain/slots.js";
import { type Grantable, type NewTerms, denies, packTerms, unpackTerms } from "../chain/terms.js";
import type { View } from "../chain/view.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import type { Block } from "../storage/types.js";
import { type Compartment, MAX_CAPSULE_RECORDS, checkCompartment, sealCapsule } from "./capsule.js";
import { type Collected, type Unreadable, collectKeys } from "./collect-keys.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { announce, keep } from "./deliver.js";
import { claimOne } from "./listed.js";
import { digestOf } from "./manifest.js";
import { type NamedPlace, namedPlace } from "./place.js";
import { type HeldKey, lookAtKey } from "./trust.js";
import { freshView, presentAt } from "./words.js";

export interface GrantOptions extends PipelineOptions {
  readonly grantee: string;
  /** Whole chart (`wholeChart`), a compartment's label or a record id: of an amendment, its whole lineage is granted. */
  readonly scope: Hex32;
  readonly permissions: readonly Grantable[];
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[] | undefined;
  /** Seconds since 1970; now where omitted. */
  readonly start?: number | undefined;
  /** First second at which the grant no longer holds. */
  readonly end: number;
  /** What labels mean, for the grantee's eyes: sealed in the capsule. */
  readonly compartments?: readonly Compartment[] | undefined;
  /** The grantee is a group's address, and its members may READ: no capsule goes along. */
  readonly group?: boolean | undefined;
  /** Takes the DENY away first that stands for the grantee on this very scope; the patient's own to say. */
  readonly lifts?: boolean | undefined;
  /** The patient in whose place a delegate grants; the caller where omitted. */
  readonly for?: string | undefined;
  /** Scope of the delegation to act under; the narrowest that suits where omitted. */
  readonly under?: Hex32 | undefined;
}

/** What became of a grant. */
export interface Granted {
  readonly transaction: string;
  /** Records whose keys the grantee got. */
  readonly records: readonly Hex32[];
  /** Records in the scope whose keys could not be got, and why. */
  readonly unreadable: readonly Unreadable[];
  /** Scopes on which a DENY keeps all or part of it shut for the grantee: keys of what is there did not go. */
  readonly denied: readonly Hex32[];
  /** Where the grantee's newer key still waits: the grant stands, but its capsule does not go before `redeliver`. */
  readonly held?: HeldKey;
}

/**
 * Grants terms on a chart: the caller's, or that of a patient whose delegate the caller is. For READ, a capsule goes along with the keys of the records in the scope: all of them, or those that a delegate
 * has; what a DENY shuts for the grantee stays out of it. To a grantee whose newer key still waits no capsule is sealed: the grant stands, and
 * `redeliver` sends the keys once it is trusted.
 *
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, NO_PUBLISHED_KEY (also for an unknown grantee), KEY_CHANGED, RECORD_UNKNOWN, DELEGATION_MISSING, CONTRACT_REFUSED
 * (DenyStands where a DENY stands on this scope and is not to be lifted; BeyondDelegation …), STORE_FAILED, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT,
 * CHAIN_UNREACHABLE, CANCELLED
 * @example
 * await grant(context, { grantee, scope: imaging, permissions: ["READ"], purposes: ["TREAT"], end });
 */
export async function grant(context: Context, options: GrantOptions): Promise<Granted> {
  const { chain } = context;
  throwIfCancelled(options.signal);
  const patient = options.for === undefined ? chain.address : checkAddress(options.for, "Patient");
  const grantee = checkAddress(options.grantee, "Grantee");
  const names = (options.compartments ?? []).map(checkCompartment);
  if (options.lifts === true && patient !== chain.address)
    throw new CareKeyError("INVALID_ARGUMENT", "No delegate takes a DENY away", { patient });
  if (grantee === patient)
    throw new CareKeyError("INVALID_ARGUMENT", "A patient needs no grant on their own chart", { grantee });
  const view = await freshView(chain);
  const terms = termsOf(options, view);
  const place = await namedPlace(context, patient, options.scope, view);
  const given = { patient, grantee, place, terms, under: options.under };
  const lifted = options.lifts === true ? await deniedScope(view, given) : undefined;

  const nothing = { records: [], unreadable: [], denied: [] };
  // a list that the grantee may not see could not lead them to it
  const claim = async (): Promise<void> => place.record && claimOne(context, place.record, options);
  if (terms.group === true) {
    await claim();
    return { ...nothing, transaction: await give(context, given, undefined, lifted, options) };
  }
  const seen = await lookAtKey(context, grantee, view);
  if (!seen)
    throw new CareKeyError("NO_PUBLISHED_KEY", `The grantee ${grantee} has published no encryption key`, {
      actor: grantee,
    });
  await claim();
  if (seen.standing === "held") {
    const transaction = await give(context, given, undefined, lifted, options);
    return { ...nothing, transaction, held: seen.held };
  }
  const wanted = { patient, place, grantee, lifted };
  const { keys, unreadable, denied }: Collected = terms.permissions.includes("READ")
    ? await collectKeys(context, wanted, view, options)
    : { keys: [], unreadable: [], denied: [] };

  const capsules: Block[] = [];
  for (let from = 0; from < Math.max(keys.length, 1); from += MAX_CAPSULE_RECORDS) {
    const records = keys.slice(from, from + MAX_CAPSULE_RECORDS);
    const compartments = from === 0 ? names : [];
    if (records.length + compartments.length > 0)
      capsules.push(await sealCapsule(chain, { patient, compartments, records }, [seen.key]));
  }
  const [first, ...more] = capsules;
  const transaction = await give(context, given, first, lifted, options);
  for (const block of more) {
    const { compartment, content } = place;
    await announce(context, { patient, compartment, content, grantees: [grantee] }, block);
  }
  return { transaction, records: keys.map(({ recordId }) => recordId), unreadable, denied };
}

function termsOf(options: GrantOptions, view: View): NewTerms {
  const { permissions, purposes = [], end, group } = options;
  const now = presentAt(view);
  if (end <= now) throw new CareKeyError("PERIOD_INVALID", `The end ${end} is not after now, ${now}`, { end, now });
  const { start = now } = options;
  const terms = {
    // this machine's clock may be ahead of the validators': what is to hold now has to hold from the grant's own block on
    start: start > now ? start : Math.min(start, view.block.time),
    ...{ end, permissions, purposes, group },
  };
  packTerms(terms);
  return terms;
}

interface Given {
  readonly patient: string;
  readonly grantee: string;
  readonly place: NamedPlace;
  readonly terms: NewTerms;
  readonly under: Hex32 | undefined;
}

/** The scope of the grant, where a DENY stands on it that is to go. */
async function deniedScope(view: View, { patient, grantee, place: { scope } }: Given): Promise<Hex32 | undefined> {
  const [state = 0n, word = 0n] = await view.words([stateSlot(patient), grantSlot(patient, grantee, scope)]);
  return denies(unpackTerms(word), unpackPersonState(state).era) ? scope : undefined;
}

/** Sends the grant, and then puts its capsule. A DENY is lifted in a transaction of its own, last of all before. */
async function give(
  context: Context,
  { patient, grantee, place, terms, under }: Given,
  block: Block | undefined,
  lifted: Hex32 | undefined,
  { signal }: PipelineOptions,
): Promise<string> {
  const { chain } = context;
  const { scope, compartment, content } = place;
  const capsule = block && digestOf(block);
  throwIfCancelled(signal);
  if (lifted !== undefined) await lift(chain, grantee, lifted);
  const transaction =
    patient === chain.address
      ? await sendGrant(chain, { grantee, scope, terms, capsule }, { signal })
      : await grantFor(chain, { patient, grantee, compartment, content, under, terms, capsule });
  if (block) await keep(storeFor(context, compartment), block);
  return transaction;
}

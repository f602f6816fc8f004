import type { Chain } from "../chain/connection.js";
import { canWrite } from "../chain/delegations.js";
import { type Hex32, scopeOf, wholeChart } from "../chain/ids.js";
import { unpackPersonState } from "../chain/person-state.js";
import { type Purpose, purposeBit, purposeBits } from "../chain/purposes.js";
import type { AnchoredRecord } from "../chain/records.js";
import { type Shares, sharesOf } from "../chain/shares.js";
import { grantSlot, stateSlot } from "../chain/slots.js";
import { type Grantable, type Terms, denies, isInForce, unpackTerms } from "../chain/terms.js";
import type { View } from "../chain/view.js";
import { unpackFields } from "../chain/word.js";
import { presentAt } from "./words.js";

/** A compartment, or a record in it: by what grants name of its lineage, and by its own content. */
export type Place = Pick<AnchoredRecord, "patient" | "compartment"> &
  Partial<Pick<AnchoredRecord, "origin" | "content">>;

/** What stands for one actor on all scopes that hold a place. */
export interface Standing {
  readonly who: string;
  readonly patient: string;
  /** The patient's present era. */
  readonly era: number;
  /** The present, in seconds since 1970. */
  readonly time: number;
  readonly grants: readonly StandingTerms[];
}

interface StandingTerms {
  readonly scope: Hex32;
  readonly terms: Terms;
  /** Bit set. */
  readonly purposes: bigint;
  /** It is on an amendment's own id, which no grant names: a DENY that was set there ahead shuts it all the same. */
  readonly isAhead: boolean;
}

/** The scopes that hold a place, from within: its record where it is one, its compartment, the whole chart. */
export function scopesOf({ patient, compartment, origin }: Place): Hex32[] {
  const wider = [compartment, wholeChart];
  return origin === undefined ? wider : [scopeOf(patient, compartment, origin), ...wider];
}

/** An amendment's own id; undefined for anything else. */
function ownScope({ patient, compartment, origin, content }: Place): Hex32 | undefined {
  return content === undefined || content === origin ? undefined : scopeOf(patient, compartment, content);
}

/** Scopes on which a DENY shuts the place. */
export function shutBy({ grants, era }: Standing): Hex32[] {
  return grants.filter(({ terms }) => denies(terms, era)).map(({ scope }) => scope);
}

/**
 * May somebody read a place now? The contract's rule (`canRead`): no DENY stands on any of the scopes that hold it, nor on an amendment's own id, and a grant in force on one of these scopes permits it. The
 * patient may always. Whether a record was erased is not looked at.
 * @param purpose Any where omitted.
 */
export function mayReadNow(standing: Standing, purpose?: Purpose): boolean {
  return mayNow(standing, "READ", purpose);
}

/**
 * May somebody add records to a place, or correct and point those there: by a grant, or as a delegate with WRITE?
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 */
export async function mayWriteNow(chain: Chain, view: View, place: Place, actor: string): Promise<boolean> {
  const standing = await standingOf(view, place, actor);
  if (mayNow(standing, "WRITE")) return true;
  // a DENY shuts delegates out, too
  if (shutBy(standing).length > 0) return false;
  const { patient, compartment, origin: content } = place;
  return canWrite(chain, { patient, actor, compartment, ...(content !== undefined && { content }) });
}

function mayNow(standing: Standing, permission: Grantable, purpose?: Purpose): boolean {
  const { who, patient, era, time, grants } = standing;
  if (who === patient) return true;
  if (shutBy(standing).length > 0) return false;
  return grants.some(
    ({ terms, purposes, isAhead }) =>
      !isAhead &&
      isInForce(terms, era, time) &&
      // what a group was granted is not its address'
      !terms.group &&
      terms.permissions.includes(permission) &&
      (purpose === undefined || (purposes & purposeBit(purpose)) !== 0n),
  );
}

/**
 * What stands for one actor on some places of a chart, at one block: read in one batch, however many places there are.
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 */
export async function standingsOf(
  view: View,
  patient: string,
  who: string,
  places: readonly Place[],
): Promise<(place: Place) => Standing> {
  const scopes = [...new Set(places.flatMap(allScopesOf))];
  const [state = 0n, ...words] = await view.words([
    stateSlot(patient),
    ...scopes.map((scope) => grantSlot(patient, who, scope)),
  ]);
  const standing = new Map(
    scopes.map((scope, place) => {
      const word = words[place] ?? 0n;
      return [scope, { scope, terms: unpackTerms(word), purposes: unpackFields(word).purposes }];
    }),
  );
  const { era } = unpackPersonState(state);
  return (place) => ({
    ...{ who, patient, era, time: presentAt(view) },
    grants: allScopesOf(place).flatMap((scope) => {
      const found = standing.get(scope);
      return found ? [{ ...found, isAhead: scope === ownScope(place) }] : [];
    }),
  });
}

function allScopesOf(place: Place): Hex32[] {
  return [ownScope(place) ?? [], scopesOf(place)].flat();
}

/** What stands for one actor on one place. */
export async function standingOf(view: View, place: Place, who: string): Promise<Standing> {
  return (await standingsOf(view, place.patient, who, [place]))(place);
}

/** Those who may read a place now, without the patient. */
export function readersIn({ grants, state }: Shares, place: Place, time: number): string[] {
  const scopes = new Set(allScopesOf(place));
  const own = ownScope(place);
  const byGrantee = new Map<string, StandingTerms[]>();
  for (const { grantee, scope, terms } of grants) {
    if (!scopes.has(scope)) continue;
    const known = byGrantee.get(grantee) ?? [];
    const standing = { scope, terms, purposes: purposeBits(terms.purposes), isAhead: scope === own };
    byGrantee.set(grantee, [...known, standing]);
  }
  const { patient } = place;
  return [...byGrantee]
    .filter(([who, standing]) => mayReadNow({ who, patient, era: state.era, time, grants: standing }))
    .map(([who]) => who);
}

/**
 * Every grant of a patient's at one block; what was read before is taken where nothing changed since.
 * @throws HISTORY_INCOMPLETE, CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 */
export async function sharesAt(chain: Chain, patient: string, view: View, known?: Shares): Promise<Shares> {
  if (known !== undefined) {
    const [word = 0n] = await view.words([stateSlot(patient)]);
    const { changes } = unpackPersonState(word);
    const before = known.state.changes;
    if (changes.number === before.number && changes.lastAt === before.lastAt) return known;
  }
  return sharesOf(chain, patient, view);
}

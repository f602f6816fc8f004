import { CareKeyError } from "../errors.js";
import { type Chain, presentTime } from "./connection.js";
import { type GrantKey, type StandingGrant, revokeMany } from "./consent.js";
import { type Delegation, isActive, permits, unpackDelegation } from "./delegation-terms.js";
import { type Hex32, checkAddress, scopeOf, wholeChart } from "./ids.js";
import { type ReadingChain, eventsIn } from "./logs.js";
import { unpackPersonState } from "./person-state.js";
import { sharesOf } from "./shares.js";
import { delegationSlot, stateSlot } from "./slots.js";
import { type NewTerms, packTerms } from "./terms.js";
import { send } from "./transactions.js";
import type { ActedForEvent } from "./typechain/contracts/ConsentRegistry.js";
import { viewOf } from "./view.js";
import { incomplete } from "./walk.js";

/** A grant that a delegate gives, takes back or shuts. The place is named by its parts, as the contract takes it. */
export interface ActingPlace {
  readonly patient: string;
  readonly grantee: string;
  /** Omit for the whole chart. */
  readonly compartment?: Hex32 | undefined;
  /** Content of one record of the compartment, the first of its lineage; omit for all of it. */
  readonly content?: Hex32 | undefined;
  /** Scope of the delegation to act under: that place, its compartment or the whole chart. Omit to take the narrowest that suits. */
  readonly under?: Hex32 | undefined;
}

/** A grant that a delegate gives. */
export interface ActingGrant extends ActingPlace {
  readonly terms: NewTerms;
  /** sha2-256 digest of the capsule's block; omit for none. */
  readonly capsule?: Hex32 | undefined;
}

/**
 * Grants in a patient's place.
 * @returns Hash of the transaction.
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (BeyondDelegation, DenyStands, GrantReserved, OutsideDelegation …)
 * @example await grantFor(chain, { patient, grantee: doctor, compartment, terms });
 */
export async function grantFor(chain: Chain, given: ActingGrant): Promise<string> {
  const terms = packTerms(given.terms);
  const place = await placeOf(chain, given, chain.address, { terms: given.terms });
  const capsule = given.capsule ?? wholeChart;
  return (await send(chain.provider, (fees) => chain.consentRegistry.grantFor(place, terms, capsule, fees))).hash;
}

/**
 * Takes a grant back in a patient's place.
 * @returns Hash of the transaction.
 * @throws DELEGATION_MISSING, CONTRACT_REFUSED (NothingStands, GrantReserved, OutsideDelegation …)
 */
export async function revokeFor(chain: Chain, taken: ActingPlace): Promise<string> {
  const place = await placeOf(chain, taken, chain.address, "revoke");
  return (await send(chain.provider, (fees) => chain.consentRegistry.revokeFor(place, fees))).hash;
}

/**
 * Shuts a door in a patient's place, until the patient lifts it or locks down.
 * @returns Hash of the transaction.
 * @throws DELEGATION_MISSING, CONTRACT_REFUSED (DenyStands, GrantReserved, OutsideDelegation …)
 */
export async function denyFor(chain: Chain, shut: ActingPlace): Promise<string> {
  const place = await placeOf(chain, shut, chain.address, "deny");
  return (await send(chain.provider, (fees) => chain.consentRegistry.denyFor(place, fees))).hash;
}

/** What the contract takes of an {@link ActingPlace}: everything named. */
export type FullPlace = Readonly<Record<"patient" | "grantee" | "compartment" | "content" | "under", string>>;

/** What a delegate is about to do. */
export type Act = { readonly terms: NewTerms } | "revoke" | "deny";

/**
 * Names every part of a place, and the delegation that `by` acts under: of those that are active, the narrowest that permits the act (a revocation: with MANAGE); the
 * narrowest of all where none does.
 * @throws DELEGATION_MISSING when none is active
 */
export async function placeOf(chain: ReadingChain, place: ActingPlace, by: string, act: Act): Promise<FullPlace> {
  const { compartment = wholeChart, content = wholeChart } = place;
  const patient = checkAddress(place.patient, "Patient");
  const grantee = checkAddress(place.grantee, "Grantee");
  const named = { patient, grantee, compartment, content };
  if (place.under !== undefined) return { ...named, under: place.under };
  const now = await presentTime(chain);
  const scopes = [...new Set([scopeOf(patient, compartment, content), compartment, wholeChart])];
  const view = await viewOf(chain);
  const [state = 0n, ...words] = await view.words([
    stateSlot(patient),
    ...scopes.map((scope) => delegationSlot(patient, by, scope)),
  ]);
  const { era } = unpackPersonState(state);
  const active = scopes.flatMap((under, number) => {
    const delegation = unpackDelegation(words[number] ?? 0n);
    return isActive(delegation, era, now) ? [{ under, isFit: suits(delegation, act, now) }] : [];
  });
  const chosen = active.find(({ isFit }) => isFit) ?? active[0];
  if (!chosen)
    throw new CareKeyError("DELEGATION_MISSING", `${by} has no active delegation of ${patient} there`, {
      patient,
      delegate: by,
    });
  return { ...named, under: chosen.under };
}

function suits(delegation: Delegation, act: Act, now: number): boolean {
  if (act === "revoke") return delegation.permissions.includes("MANAGE");
  if (act === "deny") return delegation.permissions.includes("DENY");
  return permits(delegation, act.terms, now);
}

/**
 * What stands on a patient's chart because this delegate gave or shut it, in force or not.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function grantsBy(chain: ReadingChain, patient: string, by: string): Promise<StandingGrant[]> {
  const { grants } = await sharesOf(chain, patient);
  const [owner, delegate] = [checkAddress(patient, "Patient"), checkAddress(by, "Delegate")];
  const given = grants.filter(({ terms }) => terms.byDelegate && terms.permissions.length > 0);
  const blocks = [...new Set(given.map(({ terms }) => terms.writtenAt))];
  const acts = new Map(
    await Promise.all(blocks.map(async (block) => [block, await actsIn(chain, owner, block)] as const)),
  );
  return given.filter(({ grantee, scope, terms }) => {
    const { writtenAt: block, index } = terms;
    const act = acts.get(block)?.findLast(({ args }) => args.grantee === grantee && args.scope === scope);
    if (!act) throw incomplete("acts in the patient's place", index, block);
    return act.args.delegate === delegate;
  });
}

function actsIn(chain: ReadingChain, patient: string, block: number) {
  const query = { contract: "ConsentRegistry", names: ["ActedFor"], topics: [patient] } as const;
  return eventsIn<{ ActedFor: ActedForEvent.OutputObject }>(chain, query, block, block);
}

/**
 * Takes back all that a delegate granted on the caller's chart; what it shut stays. Take the delegation back first (`undelegate`), or it may grant meanwhile.
 * @returns What was taken back.
 */
export async function revokeGrantsBy(chain: Chain, by: string): Promise<GrantKey[]> {
  const given = await grantsBy(chain, chain.address, by);
  const keys = given
    .filter(({ terms }) => !terms.permissions.includes("DENY"))
    .map(({ grantee, scope }) => ({ grantee, scope }));
  const outcomes = await revokeMany(chain, keys);
  return keys.filter((_, place) => outcomes[place]?.done);
}

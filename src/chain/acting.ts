import { CareKeyError } from "../errors.js";
import { type Chain, presentTime } from "./connection.js";
import { type GrantKey, type StandingGrant, grantOf, lockdownAt, revokeMany } from "./consent.js";
import { type Delegation, isActive, permits } from "./delegation-terms.js";
import { delegationOf } from "./delegations.js";
import { type Hex32, checkAddress, scopeOf, wholeChart } from "./ids.js";
import { scan } from "./scan.js";
import { type NewTerms, packTerms } from "./terms.js";
import { send } from "./transactions.js";

/** A grant that a delegate gives or takes back. The place is named by its parts, as the contract takes it. */
export interface ActingPlace {
  readonly patient: string;
  readonly grantee: string;
  /** Omit for the whole chart. */
  readonly compartment?: Hex32 | undefined;
  /** Content of one record of the compartment; omit for all of it. */
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
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (BeyondDelegation, GrantReserved, OutsideDelegation …)
 * @example await grantFor(chain, { patient, grantee: doctor, compartment, terms });
 */
export async function grantFor(chain: Chain, given: ActingGrant): Promise<string> {
  const terms = packTerms(given.terms);
  const place = await placeOf(chain, given, chain.address, given.terms);
  const call = { ...place, terms, capsule: given.capsule ?? wholeChart };
  const { hash } = await send(chain.provider, (fees) => chain.consentRegistry.grantFor(call, fees));
  return hash;
}

/**
 * Takes a grant back in a patient's place.
 * @throws DELEGATION_MISSING, CONTRACT_REFUSED (GrantReserved, OutsideDelegation …)
 */
export async function revokeFor(chain: Chain, taken: ActingPlace): Promise<void> {
  const place = await placeOf(chain, taken, chain.address);
  await send(chain.provider, (fees) => chain.consentRegistry.revokeFor(place, fees));
}

/** What the contract takes of an {@link ActingPlace}: everything named. */
export type FullPlace = Readonly<Record<"patient" | "grantee" | "compartment" | "content" | "under", string>>;

/**
 * Names every part of a place, and the delegation that `by` acts under: of those that are active, the narrowest that permits the terms, or for a
 * revocation the narrowest with MANAGE; the narrowest of all where none does.
 * @throws DELEGATION_MISSING when none is active
 */
export async function placeOf(chain: Chain, place: ActingPlace, by: string, terms?: NewTerms): Promise<FullPlace> {
  const { compartment = wholeChart, content = wholeChart } = place;
  const patient = checkAddress(place.patient, "Patient");
  const grantee = checkAddress(place.grantee, "Grantee");
  const named = { patient, grantee, compartment, content };
  if (place.under !== undefined) return { ...named, under: place.under };
  const now = await presentTime(chain);
  const asOf = await lockdownAt(chain, patient);
  const suits = (delegation: Delegation): boolean =>
    terms === undefined ? delegation.permissions.includes("MANAGE") : permits(delegation, terms, now);
  const active: { under: Hex32; isFit: boolean }[] = [];
  for (const under of new Set([scopeOf(patient, compartment, content), compartment, wholeChart])) {
    const delegation = await delegationOf(chain, patient, by, under);
    if (isActive(delegation, now, asOf)) active.push({ under, isFit: suits(delegation) });
  }
  const chosen = active.find(({ isFit }) => isFit) ?? active[0];
  if (!chosen)
    throw new CareKeyError("DELEGATION_MISSING", `${by} has no active delegation of ${patient} there`, {
      patient,
      delegate: by,
    });
  return { ...named, under: chosen.under };
}

/** The grants on a patient's chart that a delegate gave and nobody has changed since, active or not. */
export async function grantsBy(chain: Chain, patient: string, by: string): Promise<StandingGrant[]> {
  const { consentRegistry } = chain;
  const events = await scan(chain, consentRegistry, consentRegistry.filters.ActedFor(patient, by));
  const slots = new Map(
    events.map(({ args: { grantee, scope, revision } }) => [
      `${grantee} ${scope}`,
      { grantee, scope, revision: Number(revision) },
    ]),
  );
  const standing = await Promise.all(
    [...slots.values()].map(async ({ grantee, scope, revision }) => ({
      grantee,
      scope,
      revision,
      terms: await grantOf(chain, patient, grantee, scope),
    })),
  );
  return standing
    .filter(({ terms, revision }) => terms.byDelegate && terms.revision === revision)
    .map(({ grantee, scope, terms }) => ({ grantee, scope, terms }));
}

/**
 * Takes back all that a delegate granted on the caller's chart. Take the delegation back first (`undelegate`), or it may grant meanwhile.
 * @returns What was taken back.
 */
export async function revokeGrantsBy(chain: Chain, by: string): Promise<GrantKey[]> {
  const keys = (await grantsBy(chain, chain.address, by)).map(({ grantee, scope }) => ({ grantee, scope }));
  await revokeMany(chain, keys);
  return keys;
}

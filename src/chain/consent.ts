import { hexlify, randomBytes } from "ethers";

import { type ItemOutcome, carryAll, inBatches, requireDone } from "./batches.js";
import type { Chain } from "./connection.js";
import { holdsNow } from "./differences.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import { type PersonState, unpackPersonState } from "./person-state.js";
import { type Purpose, purposeBit } from "./purposes.js";
import { grantSlot, stateSlot } from "./slots.js";
import { type Grantable, type NewTerms, type Terms, packTerms, permissionsToBits, unpackTerms } from "./terms.js";
import { type SendOptions, read, send } from "./transactions.js";
import { type View, wordOf } from "./view.js";

/** A grant or a DENY as it stands on chain, in force or not. */
export interface StandingGrant {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly terms: Terms;
}

/** One grant: who may, and on what. */
export type GrantKey = Pick<StandingGrant, "grantee" | "scope">;

/** What `canAccess` is asked. */
export interface Question {
  readonly patient: string;
  readonly grantee: string;
  /** Omit to ask about the whole chart alone. */
  readonly compartment?: Hex32 | undefined;
  /** Content of the record, or of the first of its lineage where it is an amendment (`origin`); omit to ask about no record in particular. */
  readonly content?: Hex32 | undefined;
  readonly permission: Grantable;
  /** Needed for READ. */
  readonly purpose?: Purpose | undefined;
}

/**
 * The one rule that decides access.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await canAccess(chain, { patient, grantee, compartment, permission: "READ", purpose: "TREAT" });
 */
export async function canAccess(chain: Chain, question: Question): Promise<boolean> {
  const asked = askedOf(question);
  return read(holdsNow((at) => chain.consentRegistry.canAccess(...asked, at)));
}

/**
 * The grant by which {@link canAccess} says yes by the newest block, the narrowest in force; undefined where none does, and for the patient, who needs none.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function permittingGrant(
  chain: Chain,
  question: Question,
): Promise<Pick<StandingGrant, "scope" | "terms"> | undefined> {
  const { scope, terms } = await read(chain.consentRegistry.permittingGrant(...askedOf(question)));
  return terms === 0n ? undefined : { scope, terms: unpackTerms(terms) };
}

function askedOf(question: Question): [string, string, Hex32, Hex32, number, bigint] {
  const { compartment = wholeChart, content = wholeChart, permission, purpose } = question;
  const patient = checkAddress(question.patient, "Patient");
  const grantee = checkAddress(question.grantee, "Grantee");
  const bit = purpose === undefined ? 0n : purposeBit(purpose);
  return [patient, grantee, compartment, content, permissionsToBits([permission]), bit];
}

/** What `canAccessAs` is asked: may a member of a group read? */
export interface GroupQuestion extends Pick<Question, "patient" | "compartment" | "content"> {
  readonly group: string;
  readonly member: string;
  readonly purpose: Purpose;
}

/**
 * May a member read by a grant to their group? A DENY for the member in person shuts that, too.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await canAccessAs(chain, { patient, group, member, compartment, purpose: "TREAT" });
 */
export async function canAccessAs(chain: Chain, question: GroupQuestion): Promise<boolean> {
  const { compartment = wholeChart, content = wholeChart } = question;
  const group = checkAddress(question.group, "Group");
  const member = checkAddress(question.member, "Member");
  const patient = checkAddress(question.patient, "Patient");
  const bit = purposeBit(question.purpose);
  return read(
    holdsNow((at) => chain.consentRegistry.canAccessAs(group, member, patient, compartment, content, bit, at)),
  );
}

/** What `isDenied` is asked. */
export interface Denial {
  readonly patient: string;
  /** Whom a DENY may name. */
  readonly who: string;
  /** Omit to ask about a DENY on the whole chart alone. */
  readonly compartment?: Hex32 | undefined;
  /** Content of the record, or of the first of its lineage; omit to ask about no record in particular. */
  readonly content?: Hex32 | undefined;
}

/**
 * Does a DENY for `who` stand on this place, on its compartment or on the chart? What shuts somebody out who needs no grant, as an author or a delegate does not.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await isDenied(chain, { patient, who: author, compartment, content });
 */
export async function isDenied(chain: Chain, { patient, who, compartment, content }: Denial): Promise<boolean> {
  const [owner, actor] = [checkAddress(patient, "Patient"), checkAddress(who, "Who")];
  return read(chain.consentRegistry.isDenied(owner, actor, compartment ?? wholeChart, content ?? wholeChart));
}

/** What orders a person's acts: era, stand, and how many grants, delegations and changes there are. */
export async function stateOf(chain: ReadingChain, person: string, view?: View): Promise<PersonState> {
  return unpackPersonState(await wordOf(chain, stateSlot(checkAddress(person, "Person")), view));
}

/** What stands for `grantee` on `scope`, in force or not; index 0 where there never was anything. */
export async function grantOf(
  chain: ReadingChain,
  patient: string,
  grantee: string,
  scope: Hex32,
  view?: View,
): Promise<Terms> {
  const slot = grantSlot(checkAddress(patient, "Patient"), checkAddress(grantee, "Grantee"), checkScope(scope));
  return unpackTerms(await wordOf(chain, slot, view));
}

/**
 * Grants terms on the caller's chart. Where a DENY stands, {@link lift} it first.
 * @param capsule sha2-256 digest of the capsule's block, or undefined for none.
 * @returns Hash of the transaction.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (DenyStands, InvalidGrantee, InvalidPeriod)
 */
export async function sendGrant(
  chain: Chain,
  grant: GrantKey & { readonly terms: NewTerms; readonly capsule?: Hex32 | undefined },
  options?: SendOptions,
): Promise<string> {
  const { grantee, scope } = checkKey(grant);
  const word = packTerms(grant.terms);
  const { hash } = await send(
    chain.provider,
    (fees) => chain.consentRegistry.grant(grantee, scope, word, grant.capsule ?? wholeChart, fees),
    options,
  );
  return hash;
}

/**
 * Takes the caller's grant to `grantee` on `scope` back. None there: success without effect.
 * @throws CONTRACT_REFUSED (DenyStands: a DENY is lifted, not revoked)
 */
export async function revoke(chain: Chain, grantee: string, scope: Hex32): Promise<void> {
  const key = checkKey({ grantee, scope });
  const receipt = await send(chain.provider, (fees) => chain.consentRegistry.revoke(key.grantee, key.scope, fees));
  requireDone(receipt, chain.addresses.ConsentRegistry, ["NothingStands"]);
}

/**
 * Takes many grants of the caller back, 200 in one transaction; what is none, or a DENY, is left out, and the outcome says so.
 * @throws INVALID_ARGUMENT
 */
export async function revokeMany(chain: Chain, grants: readonly GrantKey[]): Promise<ItemOutcome[]> {
  const parts = inBatches(grants.map(checkKey));
  return carryAll(parts, chain.addresses.ConsentRegistry, (items) =>
    send(chain.provider, (fees) => chain.consentRegistry.revokeMany(items, fees)),
  );
}

/**
 * Shuts the caller's `scope` for `grantee`, whatever else is granted, now or later, until it is lifted. Shut already: success without effect.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (InvalidGrantee)
 */
export async function deny(chain: Chain, grantee: string, scope: Hex32): Promise<string> {
  const key = checkKey({ grantee, scope });
  const receipt = await send(chain.provider, (fees) => chain.consentRegistry.deny(key.grantee, key.scope, fees));
  requireDone(receipt, chain.addresses.ConsentRegistry, ["DenyStands"]);
  return receipt.hash;
}

/**
 * Takes the DENY for `grantee` on the caller's `scope` away; nothing stands there then.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (NoDeny)
 */
export async function lift(chain: Chain, grantee: string, scope: Hex32): Promise<string> {
  const key = checkKey({ grantee, scope });
  return (await send(chain.provider, (fees) => chain.consentRegistry.lift(key.grantee, key.scope, fees))).hash;
}

/** Takes many DENYs of the caller away, 200 in one transaction; what is none is left out, and the outcome says so. */
export async function liftMany(chain: Chain, denials: readonly GrantKey[]): Promise<ItemOutcome[]> {
  const parts = inBatches(denials.map(checkKey));
  return carryAll(parts, chain.addresses.ConsentRegistry, (items) =>
    send(chain.provider, (fees) => chain.consentRegistry.liftMany(items, fees)),
  );
}

/** Voids every grant and delegation of the caller at once, and every signature that would open something. A DENY of the caller's own stays. */
export async function lockdown(chain: Chain): Promise<void> {
  // nobody can foresee the next era
  const salt = hexlify(randomBytes(32));
  await send(chain.provider, (fees) => chain.consentRegistry.lockdown(salt, fees));
}

/** Gives up every signature of the caller's that would open something, and up to 200 of the others, by their ids. */
export async function cancel(chain: Chain, ids: readonly bigint[] = []): Promise<void> {
  await send(chain.provider, (fees) => chain.consentRegistry.cancel([...ids], fees));
}

function checkKey({ grantee, scope }: GrantKey): GrantKey {
  return { grantee: checkAddress(grantee, "Grantee"), scope: checkScope(scope) };
}

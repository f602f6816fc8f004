import { inBatches } from "./batches.js";
import type { Chain } from "./connection.js";
import { holdsNow } from "./differences.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "./ids.js";
import { type Purpose, purposeBit } from "./purposes.js";
import { placeOf, scan } from "./scan.js";
import { type NewTerms, type Terms, packTerms, permissionsToBits, unpackTerms } from "./terms.js";
import { type SendOptions, read, send } from "./transactions.js";

/** A grant as it stands on chain, active or not. */
export interface StandingGrant {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly terms: Terms;
}

/** What `canAccess` is asked. */
export interface Question {
  readonly patient: string;
  readonly grantee: string;
  /** Omit to ask about the whole chart alone. */
  readonly compartment?: Hex32;
  /** Omit to ask about no record in particular. */
  readonly content?: Hex32;
  readonly permission: "READ" | "WRITE";
  /** Needed for READ. */
  readonly purpose?: Purpose;
}

/**
 * The one rule that decides access.
 * @example await canAccess(chain, { patient, grantee, compartment, permission: "READ", purpose: "TREAT" });
 */
export async function canAccess(chain: Chain, question: Question): Promise<boolean> {
  const { compartment = wholeChart, content = wholeChart, permission, purpose } = question;
  const patient = checkAddress(question.patient, "Patient");
  const grantee = checkAddress(question.grantee, "Grantee");
  const bit = purpose === undefined ? 0n : purposeBit(purpose);
  const bits = permissionsToBits([permission]);
  return read(holdsNow((at) => chain.consentRegistry.canAccess(patient, grantee, compartment, content, bits, bit, at)));
}

/** What `canAccessAs` is asked: the same of somebody who belongs to a group that is the grantee. */
export interface GroupQuestion extends Omit<Question, "grantee"> {
  readonly group: string;
  readonly member: string;
}

/**
 * May a member read or write by a grant to their group? A DENY for the member in person shuts that, too.
 * @example await canAccessAs(chain, { patient, group, member, compartment, permission: "READ", purpose: "TREAT" });
 */
export async function canAccessAs(chain: Chain, question: GroupQuestion): Promise<boolean> {
  const { compartment = wholeChart, content = wholeChart, permission, purpose } = question;
  const group = checkAddress(question.group, "Group");
  const member = checkAddress(question.member, "Member");
  const patient = checkAddress(question.patient, "Patient");
  const bit = purpose === undefined ? 0n : purposeBit(purpose);
  const bits = permissionsToBits([permission]);
  const { consentRegistry } = chain;
  return read(
    holdsNow((at) => consentRegistry.canAccessAs(group, member, patient, compartment, content, bits, bit, at)),
  );
}

/** The patient's last lockdown: what a new grant must stand on. */
export async function lockdownAt(chain: Chain, patient: string): Promise<number> {
  return Number(await read(chain.consentRegistry.lockdownAt(patient)));
}

/**
 * Grants terms on the caller's chart.
 * @param capsule sha2-256 digest of the capsule's block, or undefined for none.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED
 */
export async function sendGrant(
  chain: Chain,
  grant: { grantee: string; scope: Hex32; terms: NewTerms; capsule?: Hex32 | undefined },
  options?: SendOptions,
): Promise<string> {
  checkScope(grant.scope);
  const word = packTerms(grant.terms);
  const { hash } = await send(
    chain.provider,
    (fees) => chain.consentRegistry.grant(grant.grantee, grant.scope, word, grant.capsule ?? wholeChart, fees),
    options,
  );
  return hash;
}

/** Takes the caller's grant to `grantee` on `scope` back. None there: it counts the revision up and so voids grants signed but held back. */
export async function revoke(chain: Chain, grantee: string, scope: Hex32): Promise<void> {
  checkScope(scope);
  await send(chain.provider, (fees) => chain.consentRegistry.revoke(checkAddress(grantee, "Grantee"), scope, fees));
}

/** One grant: who may, and on what. */
export type GrantKey = Pick<StandingGrant, "grantee" | "scope">;

/**
 * Takes many grants of the caller back, 200 in one transaction.
 * @returns Hashes of the transactions.
 */
export async function revokeMany(chain: Chain, grants: readonly GrantKey[]): Promise<string[]> {
  const keys = grants.map(({ grantee, scope }) => ({
    grantee: checkAddress(grantee, "Grantee"),
    scope: checkScope(scope),
  }));
  const transactions: string[] = [];
  for (const { items } of inBatches(keys)) {
    const { hash } = await send(chain.provider, (fees) => chain.consentRegistry.revokeMany(items, fees));
    transactions.push(hash);
  }
  return transactions;
}

/** Voids every grant and delegation of the caller at once, and every unused signature about them or about erasure. A DENY stays. */
export async function lockdown(chain: Chain): Promise<void> {
  await send(chain.provider, (fees) => chain.consentRegistry.lockdown(fees));
}

/** What stands for `grantee` on `scope`, active or not; revision 0 where there never was anything. */
export async function grantOf(chain: Chain, patient: string, grantee: string, scope: Hex32): Promise<Terms> {
  return unpackTerms(await read(chain.consentRegistry.grantOf(patient, grantee, scope)));
}

/**
 * The grants of a patient as they stand now, one for each grantee and scope that was ever granted.
 * @param only Only those on these scopes.
 */
export async function standingGrants(chain: Chain, patient: string, only?: readonly Hex32[]): Promise<StandingGrant[]> {
  const { consentRegistry } = chain;
  const events = await scan(chain, consentRegistry, consentRegistry.filters.Granted(patient));
  const slots = new Map(events.map(({ args: { grantee, scope } }) => [`${grantee} ${scope}`, { grantee, scope }]));
  const wanted = [...slots.values()].filter(({ scope }) => only === undefined || only.includes(scope));
  return Promise.all(
    wanted.map(async (slot) => ({
      ...slot,
      terms: unpackTerms(await read(consentRegistry.grantOf(patient, slot.grantee, slot.scope))),
    })),
  );
}

/** Where on the chain something changed last for each grantee of a patient: a grant, a DENY, a revocation, a lockdown. */
export async function lastChanges(chain: Chain, patient: string): Promise<(grantee: string) => number> {
  const { consentRegistry } = chain;
  const granted = await scan(chain, consentRegistry, consentRegistry.filters.Granted(patient));
  const revoked = await scan(chain, consentRegistry, consentRegistry.filters.Revoked(patient));
  const locked = await scan(chain, consentRegistry, consentRegistry.filters.LockedDown(patient));
  const all = Math.max(0, ...locked.map(placeOf));
  const places = new Map<string, number>();
  for (const event of [...granted, ...revoked]) {
    const { grantee } = event.args;
    places.set(grantee, Math.max(places.get(grantee) ?? all, placeOf(event)));
  }
  return (grantee) => places.get(grantee) ?? all;
}

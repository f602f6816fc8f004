import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import { holdsNow } from "./differences.js";
import { type Hex32, type Role, checkAddress, checkScope, roleId, wholeChart } from "./ids.js";
import { type Purpose, purposeBit, purposeBits } from "./purposes.js";
import { scan } from "./scan.js";
import { type Permission, type Terms, packTerms, permissionsToBits, unpackTerms } from "./terms.js";
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
  grant: { grantee: string; scope: Hex32; terms: Omit<Terms, "revision">; capsule?: Hex32 | undefined },
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

/** Voids every grant of the caller at once. */
export async function lockdown(chain: Chain): Promise<void> {
  await send(chain.provider, (fees) => chain.consentRegistry.lockdown(fees));
}

/** Announces a capsule to its grantees. By the patient or a writer of the scope. */
export async function deliver(
  chain: Chain,
  delivery: { patient: string; grantees: readonly string[]; scope: Hex32; capsule: Hex32 },
): Promise<string> {
  const { patient, grantees, scope, capsule } = delivery;
  const { hash } = await send(chain.provider, (fees) =>
    chain.consentRegistry.deliver(patient, [...grantees], scope, capsule, fees),
  );
  return hash;
}

/** What an actor asks a patient for. */
export interface AccessRequest {
  readonly patient: string;
  readonly scope: Hex32;
  /** The role that the requester is credentialed for. */
  readonly role: Role;
  readonly permissions: readonly Exclude<Permission, "DENY">[];
  readonly purposes: readonly Purpose[];
  /** First second at which access is no longer wanted. */
  readonly end: number;
}

/**
 * Asks a patient for a grant; the patient finds the request in the log.
 * @throws NO_CREDENTIAL when the caller has none for the role now, PERIOD_INVALID, INVALID_ARGUMENT
 */
export async function requestAccess(chain: Chain, request: AccessRequest, now: number): Promise<void> {
  const { scope, role, permissions, purposes, end } = request;
  const patient = checkAddress(request.patient, "Patient");
  checkScope(scope);
  packTerms({ start: now, end, asOf: 0, permissions, purposes });
  if (!(await read(chain.credentialRegistry.holds(chain.address, roleId(role), now))))
    throw new CareKeyError("NO_CREDENTIAL", `${chain.address} has no credential as ${role} now`, {
      actor: chain.address,
      role,
    });
  await send(chain.provider, (fees) =>
    chain.consentRegistry.request(
      patient,
      scope,
      roleId(role),
      permissionsToBits(permissions),
      purposeBits(purposes),
      end,
      fees,
    ),
  );
}

/** Says no to a request. */
export async function decline(chain: Chain, requester: string, scope: Hex32): Promise<void> {
  checkScope(scope);
  await send(chain.provider, (fees) =>
    chain.consentRegistry.decline(checkAddress(requester, "Requester"), scope, fees),
  );
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

/** A capsule announced to an actor. */
export interface Announcement {
  readonly patient: string;
  readonly scope: Hex32;
  readonly capsule: Hex32;
}

/** Capsules announced to `grantee`, newest first; by one patient where one is named. */
export async function announcements(chain: Chain, grantee: string, patient?: string): Promise<Announcement[]> {
  const { consentRegistry } = chain;
  const granted = await scan(chain, consentRegistry, consentRegistry.filters.Granted(patient, grantee));
  const delivered = await scan(chain, consentRegistry, consentRegistry.filters.Delivered(patient, grantee));
  return [...granted, ...delivered]
    .filter(({ args }) => args.capsule !== wholeChart)
    .sort((a, b) => b.blockNumber - a.blockNumber || b.index - a.index)
    .map(({ args: { patient: from, scope, capsule } }) => ({ patient: from, scope, capsule }));
}

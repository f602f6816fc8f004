import type { Chain } from "./connection.js";
import { requireCredential } from "./credentials.js";
import { type Hex32, type Role, checkAddress, checkScope, roleId, wholeChart } from "./ids.js";
import { type Purpose, purposeBits } from "./purposes.js";
import { placeOf, scan } from "./scan.js";
import { type Permission, packTerms, permissionsToBits } from "./terms.js";
import { send } from "./transactions.js";

/** A capsule, and whom it is sealed to. The place is named by its parts, as the contract takes it. */
export interface Delivery {
  readonly patient: string;
  /** 1 to 14. */
  readonly grantees: readonly string[];
  /** Omit for the whole chart. */
  readonly compartment?: Hex32 | undefined;
  /** Content of one record of the compartment; omit for all of it. */
  readonly content?: Hex32 | undefined;
  /** sha2-256 digest of the capsule's block. */
  readonly capsule: Hex32;
}

/**
 * Announces a capsule to its grantees. By the patient, a delegate, or whoever has WRITE there.
 * @throws CONTRACT_REFUSED (NotDeliverer, InvalidPlace, InvalidCapsule, InvalidGrantee, InvalidBatchSize)
 * @example await deliver(chain, { patient, grantees: [doctor], compartment, content, capsule });
 */
export async function deliver(chain: Chain, delivery: Delivery): Promise<string> {
  const { patient, grantees, compartment = wholeChart, content = wholeChart, capsule } = delivery;
  const given = { patient, grantees: [...grantees], compartment, content, capsule };
  const { hash } = await send(chain.provider, (fees) => chain.consentRegistry.deliver(given, fees));
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
 * @param now The present, in seconds since 1970.
 * @throws NO_CREDENTIAL when the caller has none for the role now, PERIOD_INVALID, INVALID_ARGUMENT
 */
export async function requestAccess(chain: Chain, request: AccessRequest, now: number): Promise<void> {
  const { scope, permissions, purposes, end } = request;
  const patient = checkAddress(request.patient, "Patient");
  checkScope(scope);
  packTerms({ start: now, end, asOf: 0, permissions, purposes });
  const role = roleId(request.role);
  const credential = await requireCredential(chain, request.role, now);
  const bits = permissionsToBits(permissions);
  await send(chain.provider, (fees) =>
    chain.consentRegistry.request(patient, scope, role, credential, bits, purposeBits(purposes), end, fees),
  );
}

/** Says no to a request. */
export async function decline(chain: Chain, requester: string, scope: Hex32): Promise<void> {
  checkScope(scope);
  await send(chain.provider, (fees) =>
    chain.consentRegistry.decline(checkAddress(requester, "Requester"), scope, fees),
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

/** A capsule that was announced on a patient's chart, by whom, and where on the chain. */
export interface PlacedAnnouncement extends Announcement {
  readonly grantee: string;
  readonly by: string;
  readonly place: number;
}

/** Capsules announced on a patient's chart, oldest first. What a delegate granted counts as the patient's. */
export async function announcementsOf(chain: Chain, patient: string): Promise<PlacedAnnouncement[]> {
  const { consentRegistry } = chain;
  const granted = await scan(chain, consentRegistry, consentRegistry.filters.Granted(patient));
  const delivered = await scan(chain, consentRegistry, consentRegistry.filters.Delivered(patient));
  return [
    ...granted.map((event) => ({ event, by: patient })),
    ...delivered.map((event) => ({ event, by: event.args.by })),
  ]
    .map(({ event, by }) => {
      const { grantee, scope, capsule } = event.args;
      return { patient, grantee, scope, capsule, by, place: placeOf(event) };
    })
    .filter(({ capsule }) => capsule !== wholeChart)
    .sort((a, b) => a.place - b.place);
}

import { CareKeyError } from "../../errors.js";
import type { Delivery } from "../announcements.js";
import { MAX_BATCH } from "../batches.js";
import { type Chain, chainTime } from "../connection.js";
import { type GrantKey, grantOf, lockdownAt } from "../consent.js";
import { packDelegation } from "../delegation-terms.js";
import { delegationOf } from "../delegations.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "../ids.js";
import { type Purpose, purposeBits } from "../purposes.js";
import { type Permission, type Power, packTerms } from "../terms.js";
import { read } from "../transactions.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, flagsOf, nextRevision, reachFrom, reachOf } from "./basis.js";

/** Who signs: the patient, who need not be the one who asks the chain. */
export interface ByPatient extends SigningOptions {
  /** The caller where omitted. */
  readonly patient?: string | undefined;
}

/** A grant for a patient to sign. */
export interface GrantToSign extends ByPatient {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly permissions: readonly Permission[];
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[];
  /** Seconds since 1970; the newest block's time where omitted. */
  readonly start?: number;
  /** First second at which the grant no longer holds. */
  readonly end: number;
  /** sha2-256 digest of the capsule's block; omit for none. */
  readonly capsule?: Hex32;
}

/**
 * A grant for a patient to sign. It names the slot's next revision and the last lockdown, as they are now.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example
 * const action = await prepareGrant(chain, { patient, grantee, scope, permissions: ["READ"], purposes: ["TREAT"], end });
 * await submit(chain, await sign(patientsWallet, action));
 */
export async function prepareGrant(chain: Chain, given: GrantToSign): Promise<Action<"Grant">> {
  const patient = patientOf(chain, given);
  const grantee = checkAddress(given.grantee, "Grantee");
  const scope = checkScope(given.scope);
  const { permissions, purposes = [], end, capsule = wholeChart } = given;
  const start = given.start ?? (await chainTime(chain));
  const asOf = await lockdownAt(chain, patient);
  packTerms({ start, end, asOf, permissions, purposes });
  const { revision } = await grantOf(chain, patient, grantee, scope);
  return actionOf(chain, "Grant", {
    ...{ patient, grantee, scope, ...flagsOf(permissions), purposes: purposeBits(purposes).toString() },
    ...{ start, end, asOf, capsule, revision: nextRevision(revision), deadline: await deadlineOf(chain, given) },
  });
}

/** A revocation for a patient to sign. It kills what stands and the next 16 revisions, granted or held back; of a DENY just that one. */
export async function prepareRevoke(chain: Chain, taken: GrantKey & ByPatient): Promise<Action<"Revoke">> {
  const patient = patientOf(chain, taken);
  const grant = await revocationOf(chain, patient, taken);
  return actionOf(chain, "Revoke", { patient, ...grant, ...(await timesOf(chain, patient, taken)) });
}

/** Many revocations under one signature: 1 to 200. */
export async function prepareRevokeMany(
  chain: Chain,
  grants: readonly GrantKey[],
  options: ByPatient = {},
): Promise<Action<"RevokeMany">> {
  if (grants.length === 0 || grants.length > MAX_BATCH)
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `One signature takes 1 to ${MAX_BATCH} grants back, not ${grants.length}`,
    );
  const patient = patientOf(chain, options);
  const taken = await Promise.all(grants.map((grant) => revocationOf(chain, patient, grant)));
  return actionOf(chain, "RevokeMany", { patient, grants: taken, ...(await timesOf(chain, patient, options)) });
}

/** A lockdown for a patient to sign. It works once: it names the lockdown before. */
export async function prepareLockdown(chain: Chain, options: ByPatient = {}): Promise<Action<"Lockdown">> {
  const patient = patientOf(chain, options);
  return actionOf(chain, "Lockdown", { patient, ...(await timesOf(chain, patient, options)) });
}

/** A delegation for a patient to sign. */
export interface DelegationToSign extends ByPatient {
  readonly delegate: string;
  readonly scope: Hex32;
  readonly permissions: readonly Power[];
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[];
  /** Longest grant that it may give, in seconds from the granting. */
  readonly longest: number;
  /** First second after the delegation. */
  readonly end: number;
}

/**
 * A delegation for a patient to sign. It names the slot's next revision and the last lockdown, as they are now.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function prepareDelegate(chain: Chain, given: DelegationToSign): Promise<Action<"Delegate">> {
  const patient = patientOf(chain, given);
  const delegate = checkAddress(given.delegate, "Delegate");
  const scope = checkScope(given.scope);
  const { permissions, purposes = [], longest, end } = given;
  const asOf = await lockdownAt(chain, patient);
  packDelegation({ longest, end, asOf, permissions, purposes });
  const { revision } = await delegationOf(chain, patient, delegate, scope);
  const powers = { ...flagsOf(permissions), manage: permissions.includes("MANAGE") };
  return actionOf(chain, "Delegate", {
    ...{ patient, delegate, scope, ...powers, purposes: purposeBits(purposes).toString() },
    ...{ longest, end, asOf, revision: nextRevision(revision), deadline: await deadlineOf(chain, given) },
  });
}

/** The end of a delegation for a patient to sign. It kills what stands and the next 16 revisions. */
export async function prepareUndelegate(
  chain: Chain,
  taken: { delegate: string; scope: Hex32 } & ByPatient,
): Promise<Action<"Undelegate">> {
  const patient = patientOf(chain, taken);
  const delegate = checkAddress(taken.delegate, "Delegate");
  const scope = checkScope(taken.scope);
  const { revision } = await delegationOf(chain, patient, delegate, scope);
  const end = { delegate, scope, revision: reachFrom(revision) };
  return actionOf(chain, "Undelegate", { patient, ...end, ...(await timesOf(chain, patient, taken)) });
}

/** Number of a patient's signature that no slot's revision counts; the next one where omitted. */
export interface Nonced {
  /** Name it where several are signed before the first is submitted: each needs the next. */
  readonly nonce?: number | undefined;
}

/** A delivery for a patient to sign. */
export async function prepareDeliver(
  chain: Chain,
  delivery: Delivery & SigningOptions & Nonced,
): Promise<Action<"Deliver">> {
  const patient = checkAddress(delivery.patient, "Patient");
  const { compartment = wholeChart, content = wholeChart, capsule } = delivery;
  const grantees = delivery.grantees.map((grantee) => checkAddress(grantee, "Grantee"));
  const nonce = delivery.nonce ?? (await nonceOf(chain, patient));
  const place = { patient, grantees, compartment, content, capsule, nonce };
  return actionOf(chain, "Deliver", { ...place, ...(await timesOf(chain, patient, delivery)) });
}

/** A refusal of a request for a patient to sign. */
export async function prepareDecline(
  chain: Chain,
  refused: { requester: string; scope: Hex32 } & ByPatient & Nonced,
): Promise<Action<"Decline">> {
  const patient = patientOf(chain, refused);
  const requester = checkAddress(refused.requester, "Requester");
  const nonce = refused.nonce ?? (await nonceOf(chain, patient));
  const what = { patient, requester, scope: checkScope(refused.scope), nonce };
  return actionOf(chain, "Decline", { ...what, ...(await timesOf(chain, patient, refused)) });
}

/** The number that the patient's next signed delivery or refusal must carry. */
export async function nonceOf(chain: Chain, patient: string): Promise<number> {
  return Number(await read(chain.consentRegistry.nonceOf(patient)));
}

function patientOf(chain: Chain, { patient }: ByPatient): string {
  return patient === undefined ? chain.address : checkAddress(patient, "Patient");
}

async function timesOf(chain: Chain, patient: string, options: SigningOptions) {
  return { asOf: await lockdownAt(chain, patient), deadline: await deadlineOf(chain, options) };
}

async function revocationOf(chain: Chain, patient: string, grant: GrantKey) {
  const grantee = checkAddress(grant.grantee, "Grantee");
  const scope = checkScope(grant.scope);
  return { grantee, scope, revision: reachOf(await grantOf(chain, patient, grantee, scope)) };
}

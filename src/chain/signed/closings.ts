import { hexlify, randomBytes } from "ethers";

import { CareKeyError } from "../../errors.js";
import { MAX_BATCH } from "../batches.js";
import type { Chain } from "../connection.js";
import type { GrantKey } from "../consent.js";
import { type Hex32, checkAddress, checkScope } from "../ids.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, onceOf, orCaller } from "./basis.js";

/** Who signs: the patient, who need not be the one who asks the chain. */
export interface ByPatient extends SigningOptions {
  /** The caller where omitted. */
  readonly patient?: string | undefined;
}

/**
 * A revocation for a patient to sign. Whatever stands there when it is carried is taken back, but a DENY.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 * @example await prepareRevoke(chain, { patient, grantee, scope });
 */
export async function prepareRevoke(chain: Chain, taken: GrantKey & ByPatient): Promise<Action<"Revoke">> {
  const patient = patientOf(chain, taken);
  return actionOf(chain, "Revoke", { patient, ...keyOf(taken), ...(await onceOf(chain, patient, taken)) });
}

/**
 * Many revocations under one signature: 1 to 200.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
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
  const once = await onceOf(chain, patient, options);
  return actionOf(chain, "RevokeMany", { patient, grants: grants.map(keyOf), ...once });
}

/**
 * A DENY for a patient to sign: it shuts the scope for the grantee, whatever else is granted, until it is lifted.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareDeny(chain: Chain, shut: GrantKey & ByPatient): Promise<Action<"Deny">> {
  const patient = patientOf(chain, shut);
  return actionOf(chain, "Deny", { patient, ...keyOf(shut), ...(await onceOf(chain, patient, shut)) });
}

/**
 * The end of a delegation for a patient to sign. What the delegate granted stays.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareUndelegate(
  chain: Chain,
  taken: { readonly delegate: string; readonly scope: Hex32 } & ByPatient,
): Promise<Action<"Undelegate">> {
  const patient = patientOf(chain, taken);
  const delegate = checkAddress(taken.delegate, "Delegate");
  const once = await onceOf(chain, patient, taken);
  return actionOf(chain, "Undelegate", { patient, delegate, scope: checkScope(taken.scope), ...once });
}

/**
 * A lockdown for a patient to sign. Nobody can foresee the era that it begins, as its salt is drawn here. Held back, it ends a later era than the present one.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareLockdown(chain: Chain, options: ByPatient = {}): Promise<Action<"Lockdown">> {
  const patient = patientOf(chain, options);
  const salt = hexlify(randomBytes(32));
  return actionOf(chain, "Lockdown", { patient, salt, ...(await onceOf(chain, patient, options)) });
}

function patientOf(chain: Chain, { patient }: ByPatient): string {
  return orCaller(chain, patient, "Patient");
}

function keyOf({ grantee, scope }: GrantKey) {
  return { grantee: checkAddress(grantee, "Grantee"), scope: checkScope(scope) };
}

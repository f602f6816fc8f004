import type { Delivery } from "../announcements.js";
import { type Chain, presentTime } from "../connection.js";
import { requireCredential } from "../credentials.js";
import { checkAddress, checkScope, roleId, wholeChart } from "../ids.js";
import { purposeBits } from "../purposes.js";
import type { AccessRequest, StandingRequest } from "../requests.js";
import { permissionsToBits, packTerms } from "../terms.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, flagsOf, onceOf, orCaller } from "./basis.js";

/** A delivery for whoever may deliver to sign: the patient, a delegate, a writer. */
export interface DeliveryToSign extends Delivery, SigningOptions {
  /** The caller where omitted. */
  readonly by?: string | undefined;
}

/**
 * A delivery to sign.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 * @example await prepareDeliver(chain, { by: device, patient, grantees: [doctor], compartment, content, capsule });
 */
export async function prepareDeliver(chain: Chain, delivery: DeliveryToSign): Promise<Action<"Deliver">> {
  const by = orCaller(chain, delivery.by, "Deliverer");
  const patient = checkAddress(delivery.patient, "Patient");
  const { compartment = wholeChart, content = wholeChart, capsule } = delivery;
  const grantees = delivery.grantees.map((grantee) => checkAddress(grantee, "Grantee"));
  const place = { by, patient, grantees, compartment, content, capsule };
  return actionOf(chain, "Deliver", { ...place, ...(await onceOf(chain, by, delivery)) });
}

/** A request for access for whoever would like to have it to sign. */
export interface RequestToSign extends AccessRequest, SigningOptions {
  /** The caller where omitted. */
  readonly requester?: string | undefined;
}

/**
 * A request for access to sign.
 * @throws NO_CREDENTIAL when the requester has none for the role now, INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareRequest(chain: Chain, wished: RequestToSign): Promise<Action<"Request">> {
  const requester = orCaller(chain, wished.requester, "Requester");
  const patient = checkAddress(wished.patient, "Patient");
  const { permissions, purposes, end, role } = wished;
  const now = await presentTime(chain);
  packTerms({ start: now, end, permissions, purposes });
  const { read, write } = flagsOf(permissions);
  const credential = (await requireCredential(chain, role, now, requester)).toString();
  return actionOf(chain, "Request", {
    ...{ requester, patient, scope: checkScope(wished.scope), role: roleId(role), read, write },
    ...{ purposes: purposeBits(purposes).toString(), end, credential, ...(await onceOf(chain, requester, wished)) },
  });
}

/**
 * The withdrawal of a request for its requester to sign.
 * @throws PERIOD_INVALID, CHAIN_UNREACHABLE
 * @example await prepareWithdraw(chain, await findRequest(chain, patient, id));
 */
export async function prepareWithdraw(
  chain: Chain,
  request: StandingRequest,
  options: SigningOptions = {},
): Promise<Action<"Withdraw">> {
  const { id, requester, patient } = request;
  const once = await onceOf(chain, requester, options);
  const action = actionOf(chain, "Withdraw", { requester, patient, request: id, ...once });
  return { ...action, attached: wishOf(request) };
}

/**
 * The answer to a request for its patient to sign. A yes grants nothing: the grant is an action of its own.
 * @throws PERIOD_INVALID, CHAIN_UNREACHABLE
 * @example await prepareAnswer(chain, await findRequest(chain, patient, id), false);
 */
export async function prepareAnswer(
  chain: Chain,
  request: StandingRequest,
  approved: boolean,
  options: SigningOptions = {},
): Promise<Action<"Answer">> {
  const { id, requester, patient } = request;
  const once = await onceOf(chain, patient, options);
  return actionOf(chain, "Answer", { patient, requester, ...wishOf(request), request: id, approved, ...once });
}

/** What was asked for, field by field, as a wallet shows it. */
function wishOf({ asked, scope, end }: StandingRequest) {
  const permissions = Number(asked.permissions);
  const [read, write] = [permissionsToBits(["READ"]), permissionsToBits(["WRITE"])].map(
    (bit) => (permissions & bit) !== 0,
  ) as [boolean, boolean];
  return { scope, role: asked.role, read, write, purposes: asked.purposes.toString(), end };
}

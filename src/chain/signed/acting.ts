import { type ActingGrant, type ActingPlace, placeOf } from "../acting.js";
import type { Chain } from "../connection.js";
import { stateOf } from "../consent.js";
import { delegationOf } from "../delegations.js";
import { wholeChart } from "../ids.js";
import { purposeBits } from "../purposes.js";
import { packTerms } from "../terms.js";
import { viewOf } from "../view.js";
import { type Action, actionOf } from "./action.js";
import { type OpeningOptions, type SigningOptions, flagsOf, onceOf, openingOf, orCaller } from "./basis.js";

/** Who signs: a delegate, who need not be the one who asks the chain. */
export interface ByDelegate extends SigningOptions {
  /** The caller where omitted. */
  readonly delegate?: string | undefined;
}

/** A grant for a delegate to sign. */
export type GrantForToSign = ActingGrant & ByDelegate & OpeningOptions;

/**
 * A grant in a patient's place for a delegate to sign. It is void as soon as the delegate does anything else, the patient locks down, or the delegation
 * is changed.
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await prepareGrantFor(chain, { delegate, patient, grantee, compartment, terms });
 */
export async function prepareGrantFor(chain: Chain, given: GrantForToSign): Promise<Action<"GrantFor">> {
  const delegate = delegateOf(chain, given);
  const { terms, capsule = wholeChart } = given;
  packTerms(terms);
  const place = await placeOf(chain, given, delegate, { terms });
  const { start, end, permissions, purposes, group = false } = terms;
  const { read, write } = flagsOf(permissions);
  const view = await viewOf(chain);
  const { era } = await stateOf(chain, place.patient, view);
  const { writtenAt } = await delegationOf(chain, place.patient, delegate, place.under, view);
  return actionOf(chain, "GrantFor", {
    ...{ delegate, ...place, read, write, group, purposes: purposeBits(purposes).toString(), start, end, era, capsule },
    ...{ delegatedAt: writtenAt, ...(await openingOf(chain, delegate, given, view)) },
  });
}

/**
 * A revocation in a patient's place for a delegate to sign.
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function prepareRevokeFor(chain: Chain, taken: ActingPlace & ByDelegate): Promise<Action<"RevokeFor">> {
  const delegate = delegateOf(chain, taken);
  const place = await placeOf(chain, taken, delegate, "revoke");
  return actionOf(chain, "RevokeFor", { delegate, ...place, ...(await onceOf(chain, delegate, taken)) });
}

/**
 * A DENY in a patient's place for a delegate to sign: it holds until the patient lifts it or locks down.
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function prepareDenyFor(chain: Chain, shut: ActingPlace & ByDelegate): Promise<Action<"DenyFor">> {
  const delegate = delegateOf(chain, shut);
  const place = await placeOf(chain, shut, delegate, "deny");
  return actionOf(chain, "DenyFor", { delegate, ...place, ...(await onceOf(chain, delegate, shut)) });
}

function delegateOf(chain: Chain, { delegate }: ByDelegate): string {
  return orCaller(chain, delegate, "Delegate");
}

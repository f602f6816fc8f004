import { type ActingGrant, type ActingPlace, placeOf } from "../acting.js";
import type { Chain } from "../connection.js";
import { grantOf, lockdownAt } from "../consent.js";
import { checkAddress, scopeOf, wholeChart } from "../ids.js";
import { purposeBits } from "../purposes.js";
import { packTerms } from "../terms.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, flagsOf, nextRevision, reachOf } from "./basis.js";

/** Who signs: a delegate, who need not be the one who asks the chain. */
export interface ByDelegate extends SigningOptions {
  /** The caller where omitted. */
  readonly delegate?: string | undefined;
}

/** A grant for a delegate to sign; its terms' `asOf` is read from the chain. */
export type GrantForToSign = ByDelegate &
  Omit<ActingGrant, "terms"> & { readonly terms: Omit<ActingGrant["terms"], "asOf"> };

/**
 * A grant in a patient's place for a delegate to sign. It names the slot's next revision and the patient's last lockdown, as they are now.
 * @throws DELEGATION_MISSING, PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function prepareGrantFor(chain: Chain, given: GrantForToSign): Promise<Action<"GrantFor">> {
  const delegate = delegateOf(chain, given);
  const asOf = await lockdownAt(chain, checkAddress(given.patient, "Patient"));
  const terms = { ...given.terms, asOf };
  packTerms(terms);
  const place = await placeOf(chain, given, delegate, terms);
  const { start, end, permissions, purposes } = terms;
  const { revision } = await grantOf(chain, place.patient, place.grantee, scopeOfPlace(place));
  return actionOf(chain, "GrantFor", {
    ...{ delegate, ...place, ...flagsOf(permissions), purposes: purposeBits(purposes).toString(), start, end, asOf },
    ...{ capsule: given.capsule ?? wholeChart, revision: nextRevision(revision) },
    deadline: await deadlineOf(chain, given),
  });
}

/**
 * A revocation in a patient's place for a delegate to sign. It kills what stands and the next 16 revisions; of a DENY just that one.
 * @throws DELEGATION_MISSING, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function prepareRevokeFor(chain: Chain, taken: ActingPlace & ByDelegate): Promise<Action<"RevokeFor">> {
  const delegate = delegateOf(chain, taken);
  const place = await placeOf(chain, taken, delegate);
  const standing = await grantOf(chain, place.patient, place.grantee, scopeOfPlace(place));
  const asOf = await lockdownAt(chain, place.patient);
  const deadline = await deadlineOf(chain, taken);
  return actionOf(chain, "RevokeFor", { delegate, ...place, revision: reachOf(standing), asOf, deadline });
}

function delegateOf(chain: Chain, { delegate }: ByDelegate): string {
  return delegate === undefined ? chain.address : checkAddress(delegate, "Delegate");
}

function scopeOfPlace(place: { patient: string; compartment: string; content: string }): string {
  return scopeOf(place.patient, place.compartment, place.content);
}

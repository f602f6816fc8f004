import { type Chain, chainTime } from "../connection.js";
import { grantOf, stateOf } from "../consent.js";
import { type NewDelegation, packDelegation } from "../delegation-terms.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "../ids.js";
import { type Purpose, purposeBits } from "../purposes.js";
import { type Grantable, denies, packTerms } from "../terms.js";
import { type View, viewOf } from "../view.js";
import { type Action, actionOf } from "./action.js";
import { type OpeningOptions, flagsOf, openingOf, orCaller } from "./basis.js";

/** Who signs what opens something: the patient, who need not be the one who asks the chain. */
export interface OpeningByPatient extends OpeningOptions {
  /** The caller where omitted. */
  readonly patient?: string | undefined;
}

/** A grant for a patient to sign. */
export interface GrantToSign extends OpeningByPatient {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly permissions: readonly Grantable[];
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[];
  /** True where the grantee is a group. */
  readonly group?: boolean;
  /** True to take away the DENY that stands there now; one that comes later stays, and refuses the grant. */
  readonly lifts?: boolean;
  /** Seconds since 1970; the newest block's time where omitted. */
  readonly start?: number;
  /** First second at which the grant no longer holds. */
  readonly end: number;
  /** sha2-256 digest of the capsule's block; omit for none. */
  readonly capsule?: Hex32;
}

/**
 * A grant for a patient to sign. It is void as soon as the patient does anything else: it names their era and stand, as they are now.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example
 * const action = await prepareGrant(chain, { patient, grantee, scope, permissions: ["READ"], purposes: ["TREAT"], end });
 * await submit(chain, await sign(patientsWallet, action));
 */
export async function prepareGrant(chain: Chain, given: GrantToSign): Promise<Action<"Grant">> {
  const { patient, ...place } = placeOf(chain, given, given.grantee);
  const { permissions, purposes = [], group = false, lifts = false, end, capsule = wholeChart } = given;
  const start = given.start ?? (await chainTime(chain));
  packTerms({ start, end, permissions, purposes, group });
  const { read, write } = flagsOf(permissions);
  const view = await viewOf(chain);
  const { era, opening } = await standingOf(chain, patient, given, view);
  const key = { patient, grantee: place.other, scope: place.scope };
  return actionOf(chain, "Grant", {
    ...{ ...key, read, write, group, lifts: lifts ? await denialOf(chain, key, era, view) : 0 },
    ...{ purposes: purposeBits(purposes).toString(), start, end, era, capsule, ...opening },
  });
}

/**
 * The end of a DENY for a patient to sign: nothing stands there then. Void as soon as the patient does anything else.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await prepareLift(chain, { patient, grantee, scope });
 */
export async function prepareLift(
  chain: Chain,
  denied: { readonly grantee: string; readonly scope: Hex32 } & OpeningByPatient,
): Promise<Action<"Lift">> {
  const { patient, other: grantee, scope } = placeOf(chain, denied, denied.grantee);
  const { era, opening } = await standingOf(chain, patient, denied);
  return actionOf(chain, "Lift", { patient, grantee, scope, era, ...opening });
}

/** A delegation for a patient to sign. */
export interface DelegationToSign extends OpeningByPatient, Omit<NewDelegation, "purposes"> {
  readonly delegate: string;
  readonly scope: Hex32;
  /** Needed for READ; a code grants those below it. */
  readonly purposes?: readonly Purpose[];
}

/**
 * A delegation for a patient to sign. Void as soon as the patient does anything else.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example await prepareDelegate(chain, { patient, delegate, scope, permissions: ["READ"], purposes: ["TREAT"], longest, end });
 */
export async function prepareDelegate(chain: Chain, given: DelegationToSign): Promise<Action<"Delegate">> {
  const { patient, other: delegate, scope } = placeOf(chain, given, given.delegate, "Delegate");
  const { permissions, purposes = [], group = false, longest, end } = given;
  packDelegation({ longest, end, permissions, purposes, group });
  const { era, opening } = await standingOf(chain, patient, given);
  return actionOf(chain, "Delegate", {
    ...{ patient, delegate, scope, ...flagsOf(permissions), group },
    ...{ purposes: purposeBits(purposes).toString(), longest, end, era, ...opening },
  });
}

function placeOf(
  chain: Chain,
  { patient, scope }: OpeningByPatient & { readonly scope: Hex32 },
  other: string,
  what = "Grantee",
) {
  return {
    patient: orCaller(chain, patient, "Patient"),
    other: checkAddress(other, what),
    scope: checkScope(scope),
  };
}

/** Block of the DENY that stands there; 0 where none does. */
async function denialOf(
  chain: Chain,
  { patient, grantee, scope }: Record<"patient" | "grantee" | "scope", string>,
  era: number,
  view: View,
): Promise<number> {
  const terms = await grantOf(chain, patient, grantee, scope, view);
  return denies(terms, era) ? terms.writtenAt : 0;
}

/** The patient's era, and what makes the signature work once, as one block has them. */
async function standingOf(chain: Chain, patient: string, options: OpeningOptions, at?: View) {
  const view = at ?? (await viewOf(chain));
  const { era } = await stateOf(chain, patient, view);
  return { era, opening: await openingOf(chain, patient, options, view) };
}

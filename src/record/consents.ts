import { type ActingPlace, denyFor, revokeFor } from "../chain/acting.js";
import * as consent from "../chain/consent.js";
import { type NewDelegation, isActive, packDelegation } from "../chain/delegation-terms.js";
import * as delegations from "../chain/delegations.js";
import { type Hex32, checkAddress, checkScope } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import { type Shares, sharesOf } from "../chain/shares.js";
import { grantSlot } from "../chain/slots.js";
import { type Power, denies, isInForce, unpackTerms } from "../chain/terms.js";
import { CareKeyError } from "../errors.js";
import type { Context } from "./context.js";
import { grantScope, namedPlace } from "./place.js";
import { freshView, presentAt } from "./words.js";

/** In whose place something is shut or taken back. */
export interface InPlaceOf {
  /** The patient in whose place a delegate acts; the caller where omitted. */
  readonly for?: string | undefined;
  /** Scope of the delegation to act under; the narrowest that suits where omitted. */
  readonly under?: Hex32 | undefined;
}

/**
 * Shuts a scope for somebody, whatever else is granted, now or later, until it is lifted. The id of an amendment stands for its lineage.
 * @returns Hash of the transaction.
 * @throws INVALID_ARGUMENT, DELEGATION_MISSING, CONTRACT_REFUSED, CHAIN_UNREACHABLE
 */
export async function deny(context: Context, grantee: string, scope: Hex32, options: InPlaceOf = {}): Promise<string> {
  const { chain } = context;
  if (options.for !== undefined) return denyFor(chain, await actingPlace(context, grantee, scope, options));
  return consent.deny(chain, grantee, await grantScope(chain, scope, await freshView(chain)));
}

/**
 * Takes a DENY of the caller's away; what was granted on other scopes counts again. The id of an amendment stands for its lineage, and for itself where it was shut ahead.
 * @returns Hash of the transaction.
 * @throws INVALID_ARGUMENT, CONTRACT_REFUSED (NoDeny), CHAIN_UNREACHABLE
 */
export async function lift({ chain }: Context, grantee: string, scope: Hex32): Promise<string> {
  const view = await freshView(chain);
  const [own, named] = [checkScope(scope), await grantScope(chain, scope, view)];
  if (own === named) return consent.lift(chain, grantee, own);
  const slots = [own, named].map((each) => grantSlot(chain.address, checkAddress(grantee, "Grantee"), each));
  const [ahead, lineage] = (await view.words(slots)).map(isDeny);
  const transaction = ahead ? await consent.lift(chain, grantee, own) : undefined;
  return transaction !== undefined && !lineage ? transaction : consent.lift(chain, grantee, named);
}

function isDeny(word: bigint): boolean {
  return unpackTerms(word).permissions.includes("DENY");
}

/**
 * Takes a grant back. Nothing there: success without effect.
 * @throws INVALID_ARGUMENT, DELEGATION_MISSING, CONTRACT_REFUSED (DenyStands: only `lift` takes a DENY away), CHAIN_UNREACHABLE
 */
export async function revoke(context: Context, grantee: string, scope: Hex32, options: InPlaceOf = {}): Promise<void> {
  const { chain } = context;
  if (options.for === undefined)
    return consent.revoke(chain, grantee, await grantScope(chain, scope, await freshView(chain)));
  await revokeFor(chain, await actingPlace(context, grantee, scope, options));
}

async function actingPlace(
  context: Context,
  grantee: string,
  scope: Hex32,
  { for: whose, under }: InPlaceOf,
): Promise<ActingPlace> {
  const { chain } = context;
  const patient = checkAddress(whose ?? chain.address, "Patient");
  const { compartment, content } = await namedPlace(context, patient, scope, await freshView(chain));
  return { patient, grantee, compartment, content, under };
}

export interface DelegateOptions {
  readonly delegate: string;
  /** Whole chart, a compartment's label or a record id. */
  readonly scope: Hex32;
  /** What the delegate may give: READ, WRITE; shut: DENY; and MANAGE: touch what the patient granted, and correct records. */
  readonly permissions: readonly Power[];
  /** What it may give READ for; a code stands for those below it. */
  readonly purposes?: readonly Purpose[] | undefined;
  /** Longest grant that it may give, in seconds. */
  readonly longest: number;
  /** First second at which it may give nothing more. */
  readonly end: number;
  /** It may grant to groups, too. */
  readonly group?: boolean | undefined;
}

/**
 * Lets somebody grant in the caller's place, within limits.
 * @returns Hash of the transaction.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CONTRACT_REFUSED (InvalidDelegate …), CHAIN_UNREACHABLE
 * @example await delegate(context, { delegate: daughter, scope: wholeChart, permissions: ["READ"], purposes: ["TREAT"], longest: 30 * day, end });
 */
export async function delegate({ chain }: Context, options: DelegateOptions): Promise<string> {
  const { permissions, purposes = [], longest, end, group } = options;
  const terms: NewDelegation = { longest, end, permissions, purposes, ...(group !== undefined && { group }) };
  packDelegation(terms);
  const view = await freshView(chain);
  const now = presentAt(view);
  if (end <= now) throw new CareKeyError("PERIOD_INVALID", `The end ${end} is not after now, ${now}`, { end, now });
  const to = checkAddress(options.delegate, "Delegate");
  return delegations.delegate(chain, { delegate: to, scope: await grantScope(chain, options.scope, view), terms });
}

/** Takes a delegation of the caller's back. What it granted stays: see `revokeGrantsBy`. */
export async function undelegate({ chain }: Context, from: string, scope: Hex32): Promise<void> {
  await delegations.undelegate(chain, from, await grantScope(chain, scope, await freshView(chain)));
}

/** A grant or DENY, and what it does now. */
export interface Share {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly terms: Shares["grants"][number]["terms"];
  /** It is of the present era, has begun and not ended. A DENY elsewhere may still shut what it opens. */
  readonly inForce: boolean;
  /** It is a DENY that holds. */
  readonly denies: boolean;
}

/** A delegation, and whether it is active. */
export type DelegationShare = Shares["delegations"][number] & { readonly inForce: boolean };

/** Who can do what on a chart, as far as the patient or a delegate said so: all of it, at one block. */
export interface ChartShares {
  readonly grants: readonly Share[];
  readonly delegations: readonly DelegationShare[];
  /** The patient's present era. */
  readonly era: number;
  readonly block: Shares["block"];
  readonly checkedBy: Shares["checkedBy"];
}

/**
 * Every grant, DENY and delegation of a patient's that was not taken back, in force or not; none can be left out unnoticed.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 * @example const { grants, checkedBy, block } = await sharesIn(context, patient);
 */
export async function sharesIn({ chain }: Context, patient: string): Promise<ChartShares> {
  const view = await freshView(chain);
  const now = presentAt(view);
  const shares = await sharesOf(chain, checkAddress(patient, "Patient"), view);
  const { state, block, checkedBy } = shares;
  const { era } = state;
  return {
    grants: shares.grants
      .filter(({ terms }) => terms.permissions.length > 0)
      .map((each) => ({ ...each, inForce: isInForce(each.terms, era, now), denies: denies(each.terms, era) })),
    delegations: shares.delegations
      .filter(({ terms }) => terms.permissions.length > 0)
      .map((each) => ({ ...each, inForce: isActive(each.terms, era, now) })),
    ...{ era, block, checkedBy },
  };
}

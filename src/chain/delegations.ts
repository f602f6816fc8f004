import { requireDone } from "./batches.js";
import type { Chain } from "./connection.js";
import { type Delegation, type NewDelegation, packDelegation, unpackDelegation } from "./delegation-terms.js";
import { holdsNow } from "./differences.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import { delegationSlot } from "./slots.js";
import { type Power, permissionsToBits } from "./terms.js";
import { read, send } from "./transactions.js";
import { type View, wordOf } from "./view.js";

/**
 * Lets `delegate` grant in the caller's place, within the terms and on the scope; it replaces what stood there.
 * @returns Hash of the transaction.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (InvalidDelegate, InvalidDelegation, InvalidPeriod)
 * @example
 * const terms = { longest: 30 * day, end, permissions: ["READ"], purposes: ["TREAT"] } as const;
 * await delegate(chain, { delegate: daughter, scope: wholeChart, terms });
 */
export async function delegate(
  chain: Chain,
  given: { readonly delegate: string; readonly scope: Hex32; readonly terms: NewDelegation },
): Promise<string> {
  const scope = checkScope(given.scope);
  const word = packDelegation(given.terms);
  const to = checkAddress(given.delegate, "Delegate");
  const { hash } = await send(chain.provider, (fees) => chain.consentRegistry.delegate(to, scope, word, fees));
  return hash;
}

/** Takes a delegation of the caller's back. What it granted stays: see `revokeGrantsBy`. None there: success without effect. */
export async function undelegate(chain: Chain, from: string, scope: Hex32): Promise<void> {
  const [to, where] = [checkAddress(from, "Delegate"), checkScope(scope)];
  const receipt = await send(chain.provider, (fees) => chain.consentRegistry.undelegate(to, where, fees));
  requireDone(receipt, chain.addresses.ConsentRegistry, ["NothingStands"]);
}

/** What stands for `delegate` on `scope`, active or not; index 0 where there never was anything. */
export async function delegationOf(
  chain: ReadingChain,
  patient: string,
  to: string,
  scope: Hex32,
  view?: View,
): Promise<Delegation> {
  const slot = delegationSlot(checkAddress(patient, "Patient"), checkAddress(to, "Delegate"), checkScope(scope));
  return unpackDelegation(await wordOf(chain, slot, view));
}

/** A place on a patient's chart, and who would act there. */
export interface ActorQuestion {
  readonly patient: string;
  readonly actor: string;
  /** Omit to ask about the whole chart. */
  readonly compartment?: Hex32 | undefined;
  /** Content of the record, or of the first of its lineage; omit to ask about no record in particular. */
  readonly content?: Hex32 | undefined;
}

/** May `actor` add records there: the patient, by a WRITE in force, or as a delegate with WRITE? */
export function canWrite(chain: Chain, question: ActorQuestion): Promise<boolean> {
  return ask(question, (...place) => holdsNow((at) => chain.consentRegistry.canWrite(...place, at)));
}

/** Has `actor` an active delegation with at least one of these powers there? */
export function isDelegate(chain: Chain, question: ActorQuestion, powers: readonly Power[]): Promise<boolean> {
  const bits = permissionsToBits(powers);
  return ask(question, (...place) => holdsNow((at) => chain.consentRegistry.isDelegate(...place, bits, at)));
}

/** May `actor` correct records there in the patient's place: the patient, or a delegate with MANAGE? */
export async function canManage(chain: Chain, question: ActorQuestion): Promise<boolean> {
  const isAllowed = await isDelegate(chain, question, ["MANAGE"]);
  return isAllowed || checkAddress(question.actor, "Actor") === checkAddress(question.patient, "Patient");
}

async function ask(
  { patient, actor, compartment = wholeChart, content = wholeChart }: ActorQuestion,
  question: (...place: [string, string, Hex32, Hex32]) => Promise<boolean>,
): Promise<boolean> {
  return read(question(checkAddress(patient, "Patient"), checkAddress(actor, "Actor"), compartment, content));
}

import type { Chain } from "./connection.js";
import { type Delegation, type NewDelegation, packDelegation, unpackDelegation } from "./delegation-terms.js";
import { holdsNow } from "./differences.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "./ids.js";
import { scan } from "./scan.js";
import { read, send } from "./transactions.js";

/** A delegation as it stands on chain, active or not. */
export interface StandingDelegation {
  readonly patient: string;
  readonly delegate: string;
  readonly scope: Hex32;
  readonly terms: Delegation;
}

/**
 * Lets `delegate` grant in the caller's place, within the terms and on the scope; it replaces what stood there.
 * @throws PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (InvalidDelegate, InvalidDelegation, InvalidPeriod, InvalidAsOf)
 * @example
 * const asOf = await lockdownAt(chain, chain.address);
 * const terms = { longest: 30 * day, end, asOf, permissions: ["READ"], purposes: ["TREAT"] } as const;
 * await delegate(chain, { delegate: daughter, scope: wholeChart, terms });
 */
export async function delegate(
  chain: Chain,
  given: { delegate: string; scope: Hex32; terms: NewDelegation },
): Promise<string> {
  const { scope, terms } = given;
  checkScope(scope);
  const word = packDelegation(terms);
  const to = checkAddress(given.delegate, "Delegate");
  const { hash } = await send(chain.provider, (fees) => chain.consentRegistry.delegate(to, scope, word, fees));
  return hash;
}

/** Takes a delegation of the caller's back. What it granted stays: see `revokeGrantsBy`. */
export async function undelegate(chain: Chain, from: string, scope: Hex32): Promise<void> {
  checkScope(scope);
  await send(chain.provider, (fees) => chain.consentRegistry.undelegate(checkAddress(from, "Delegate"), scope, fees));
}

/** What stands for `delegate` on `scope`, active or not; revision 0 where there never was anything. */
export async function delegationOf(chain: Chain, patient: string, to: string, scope: Hex32): Promise<Delegation> {
  return unpackDelegation(await read(chain.consentRegistry.delegationOf(patient, to, scope)));
}

/**
 * Delegations as they stand now, one for each patient, delegate and scope that ever had one.
 * @param by Those of this patient, to this delegate, or both.
 */
export async function standingDelegations(
  chain: Chain,
  by: { patient?: string; delegate?: string },
): Promise<StandingDelegation[]> {
  const { consentRegistry } = chain;
  const events = await scan(chain, consentRegistry, consentRegistry.filters.Delegated(by.patient, by.delegate));
  const slots = new Map(
    events.map(({ args: { patient, delegate: to, scope } }) => [
      [patient, to, scope].join(),
      { patient, delegate: to, scope },
    ]),
  );
  return Promise.all(
    [...slots.values()].map(async (slot) => ({
      ...slot,
      terms: await delegationOf(chain, slot.patient, slot.delegate, slot.scope),
    })),
  );
}

/** A place on a patient's chart, and who would act there. */
export interface ActorQuestion {
  readonly patient: string;
  readonly actor: string;
  /** Omit to ask about the whole chart. */
  readonly compartment?: Hex32;
  /** Omit to ask about no record in particular. */
  readonly content?: Hex32;
}

/** May `actor` add records there: the patient, by an active WRITE, or as a delegate with WRITE? */
export function canWrite(chain: Chain, question: ActorQuestion): Promise<boolean> {
  return ask(question, (...place) => holdsNow((at) => chain.consentRegistry.canWrite(...place, at)));
}

/** May `actor` correct records there in the patient's place: the patient, or a delegate with MANAGE? */
export function canManage(chain: Chain, question: ActorQuestion): Promise<boolean> {
  return ask(question, (...place) => holdsNow((at) => chain.consentRegistry.canManage(...place, at)));
}

async function ask(
  { patient, actor, compartment = wholeChart, content = wholeChart }: ActorQuestion,
  question: (...place: [string, string, Hex32, Hex32]) => Promise<boolean>,
): Promise<boolean> {
  return read(question(checkAddress(patient, "Patient"), checkAddress(actor, "Actor"), compartment, content));
}

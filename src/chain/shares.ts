import type { PinnedBlock } from "./blocks.js";
import type { StandingGrant } from "./consent.js";
import type { Delegation } from "./delegation-terms.js";
import { unpackDelegation } from "./delegation-terms.js";
import { type Hex32, checkAddress, checkScope } from "./ids.js";
import { unpackChange } from "./links.js";
import { type ReadingChain, type ToldEvents, eventsIn } from "./logs.js";
import { type PersonState, unpackPersonState } from "./person-state.js";
import { type Slot, delegationSlot, grantSlot, stateSlot } from "./slots.js";
import { unpackTerms } from "./terms.js";
import type { DelegatedEvent, DeniedEvent, GrantedEvent } from "./typechain/contracts/ConsentRegistry.js";
import { type CheckedBy, type View, viewOf } from "./view.js";
import { type Entry, incomplete, walk } from "./walk.js";
import { unpackFields } from "./word.js";

/** A delegation as it stands on chain, active or not. */
export interface StandingDelegation {
  readonly patient: string;
  readonly delegate: string;
  readonly scope: Hex32;
  readonly terms: Delegation;
}

/** All that a patient ever granted, shut or delegated, as it stands: one slot for each grantee and scope, and for each delegate and scope. */
export interface Shares {
  /** By index; what was taken back has no permissions. */
  readonly grants: readonly StandingGrant[];
  readonly delegations: readonly StandingDelegation[];
  readonly state: PersonState;
  readonly block: PinnedBlock;
  readonly checkedBy: CheckedBy;
}

/**
 * Every grant, DENY and delegation of a patient: the state says how many there are, their events where, and the word of each is looked up at the same block. Whatever
 * tells the events, none can be left out, forged or repeated.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 * @example const { grants, delegations, checkedBy } = await sharesOf(chain, patient);
 */
export async function sharesOf(chain: ReadingChain, patient: string, view?: View): Promise<Shares> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [word = 0n] = await at.words([stateSlot(owner)]);
  const state = unpackPersonState(word);
  const entriesIn = (from: number, to: number): Promise<Written[]> => writtenIn(chain, owner, from, to);
  const written = await walk({ list, head: state.slots, entriesIn });
  const words = await at.words(written.map(({ slot }) => slot));
  const grants: StandingGrant[] = [];
  const delegations: StandingDelegation[] = [];
  for (const [place, { number, block, who, scope, isDelegation }] of written.entries()) {
    const standing = words[place] ?? 0n;
    if (unpackFields(standing).index !== number) throw incomplete(list, number, block);
    if (isDelegation) delegations.push({ patient: owner, delegate: who, scope, terms: unpackDelegation(standing) });
    else grants.push({ grantee: who, scope, terms: unpackTerms(standing) });
  }
  return { grants, delegations, state, block: at.block, checkedBy: await at.checkedBy() };
}

/**
 * The grants and DENYs of a patient that were not taken back, in force or not, in the order in which their slots were first written.
 * @param only Only those on these scopes.
 * @throws as {@link sharesOf}
 */
export async function standingGrants(
  chain: ReadingChain,
  patient: string,
  only?: readonly Hex32[],
): Promise<StandingGrant[]> {
  const wanted = only?.map(checkScope);
  const { grants } = await sharesOf(chain, patient);
  return grants.filter(({ scope, terms }) => terms.permissions.length > 0 && (wanted?.includes(scope) ?? true));
}

/** The delegations of a patient that were not taken back, active or not; see {@link sharesOf}. */
export async function standingDelegations(chain: ReadingChain, patient: string): Promise<StandingDelegation[]> {
  const { delegations } = await sharesOf(chain, patient);
  return delegations.filter(({ terms }) => terms.permissions.length > 0);
}

/** What the list is called in errors. */
const list = "patient's grants and delegations";

interface Events {
  Granted: GrantedEvent.OutputObject;
  Denied: DeniedEvent.OutputObject;
  Delegated: DelegatedEvent.OutputObject;
}

/** A slot that was written in a block. */
interface Written extends Entry {
  readonly who: string;
  readonly scope: Hex32;
  readonly isDelegation: boolean;
  readonly slot: Slot;
}

/** The slots that were written in some blocks, each block's first writes: a slot that was written before is there with its old number, where nobody looks for it. */
async function writtenIn(chain: ReadingChain, patient: string, from: number, to: number): Promise<Written[]> {
  const events = await eventsIn<Events>(
    chain,
    { contract: "ConsentRegistry", names: ["Granted", "Denied", "Delegated"], topics: [patient] },
    from,
    to,
  );
  const first = new Map<string, Written>();
  for (const event of events) {
    const written = writtenBy(event, patient);
    const place = `${written.number} ${written.block}`;
    if (!first.has(place)) first.set(place, written);
  }
  return [...first.values()];
}

function writtenBy(event: ToldEvents<Events>, patient: string): Written {
  const { terms, change, scope } = event.args;
  const isDelegation = event.name === "Delegated";
  const who = event.name === "Delegated" ? event.args.delegate : event.args.grantee;
  return {
    number: unpackFields(terms).index,
    before: unpackChange(change).slotBefore,
    block: event.block,
    who,
    scope,
    isDelegation,
    slot: isDelegation ? delegationSlot(patient, who, scope) : grantSlot(patient, who, scope),
  };
}

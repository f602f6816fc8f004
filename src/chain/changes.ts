import { type Hex32, checkAddress, wholeChart } from "./ids.js";
import { type Delegation, unpackDelegation } from "./delegation-terms.js";
import { type Link, unpackChange } from "./links.js";
import { type ReadingChain, type Told, type ToldEvents, eventsIn } from "./logs.js";
import { lockdownsOf, mostLockdowns, unpackPersonState } from "./person-state.js";
import { type Slot, delegationSlot, grantSlot, stateSlot } from "./slots.js";
import { type Terms, unpackTerms } from "./terms.js";
import type {
  ActedForEvent,
  DelegatedEvent,
  DeniedEvent,
  GrantedEvent,
  LiftedEvent,
  LockedDownEvent,
  RevokedEvent,
  UndelegatedEvent,
} from "./typechain/contracts/ConsentRegistry.js";
import { type View, viewOf } from "./view.js";
import { type Entry, type List, incomplete, walk } from "./walk.js";

/** One change of a patient's consents. */
export interface ConsentChange extends Entry, Told {
  readonly what: (typeof names)[Exclude<keyof Events, "ActedFor">];
  /** The patient, or the delegate who acted in their place. */
  readonly by: string;
  /** The grantee or delegate; undefined for a lockdown, as the scope is. */
  readonly grantee?: string;
  readonly scope?: Hex32;
  /** What came to stand for a grantee. */
  readonly terms?: Terms;
  /** What came to stand for a delegate. */
  readonly delegation?: Delegation;
  /** sha2-256 digest of the capsule's block that went with a grant. */
  readonly capsule?: Hex32;
  /** The era that a lockdown began. */
  readonly era?: number;
}

interface Events {
  Granted: GrantedEvent.OutputObject;
  Revoked: RevokedEvent.OutputObject;
  Denied: DeniedEvent.OutputObject;
  Lifted: LiftedEvent.OutputObject;
  LockedDown: LockedDownEvent.OutputObject;
  Delegated: DelegatedEvent.OutputObject;
  Undelegated: UndelegatedEvent.OutputObject;
  ActedFor: ActedForEvent.OutputObject;
}

/** What each kind of event is called. */
const names = {
  Granted: "granted",
  Revoked: "revoked",
  Denied: "denied",
  Lifted: "lifted",
  LockedDown: "locked down",
  Delegated: "delegated",
  Undelegated: "undelegated",
} as const;

const list = "patient's consents' history";

/**
 * All that happened to a patient's consents, oldest first. It is as long as the state says, and the newest change of each grant and delegation is what stands there at
 * the same block; what an older one said, nobody but the node's word tells.
 * @param options.known How many of the oldest changes are known already: those after them are told.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function changesOf(
  chain: ReadingChain,
  patient: string,
  { known = 0, view }: { readonly known?: number | undefined; readonly view?: View | undefined } = {},
): Promise<ConsentChange[]> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [word = 0n] = await at.words([stateSlot(owner)]);
  const state = unpackPersonState(word);
  const changes = await walk({ ...consentList(chain, owner, state.changes), known });
  requireActors(changes, owner);
  await requireStanding(changes, at);
  if (known === 0) requireWhole(changes, state);
  return changes;
}

/** The history, to be walked: nothing of it is compared with what stands. */
export function consentList(chain: ReadingChain, patient: string, head: Link): List<Change> {
  const query = {
    contract: "ConsentRegistry",
    names: [...(Object.keys(names) as (keyof typeof names)[]), "ActedFor"],
    topics: [patient],
  } as const;
  return {
    list,
    head,
    entriesIn: async (from, to) => {
      const events = await eventsIn<Events>(chain, query, from, to);
      const delegates = new Map<number, string>();
      for (const { name, args } of events) if (name === "ActedFor") delegates.set(Number(args.change), args.delegate);
      return events.flatMap((event) => (event.name === "ActedFor" ? [] : [changeOf(event, patient, delegates)]));
    },
  };
}

/** A change, with what is needed to look up what came to stand. */
interface Change extends ConsentChange {
  readonly slot?: Slot;
  readonly word?: bigint;
}

function changeOf(
  event: Exclude<ToldEvents<Events>, { name: "ActedFor" }>,
  patient: string,
  delegates: ReadonlyMap<number, string>,
): Change {
  const { block, index, transaction, place, raw } = event;
  const { number, before } = unpackChange(event.args.change);
  const base = {
    ...{ block, index, transaction, place, raw, number, before },
    what: names[event.name],
    by: delegates.get(number) ?? patient,
  };
  if (event.name === "LockedDown") return { ...base, era: Number(event.args.era) };
  const { scope, terms: word } = event.args;
  if (event.name === "Delegated" || event.name === "Undelegated") {
    const grantee = event.args.delegate;
    const slot = delegationSlot(patient, grantee, scope);
    return { ...base, grantee, scope, delegation: unpackDelegation(word), slot, word };
  }
  const { grantee } = event.args;
  const change = { ...base, grantee, scope, terms: unpackTerms(word), slot: grantSlot(patient, grantee, scope), word };
  const capsule = event.name === "Granted" ? event.args.capsule : wholeChart;
  return capsule === wholeChart ? change : { ...change, capsule };
}

/** What a delegate gave or shut says so in its word: then somebody else acted than the patient. Of a revocation nothing says it. */
function requireActors(changes: readonly Change[], patient: string): void {
  for (const { number, block, terms, by } of changes)
    if (terms && terms.permissions.length > 0 && terms.byDelegate !== (by !== patient))
      throw incomplete(list, number, block);
}

/** The newest change of each slot is what stands there. */
async function requireStanding(changes: readonly Change[], view: View): Promise<void> {
  const newest = [...new Map(changes.flatMap((change) => (change.slot ? [[change.slot.key, change]] : []))).values()];
  const words = await view.words(newest.flatMap(({ slot }) => slot ?? []));
  for (const [place, { number, block, word }] of newest.entries())
    if (words[place] !== word) throw incomplete(list, number, block);
}

/** A whole history has all slots, every lockdown, and the present era. */
function requireWhole(changes: readonly Change[], state: ReturnType<typeof unpackPersonState>): void {
  const slots = new Set(changes.flatMap(({ slot }) => (slot ? [slot.key] : [])));
  const lockdowns = changes.filter(({ what }) => what === "locked down");
  const isWhole =
    slots.size === state.slots.number &&
    Math.min(lockdowns.length, mostLockdowns) === lockdownsOf(state) &&
    (lockdowns.at(-1)?.era ?? 0) === state.era;
  if (!isWhole) throw incomplete(list, state.changes.number, state.changes.lastAt);
}

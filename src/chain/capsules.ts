import { announcementsOf, deliveryList } from "./announcements.js";
import { changesOf, consentList } from "./changes.js";
import type { StandingGrant } from "./consent.js";
import { type Hex32, checkAddress, checkScope, wholeChart } from "./ids.js";
import { type Link, unpackLink } from "./links.js";
import { type ReadingChain, eventsIn } from "./logs.js";
import { unpackPersonState } from "./person-state.js";
import { sharesOf } from "./shares.js";
import { deliveriesSlot, grantSlot, stateSlot } from "./slots.js";
import { unpackTerms } from "./terms.js";
import type { GrantedEvent } from "./typechain/contracts/ConsentRegistry.js";
import { type View, viewOf } from "./view.js";
import { incomplete, walkBack } from "./walk.js";
import { unpackFields } from "./word.js";

/** A capsule that was announced, by a grant or by itself. */
export interface Capsule {
  readonly patient: string;
  readonly grantee: string;
  readonly scope: Hex32;
  /** sha2-256 digest of the capsule's block. */
  readonly capsule: Hex32;
  /** What a delegate granted counts as the patient's. */
  readonly by: string;
  readonly block: number;
  /** Order on the chain: see `placeOf`. */
  readonly place: number;
}

/**
 * The capsules that one grantee may open of one patient's chart, newest first; who has found a key stops asking. First those of the grants that stand and those delivered
 * by themselves; then, oldest grants being replaced by newer ones, those of the patient's whole history.
 * @param scopes Only these; where omitted, all on which the grantee has a grant.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 * @example for await (const { capsule } of capsulesFor(chain, patient, me, [recordId, compartment, wholeChart])) …
 */
export async function* capsulesFor(
  chain: ReadingChain,
  patient: string,
  grantee: string,
  scopes?: readonly Hex32[],
  view?: View,
): AsyncGenerator<Capsule, void, undefined> {
  const [owner, to] = [checkAddress(patient, "Patient"), checkAddress(grantee, "Grantee")];
  const wanted = scopes?.map(checkScope);
  const at = view ?? (await viewOf(chain));
  const [delivered = 0n, state = 0n, ...words] = await at.words([
    deliveriesSlot(owner, to),
    stateSlot(owner),
    ...(wanted ?? []).map((scope) => grantSlot(owner, to, scope)),
  ]);
  const standing = wanted
    ? wanted.map((scope, place) => ({ grantee: to, scope, terms: unpackTerms(words[place] ?? 0n) }))
    : (await sharesOf(chain, owner, at)).grants.filter((each) => each.grantee === to);
  const granted = await ofGrants(chain, owner, standing);
  const seen = new Set<number>();
  for await (const capsule of merged(granted, ofDeliveries(chain, owner, to, unpackLink(delivered)))) {
    if (wanted && !wanted.includes(capsule.scope)) continue;
    seen.add(capsule.place);
    yield capsule;
  }
  for await (const { place, block, what, grantee: who, scope, capsule } of walkBack(
    consentList(chain, owner, unpackPersonState(state).changes),
  )) {
    if (what !== "granted" || who !== to || scope === undefined || capsule === undefined || seen.has(place)) continue;
    if (!wanted || wanted.includes(scope))
      yield { patient: owner, grantee: to, scope, capsule, by: owner, block, place };
  }
}

/**
 * All capsules that were announced on a patient's chart, oldest first.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function capsulesOf(chain: ReadingChain, patient: string, view?: View): Promise<Capsule[]> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [changes, announced] = await Promise.all([
    changesOf(chain, owner, { view: at }),
    announcementsOf(chain, owner, at),
  ]);
  const granted = changes.flatMap(({ grantee, scope, capsule, block, place }) =>
    grantee === undefined || scope === undefined || capsule === undefined
      ? []
      : [{ patient: owner, grantee, scope, capsule, by: owner, block, place }],
  );
  const delivered = announced.flatMap(({ actor, scope, capsule, by, block, place }) =>
    capsule === undefined ? [] : [{ patient: owner, grantee: actor, scope, capsule, by, block, place }],
  );
  // the two contracts' events share the order of their blocks
  return [...granted, ...delivered].sort((a, b) => a.place - b.place);
}

/** The capsules that went with some grants, newest first: a grant's word has the block of its event. */
async function ofGrants(chain: ReadingChain, patient: string, grants: readonly StandingGrant[]): Promise<Capsule[]> {
  const given = grants.filter(({ terms }) => terms.permissions.some((each) => each !== "DENY"));
  const told = await Promise.all(
    given.map(async ({ grantee, scope, terms }) => {
      const { writtenAt: block, index } = terms;
      const query = { contract: "ConsentRegistry", names: ["Granted"], topics: [patient, grantee, scope] } as const;
      const events = await eventsIn<{ Granted: GrantedEvent.OutputObject }>(chain, query, block, block);
      const event = events.at(-1);
      if (!event || unpackFields(event.args.terms).index !== index)
        throw incomplete("grants to a grantee", index, block);
      const { capsule } = event.args;
      return { patient, grantee, scope, capsule, by: patient, block, place: event.place };
    }),
  );
  return told.filter(({ capsule }) => capsule !== wholeChart).sort((a, b) => b.place - a.place);
}

async function* ofDeliveries(
  chain: ReadingChain,
  patient: string,
  grantee: string,
  head: Link,
): AsyncGenerator<Capsule, void, undefined> {
  for await (const { scope, capsule, by, block, place } of walkBack(deliveryList(chain, patient, grantee, head)))
    yield { patient, grantee, scope, capsule, by, block, place };
}

/** Both, newest first. */
async function* merged(
  list: readonly Capsule[],
  others: AsyncGenerator<Capsule, void, undefined>,
): AsyncGenerator<Capsule, void, undefined> {
  let next = 0;
  for await (const other of others) {
    for (let first = list[next]; first && first.place > other.place; first = list[++next]) yield first;
    yield other;
  }
  yield* list.slice(next);
}

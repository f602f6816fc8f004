import { type Hex32, checkAddress, wholeChart } from "./ids.js";
import { type ReadingChain, eventsIn } from "./logs.js";
import { inWindows } from "./ranges.js";
import type { DeliveredEvent } from "./typechain/contracts/Announcements.js";
import type { DelegatedEvent, GrantedEvent } from "./typechain/contracts/ConsentRegistry.js";
import { viewOf } from "./view.js";

/** Something that somebody announced or gave to an actor. */
export interface InboxItem {
  readonly what: "granted" | "delegated" | "delivered";
  readonly patient: string;
  /** Whom it is for. */
  readonly grantee: string;
  readonly scope: Hex32;
  /** sha2-256 digest of the capsule's block; undefined where none came along. */
  readonly capsule: Hex32 | undefined;
  readonly block: number;
  /** Order on the chain: see `placeOf`. */
  readonly place: number;
}

/**
 * What anybody granted, delegated or delivered to an actor since a block, oldest first. The only list that no chain counts: a node may leave something out of it, so it
 * tells where to look, and `sharesOf` or `capsulesFor` of the patient is complete.
 * @param from The block after that of the last question; the deployment's first where omitted.
 * @returns What was found, and up to which block: ask from the next one on.
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 * @example const { items, upTo } = await inboxSince(chain, chain.address, checkpoint + 1);
 */
export async function inboxSince(
  chain: ReadingChain,
  grantee: string,
  from: number = chain.startBlock,
): Promise<{ readonly items: InboxItem[]; readonly upTo: number }> {
  const to = checkAddress(grantee, "Grantee");
  const { number: upTo } = (await viewOf(chain)).block;
  const items = await inWindows(from, upTo, async (first, last) => {
    const [consents, delivered] = await Promise.all([
      consentsIn(chain, to, first, last),
      deliveredIn(chain, to, first, last),
    ]);
    return [...consents, ...delivered].sort((a, b) => a.place - b.place);
  });
  return { items, upTo };
}

async function consentsIn(chain: ReadingChain, grantee: string, from: number, to: number): Promise<InboxItem[]> {
  const events = await eventsIn<{ Granted: GrantedEvent.OutputObject; Delegated: DelegatedEvent.OutputObject }>(
    chain,
    { contract: "ConsentRegistry", names: ["Granted", "Delegated"], topics: [undefined, grantee] },
    from,
    to,
  );
  return events.map((event) => {
    const { block, place, args } = event;
    const { patient, scope } = args;
    const capsule = event.name === "Granted" ? event.args.capsule : wholeChart;
    const what = event.name === "Granted" ? "granted" : "delegated";
    return { what, patient, grantee, scope, capsule: capsule === wholeChart ? undefined : capsule, block, place };
  });
}

async function deliveredIn(chain: ReadingChain, grantee: string, from: number, to: number): Promise<InboxItem[]> {
  const query = { contract: "Announcements", names: ["Delivered"], topics: [undefined, grantee] } as const;
  const events = await eventsIn<{ Delivered: DeliveredEvent.OutputObject }>(chain, query, from, to);
  return events.map(({ block, place, args: { patient, scope, capsule } }) => {
    return { what: "delivered", patient, grantee, scope, capsule, block, place };
  });
}

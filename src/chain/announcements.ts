import type { Chain } from "./connection.js";
import { type Hex32, checkAddress, wholeChart } from "./ids.js";
import { type Link, unpackLink } from "./links.js";
import { type ReadingChain, type Told, type ToldEvents, eventsIn } from "./logs.js";
import { type AskedFor, type RequestStatus, askedOf, requestWordOf } from "./request-word.js";
import { announcementsSlot, deliveriesSlot, requestSlot } from "./slots.js";
import { send } from "./transactions.js";
import type {
  AnsweredEvent,
  DeliveredEvent,
  RequestedEvent,
  WithdrawnEvent,
} from "./typechain/contracts/Announcements.js";
import { type View, viewOf } from "./view.js";
import { type Entry, type List, incomplete, walk } from "./walk.js";

/** A capsule, and whom it is sealed to. The place is named by its parts, as the contract takes it. */
export interface Delivery {
  readonly patient: string;
  /** 1 to 14. */
  readonly grantees: readonly string[];
  /** Omit for the whole chart. */
  readonly compartment?: Hex32 | undefined;
  /** Content of one record of the compartment, the first of its lineage; omit for all of it. */
  readonly content?: Hex32 | undefined;
  /** sha2-256 digest of the capsule's block. */
  readonly capsule: Hex32;
}

/**
 * Announces a capsule to its grantees. By the patient, a delegate, or whoever has WRITE there.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (NotDeliverer, InvalidPlace, InvalidCapsule, InvalidGrantee, InvalidBatchSize)
 * @example await deliver(chain, { patient, grantees: [doctor], compartment, content, capsule });
 */
export async function deliver(chain: Chain, delivery: Delivery): Promise<string> {
  const { patient, grantees, compartment = wholeChart, content = wholeChart, capsule } = delivery;
  const given = { patient, grantees: [...grantees], compartment, content, capsule };
  return (await send(chain.provider, (fees) => chain.announcements.deliver(given, fees))).hash;
}

/** An entry of a patient's announcements. */
export interface Announcement extends Entry, Told {
  readonly what: "delivered" | "requested" | "answered" | "withdrawn";
  /** Who announced it. */
  readonly by: string;
  /** Whom keys were delivered to; who asks, or asked. */
  readonly actor: string;
  readonly scope: Hex32;
  /** Where delivered: sha2-256 digest of the capsule's block. */
  readonly capsule?: Hex32;
  /** Where delivered: its place among the patient's deliveries to the grantee. */
  readonly delivery?: Link;
  /** Of a request and what became of it: its number among the patient's. */
  readonly id?: number;
  /** Where requested: as it was announced. */
  readonly asked?: AskedFor;
  /** Where answered: yes or no. */
  readonly approved?: boolean;
}

interface Events {
  Delivered: DeliveredEvent.OutputObject;
  Requested: RequestedEvent.OutputObject;
  Answered: AnsweredEvent.OutputObject;
  Withdrawn: WithdrawnEvent.OutputObject;
}

const names: (keyof Events)[] = ["Delivered", "Requested", "Answered", "Withdrawn"];

const list = "patient's announcements";

/** The announcements of a patient, to be walked: nothing of them is compared with what stands. */
export function announcementList(chain: ReadingChain, patient: string, head: Link): List<Announcement> {
  return {
    list,
    head,
    entriesIn: async (from, to) => {
      const query = { contract: "Announcements", names, topics: [patient] } as const;
      return (await eventsIn<Events>(chain, query, from, to)).map((event) => announcementOf(event, patient));
    },
  };
}

/** The deliveries of a patient to one grantee, to be walked. */
export function deliveryList(
  chain: ReadingChain,
  patient: string,
  grantee: string,
  head: Link,
): List<Announcement & { readonly capsule: Hex32 }> {
  const query = { contract: "Announcements", names: ["Delivered"], topics: [patient, grantee] } as const;
  return {
    list: "deliveries to a grantee",
    head,
    entriesIn: async (from, to) => {
      const events = await eventsIn<Pick<Events, "Delivered">>(chain, query, from, to);
      return events.map((event) => {
        const { number, lastAt } = unpackLink(event.args.delivery);
        return { ...announcementOf(event, patient), capsule: event.args.capsule, number, before: lastAt };
      });
    },
  };
}

/**
 * All announcements of a patient, oldest first: as many as the head says, each request as its word says, and as many deliveries to each grantee as their head says. A
 * capsule itself is a hint: its reader checks every key.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function announcementsOf(chain: ReadingChain, patient: string, view?: View): Promise<Announcement[]> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [word = 0n] = await at.words([announcementsSlot(owner)]);
  const announced = await walk(announcementList(chain, owner, unpackLink(word)));
  await requireDeliveries(owner, announced, at);
  await requireRequests(owner, announced, at);
  return announced;
}

/** As many to each grantee as the chain counts, the last in the block that it names. */
async function requireDeliveries(patient: string, announced: readonly Announcement[], view: View): Promise<void> {
  const told = new Map<string, Announcement>();
  for (const entry of announced) {
    if (entry.what !== "delivered") continue;
    if (entry.delivery?.number !== (told.get(entry.actor)?.delivery?.number ?? 0) + 1) throw wrong(entry);
    told.set(entry.actor, entry);
  }
  const words = await view.words([...told.keys()].map((grantee) => deliveriesSlot(patient, grantee)));
  for (const [place, entry] of [...told.values()].entries()) {
    const head = unpackLink(words[place] ?? 0n);
    if (head.number !== entry.delivery?.number || head.lastAt !== entry.block) throw wrong(entry);
  }
}

/** Each request with what became of it is what its word says. */
async function requireRequests(patient: string, announced: readonly Announcement[], view: View): Promise<void> {
  const told = new Map<number, { entry: Announcement; asked: AskedFor; status: RequestStatus }>();
  for (const entry of announced) {
    const { id = 0, asked, what } = entry;
    if (what === "delivered") continue;
    const before = told.get(id);
    if (asked ? before : before?.status !== "open") throw wrong(entry);
    const request = asked ?? before?.asked;
    if (request?.requester !== entry.actor || request.scope !== entry.scope) throw wrong(entry);
    told.set(id, { entry, asked: request, status: statusAfter(entry) });
  }
  const words = await view.words([...told.keys()].map((id) => requestSlot(patient, id)));
  for (const [place, [id, { entry, asked, status }]] of [...told].entries())
    if (words[place] !== requestWordOf(id, asked, status)) throw wrong(entry);
}

function statusAfter({ what, approved }: Announcement): RequestStatus {
  if (what === "requested") return "open";
  if (what === "withdrawn") return "withdrawn";
  return approved ? "approved" : "declined";
}

function wrong({ number, block }: Announcement): Error {
  return incomplete(list, number, block);
}

function announcementOf(event: ToldEvents<Events>, patient: string): Announcement {
  const { block, index, transaction, place, raw, args } = event;
  const { number, lastAt } = unpackLink(args.link);
  const base = { block, index, transaction, place, raw, number, before: lastAt, scope: args.scope };
  switch (event.name) {
    case "Delivered": {
      const { grantee, by, capsule, delivery } = event.args;
      return { ...base, what: "delivered", by, actor: grantee, capsule, delivery: unpackLink(delivery) };
    }
    case "Requested": {
      const { requester, id } = event.args;
      return {
        ...base,
        what: "requested",
        by: requester,
        actor: requester,
        id: Number(id),
        asked: askedOf(event.args),
      };
    }
    case "Answered": {
      const { requester, id, approved } = event.args;
      return { ...base, what: "answered", by: patient, actor: requester, id: Number(id), approved };
    }
    case "Withdrawn": {
      const { requester, id } = event.args;
      return { ...base, what: "withdrawn", by: requester, actor: requester, id: Number(id) };
    }
  }
}

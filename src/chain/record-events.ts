import { type Hex32, decodeText } from "./ids.js";
import { type Link, unpackLink } from "./links.js";
import { type ReadingChain, type Told, type ToldEvents, eventsIn } from "./logs.js";
import type {
  AmendedEvent,
  AnchoredEvent,
  ErasureAttestedEvent,
  ErasureRequestedEvent,
  PointedEvent,
  RetractedEvent,
} from "./typechain/contracts/RecordRegistry.js";
import type { Entry, List } from "./walk.js";

/** A record that came to stand on a chart; its number is its place there. */
export interface AnchoredEntry extends Entry, Told {
  readonly recordId: Hex32;
  readonly compartment: Hex32;
  readonly content: Hex32;
  readonly manifest: Hex32;
}

/** A newer manifest of a record; its number counts them. */
export interface PointerEntry extends Entry, Told {
  readonly recordId: Hex32;
  readonly manifest: Hex32;
  readonly by: string;
}

/** What happened to a patient's record since it was anchored. */
export interface RecordChange extends Entry, Told {
  readonly what: "pointed" | "amended" | "retracted" | "erasure requested" | "erasure attested";
  readonly recordId: Hex32;
  /** Who did it. */
  readonly by: string;
  /** Where pointed: the newer manifest, and its number among the record's. */
  readonly manifest?: Hex32;
  readonly pointer?: number;
  /** Where amended: the record that takes its place. */
  readonly replacement?: Hex32;
  /** Where amended or retracted: why. */
  readonly reason?: string;
  /** Where an erasure is attested: the operator's role. */
  readonly role?: string;
}

/** What the lists are called in errors. */
export const [chartName, recordHistoryName, pointersName] = [
  "patient's chart",
  "patient's records' history",
  "record's manifests",
] as const;

/** The records of a patient, to be walked. */
export function chartList(chain: ReadingChain, patient: string, head: Link): List<AnchoredEntry> {
  return {
    list: chartName,
    head,
    entriesIn: async (from, to) =>
      (await anchoredIn(chain, [patient], from, to)).map(({ args, ...told }) => {
        const { recordId, compartment, content, manifest, link } = args;
        return { ...linked(told, link), recordId, compartment, content, manifest };
      }),
  };
}

/** The `Anchored` events of some blocks. */
export function anchoredIn(
  chain: Pick<ReadingChain, "provider" | "addresses">,
  topics: readonly (string | undefined)[],
  from: number,
  to: number,
): Promise<ToldEvents<{ Anchored: AnchoredEvent.OutputObject }>[]> {
  return eventsIn(chain, { contract: "RecordRegistry", names: ["Anchored"], topics }, from, to);
}

/** The newer manifests of one record, to be walked. */
export function pointersList(chain: ReadingChain, recordId: Hex32, head: Link): List<PointerEntry> {
  const query = { contract: "RecordRegistry", names: ["Pointed"], topics: [undefined, recordId] } as const;
  return {
    list: pointersName,
    head,
    entriesIn: async (from, to) =>
      (await eventsIn<{ Pointed: PointedEvent.OutputObject }>(chain, query, from, to)).map(({ args, ...told }) => {
        return { ...linked(told, args.link), recordId, manifest: args.manifest, by: args.by };
      }),
  };
}

interface Events {
  Pointed: PointedEvent.OutputObject;
  Amended: AmendedEvent.OutputObject;
  Retracted: RetractedEvent.OutputObject;
  ErasureRequested: ErasureRequestedEvent.OutputObject;
  ErasureAttested: ErasureAttestedEvent.OutputObject;
}

const names: (keyof Events)[] = ["Pointed", "Amended", "Retracted", "ErasureRequested", "ErasureAttested"];

/** What happened to a patient's records, to be walked. */
export function recordHistoryList(chain: ReadingChain, patient: string, head: Link): List<RecordChange> {
  const query = { contract: "RecordRegistry", names, topics: [patient] } as const;
  return {
    list: recordHistoryName,
    head,
    entriesIn: async (from, to) =>
      (await eventsIn<Events>(chain, query, from, to)).map((event) => {
        const { args, ...told } = event;
        return { ...linked(told, args.change), recordId: args.recordId, ...saidBy(event, patient) };
      }),
  };
}

function saidBy(event: ToldEvents<Events>, patient: string): Omit<RecordChange, keyof Entry | keyof Told | "recordId"> {
  switch (event.name) {
    case "Pointed": {
      const { manifest, by, link } = event.args;
      return { what: "pointed", by, manifest, pointer: unpackLink(link).number };
    }
    case "Amended": {
      const { newRecordId, reason, by } = event.args;
      return { what: "amended", by, replacement: newRecordId, reason: decodeText(reason) };
    }
    case "Retracted":
      return { what: "retracted", by: event.args.by, reason: decodeText(event.args.reason) };
    case "ErasureRequested":
      return { what: "erasure requested", by: patient };
    case "ErasureAttested":
      return { what: "erasure attested", by: event.args.operator, role: decodeText(event.args.role) };
  }
}

function linked({ block, index, transaction, place, raw }: Told, link: bigint): Entry & Told {
  const { number, lastAt } = unpackLink(link);
  return { number, before: lastAt, block, index, transaction, place, raw };
}

import { z } from "zod";

import { readChart } from "./chart.js";
import type { Hex32 } from "./ids.js";
import type { RawLog, ReadingChain } from "./logs.js";
import { RecordRegistry__factory } from "./typechain/index.js";
import type { View } from "./view.js";

/** Events that a chart is read from. */
const names = ["Anchored", "Pointed", "Amended", "Retracted", "ErasureRequested", "ErasureAttested"] as const;

/** An event as a node tells it; no proof of it can be had without all receipts of its block. */
export interface RecordLog extends RawLog {
  readonly event: (typeof names)[number];
}

/** What each change of a record is called by its event. */
const eventOf = {
  pointed: "Pointed",
  amended: "Amended",
  retracted: "Retracted",
  "erasure requested": "ErasureRequested",
  "erasure attested": "ErasureAttested",
} as const;

/**
 * The events that a patient's chart is read from, in their order on the chain; none is missing.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function recordLogs(chain: ReadingChain, patient: string, view?: View): Promise<RecordLog[]> {
  const { anchored, changes } = await readChart(chain, patient, { view });
  return [
    ...anchored.map(({ place, raw }) => ({ place, log: { event: "Anchored" as const, ...raw } })),
    ...changes.map(({ place, raw, what }) => ({ place, log: { event: eventOf[what], ...raw } })),
  ]
    .sort((a, b) => a.place - b.place)
    .map(({ log }) => log);
}

const schema = z.array(
  z.looseObject({
    event: z.enum(names),
    topics: z.array(z.string()),
    data: z.string(),
  }),
);

/** What events say of a record. */
export interface ToldRecord {
  readonly compartment: Hex32;
  readonly content: Hex32;
  /** The newest. */
  readonly manifest: Hex32;
}

/**
 * What such events say of each record: its compartment, its content, and the newest pointer.
 * @returns undefined for what are no events of this patient's chart
 */
export function parseRecordLogs(logs: unknown, patient: string): Map<Hex32, ToldRecord> | undefined {
  const parsed = schema.safeParse(logs);
  if (!parsed.success) return undefined;
  const told = new Map<Hex32, ToldRecord>();
  const contract = RecordRegistry__factory.createInterface();
  for (const log of parsed.data) {
    let event: ReturnType<typeof contract.parseLog>;
    try {
      event = contract.parseLog(log);
    } catch {
      return undefined;
    }
    if (event?.name !== log.event || event.args.patient !== patient) return undefined;
    const { recordId, compartment, content, manifest } = event.args as unknown as Partial<ToldRecord> & {
      readonly recordId: Hex32;
    };
    const before = told.get(recordId);
    if (event.name === "Anchored") {
      if (before || compartment === undefined || content === undefined || manifest === undefined) return undefined;
      told.set(recordId, { compartment, content, manifest });
    } else if (!before) return undefined;
    else if (manifest !== undefined) told.set(recordId, { ...before, manifest });
  }
  return told;
}

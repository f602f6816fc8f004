import { z } from "zod";

import type { Chain } from "./connection.js";
import type { Hex32 } from "./ids.js";
import { scan } from "./scan.js";
import { RecordRegistry__factory } from "./typechain/index.js";

/** An event as a node tells it; no proof of it can be had without all receipts of its block. */
export interface RawLog {
  readonly event: "Anchored" | "Pointed" | "Amended";
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly index: number;
}

/**
 * The events that a chart is read from, oldest first of each kind.
 * @throws CHAIN_UNREACHABLE
 */
export async function recordLogs(chain: Chain, patient: string): Promise<RawLog[]> {
  const { recordRegistry } = chain;
  const { filters } = recordRegistry;
  const found = {
    Anchored: await scan(chain, recordRegistry, filters.Anchored(patient)),
    Pointed: await scan(chain, recordRegistry, filters.Pointed(patient)),
    Amended: await scan(chain, recordRegistry, filters.Amended(patient)),
  };
  return (["Anchored", "Pointed", "Amended"] as const).flatMap((event) =>
    found[event].map(({ address, topics, data, blockNumber, blockHash, transactionHash, index }) => {
      return { event, address, topics, data, blockNumber, blockHash, transactionHash, index };
    }),
  );
}

const schema = z.array(
  z.looseObject({
    event: z.enum(["Anchored", "Pointed", "Amended"]),
    topics: z.array(z.string()),
    data: z.string(),
  }),
);

/**
 * What such events say of each record: its compartment, and the newest pointer.
 * @returns undefined for what are no events of this patient's chart
 */
export function parseRecordLogs(
  logs: unknown,
  patient: string,
): Map<Hex32, { compartment: Hex32; manifest: Hex32 }> | undefined {
  const parsed = schema.safeParse(logs);
  if (!parsed.success) return undefined;
  const told = new Map<Hex32, { compartment: Hex32; manifest: Hex32 }>();
  const contract = RecordRegistry__factory.createInterface();
  for (const log of parsed.data) {
    let event: ReturnType<typeof contract.parseLog>;
    try {
      event = contract.parseLog(log);
    } catch {
      return undefined;
    }
    if (event?.name !== log.event || event.args.patient !== patient) return undefined;
    if (event.name === "Amended") continue;
    const { recordId, compartment, manifest } = event.args as unknown as Record<string, Hex32>;
    if (recordId === undefined || compartment === undefined || manifest === undefined) return undefined;
    told.set(recordId, { compartment, manifest });
  }
  return told;
}

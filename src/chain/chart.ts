import { zeroPadValue } from "ethers";

import { CareKeyError } from "../errors.js";
import { type Chain, chainHead } from "./connection.js";
import type { Hex32 } from "./ids.js";
import type { AnchoredRecord } from "./records.js";
import { blocksAtOnce } from "./scan.js";
import { anchorOfWord, anchorSlot } from "./slots.js";
import { read } from "./transactions.js";

/** A patient's chart as it stands at a block. */
export interface ChartState {
  readonly block: { readonly number: number; readonly hash: string };
  /** Oldest first. */
  readonly records: readonly AnchoredRecord[];
}

/** Events that change a chart; each names patient and record first. */
const eventNames = ["Anchored", "Pointed", "Amended", "Retracted", "ErasureRequested"] as const;

/**
 * A patient's chart at the newest block. What was known of it at an earlier one is taken on from there, unless that block is none any more (a reorganisation): then
 * everything is read anew.
 * @throws CHAIN_UNREACHABLE
 * @example const now = await chartState(chain, patient, before);
 */
export async function chartState(chain: Chain, patient: string, known?: ChartState): Promise<ChartState> {
  const head = await chainHead(chain);
  const base = known && (await isOnChain(chain, known, head.number)) ? known : undefined;
  const records = new Map<Hex32, AnchoredRecord>(base?.records.map((record) => [record.recordId, record]));
  const touched = new Set<Hex32>();
  for (const { name, recordId, compartment, manifest } of await changes(
    chain,
    patient,
    base ? base.block.number + 1 : chain.startBlock,
    head.number,
  )) {
    if (name !== "Pointed") touched.add(recordId);
    const before = records.get(recordId);
    if (name === "Anchored")
      records.set(recordId, { recordId, patient, compartment, manifest, author: "", anchoredAt: 0, status: "none" });
    else if (name === "Pointed" && before) records.set(recordId, { ...before, manifest });
  }
  await Promise.all(
    [...touched].map(async (recordId) => {
      const record = records.get(recordId);
      if (record) records.set(recordId, { ...record, ...(await anchorAt(chain, recordId)) });
    }),
  );
  return { block: { number: head.number, hash: head.hash }, records: [...records.values()] };
}

async function isOnChain({ provider }: Chain, { block }: ChartState, head: number): Promise<boolean> {
  return block.number <= head && (await read(provider.getBlock(block.number)))?.hash === block.hash;
}

interface Change {
  readonly name: (typeof eventNames)[number];
  readonly recordId: Hex32;
  /** Of what is anchored. */
  readonly compartment: Hex32;
  /** Of what is anchored or pointed. */
  readonly manifest: Hex32;
}

/** Read word by word, as a long chart has thousands: patient, record and, where there is one, compartment are topics, and the manifest is the first word of the data. */
async function changes(chain: Chain, patient: string, first: number, last: number): Promise<Change[]> {
  const { interface: contract } = chain.recordRegistry;
  const kinds = new Map(eventNames.map((name) => [contract.getEvent(name).topicHash, name]));
  const topics = [[...kinds.keys()], zeroPadValue(patient, 32)];
  const found: Change[] = [];
  for (let from = first; from <= last; from += blocksAtOnce) {
    const to = Math.min(from + blocksAtOnce - 1, last);
    const range = { address: chain.addresses.RecordRegistry, topics, fromBlock: from, toBlock: to };
    for (const { topics: words, data } of await read(chain.provider.getLogs(range))) {
      const [kind = "", , recordId, compartment = ""] = words;
      const name = kinds.get(kind);
      if (name !== undefined && recordId !== undefined)
        found.push({ name, recordId, compartment, manifest: data.slice(0, 2 + 64) });
    }
  }
  return found;
}

/** Author, time and status, from storage: a node answers that in a fraction of the time of a call. */
async function anchorAt(
  chain: Chain,
  recordId: Hex32,
): Promise<Pick<AnchoredRecord, "author" | "anchoredAt" | "status">> {
  const { contract, key } = anchorSlot(recordId);
  const anchor = anchorOfWord(BigInt(await read(chain.provider.getStorage(chain.addresses[contract], key))));
  if (anchor) return anchor;
  throw new CareKeyError("CHAIN_INCONSISTENT", `The node tells of the record ${recordId} but knows no anchor of it`, {
    recordId,
  });
}

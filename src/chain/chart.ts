import { type PinnedBlock, blockHashOf } from "./blocks.js";
import { type Hex32, checkAddress, recordIdOf } from "./ids.js";
import { unpackLink } from "./links.js";
import type { ReadingChain } from "./logs.js";
import {
  type AnchoredEntry,
  type RecordChange,
  chartList,
  chartName,
  recordHistoryList,
  recordHistoryName,
} from "./record-events.js";
import type { AnchoredRecord } from "./records.js";
import { type Slot, anchorSlot, attestedSlot, chartSlot, historySlot, originSlot, pointersSlot } from "./slots.js";
import { type Status, anchorOfWord } from "./stored-words.js";
import { type CheckedBy, type View, viewOf } from "./view.js";
import { incomplete, walk } from "./walk.js";

/** A patient's chart as it stands at a block. */
export interface ChartState {
  readonly block: PinnedBlock;
  readonly checkedBy: CheckedBy;
  /** How many changes of records that were anchored it takes in. */
  readonly history: number;
  /** Oldest first, each in its place. */
  readonly records: readonly AnchoredRecord[];
}

/** A chart, and the events that it was read from. */
export interface ReadChart {
  readonly state: ChartState;
  readonly anchored: readonly AnchoredEntry[];
  readonly changes: readonly RecordChange[];
}

/**
 * A patient's chart at the newest block, complete: its head says how many records and changes there are, and author, time, status, origin and number of pointers of each
 * record are looked up at the same block. What was known of it at an earlier one is taken on from there, unless that block is none any more (a reorganisation): then
 * everything is read anew.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 * @example const now = await chartState(chain, patient, before);
 */
export async function chartState(chain: ReadingChain, patient: string, known?: ChartState): Promise<ChartState> {
  return (await readChart(chain, patient, { known })).state;
}

/** {@link chartState} with the events since what was known. */
export async function readChart(
  chain: ReadingChain,
  patient: string,
  { known, view }: { readonly known?: ChartState | undefined; readonly view?: View | undefined } = {},
): Promise<ReadChart> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [chartWord = 0n, historyWord = 0n] = await at.words([chartSlot(owner), historySlot(owner)]);
  const [chart, history] = [unpackLink(chartWord), unpackLink(historyWord)];
  const base = known && (await isOnChain(chain, known, at)) ? known : undefined;
  const [anchored, changes] = await Promise.all([
    walk({ ...chartList(chain, owner, chart), known: base?.records.length }),
    walk({ ...recordHistoryList(chain, owner, history), known: base?.history }),
  ]);
  const records = await replay(owner, base?.records ?? [], { anchored, changes }, at);
  const { block } = at;
  return { state: { block, checkedBy: await at.checkedBy(), history: history.number, records }, anchored, changes };
}

async function isOnChain(chain: ReadingChain, { block }: ChartState, at: View): Promise<boolean> {
  if (block.number >= at.block.number) return block.hash === at.block.hash;
  return (await blockHashOf(chain.provider, block.number)) === block.hash;
}

type Records = Map<Hex32, AnchoredRecord>;

/** The records after what was told, each compared with what is kept of it at the same block. */
async function replay(
  patient: string,
  before: readonly AnchoredRecord[],
  { anchored, changes }: Omit<ReadChart, "state">,
  at: View,
): Promise<AnchoredRecord[]> {
  const records: Records = new Map(before.map((record) => [record.recordId, record]));
  for (const entry of anchored) records.set(entry.recordId, recordOf(patient, entry));
  const wanted = new Map<Hex32, Slot>();
  const want = (slot: Slot): void => void wanted.set(slot.key, slot);
  for (const { recordId } of anchored) want(anchorSlot(recordId));
  for (const { what, recordId, by, replacement } of changes) {
    want(what === "pointed" ? pointersSlot(recordId) : anchorSlot(recordId));
    if (replacement !== undefined) want(originSlot(replacement));
    if (what === "erasure attested") want(attestedSlot(recordId, by));
  }
  const words = await at.words([...wanted.values()]);
  const kept = new Map([...wanted.keys()].map((key, place) => [key, words[place] ?? 0n]));
  const word = ({ key }: Slot): bigint => kept.get(key) ?? 0n;

  const receipts = new Set<string>();
  for (const change of changes) apply(records, change, word, receipts);
  requirePointers(records, changes, word);
  for (const { number, block, recordId } of anchored) {
    const anchor = anchorOfWord(word(anchorSlot(recordId)));
    const record = records.get(recordId);
    if (anchor?.index !== number || anchor.block !== block || !record) throw incomplete(chartName, number, block);
    records.set(recordId, { ...record, author: anchor.author, anchoredAt: anchor.anchoredAt });
  }
  requireStatuses(records, { anchored, changes }, word);
  return [...records.values()];
}

/** A record as it is when it is anchored; what its word tells comes later. */
function recordOf(patient: string, entry: AnchoredEntry): AnchoredRecord {
  const { recordId, compartment, content, manifest, number: index, block, place } = entry;
  if (recordIdOf(patient, compartment, content) !== recordId) throw incomplete(chartName, index, block);
  const unknown = { author: "", anchoredAt: 0, status: "anchored", pointers: 0 } as const;
  return { recordId, patient, compartment, content, origin: content, manifest, index, block, place, ...unknown };
}

/** From which status a change leads where. */
const transitions = {
  amended: { from: ["anchored"], to: "amended" },
  retracted: { from: ["anchored", "amended"], to: "retracted" },
  "erasure requested": { from: ["anchored", "amended", "retracted"], to: "erased" },
} as const satisfies Partial<Record<RecordChange["what"], { from: readonly Status[]; to: Status }>>;

/** What a change makes of its record; one that can't be is none. */
function apply(records: Records, change: RecordChange, word: (slot: Slot) => bigint, receipts: Set<string>): void {
  const { what, number, block, recordId, manifest, pointer, place, by, replacement } = change;
  const wrong = (): Error => incomplete(recordHistoryName, number, block);
  const record = records.get(recordId);
  if (!record) throw wrong();
  if (what === "pointed") {
    if (pointer !== record.pointers + 1 || manifest === undefined) throw wrong();
    records.set(recordId, { ...record, pointers: pointer, manifest, place });
    return;
  }
  if (what === "erasure attested") {
    const receipt = `${recordId} ${by}`;
    if (record.status !== "erased" || receipts.has(receipt) || word(attestedSlot(recordId, by)) === 0n) throw wrong();
    receipts.add(receipt);
    return;
  }
  const { from, to } = transitions[what];
  if (!(from as readonly Status[]).includes(record.status)) throw wrong();
  records.set(recordId, { ...record, status: to });
  if (replacement === undefined) return;
  const next = records.get(replacement);
  if (!next || word(originSlot(replacement)) !== BigInt(record.origin)) throw wrong();
  records.set(replacement, { ...next, origin: record.origin });
}

/** Each record has as many manifests as were told. */
function requirePointers(records: Records, changes: readonly RecordChange[], word: (slot: Slot) => bigint): void {
  const newest = new Map(changes.filter(({ what }) => what === "pointed").map((change) => [change.recordId, change]));
  for (const { recordId, number, block } of newest.values()) {
    const head = unpackLink(word(pointersSlot(recordId)));
    if (head.number !== records.get(recordId)?.pointers || head.lastAt !== block)
      throw incomplete(recordHistoryName, number, block);
  }
}

/** Each record has the status that its changes lead to. */
function requireStatuses(
  records: Records,
  { anchored, changes }: Omit<ReadChart, "state">,
  word: (slot: Slot) => bigint,
): void {
  const touched = new Map([...anchored, ...changes].map((entry) => [entry.recordId, entry]));
  for (const { recordId, number, block } of touched.values()) {
    const kept = word(anchorSlot(recordId));
    // only pointed at since what was known
    if (kept === 0n) continue;
    if (anchorOfWord(kept)?.status !== records.get(recordId)?.status)
      throw incomplete(recordHistoryName, number, block);
  }
}

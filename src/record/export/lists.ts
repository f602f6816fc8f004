import { collect } from "../../bytes.js";
import { type Hex32, recordIdOf } from "../../chain/ids.js";
import { isCareKeyError } from "../../errors.js";
import { type IndexFile, MAX_INDEX_SIZE, isIndex, readIndexFile } from "../index-file.js";
import { listedStatus } from "../listed.js";
import { type AnchoredEntry, type ExportIndex, type ListedEntry, anchoredOf, isListed } from "./layout.js";
import { PartCheck } from "./part.js";
import type { ExportReader } from "./reader.js";
import type { ExportedRecord } from "./record-files.js";

/** What makes a file of an export no list; it is told where the record is looked at. */
const damages = ["EXPORT_INVALID", "RECORD_INVALID", "SEALED_INVALID", "NOT_A_RECIPIENT"] as const;

/** The list that a record of an export holds; undefined where it is no index record, or one that does not follow the format. */
export async function readList(
  reader: ExportReader,
  { recordId, body, files }: ExportedRecord,
): Promise<IndexFile | undefined> {
  const [part] = body.parts;
  const [file] = files;
  if (!isIndex(body) || !part || file === undefined || part.size > MAX_INDEX_SIZE) return undefined;
  try {
    const encoded = await collect(await reader.contentAt(file), MAX_INDEX_SIZE);
    const check = new PartCheck(part, 0);
    check.add(encoded);
    check.end();
    return readIndexFile(encoded, { recordId, ...body });
  } catch (error) {
    // a file that was exchanged for a longer one
    if (error instanceof RangeError) return undefined;
    if (!damages.some((code) => isCareKeyError(error, code))) throw error;
    return undefined;
  }
}

/** A record that a list of an export names, as its entry has to be. */
export type Expected = Omit<ListedEntry, "missing">;

/** What the lists of an export are compared with its entries by. */
export interface Lists {
  /** By record id, what they name and no entry has an anchor for. */
  readonly expected: ReadonlyMap<string, Expected>;
  /** Entries with an anchor of their own. */
  readonly own: ReadonlyMap<string, AnchoredEntry>;
  /** By record id, why a record names nothing. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Records of more than one entry. */
  readonly doubled: ReadonlySet<string>;
  /** Lists could be read at all. */
  readonly isOpen: boolean;
}

/**
 * Reads the lists of an export, and what they name that has no anchor of its own; of two lists the older counts.
 * @param rootAt When the author anchored the root, by a proof; undefined where nothing is proven.
 */
export async function readLists(
  reader: ExportReader,
  index: ExportIndex,
  records: ReadonlyMap<string, ExportedRecord>,
  rootAt: ((author: string, root: Hex32) => Promise<number | undefined>) | undefined,
): Promise<Lists> {
  const anchored = anchoredOf(index).sort((a, b) => a.index - b.index);
  const own = new Map(anchored.map((entry) => [entry.recordId, entry]));
  const named = new Set(index.records.filter(isListed).map(({ under }) => under));
  const expected = new Map<string, Expected>();
  const refusals = new Map<string, string>();
  for (const entry of anchored) {
    const { recordId } = entry;
    const record = records.get(recordId);
    const file = record && (await readList(reader, record));
    if (!record || !file) {
      refusals.set(recordId, `${recordId} holds no list that can be read`);
      continue;
    }
    // without a proof the exporter says by its entries whether the list counts
    const counts = rootAt ? (await rootAt(entry.author, file.root)) === entry.anchoredAt : named.has(recordId);
    if (!counts) {
      refusals.set(recordId, `The author of ${recordId} did not anchor the root of its list with it`);
      continue;
    }
    for (const each of expectedFrom(entry, record.body, file))
      if (!own.has(each.recordId) && !expected.has(each.recordId)) expected.set(each.recordId, each);
  }
  return { expected, own, refusals, doubled: doubledIn(index), isOpen: reader.isOpen };
}

/** What is wrong with the entry of a listed record; undefined where nothing is. */
export function faultOf(entry: ListedEntry, { expected, own, refusals, doubled, isOpen }: Lists): string | undefined {
  const { recordId, under } = entry;
  if (doubled.has(recordId)) return `${recordId} is in the export twice`;
  const list = own.get(under);
  if (!list || list.missing !== undefined || list.status === "erased")
    return `The index record ${under} is not in the export`;
  const refusal = isOpen ? refusals.get(under) : undefined;
  if (refusal !== undefined) return refusal;
  const found = isOpen ? expected.get(recordId) : sharedWith(list);
  if (!found || (isOpen && found.under !== under)) return `${under} does not list ${recordId}, or an older list does`;
  const wrong = Object.entries(found).find(([field, value]) => entry[field as keyof Expected] !== value);
  return wrong && `${recordId} has another ${wrong[0]} than its index record`;
}

/** What the lists name and no entry stands for. */
export function leftOut({ expected }: Lists, { records }: ExportIndex): Expected[] {
  const there = new Set(records.map(({ recordId }) => recordId));
  return [...expected.values()].filter(({ recordId }) => !there.has(recordId));
}

function expectedFrom(
  entry: AnchoredEntry,
  { patient, compartment }: ExportedRecord["body"],
  { records }: IndexFile,
): Expected[] {
  return records.map(({ content, manifest }) => ({
    ...sharedWith(entry),
    ...{ recordId: recordIdOf(patient, compartment, content), compartment, manifest, under: entry.recordId },
  }));
}

/** What an index record's entry has in common with those of what it lists: all that can be compared where nobody opens the list. */
function sharedWith(entry: AnchoredEntry): Omit<Expected, "recordId" | "manifest" | "under"> & Partial<Expected> {
  const { compartment, author, anchoredAt, status } = entry;
  return { compartment, author, anchoredAt, status: listedStatus(status) };
}

function doubledIn({ records }: ExportIndex): Set<string> {
  const [seen, doubled] = [new Set<string>(), new Set<string>()];
  for (const { recordId } of records) (seen.has(recordId) ? doubled : seen).add(recordId);
  return doubled;
}

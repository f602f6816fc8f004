import { lstat } from "node:fs/promises";
import path from "node:path";

import { type Hex32, recordIdOf } from "../../chain/ids.js";
import { parseRecordLogs } from "../../chain/record-logs.js";
import { rootSlot } from "../../chain/slots.js";
import { type ProvenState, readStateProof } from "../../chain/state-proof.js";
import { timeOrNever } from "../../chain/word.js";
import { CareKeyError, throwIfCancelled } from "../../errors.js";
import { judgeStamps } from "../verify.js";
import { bundleOf } from "./bundle.js";
import { falseFacts, testimonyOfFacts } from "./facts.js";
import {
  type ExportFacts,
  type ExportIndex,
  type ListedEntry,
  anchoredOf,
  exportInvalid,
  folderOf,
  isListed,
  names,
  parseFile,
  parseJson,
  toJson,
} from "./layout.js";
import { type Lists, faultOf, leftOut, readLists } from "./lists.js";
import { ExportReader } from "./reader.js";
import { readmeOf } from "./readme.js";
import type { Claim, ExportProblem, ExportReport, VerifiedRecord, VerifyOptions } from "./report.js";
import { type ExportedRecord, readRecord } from "./record-files.js";
import { parseSums } from "./sums.js";

/**
 * Checks an export (docs/format.md §19) without any network: hash of every file, body, content and record id, each file's own hash, series of stamps, credentials by the anchor's time, proofs of the chain's
 * state up to the block's hash, among them how many records the chart has, and what index records list. That a pointer is the newest can't be proven.
 *
 * @throws EXPORT_INVALID for a folder that is no export at all, IDENTITY_INVALID, CANCELLED; whatever else is wrong is a problem in the report
 * @example const { ok, problems, records } = await verifyExport("my-chart", { blockHash });
 */
export async function verifyExport(directory: string, options: VerifyOptions = {}): Promise<ExportReport> {
  const folder = path.resolve(directory);
  if (!(await lstat(folder).catch(() => undefined))?.isDirectory())
    throw exportInvalid("no-export", "There is no such folder");
  const index = await readIndex(new ExportReader(folder, false, undefined, options));
  return new Verification(new ExportReader(folder, index.sealed, options.identity, options), index, options).run();
}

async function readIndex(reader: ExportReader): Promise<ExportIndex> {
  try {
    return parseFile("index", await reader.text(names.index));
  } catch (cause) {
    if (cause instanceof CareKeyError && cause.code === "EXPORT_INVALID")
      throw exportInvalid("no-export", `The folder has no ${names.index} that can be read`, {}, cause);
    throw cause;
  }
}

type Entry = ExportIndex["records"][number];

/** What an entry is judged by. */
interface Judge {
  readonly facts: ExportFacts | undefined;
  /** What the proof shows to be otherwise; undefined where nothing is proven. */
  readonly wrong: ReadonlySet<string> | undefined;
  /** Records whose pointer the events tell. */
  readonly pointers: ReadonlySet<string>;
  /** Undefined where what has an anchor of its own is judged. */
  readonly lists: Lists | undefined;
}

class Verification {
  readonly #problems: ExportProblem[] = [];
  readonly #records = new Map<string, ExportedRecord>();
  /** Files that belong to an export like this one. */
  readonly #expected = new Set<string>([names.sums, names.readme, names.index, names.facts, names.events]);

  constructor(
    private readonly reader: ExportReader,
    private readonly index: ExportIndex,
    private readonly options: VerifyOptions,
  ) {
    this.#expected.add(reader.personal(names.bundle));
    if (index.unproven === undefined) this.#expected.add(names.state);
  }

  async run(): Promise<ExportReport> {
    const { index, options } = this;
    const { sealed, patient, chainId, block, unproven } = index;
    const facts = await this.#look(names.facts, async () => parseFile("facts", await this.reader.text(names.facts)));
    const state = unproven === undefined ? await this.#look(names.state, () => this.#readState()) : undefined;
    const proven = state && facts ? await this.#look(names.state, () => this.#wrongFacts(state, facts)) : undefined;
    const pointers = (await this.#look(names.events, () => this.#readEvents())) ?? new Set<string>();
    const judge = { facts, wrong: proven, pointers, lists: undefined };
    const verified = new Map<Entry, VerifiedRecord>();
    await this.#each(anchoredOf(index), judge, verified);
    const lists = await this.#readLists(state);
    await this.#each(index.records.filter(isListed), { ...judge, lists }, verified);
    const out = leftOut(lists, index);
    for (const { recordId, under } of out)
      this.#add(names.index, exportInvalid("missing", `${recordId} is not in it, which ${under} lists`));
    const records = index.records.flatMap((entry) => verified.get(entry) ?? []);
    await this.#look(names.readme, async () => {
      same(await this.reader.text(names.readme), readmeOf(index));
    });
    if (this.reader.isOpen)
      await this.#look(this.reader.personal(names.bundle), async () => {
        const text = new TextDecoder().decode(await this.reader.bytes(names.bundle));
        same(text, toJson(bundleOf(index, this.#records)));
      });
    await this.#sums();
    const complete = proven !== undefined && !proven.has("chart") && out.length === 0;
    const blockTrusted = options.blockHash?.toLowerCase() === block.hash;
    if (options.blockHash !== undefined && !blockTrusted)
      this.#add(names.index, exportInvalid("block", "The export is of another block than the trusted one"));
    const problems = this.#problems;
    return {
      ...{ ok: problems.length === 0, sealed, patient, chainId, block, blockTrusted, unproven, complete },
      ...{ records, problems },
    };
  }

  async #each(entries: readonly Entry[], judge: Judge, verified: Map<Entry, VerifiedRecord>): Promise<void> {
    for (const entry of entries) {
      throwIfCancelled(this.options.signal);
      this.options.onProgress?.({ step: "verifying", done: verified.size, total: this.index.records.length });
      verified.set(entry, await this.#record(entry, judge));
    }
  }

  /** What lists name; where the chain's state is proven, of those whose root their author anchored with them. */
  #readLists(state: ProvenState | undefined): Promise<Lists> {
    const { recordRegistry } = this.index;
    const rootAt = async (author: string, root: Hex32): Promise<number | undefined> => {
      const { key } = rootSlot(author, root);
      const word = state && (await this.#look(names.state, () => state.wordAt(recordRegistry, key)));
      return timeOrNever(word ?? 0n);
    };
    return readLists(this.reader, this.index, this.#records, state && rootAt);
  }

  async #record(entry: Entry, { facts, wrong, pointers, lists }: Judge): Promise<VerifiedRecord> {
    const { recordId, status, missing } = entry;
    const claims: Record<"proven" | "word" | "unread", Claim[]> = { proven: [], word: [], unread: [] };
    const fault = lists && isListed(entry) ? faultOf(entry, lists) : undefined;
    if (fault !== undefined) this.#add(names.index, exportInvalid("disagrees", fault));
    else if (isListed(entry)) this.#listedClaims(entry, wrong, claims);
    else {
      if (wrong && !wrong.has(`anchor ${recordId}`)) claims.proven.push("anchor");
      else if (this.index.unproven !== undefined) claims.word.push("anchor");
      if (pointers.has(recordId)) claims.word.push("pointer");
    }
    const result = { recordId, status, ...(missing !== undefined && { missing }), ...claims };
    if (missing !== undefined || status === "erased") {
      result.unread.push("files", "stamps", "credentials");
      return result;
    }
    if (!this.reader.isOpen) {
      await this.#expectWhatIsThere(recordId);
      result.unread.push("files", "stamps", "credentials");
      return result;
    }
    const before = this.#problems.length;
    const { chainId, recordRegistry, patient } = this.index;
    const read = await this.#look(folderOf(recordId), () =>
      readRecord(this.reader, { recordId, chainId, recordRegistry, patient }, (file, error) => {
        this.#add(file, error);
      }),
    );
    if (!read) {
      await this.#expectWhatIsThere(recordId);
      return result;
    }
    this.#records.set(recordId, read);
    for (const file of read.all) this.#expected.add(file);
    if (this.#problems.length === before) result.proven.push("files");
    if (!facts || fault !== undefined) return result;
    const judged = await this.#look(`${folderOf(recordId)}/${this.reader.personal(names.record)}`, () =>
      judgeStamps(testimonyOfFacts(this.index, facts), { ...entry, patient }, read),
    );
    if (judged) {
      result.proven.push("stamps");
      const isSelf = judged.every(({ selfReported }) => selfReported);
      if (isSelf || (wrong && ![...wrong].some((each) => /^(credential|witness)/.test(each))))
        result.proven.push("credentials");
      else if (this.index.unproven !== undefined) result.word.push("credentials");
    }
    return result;
  }

  /** The list has author, time and manifest of what has no other anchor; the chart's head shows that it has none. */
  #listedClaims(
    { under }: ListedEntry,
    wrong: ReadonlySet<string> | undefined,
    { proven, word, unread }: Record<"proven" | "word" | "unread", Claim[]>,
  ): void {
    const claims = ["anchor", "pointer"] as const;
    if (!this.reader.isOpen) unread.push(...claims);
    else if (wrong && !wrong.has("chart") && !wrong.has(`anchor ${under}`)) proven.push(...claims);
    else if (this.index.unproven !== undefined) word.push(...claims);
  }

  /** Which files a record has only its body tells. */
  async #expectWhatIsThere(recordId: string): Promise<void> {
    for (const file of (await this.reader.list(folderOf(recordId))).files) this.#expected.add(file);
  }

  async #readState(): Promise<ProvenState> {
    const state = await readStateProof(parseJson(await this.reader.text(names.state)));
    const { number, hash, time } = this.index.block;
    if (state.blockHash !== hash || state.blockNumber !== number || state.time !== time)
      throw exportInvalid("disagrees", "The proof is of another block than the index names");
    return state;
  }

  /** What the proof shows to be otherwise than index and facts say. */
  async #wrongFacts(state: ProvenState, facts: ExportFacts): Promise<Set<string>> {
    const { recordRegistry: RecordRegistry, credentialRegistry: CredentialRegistry, patient } = this.index;
    const chart = { patient, records: anchoredOf(this.index) };
    const wrong = new Set(await falseFacts(state, { RecordRegistry, CredentialRegistry }, facts, chart));
    for (const what of wrong)
      this.#add(
        /^(anchor|chart)/.test(what) ? names.index : names.facts,
        exportInvalid("proof", `Proven otherwise: ${what}`),
      );
    return wrong;
  }

  /** Records whose pointer is the one that the events tell. */
  async #readEvents(): Promise<Set<string>> {
    const told = parseRecordLogs(parseJson(await this.reader.text(names.events)), this.index.patient);
    if (!told) throw exportInvalid("form", "The events have not the right form");
    const known = new Set<string>();
    const anchored = anchoredOf(this.index);
    for (const { recordId, compartment, manifest } of anchored) {
      const event = told.get(recordId);
      const isIt = event && recordIdOf(this.index.patient, event.compartment, event.content) === recordId;
      if (isIt && event.compartment === compartment && event.manifest === manifest) known.add(recordId);
      else this.#add(names.events, exportInvalid("disagrees", `The events tell otherwise of ${recordId}`));
    }
    if (told.size !== anchored.length)
      this.#add(names.events, exportInvalid("disagrees", "The events tell of other records than the index"));
    return known;
  }

  /** Every file has the hash that stands in SHA256SUMS, and each belongs there. */
  async #sums(): Promise<void> {
    const { files, others } = await this.reader.list();
    for (const file of others) this.#add(file, exportInvalid("not-a-file", "It is neither file nor folder"));
    const known = await this.#look(names.sums, async () => {
      const sums = parseSums(await this.reader.text(names.sums));
      if (!sums) throw exportInvalid("altered", "It is no list of sums");
      return sums;
    });
    const there = new Set(files);
    for (const file of new Set([...this.#expected, ...(known?.keys() ?? [])]))
      if (!there.has(file)) this.#add(file, exportInvalid("missing", "The file is missing"));
    for (const file of files) {
      throwIfCancelled(this.options.signal);
      if (!this.#expected.has(file)) this.#add(file, exportInvalid("unexpected", "It does not belong to the export"));
      if (!known || file === names.sums) continue;
      const sum = known.get(file);
      if (sum === undefined) this.#add(file, exportInvalid("unexpected", `It is not in ${names.sums}`));
      else if ((await this.reader.sum(file)) !== sum) this.#add(file, exportInvalid("altered", "The file was altered"));
    }
  }

  async #look<T>(file: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof CareKeyError) || ["CANCELLED", "IDENTITY_INVALID"].includes(error.code)) throw error;
      this.#add(file, error);
      return undefined;
    }
  }

  #add(file: string, { code, what }: CareKeyError): void {
    if (!this.#problems.some((known) => known.file === file && known.code === code && known.what === what))
      this.#problems.push({ code, file, what });
  }
}

function same(actual: string, expected: string): void {
  if (actual !== expected) throw exportInvalid("disagrees", "It says something else than the records");
}

import type { CID } from "multiformats/cid";

import { anchorSlot } from "../chain/slots.js";
import { type Hex32, type Role } from "../chain/ids.js";
import { type RecordName, findRecord } from "../chain/records.js";
import { type RecordTree, anchorIndex, recordTree, rootAnchoredAt } from "../chain/roots.js";
import type { SendOptions } from "../chain/transactions.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import type { Block, BlockStore } from "../storage/types.js";
import { type Authority, authorise } from "./authority.js";
import type { RecordKey } from "./capsule.js";
import type { ChartRecord } from "./chart-record.js";
import { keyOf } from "./collect-keys.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { type Delivery, deliverAll } from "./deliver.js";
import { type IndexEntry, MAX_LISTED, encodeIndex, indexType } from "./index-file.js";
import { recordsOf } from "./known-charts.js";
import { openListed, unlessLost } from "./listed.js";
import { type Identified, checkSources, identify, keepRecord, rootsWith, sealParts, stampAndSeal } from "./make.js";
import { digestOf } from "./manifest.js";
import type { SealedPart } from "./seal-part.js";
import { type Source, bytesSource } from "./source.js";
import { withdraw, withdrawing } from "./withdraw.js";
import { freshView } from "./words.js";

export interface ShareManyOptions extends PipelineOptions {
  readonly patient: string;
  /** Label of the compartment that the records go into. */
  readonly compartment: Hex32;
  /** The role that the author stamps each record in; omit it for what patients report of themselves. */
  readonly role?: Role | undefined;
  /** Title of the index record; sealed with it. */
  readonly title?: string | undefined;
}

/** One record of many. */
export interface NewRecord {
  readonly sources: readonly Source[];
  /** Title of its FHIR description; sealed with the record. */
  readonly title?: string | undefined;
}

/** What became of a share of many records. */
export interface SharedMany extends Delivery {
  /** The index record, which lists them. */
  readonly recordId: Hex32;
  /** The records, in the order in which they were given. */
  readonly records: readonly Hex32[];
  /** Hash of the transaction that anchored them; undefined when an earlier, interrupted share had done it. */
  readonly transaction: string | undefined;
}

/**
 * {@link share} for up to 4,096 records of one patient and compartment: one transaction anchors them all, by a root and the index record that lists them, and one capsule has
 * all their keys. Each has a body, a stamp and a manifest of its own, and is opened, listed and granted like any other; it has no anchor of its own before it needs one.
 *
 * @throws INVALID_ARGUMENT for no record, too many and the same one twice, and what {@link share} throws
 * @example
 * const { recordId, records } = await carekey.shareMany(reports.map((file) => ({ sources: [file] })), { patient, compartment, role: "laboratory" });
 */
export async function shareMany(
  context: Context,
  records: readonly NewRecord[],
  options: ShareManyOptions,
): Promise<SharedMany> {
  if (records.length === 0 || records.length > MAX_LISTED)
    throw new CareKeyError("INVALID_ARGUMENT", `1 to ${MAX_LISTED} records are shared at once, not ${records.length}`);
  for (const { sources } of records) checkSources(sources);
  throwIfCancelled(options.signal);
  const authority = await authorise(context, options, undefined);
  const store = storeFor(context, authority.place.compartment);

  return withdrawing(context, async ({ added, onSend, reached }) => {
    const made = await makeAll(context, store, records, authority, options, added);
    const ids = made.map(({ recordId }) => recordId);
    const tree = recordTree(ids);
    const again = (): Promise<Anchored | undefined> => earlierList(context, authority, tree.root, options);
    const list =
      (await again()) ??
      (await anchorAll(context, store, made, tree, authority, { ...options, onSend }, added).catch(
        async (error: unknown) => {
          // an earlier attempt of this actor's may have been mined in between
          const earlier = isCareKeyError(error, "CONTRACT_REFUSED") ? await again() : undefined;
          if (!earlier) throw error;
          return earlier;
        },
      ));
    reached();
    // what was sealed now is not needed where an earlier attempt anchored it
    if (list.earlier) await withdraw(context, added);
    const keys = list.earlier ? await keysOf(context, list.earlier, options) : list.keys;
    const { recordId, name, transaction } = list;
    const place = { ...name, origin: name.content };
    const delivery = await deliverAll(context, place, keys, authority.before, options, authority.keys);
    return { recordId, records: ids, transaction, ...delivery };
  });
}

/** A record whose parts are stored, and its own. */
type Made = Identified & { readonly parts: readonly SealedPart[] };

async function makeAll(
  context: Context,
  store: BlockStore,
  records: readonly NewRecord[],
  authority: Authority,
  options: ShareManyOptions,
  added: CID[],
): Promise<Made[]> {
  const made: Made[] = [];
  const places = new Map<Hex32, number>();
  for (const [place, { sources, title }] of records.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "sealing", done: place, total: records.length });
    const parts = await sealParts(store, sources, authority, { signal: options.signal }, added);
    const identified = identify(context, parts, authority, { title });
    const before = places.get(identified.recordId);
    if (before !== undefined)
      throw new CareKeyError("INVALID_ARGUMENT", `Records ${before} and ${place} are the same`, { before, place });
    places.set(identified.recordId, place);
    made.push({ ...identified, parts });
  }
  return made;
}

/** Blocks that are put, stamped and pinned side by side. */
const atOnce = 8;

/** Manifests of all records, stored and pinned with their parts; of one that has an anchor already, the manifest that it has. */
async function keepAll(
  context: Context,
  store: BlockStore,
  made: readonly Made[],
  authority: Authority,
  options: ShareManyOptions,
  added: CID[],
): Promise<{ entries: readonly IndexEntry[]; keys: readonly RecordKey[] }> {
  const { chain } = context;
  const view = await freshView(chain);
  const anchors = await view.words(made.map(({ recordId }) => anchorSlot(recordId)));
  const entries: IndexEntry[] = [];
  const keys: RecordKey[] = [];
  const blocks: Block[] = [];
  const roots: CID[] = [];
  for (const [place, record] of made.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "stamping", done: place, total: made.length });
    const { compartment, content } = record.name;
    if (anchors[place] !== 0n) {
      await withdraw(
        context,
        record.parts.flatMap((part) => [...part.added]),
      );
      const { author, manifest } = await findRecord(chain, record.recordId, view);
      if (author !== chain.address)
        throw new CareKeyError("CONTRACT_REFUSED", `${author} has anchored record ${place} before`, {
          ...{ error: "AlreadyAnchored", recordId: record.recordId },
        });
      entries.push({ content, manifest });
      continue;
    }
    const { block, key } = await stampAndSeal(context, record, authority);
    blocks.push(block);
    roots.push(...rootsWith(block, record.parts));
    entries.push({ content, manifest: digestOf(block) });
    keys.push({ compartment, content, key });
  }
  added.push(...blocks.map(({ cid }) => cid));
  await store.putMany(blocks, options);
  await inParallel(roots, atOnce, (cid) => store.pin(cid, options));
  return { entries, keys };
}

/** An index record that is anchored. */
interface Anchored {
  readonly recordId: Hex32;
  readonly name: RecordName;
  readonly transaction: string | undefined;
  /** Its own, and those of what it lists, where they were sealed now. */
  readonly keys: readonly RecordKey[];
  /** It and what it lists, where an earlier attempt anchored them. */
  readonly earlier?: readonly ChartRecord[];
}

/** Stores the manifests of all records, and the index record that lists them, and anchors it. */
async function anchorAll(
  context: Context,
  store: BlockStore,
  made: readonly Made[],
  tree: RecordTree,
  authority: Authority,
  { onSend, ...options }: ShareManyOptions & Pick<SendOptions, "onSend">,
  added: CID[],
): Promise<Anchored> {
  const { entries, keys } = await keepAll(context, store, made, authority, options, added);
  const source = bytesSource("index.cbor", encodeIndex({ root: tree.root, records: entries }), indexType);
  const { title = `${entries.length} records`, signal } = options;
  const parts = await sealParts(store, [source], authority, { signal }, added);
  const { recordId, name, encodedBody } = identify(context, parts, authority, { title });
  const index = await keepRecord(context, store, { parts, name, encodedBody }, authority, { signal }, added);
  options.onProgress?.({ step: "anchoring", done: 0, total: 1 });
  const transaction = await anchorIndex(context.chain, name, index.manifest, tree, { signal, onSend });
  const { compartment, content } = name;
  const listed = keys.map((key) => ({ ...key, under: recordId }));
  return { recordId, name, transaction, keys: [{ compartment, content, key: index.key }, ...listed] };
}

/** The index record that this author anchored with this root before; undefined where there is none. */
async function earlierList(
  context: Context,
  { place: { patient, compartment } }: Authority,
  root: Hex32,
  options: PipelineOptions,
): Promise<Anchored | undefined> {
  const { chain } = context;
  const time = await rootAnchoredAt(chain, chain.address, root);
  if (time === undefined) return undefined;
  const chart = await recordsOf(context, patient, { compartment });
  for (const record of chart.filter(({ author, anchoredAt }) => author === chain.address && anchoredAt === time)) {
    const listed = await openListed(context, record, undefined, options).catch(unlessLost);
    if (listed.length === 0 || recordTree(listed.map(({ recordId }) => recordId)).root !== root) continue;
    const { recordId, content } = record;
    const name = { patient, compartment, content };
    return { recordId, name, transaction: undefined, keys: [], earlier: [record, ...listed] };
  }
  return undefined;
}

/** Keys of some records as far as their author can still open them: what was sealed anew since is for whoever did it to send. */
async function keysOf(
  context: Context,
  records: readonly ChartRecord[],
  options: PipelineOptions,
): Promise<RecordKey[]> {
  const keys: RecordKey[] = [];
  for (const record of records) {
    const found = await keyOf(context, record, undefined, options);
    if ("key" in found) keys.push(found);
  }
  return keys;
}

import type { CID } from "multiformats/cid";

import type { Hex32 } from "../chain/ids.js";
import { type AnchoredRecord, manifestsOf, point } from "../chain/records.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { rootsOf } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import type { ChartRecord } from "./chart-record.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { type Delivery, type Readers, deliverKeys, keysOf, readersOf } from "./deliver.js";
import type { Removal } from "./drop.js";
import { type FormerManifest, formerManifests, removeFormer } from "./former.js";
import { type Holder, announcedFor, holdersOf } from "./holders.js";
import { asActor } from "./identities.js";
import { type ListedOptions, anchoredRecord, withIndex } from "./listed.js";
import { type Manifest, type OpenedManifest, type PartLocation, digestOf, sealManifest } from "./manifest.js";
import { requireReadable } from "./open-manifest.js";
import { fetchManifest } from "./own.js";
import { partStream } from "./part-stream.js";
import { mayWriteNow } from "./readers.js";
import { longestSeries } from "./series.js";
import { sealPart } from "./seal-part.js";
import { trustedKey } from "./trust.js";
import { withdrawing } from "./withdraw.js";
import { freshView } from "./words.js";

export interface RotateRecordOptions extends ListedOptions {
  /** Further stores that are asked to drop the old blocks, by a name for the report. */
  readonly stores?: Readonly<Record<string, BlockStore>>;
}

/** What no rotation can undo. */
export const irrevocable = [
  "keys and copies that former holders kept",
  "blocks in stores that were not asked",
  "the chain's history",
] as const;

/** The report of a rotation after a revocation. */
export interface RecordRotated extends Delivery {
  readonly recordId: Hex32;
  /** Digest of the manifest that counts now. */
  readonly manifest: Hex32;
  /** Hash of the transaction that points to it; undefined where an interrupted rotation had come that far. */
  readonly transaction: string | undefined;
  /** How many parts were encrypted anew; 0 where an interrupted rotation had done it. */
  readonly parts: number;
  /** The new manifest is sealed to the author too: they may read or write there, and their key is trusted. */
  readonly authorKept: boolean;
  /** Who held a key of earlier versions. */
  readonly holders: readonly Holder[];
  /** What each store did about the old blocks; no block left means that it confirmed. */
  readonly removal: readonly Removal[];
  readonly irrevocable: typeof irrevocable;
}

/** What a rotation works on. */
interface Work {
  readonly record: ChartRecord;
  readonly current: OpenedManifest;
  /** Who may read it now. */
  readonly readable: Readers;
  /** The author may read or write there now. */
  readonly authorStands: boolean;
}

/**
 * Encrypts a record anew after a revocation: fresh file keys for manifest and parts, `point` to the new manifest, the new key to those who may read
 * now, and the old blocks out of the stores. Body, record id and stamps stay. By the patient, or the author while WRITE is active. The author stays
 * a recipient only while they may read or write there.
 *
 * Parts stream through in constant memory. Before the pointer moves a failure leaves the record as it was; repeating it goes on after it.
 *
 * @throws RECORD_UNKNOWN, RECORD_RETRACTED, WRITE_REFUSED, KEY_HELD (the patient's, for an author), KEY_CHANGED, BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID,
 * NOT_A_RECIPIENT, RECORD_INVALID, RECORD_MISMATCH, STORE_FAILED, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, TRANSACTION_PENDING, CANCELLED
 * @example
 * await carekey.revoke(clinic, imaging);
 * const { holders, removal } = await carekey.rotateRecord(recordId);
 */
export async function rotateRecord(
  context: Context,
  recordId: Hex32,
  options: RotateRecordOptions = {},
): Promise<RecordRotated> {
  throwIfCancelled(options.signal);
  const work = await prepare(context, recordId, options);
  const { readable, authorStands } = work;
  const { readers } = readable;
  const history = await manifestsOf(context.chain, work.record);
  // the capsule of a list came before the anchor of its own that a record in it got
  const since = work.record.under === undefined ? (history[0]?.place ?? 0) : 0;
  const announced = await announcedFor(context.chain, work.record, since);
  const stands = (actor: string): boolean => readers.includes(actor) || (actor === work.record.author && authorStands);

  const former = await formerManifests(context, work.record, options);
  const reached = isReached(context, work, former, history, announced)
    ? {
        record: work.record,
        manifest: work.current.manifest,
        key: work.current.fileKey,
        transaction: undefined,
        parts: 0,
        recipients: work.current.recipients,
      }
    : await encryptAnew(context, work, former, options);
  const { record, manifest, key, transaction, parts, recipients } = reached;
  const delivery = await deliverKeys(context, record, key, readable, options);
  const stores = { own: context.store, ...options.stores };
  const old = transaction === undefined ? former : await formerManifests(context, record, options);
  return {
    recordId,
    manifest: record.manifest,
    transaction,
    parts,
    ...delivery,
    authorKept: record.author === record.patient || recipients > 1,
    holders: holdersOf(record, announced, stands),
    removal: await removeFormer(context, { record, manifest }, old, stores, options),
    irrevocable,
  };
}

async function prepare(context: Context, recordId: Hex32, options: PipelineOptions): Promise<Work> {
  const { chain } = context;
  const record = await withIndex(context, await anchoredRecord(context, recordId, options), options);
  const view = await freshView(chain);
  const { patient, compartment, author } = record;
  requireReadable(record);
  const isPatient = chain.address === patient;
  if (!isPatient && chain.address !== author)
    throw new CareKeyError("WRITE_REFUSED", `${chain.address} is neither patient nor author of ${recordId}`, {
      patient,
      compartment,
    });
  const current = await fetchManifest(context, record, asActor(context), options);
  const writes = await mayWriteNow(chain, view, record, author);
  if (!isPatient && !writes)
    throw new CareKeyError("WRITE_REFUSED", `${author} may not point ${recordId} elsewhere any more`, {
      patient,
      compartment,
    });
  const readable = await readersOf(context, record, view);
  const { readers } = readable;
  // before anything is written: a node that lies about one key is believed about none
  await keysOf(
    context,
    readers.filter((reader) => reader !== chain.address),
    view,
  );
  return { record, current, readable, authorStands: writes || readers.includes(author) };
}

/**
 * True when an interrupted rotation of this very actor had moved the pointer already and nobody has lost access since: the manifest before has another
 * file key, and the newer key went to nobody who may not have it. What somebody else pointed to proves nothing about its parts.
 */
function isReached(
  { chain }: Context,
  { record, current, readable: { readers }, authorStands }: Work,
  former: readonly FormerManifest[],
  history: Awaited<ReturnType<typeof manifestsOf>>,
  announced: Awaited<ReturnType<typeof announcedFor>>,
): boolean {
  const last = history.at(-1);
  const before = former.find(({ digest }) => digest === history.at(-2)?.manifest);
  if (last?.by !== chain.address || !before || Buffer.compare(before.fileKey, current.fileKey) === 0) return false;
  if (record.author !== record.patient && !authorStands && current.recipients > 1) return false;
  return announced.every(({ place, grantee }) => place < last.place || readers.includes(grantee));
}

async function encryptAnew(
  context: Context,
  { record, current: { manifest }, authorStands }: Work,
  former: readonly FormerManifest[],
  options: PipelineOptions,
): Promise<{
  record: AnchoredRecord;
  manifest: Manifest;
  key: Uint8Array;
  transaction: string;
  parts: number;
  recipients: number;
}> {
  const { chain } = context;
  const store = storeFor(context, record.compartment);
  const recipients = await recipientsOf(context, record, authorStands);
  const stamps = longestSeries(
    chain,
    manifest.stamps,
    former.map((each) => each.manifest.stamps),
  );
  return withdrawing(context, async ({ added, onSend }) => {
    const locations = await encryptParts(context, manifest, recipients, store, added, options);
    const sealed = await sealManifest({ ...manifest, parts: locations, stamps }, recipients);
    added.push(sealed.block.cid);
    await store.putMany([sealed.block], options);
    for (const cid of [...locations.flatMap(rootsOf), sealed.block.cid]) await store.pin(cid, options);
    const digest = digestOf(sealed.block);
    const transaction = await point(chain, record, digest, { signal: options.signal, onSend });
    return {
      record: { ...record, manifest: digest },
      manifest: { ...manifest, parts: locations, stamps },
      key: sealed.fileKey,
      transaction,
      parts: locations.length,
      recipients: recipients.length,
    };
  });
}

/** Whom manifest and parts are sealed to: the patient, and the author while they stand and have a key that can be trusted. */
async function recipientsOf(
  context: Context,
  { patient, author }: AnchoredRecord,
  authorStands: boolean,
): Promise<string[]> {
  const { chain, recipient } = context;
  const isPatient = chain.address === patient;
  const ofPatient = isPatient ? recipient : recipientFromBytes((await trustedKey(context, patient)).recipient);
  if (!isPatient) return [...new Set([ofPatient, recipient])];
  if (author === patient || !authorStands) return [ofPatient];
  const { reachable } = await keysOf(context, [author], await freshView(chain));
  return [...new Set([ofPatient, ...reachable.map((key) => recipientFromBytes(key.recipient))])];
}

async function encryptParts(
  context: Context,
  { body, parts }: Manifest,
  recipients: readonly string[],
  store: BlockStore,
  added: CID[],
  { signal, onProgress }: PipelineOptions,
): Promise<PartLocation[]> {
  const total = body.parts.reduce((sum, { size }) => sum + size, 0);
  const locations: PartLocation[] = [];
  let done = 0;
  for (const [part, stamped] of body.parts.entries()) {
    const location = parts[part];
    if (!location) continue;
    const { name, mediaType, size } = stamped;
    // it ends with an error unless it is the file that was stamped
    const stream = (): AsyncGenerator<Uint8Array> => partStream(context, stamped, location, part, { signal });
    const onBytes = (bytes: number): void => {
      done += bytes;
      onProgress?.({ step: "sealing anew", part, done, total });
    };
    const sealed = await sealPart({ name, mediaType, size, stream }, part, recipients, store, {
      signal,
      onBytes,
    });
    added.push(...sealed.added);
    locations.push(sealed.location);
  }
  return locations;
}

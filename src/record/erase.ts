import { getBytes } from "ethers";
import type { CID } from "multiformats/cid";

import { erasureAttestedAt, requestErasure } from "../chain/corrections.js";
import { type Hex32, recordIdOf } from "../chain/ids.js";
import { type AnchoredRecord, consentScopeOf } from "../chain/records.js";
import type { SignedAction } from "../chain/signed/action.js";
import { submit } from "../chain/signed/submit.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { recordsOf } from "./known-charts.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { type Leaving, type Removal, leavingOf, removeFrom } from "./drop.js";
import { type FormerManifest, formerManifests, listedManifests, referredTo } from "./former.js";
import { announcedFor } from "./holders.js";
import { asActor } from "./identities.js";
import { isIndex } from "./index-file.js";
import { anchoredRecord, listedIn, withIndex } from "./listed.js";
import { fetchManifest } from "./own.js";

/** Somebody who keeps blocks for others, drops them when asked, and signs for it. */
export interface ErasureOperator {
  readonly name: string;
  /** Unpins and removes the blocks; resolves to those that are left, and to a receipt where none is and the operator gives one. */
  erase(request: ErasureDemand, options?: PipelineOptions): Promise<ErasureAnswer>;
}

export interface ErasureDemand {
  readonly recordId: Hex32;
  readonly blocks: readonly CID[];
}

export interface ErasureAnswer {
  /** CIDs of blocks that are still there. */
  readonly left: readonly string[];
  /** Signed by the operator's account, for the chain. */
  readonly receipt?: SignedAction<"ErasureReceipt"> | undefined;
}

export interface EraseOptions extends PipelineOptions {
  /** Whom to ask besides the actor's own store. */
  readonly operators?: readonly ErasureOperator[] | undefined;
}

/** What an operator did about an erasure. */
export interface ErasureReceipt {
  readonly operator: string;
  /** Account that signed; undefined where there is no receipt. */
  readonly account: string | undefined;
  /** When the chain noted it, in seconds since 1970. */
  readonly attestedAt: number | undefined;
  readonly left: readonly string[];
  /** Code of what kept it from answering. */
  readonly failure?: string | undefined;
}

/** What no erasure can undo. */
export const beyondErasure = [
  "keys and copies that somebody kept",
  "blocks in stores that were not asked",
  "the chain's history, which says that the record was there",
] as const;

export interface Erased {
  readonly recordId: Hex32;
  /** False where it was demanded on chain before. */
  readonly requested: boolean;
  readonly removal: readonly Removal[];
  readonly receipts: readonly ErasureReceipt[];
  readonly irrevocable: typeof beyondErasure;
}

/**
 * Erases one of the caller's own records, and with an index record what it still lists: demands it on chain, from when on every reader refuses the record, and takes parts, capsules of this record
 * alone and manifests, in this order, out of the own store and out of those of the operators named. Each that has no block left may sign a receipt, which is
 * submitted to the chain. Interrupted or with an operator away: do it again.
 *
 * @throws RECORD_UNKNOWN, WRITE_REFUSED for another's record, BLOCK_MISSING when its manifest is lost before it was demanded, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * const { receipts, removal } = await eraseRecord(context, recordId, { operators: [operatorAt("https://storage.example", { token })] });
 */
export async function eraseRecord(context: Context, recordId: Hex32, options: EraseOptions = {}): Promise<Erased> {
  throwIfCancelled(options.signal);
  const { chain, store } = context;
  const record = await withIndex(context, await anchoredRecord(context, recordId, options), options);
  const { patient, compartment, content, status } = record;
  if (patient !== chain.address)
    throw new CareKeyError("WRITE_REFUSED", `${chain.address} is not the patient of ${recordId}`, {
      patient,
      compartment,
    });
  const requested = status !== "erased";
  const manifests = await manifestsLeft(context, record, requested, options);
  if (requested) await requestErasure(chain, compartment, content);

  const leaving = await leavingWith(context, record, manifests, options);
  const demand = { recordId, blocks: [...leaving.blocks, ...leaving.leading] };
  const receipts: ErasureReceipt[] = [];
  for (const operator of options.operators ?? []) {
    throwIfCancelled(options.signal);
    receipts.push(await askOperator(context, operator, demand, options));
  }
  // the own store last: without its manifests nobody could name the blocks to an operator that was away
  const away = receipts.some(({ failure, left }) => failure !== undefined || left.length > 0);
  const own = away ? { ...leaving, leading: [] } : leaving;
  const removal = await removeFrom({ own: store }, own, options);
  return { recordId, requested, removal, receipts, irrevocable: beyondErasure };
}

/** The record's manifests that are still there, the newest first. */
async function manifestsLeft(
  context: Context,
  record: AnchoredRecord,
  needed: boolean,
  options: PipelineOptions,
): Promise<FormerManifest[]> {
  const former = await formerManifests(context, record, options);
  try {
    const current = await fetchManifest(context, record, asActor(context), options);
    // a list that is lost for a while must not be forgotten: what it names would stay for ever
    if (needed) await listedIn(context, record, current.manifest, options).catch(unlessFalse);
    return [{ ...current, digest: record.manifest }, ...former.reverse()];
  } catch (error) {
    // an earlier erasure may have come that far
    if (!needed && isCareKeyError(error, "BLOCK_MISSING")) return former.reverse();
    throw error;
  }
}

function unlessFalse(error: unknown): void {
  if (!isCareKeyError(error, "RECORD_INVALID")) throw error;
}

async function leavingWith(
  context: Context,
  record: ChartRecord,
  manifests: readonly FormerManifest[],
  options: PipelineOptions,
): Promise<Leaving> {
  const { chain, store } = context;
  const chart = await recordsOf(context, record.patient);
  let listed: FormerManifest[] = [];
  // all of them list the same: the first whose list is there tells it
  for (const { manifest } of manifests)
    if (listed.length === 0) listed = await listedManifests(context, { record, manifest }, chart, options);
  const others = await referredTo(context, record, chart, options);
  const announced = await announcedFor(chain, record, 0);
  // a capsule of a compartment, chart or longer lineage holds keys of other records too
  const isAlone = !chart.some(
    (each) => each.recordId !== record.recordId && consentScopeOf(each) === consentScopeOf(record),
  );
  // an index record's holds those of what it lists, too: some may have an anchor of their own by now
  const lists = manifests.some(({ manifest }) => isIndex(manifest.body));
  const isOwn = !lists && (record.recordId !== consentScopeOf(record) || isAlone);
  const own = announced.filter(({ scope }) => isOwn && scope === record.recordId);
  const capsules = own.map(({ capsule }) => capsule);
  const cidsOf = (digests: readonly Hex32[]): CID[] =>
    [...new Set(digests)].map((digest) => cidOfDigest(getBytes(digest)));
  const leading = cidsOf([...capsules, ...manifests.map(({ digest }) => digest)]);
  const parts = manifests.flatMap(({ manifest }) => manifest.parts);
  if (!lists) return leavingOf(parts, leading, others, store);
  // the list goes last: it alone says what else there is
  const list = await leavingOf(parts, [], others, store);
  // another list may name the same manifest
  const ofListed = cidsOf(listed.map(({ digest }) => digest)).filter((cid) => !others.has(cid.toString()));
  const before = [...ofListed, ...list.blocks];
  return leavingOf(
    listed.flatMap(({ manifest }) => manifest.parts),
    [...before, ...leading],
    others,
    store,
  );
}

async function askOperator(
  { chain }: Context,
  operator: ErasureOperator,
  demand: ErasureDemand,
  options: PipelineOptions,
): Promise<ErasureReceipt> {
  const { name } = operator;
  let account: string | undefined;
  try {
    const { left, receipt } = await operator.erase(demand, options);
    if (!receipt || left.length > 0) return { operator: name, account, attestedAt: undefined, left };
    account = requireReceipt(receipt, demand.recordId);
    if ((await erasureAttestedAt(chain, demand.recordId, account)) === undefined) await submit(chain, receipt);
    const attestedAt = await erasureAttestedAt(chain, demand.recordId, account);
    return { operator: name, account, attestedAt, left };
  } catch (error) {
    if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
    return { operator: name, account, attestedAt: undefined, left: [], failure: error.code };
  }
}

function requireReceipt({ message }: SignedAction<"ErasureReceipt">, recordId: Hex32): string {
  const { operator, patient, compartment, content } = message;
  const named = recordIdOf(patient, compartment, content);
  if (named !== recordId)
    throw new CareKeyError("INVALID_ARGUMENT", "The receipt is for another record", { recordId: named });
  return operator;
}

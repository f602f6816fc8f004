import { pointMany } from "../chain/records.js";
import type { Hex32 } from "../chain/ids.js";
import { type PublishedKey, publishKey, publishedKey } from "../chain/keys.js";
import { haveSamePayload, resealBytes } from "../crypto/reseal.js";
import { recipientToBytes } from "../crypto/recipients.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import type { Block } from "../storage/types.js";
import { rawBlock } from "../storage/verify.js";
import type { ChartRecord } from "./chart-record.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { keep } from "./deliver.js";
import { type FormerManifest, formerManifests, removeFormer } from "./former.js";
import type { Unreadable } from "./collect-keys.js";
import { asActor } from "./identities.js";
import { recordsOf } from "./known-charts.js";
import { claimListed, listedIn, unanchored } from "./listed.js";
import { type Manifest, digestOf } from "./manifest.js";
import { fetchManifest } from "./own.js";
import { requireOwnKey } from "./trust.js";
import { withdraw, withdrawing } from "./withdraw.js";

/** What a rotation of an actor's key did. */
export interface KeyRotated {
  readonly key: PublishedKey;
  /** False where it was published before. */
  readonly published: boolean;
  /** Records of the actor's own chart whose manifests were sealed anew. */
  readonly resealed: readonly Hex32[];
  /** How many were for the newest key already. */
  readonly current: number;
  /** Records whose manifests could not be got, and why: repeat it when their blocks are back. */
  readonly unreadable: readonly Unreadable[];
}

/**
 * Brings everything of the caller's over to their newest identity: publishes its key, then puts a header for it before the manifests of their chart. File
 * keys, parts, record ids, stamps and others' capsules stay as they are. The newest identity has to be kept safely *before* this is called.
 *
 * Repeating it goes on where it was interrupted, and does nothing where all is done. What was sealed to the caller by others, capsules and what they
 * authored, opens with the older identities: keep them. `redeliver` of its patient seals a capsule to the newer key.
 *
 * @throws KEY_SUPERSEDED when the published key is of no identity at work here, FUNDS_MISSING, STORE_FAILED, CHAIN_UNREACHABLE, TRANSACTION_PENDING, CANCELLED
 * @example
 * const identity = await generateIdentity();
 * await keepSafely([identity, ...identities]);
 * const { resealed } = await (await connect({ …, identity: [identity, ...identities] })).rotateKey();
 */
export async function rotateKey(context: Context, options: PipelineOptions = {}): Promise<KeyRotated> {
  const { chain } = context;
  throwIfCancelled(options.signal);
  const before = await publishedKey(chain, chain.address);
  if (before) await requireOwnKey(context, before);
  await publishKey(chain, recipientToBytes(context.recipient));
  const key = await publishedKey(chain, chain.address);
  if (!key) throw new CareKeyError("CHAIN_INCONSISTENT", "The node does not show the key that was just published");

  const chart = await recordsOf(context, chain.address);
  const records = chart.filter(({ status }) => status !== "erased");
  const report: Report = { resealed: [], current: 0, unreadable: [], listed: [] };
  const bringAll = async (some: readonly ChartRecord[]): Promise<void> => {
    for (let from = 0; from < some.length; from += atOnce) {
      throwIfCancelled(options.signal);
      await bringOver(context, some, from, report, options);
    }
  };
  await bringAll(records);
  await bringAll(unanchored(report.listed, chart).filter(({ status }) => status === "anchored"));
  throwIfCancelled(options.signal);
  const { resealed, current, unreadable } = report;
  return { key, published: before?.version !== key.version, resealed, current, unreadable };
}

/** Records whose newer manifests are announced in one transaction. */
const atOnce = 100;

interface Report {
  readonly resealed: Hex32[];
  current: number;
  readonly unreadable: Unreadable[];
  /** What index records among them list. */
  readonly listed: ChartRecord[];
}

/** A record's manifest behind a header for the newest identity. */
interface Resealed {
  readonly record: ChartRecord;
  readonly manifest: Manifest;
  /** As it was, sealed. */
  readonly before: Uint8Array;
  /** Undefined where it is for the newest identity already. */
  readonly block: Block | undefined;
}

/** Seals the manifests of some records anew, points to them at once, and drops what they had before. Cancelled: what was sealed so far is finished. */
async function bringOver(
  context: Context,
  records: readonly ChartRecord[],
  from: number,
  report: Report,
  options: PipelineOptions,
): Promise<void> {
  const done = await withdrawing(context, async ({ added, onSend }) => {
    const all: Resealed[] = [];
    for (const [place, record] of records.slice(from, from + atOnce).entries()) {
      if (options.signal?.aborted) break;
      options.onProgress?.({ step: "sealing anew", done: from + place, total: records.length });
      if (options.signal?.aborted) break;
      const sealed = await reseal(context, record, report).catch(readFailure);
      if (sealed instanceof CareKeyError) report.unreadable.push({ recordId: record.recordId, code: sealed.code });
      else {
        if (sealed.block) {
          added.push(sealed.block.cid);
          await keep(storeFor(context, record.compartment), sealed.block);
        }
        all.push(sealed);
      }
    }
    return pointAll(context, all, report, onSend);
  });
  for (const { record, manifest, before, block } of done) {
    const now = block ? { ...record, manifest: digestOf(block) } : record;
    // only what differs in its header alone: anything else a writer may have pointed away from
    const former = await formerManifests(context, now);
    const older: FormerManifest[] = [];
    for (const each of former) if (await haveSamePayload(each.block, before)) older.push(each);
    await removeFormer(context, { record: now, manifest }, older, { own: context.store });
    if (block) report.resealed.push(record.recordId);
    else report.current++;
  }
}

async function reseal(context: Context, record: ChartRecord, report: Report): Promise<Resealed> {
  const { block: before, manifest } = await fetchManifest(context, record, asActor(context));
  report.listed.push(...(await listedIn(context, record, manifest)));
  const sealed = await resealBytes(before, context.identities);
  return { record, manifest, before, block: sealed && (await rawBlock(sealed)) };
}

/** Points to the newer manifests; what the contract leaves out is reported, and its block taken back. */
async function pointAll(
  context: Context,
  all: readonly Resealed[],
  report: Report,
  onSend: () => void,
): Promise<Resealed[]> {
  const { chain } = context;
  const newer = all.filter(({ block }) => block !== undefined);
  if (newer.length === 0) return [...all];
  const pointers = newer.flatMap(({ record: { compartment, content }, block }) =>
    block ? [{ compartment, content, manifest: digestOf(block) }] : [],
  );
  onSend();
  await claimListed(
    context,
    newer.map(({ record }) => record),
  );
  const left = new Set<Resealed>();
  for (const { index, done, error } of await pointMany(chain, chain.address, pointers)) {
    const refused = newer[index];
    if (done || !refused?.block) continue;
    left.add(refused);
    await withdraw(context, [refused.block.cid]);
    report.unreadable.push({ recordId: refused.record.recordId, code: error?.code ?? "CONTRACT_REFUSED" });
  }
  return all.filter((each) => !left.has(each));
}

/** One lost or spoiled record must not keep the others from the newer key; anything else ends it. */
function readFailure(error: unknown): CareKeyError {
  const codes = [
    "BLOCK_MISSING",
    "BLOCK_INVALID",
    "SEALED_INVALID",
    "NOT_A_RECIPIENT",
    "RECORD_INVALID",
    "RECORD_MISMATCH",
  ] as const;
  for (const code of codes) if (isCareKeyError(error, code)) return error;
  throw error;
}

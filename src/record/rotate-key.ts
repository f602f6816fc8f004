import { type AnchoredRecord, point } from "../chain/records.js";
import type { Hex32 } from "../chain/ids.js";
import { type PublishedKey, publishKey, publishedKey } from "../chain/keys.js";
import { haveSamePayload, resealBytes } from "../crypto/reseal.js";
import { recipientToBytes } from "../crypto/recipients.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { rawBlock } from "../storage/verify.js";
import { recordsOf } from "./charts.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { keep } from "./deliver.js";
import { type FormerManifest, formerManifests, removeFormer } from "./former.js";
import type { Unreadable } from "./collect-keys.js";
import { asActor } from "./identities.js";
import { digestOf } from "./manifest.js";
import { fetchManifest } from "./own.js";
import { requireOwnKey } from "./trust.js";
import { withdrawing } from "./withdraw.js";

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

  const records = (await recordsOf(context, chain.address)).filter(({ status }) => status !== "erased");
  const resealed: Hex32[] = [];
  const unreadable: Unreadable[] = [];
  let current = 0;
  for (const [done, record] of records.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.({ step: "sealing anew", done, total: records.length });
    const outcome = await resealManifest(context, record, options).catch(readFailure);
    if (outcome === "resealed") resealed.push(record.recordId);
    else if (outcome === "current") current++;
    else unreadable.push({ recordId: record.recordId, code: outcome.code });
  }
  return { key, published: before?.version !== key.version, resealed, current, unreadable };
}

/** Puts a header for the actor's newest identity before a record's manifest, and drops what it had before. */
async function resealManifest(
  context: Context,
  record: AnchoredRecord,
  options: PipelineOptions,
): Promise<"resealed" | "current"> {
  const { chain, store, identities } = context;
  const { block: bytes, manifest } = await fetchManifest(context, record, asActor(context), options);
  const sealed = await resealBytes(bytes, identities);
  let now = record;
  if (sealed) {
    const block = await rawBlock(sealed);
    await withdrawing(context, async ({ added, onSend }) => {
      added.push(block.cid);
      await keep(storeFor(context, record.compartment), block);
      await point(chain, record, digestOf(block), { signal: options.signal, onSend });
    });
    now = { ...record, manifest: digestOf(block) };
  }
  // only what differs in its header alone: anything else a writer may have pointed away from
  const former = await formerManifests(context, now, options);
  const older: FormerManifest[] = [];
  for (const each of former) if (await haveSamePayload(each.block, bytes)) older.push(each);
  await removeFormer(context, { record: now, manifest }, older, { own: store }, options);
  return sealed ? "resealed" : "current";
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

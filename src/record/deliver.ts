import type { Chain } from "../chain/connection.js";
import { type Delivery as Announced, deliver } from "../chain/announcements.js";
import { canAccess, standingGrants } from "../chain/consent.js";
import { scopeOf, wholeChart } from "../chain/ids.js";
import type { PublishedKey } from "../chain/keys.js";
import type { RecordName } from "../chain/records.js";
import { MAX_GRANTEES, sealCapsule } from "./capsule.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { FILE_KEY_SIZE } from "../crypto/invalid.js";
import { recipientFromBytes, wrapFileKey } from "../crypto/recipients.js";
import { isCareKeyError } from "../errors.js";
import type { Block, BlockStore } from "../storage/types.js";
import { profileLabel } from "./derive.js";
import { digestOf } from "./manifest.js";
import { type HeldKey, type Looking, lookAtKey } from "./trust.js";

/** Who got the key of a new record. */
export interface Delivery {
  /** Grantees for whom a capsule was made and announced. */
  readonly delivered: readonly string[];
  /** Grantees that have published no usable encryption key and so got none. */
  readonly withoutKey: readonly string[];
  /** Grantees whose newer key still waits: they got none; `redeliver` makes up for it. */
  readonly held: readonly HeldKey[];
  /** Grantees that could read when the share began and no longer when the record was anchored: they got none. */
  readonly revokedMeanwhile: readonly string[];
}

/** Those who may read a place of a patient's chart now, by a grant on the record, its compartment or the whole chart; without the patient. */
export async function readersOf(
  chain: Chain,
  { patient, compartment, content }: Omit<RecordName, "content"> & Partial<RecordName>,
): Promise<string[]> {
  const scopes = [scopeOf(patient, compartment, content), compartment, wholeChart];
  const grants = await standingGrants(chain, patient, scopes);
  const readers = new Set<string>();
  for (const { grantee, terms } of grants) {
    const [purpose] = terms.purposes;
    if (purpose === undefined || !terms.permissions.includes("READ")) continue;
    const place = content === undefined ? { compartment } : { compartment, content };
    if (await canAccess(chain, { patient, grantee, ...place, permission: "READ", purpose })) readers.add(grantee);
  }
  return [...readers];
}

/**
 * Gives the key of a newly anchored record to those who may read its compartment now.
 * @param before Who could read before it was anchored.
 */
export async function deliverKeys(
  context: Context,
  name: RecordName,
  key: Uint8Array,
  before: readonly string[],
  { onProgress }: PipelineOptions = {},
): Promise<Delivery> {
  const { chain } = context;
  const { patient, compartment, content } = name;
  const now = compartment === profileLabel(context.identities) ? [] : await readersOf(chain, name);
  const others = now.filter((reader) => reader !== chain.address);
  const { reachable, withoutKey, held } = await keysOf(context, others);
  for (let from = 0; from < reachable.length; from += MAX_GRANTEES) {
    onProgress?.({ step: "delivering", done: from, total: reachable.length });
    const grantees = reachable.slice(from, from + MAX_GRANTEES);
    const capsule = { patient, compartments: [], records: [{ compartment, content, key }] };
    const block = await sealCapsule(chain, capsule, grantees);
    await announce(context, { ...name, grantees: grantees.map(({ actor }) => actor) }, block);
  }
  return {
    delivered: reachable.map(({ actor }) => actor),
    withoutKey,
    held,
    revokedMeanwhile: before.filter((reader) => !now.includes(reader)),
  };
}

/** Whom a capsule can be sealed to, and whom it can't. */
export interface Reachable {
  readonly reachable: readonly PublishedKey[];
  readonly withoutKey: readonly string[];
  readonly held: readonly HeldKey[];
}

/**
 * The keys to seal to for some actors.
 * @throws KEY_CHANGED, CHAIN_INCONSISTENT: a node that lies about one key is believed about none
 */
export async function keysOf(context: Looking, actors: readonly string[]): Promise<Reachable> {
  const reachable: PublishedKey[] = [];
  const withoutKey: string[] = [];
  const held: HeldKey[] = [];
  for (const actor of actors) {
    const seen = await lookAtKey(context, actor);
    if (seen?.standing === "held") held.push(seen.held);
    else if (seen && (await isUsable(seen.key))) reachable.push(seen.key);
    else withoutKey.push(actor);
  }
  return { reachable, withoutKey, held };
}

/** False for a key that can't be sealed to, so that one grantee can't keep the others from theirs. */
async function isUsable({ recipient }: PublishedKey): Promise<boolean> {
  try {
    await wrapFileKey(new Uint8Array(FILE_KEY_SIZE), [recipientFromBytes(recipient)]);
    return true;
  } catch (error) {
    if (isCareKeyError(error, "RECIPIENT_INVALID")) return false;
    throw error;
  }
}

/** Announces a capsule on chain and then puts its block: no key lies about for an announcement that never came to be. */
export async function announce(context: Context, to: Omit<Announced, "capsule">, block: Block): Promise<void> {
  await deliver(context.chain, { ...to, capsule: digestOf(block) });
  await keep(storeFor(context, to.compartment), block);
}

/** Puts and pins one block. */
export async function keep(store: BlockStore, block: Block): Promise<void> {
  await store.put(block);
  await store.pin(block.cid);
}

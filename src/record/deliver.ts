import type { Chain } from "../chain/connection.js";
import { type Delivery as Announced, deliver } from "../chain/announcements.js";
import { canAccess, standingGrants } from "../chain/consent.js";
import { type Hex32, wholeChart } from "../chain/ids.js";
import { type PublishedKey, publishedKey } from "../chain/keys.js";
import type { RecordName } from "../chain/records.js";
import { MAX_GRANTEES, sealCapsule } from "./capsule.js";
import type { Context, PipelineOptions } from "./context.js";
import { FILE_KEY_SIZE } from "../crypto/invalid.js";
import { recipientFromBytes, wrapFileKey } from "../crypto/recipients.js";
import { isCareKeyError } from "../errors.js";
import type { Block, BlockStore } from "../storage/types.js";
import { profileLabel } from "./derive.js";
import { digestOf } from "./manifest.js";

/** Who got the key of a new record. */
export interface Delivery {
  /** Grantees for whom a capsule was made and announced. */
  readonly delivered: readonly string[];
  /** Grantees that have published no usable encryption key and so got none. */
  readonly withoutKey: readonly string[];
  /** Grantees that could read when the share began and no longer when the record was anchored: they got none. */
  readonly revokedMeanwhile: readonly string[];
}

/** Those who may read a patient's compartment now, by a grant on it or on the whole chart; without the patient. */
export async function readersOf(chain: Chain, patient: string, compartment: Hex32): Promise<string[]> {
  const grants = await standingGrants(chain, patient, [compartment, wholeChart]);
  const readers = new Set<string>();
  for (const { grantee, terms } of grants) {
    const [purpose] = terms.purposes;
    if (purpose === undefined || !terms.permissions.includes("READ")) continue;
    if (await canAccess(chain, { patient, grantee, compartment, permission: "READ", purpose })) readers.add(grantee);
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
  const now = compartment === profileLabel(context.identity) ? [] : await readersOf(chain, patient, compartment);
  const others = now.filter((reader) => reader !== chain.address);
  const keys = await Promise.all(others.map((reader) => usableKey(chain, reader)));
  const reachable = keys.filter((published): published is PublishedKey => published !== undefined);
  for (let from = 0; from < reachable.length; from += MAX_GRANTEES) {
    onProgress?.({ step: "delivering", done: from, total: reachable.length });
    const grantees = reachable.slice(from, from + MAX_GRANTEES);
    const capsule = { patient, compartments: [], records: [{ compartment, content, key }] };
    const block = await sealCapsule(chain, capsule, grantees);
    await announce(context, { ...name, grantees: grantees.map(({ actor }) => actor) }, block);
  }
  return {
    delivered: reachable.map(({ actor }) => actor),
    withoutKey: others.filter((reader) => !reachable.some(({ actor }) => actor === reader)),
    revokedMeanwhile: before.filter((reader) => !now.includes(reader)),
  };
}

/** The newest key of an actor; undefined too where it is none that can be sealed to, so that one grantee can't keep the others from theirs. */
async function usableKey(chain: Chain, actor: string): Promise<PublishedKey | undefined> {
  const key = await publishedKey(chain, actor);
  if (!key) return undefined;
  try {
    await wrapFileKey(new Uint8Array(FILE_KEY_SIZE), [recipientFromBytes(key.recipient)]);
    return key;
  } catch (error) {
    if (isCareKeyError(error, "RECIPIENT_INVALID")) return undefined;
    throw error;
  }
}

/** Announces a capsule on chain and then puts its block: no key lies about for an announcement that never came to be. */
export async function announce({ chain, store }: Context, to: Omit<Announced, "capsule">, block: Block): Promise<void> {
  await deliver(chain, { ...to, capsule: digestOf(block) });
  await keep(store, block);
}

/** Puts and pins one block. */
export async function keep(store: BlockStore, block: Block): Promise<void> {
  await store.put(block);
  await store.pin(block.cid);
}

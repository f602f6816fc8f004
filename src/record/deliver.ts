import { type Delivery as Announced, deliver } from "../chain/announcements.js";
import { wholeChart } from "../chain/ids.js";
import type { PublishedKey } from "../chain/keys.js";
import type { AnchoredRecord } from "../chain/records.js";
import type { Shares } from "../chain/shares.js";
import { keySlots } from "../chain/slots.js";
import type { View } from "../chain/view.js";
import { FILE_KEY_SIZE } from "../crypto/invalid.js";
import { recipientFromBytes, wrapFileKey } from "../crypto/recipients.js";
import { isCareKeyError } from "../errors.js";
import { inParallel } from "../storage/parallel.js";
import type { Block, BlockStore } from "../storage/types.js";
import { MAX_GRANTEES, type RecordKey, sealCapsule } from "./capsule.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { profileLabel } from "./derive.js";
import { digestOf } from "./manifest.js";
import { type Place, readersIn, sharesAt } from "./readers.js";
import { type HeldKey, type Looking, type SeenKey, lookAtKey } from "./trust.js";
import { freshView, presentAt } from "./words.js";

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

/** Those who may read a place now, and from what that is known. */
export interface Readers {
  readonly shares: Shares;
  /** Without the patient. */
  readonly readers: readonly string[];
}

/**
 * Who may read a place of a patient's chart now, by a grant on the record, its compartment or the whole chart.
 * @param known What was read before: asked for again only where something changed since.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function readersOf({ chain }: Looking, place: Place, view: View, known?: Shares): Promise<Readers> {
  const shares = await sharesAt(chain, place.patient, view, known);
  return { shares, readers: readersIn(shares, place, presentAt(view)) };
}

/** A record as those need it who give out its key. */
export type Deliverable = Pick<AnchoredRecord, "patient" | "compartment" | "content" | "origin">;

/** {@link deliverAll} for a record with a key of its own. */
export function deliverKeys(
  context: Context,
  record: Deliverable,
  key: Uint8Array,
  before: Readers,
  options?: PipelineOptions,
  known?: Reachable,
): Promise<Delivery> {
  const { compartment, content } = record;
  return deliverAll(context, record, [{ compartment, content, key }], before, options, known);
}

/**
 * Gives the keys of what was newly anchored to those who may read it now.
 * @param record The record, or the index record that lists the others.
 * @param before Who could read before it was anchored.
 * @param known Keys of some of them that were looked at just now.
 */
export async function deliverAll(
  context: Context,
  record: Deliverable,
  keys: readonly RecordKey[],
  before: Readers,
  { onProgress }: PipelineOptions = {},
  known: Reachable = { reachable: [], withoutKey: [], held: [] },
): Promise<Delivery> {
  const { chain, identities } = context;
  const { patient, compartment, content } = record;
  const view = await freshView(chain);
  const isProfile = compartment === profileLabel(identities);
  const { shares, readers: now } = isProfile
    ? { ...before, readers: [] }
    : await readersOf(context, record, view, before.shares);
  const others = now.filter((reader) => reader !== chain.address);
  const { reachable, withoutKey, held } = await keysOf(context, others, view, known);
  const opened = keys.map((key) => {
    if (key.content === content) return new Set(now);
    const place = { patient, compartment: key.compartment, origin: key.content, content: key.content };
    return new Set(readersIn(shares, place, presentAt(view)));
  });
  // a DENY shuts one record of many for one of many
  const theirs = Map.groupBy(reachable, ({ actor }) => opened.map((readable) => Number(readable.has(actor))).join(""));
  let done = 0;
  for (const [which, some] of theirs)
    for (let from = 0; from < some.length; from += MAX_GRANTEES) {
      onProgress?.({ step: "delivering", done, total: reachable.length });
      const grantees = some.slice(from, from + MAX_GRANTEES);
      done += grantees.length;
      const records = keys.filter((_, number) => which[number] === "1");
      const block = await sealCapsule(chain, { patient, compartments: [], records }, grantees);
      // at its own id, also where it is an amendment: so it is clear which key was sent
      const to = { patient, compartment, content, grantees: grantees.map(({ actor }) => actor) };
      await announce(context, to, block);
    }
  return {
    delivered: reachable.map(({ actor }) => actor),
    withoutKey,
    held,
    revokedMeanwhile: before.readers.filter((reader) => !now.includes(reader)),
  };
}

/** Whom a capsule can be sealed to, and whom it can't. */
export interface Reachable {
  readonly reachable: readonly PublishedKey[];
  readonly withoutKey: readonly string[];
  readonly held: readonly HeldKey[];
}

/** Keys looked at side by side. */
const atOnce = 8;

/**
 * The keys to seal to for some actors.
 * @param known What was found just now of some of them.
 * @throws KEY_CHANGED, CHAIN_INCONSISTENT: a node that lies about one key is believed about none
 */
export async function keysOf(
  context: Looking,
  actors: readonly string[],
  view: View,
  known: Reachable = { reachable: [], withoutKey: [], held: [] },
): Promise<Reachable> {
  const reachable = known.reachable.filter(({ actor }) => actors.includes(actor));
  const withoutKey = known.withoutKey.filter((actor) => actors.includes(actor));
  const held = known.held.filter(({ actor }) => actors.includes(actor));
  const found = new Set([...[...reachable, ...held].map(({ actor }) => actor), ...withoutKey]);
  const unknown = actors.filter((actor) => !found.has(actor));
  await view.words(unknown.flatMap((actor) => keySlots(actor)));
  const looks = new Map<string, SeenKey | undefined>();
  await inParallel(unknown, atOnce, async (actor) => {
    looks.set(actor, await lookAtKey(context, actor, view));
  });
  for (const actor of unknown) {
    const seen = looks.get(actor);
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
  const { compartment } = to;
  await keep(storeFor(context, compartment === wholeChart ? undefined : compartment), block);
}

/** Puts and pins one block. */
export async function keep(store: BlockStore, block: Block): Promise<void> {
  await store.put(block);
  await store.pin(block.cid);
}

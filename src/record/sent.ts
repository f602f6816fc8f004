import { getBytes } from "ethers";

import { type Capsule as Announced, capsulesFor } from "../chain/capsules.js";
import { type Hex32, recordIdOf } from "../chain/ids.js";
import { keyVersion } from "../chain/keys.js";
import { deliveriesSlot, grantSlot, keySlots } from "../chain/slots.js";
import type { View } from "../chain/view.js";
import type { OperationOptions } from "../bytes.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { type Capsule, type RecordKey, openCapsule } from "./capsule.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context } from "./context.js";
import { asActor } from "./identities.js";
import { scopesOf } from "./readers.js";

/** The key of a record that somebody gave to this actor. */
export interface SentKey extends RecordKey {
  readonly recordId: Hex32;
  readonly patient: string;
}

/** A capsule that could not be fetched or opened: anybody with WRITE can announce one. */
export interface UnreadCapsule {
  readonly capsule: Hex32;
  readonly error: CareKeyError;
}

/** What was opened of one actor's capsules: they never change. */
class Opened {
  readonly #capsules = new Map<string, Capsule>();
  readonly #keys = new Map<Hex32, SentKey[]>();

  capsule({ patient, capsule }: Pick<Announced, "patient" | "capsule">): Capsule | undefined {
    return this.#capsules.get(patient + capsule);
  }

  keep({ patient, capsule: digest }: Pick<Announced, "patient" | "capsule">, capsule: Capsule): void {
    this.#capsules.set(patient + digest, capsule);
    for (const key of keysIn(capsule)) this.#keys.set(key.recordId, [...(this.#keys.get(key.recordId) ?? []), key]);
  }

  keysOf(recordId: Hex32): readonly SentKey[] {
    return this.#keys.get(recordId) ?? [];
  }
}

const opened = new WeakMap<Context, Opened>();

function openedBy(context: Context): Opened {
  const known = opened.get(context) ?? new Opened();
  opened.set(context, known);
  return known;
}

/** The keys that a capsule holds. */
export function keysIn({ patient, records }: Capsule): SentKey[] {
  return records.map((key) => ({ ...key, patient, recordId: recordIdOf(patient, key.compartment, key.content) }));
}

/**
 * Keys of one record that were sent to this actor, each once: what was opened before, then capsule by capsule, newest first, for as long as they are asked for.
 * @param view Undefined for what was opened before alone.
 * @param unread Gets what could not be opened.
 * @throws HISTORY_INCOMPLETE, CHAIN_UNREACHABLE, CHAIN_INCONSISTENT, CANCELLED
 */
export async function* keysSent(
  context: Context,
  record: Pick<ChartRecord, "recordId" | "patient" | "compartment" | "origin" | "under">,
  view: View | undefined,
  unread: UnreadCapsule[],
  options: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { chain } = context;
  const { recordId, patient, under } = record;
  const tried = new Set<string>();
  const isNew = ({ key }: SentKey): boolean => {
    const name = Buffer.from(key).toString("hex");
    const isKnown = tried.has(name);
    tried.add(name);
    return !isKnown;
  };
  for (const key of openedBy(context).keysOf(recordId).toReversed()) if (isNew(key)) yield key.key;
  if (!view) return;
  const scopes = [...new Set([recordId, ...(under === undefined ? [] : [under]), ...scopesOf(record)])];
  // in one batch, whatever of it will be looked at
  await view.words([
    ...scopes.map((scope) => grantSlot(patient, chain.address, scope)),
    deliveriesSlot(patient, chain.address),
    ...keySlots(chain.address),
  ]);
  const read = new Set<Hex32>();
  // what an index record listed once was sent along with it: all that this patient's chart sent is looked at last of all
  for (const among of [scopes, undefined])
    for await (const announced of capsulesFor(chain, patient, chain.address, among, view)) {
      if (read.has(announced.capsule)) continue;
      read.add(announced.capsule);
      const capsule = await readCapsule(context, announced, view, options);
      if ("error" in capsule) unread.push(capsule);
      else for (const key of keysIn(capsule)) if (key.recordId === recordId && isNew(key)) yield key.key;
    }
}

/** The index record under which a record's key was sent to this actor, as far as this session has read. */
export function sentUnder(context: Context, recordId: Hex32): Hex32 | undefined {
  return openedBy(context)
    .keysOf(recordId)
    .findLast(({ under }) => under !== undefined)?.under;
}

/** Opens a capsule that was announced to this actor; each is fetched once. */
export async function readCapsule(
  context: Context,
  announced: Pick<Announced, "patient" | "capsule">,
  view: View,
  { signal }: OperationOptions = {},
): Promise<Capsule | UnreadCapsule> {
  throwIfCancelled(signal);
  const { chain, store } = context;
  const { patient, capsule: digest } = announced;
  const known = openedBy(context);
  const found = known.capsule(announced);
  if (found) return found;
  const version = await keyVersion(chain, chain.address, view);
  try {
    const block = await store.get(cidOfDigest(getBytes(digest)), { signal });
    const expected = { patient, grantee: chain.address, keyVersion: version };
    const capsule = await openCapsule(block, asActor(context), chain, expected);
    known.keep(announced, capsule);
    return capsule;
  } catch (error) {
    if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
    return { capsule: digest, error };
  }
}

import { getBytes } from "ethers";

import { announcements } from "../chain/announcements.js";
import { type Hex32, checkAddress, recordIdOf } from "../chain/ids.js";
import { keyVersion } from "../chain/keys.js";
import type { OperationOptions } from "../bytes.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { type Capsule, type Compartment, type RecordKey, openCapsule } from "./capsule.js";
import type { Context } from "./context.js";
import { asActor } from "./identities.js";

/** The key of a record that somebody gave to this actor. */
export interface InboxRecord extends RecordKey {
  readonly recordId: Hex32;
  readonly patient: string;
}

/** All that was announced to an actor and could be opened. */
export interface Inbox {
  /** Newest first; a record may stand there more than once, with another key. */
  readonly records: readonly InboxRecord[];
  /** What labels mean, by patient and label. */
  readonly compartments: readonly (Compartment & { readonly patient: string })[];
  /** Capsules that could not be fetched or opened: anybody with WRITE can announce one. */
  readonly unreadable: readonly { readonly capsule: Hex32; readonly error: CareKeyError }[];
}

/** Capsules never change, so what was opened once is kept. */
const opened = new WeakMap<Context, Map<Hex32, Capsule>>();

/**
 * Opens the capsules that were announced to this actor; by one patient where one is named.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE, CANCELLED
 */
export async function readInbox(context: Context, patient?: string, { signal }: OperationOptions = {}): Promise<Inbox> {
  const { chain } = context;
  const only = patient === undefined ? undefined : checkAddress(patient, "Patient");
  const version = await keyVersion(chain, chain.address);
  const records: InboxRecord[] = [];
  const compartments: (Compartment & { patient: string })[] = [];
  const unreadable: { capsule: Hex32; error: CareKeyError }[] = [];
  for (const announcement of await announcements(chain, chain.address, only)) {
    throwIfCancelled(signal);
    try {
      const capsule = await capsuleOf(context, announcement, version, signal);
      const from = announcement.patient;
      compartments.push(...capsule.compartments.map((compartment) => ({ ...compartment, patient: from })));
      for (const key of capsule.records) {
        records.push({ ...key, patient: from, recordId: recordIdOf(from, key.compartment, key.content) });
      }
    } catch (error) {
      if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
      unreadable.push({ capsule: announcement.capsule, error });
    }
  }
  return { records, compartments, unreadable };
}

async function capsuleOf(
  context: Context,
  { patient, capsule: digest }: { patient: string; capsule: Hex32 },
  version: number,
  signal: AbortSignal | undefined,
): Promise<Capsule> {
  const { chain, store } = context;
  const known = opened.get(context) ?? new Map<Hex32, Capsule>();
  opened.set(context, known);
  const place = patient + digest;
  const found = known.get(place);
  if (found) return found;
  const block = await store.get(cidOfDigest(getBytes(digest)), { signal });
  const capsule = await openCapsule(block, asActor(context), chain, {
    patient,
    grantee: chain.address,
    keyVersion: version,
  });
  known.set(place, capsule);
  return capsule;
}

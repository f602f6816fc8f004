import { capsulesFor } from "../chain/capsules.js";
import { type Hex32, checkAddress } from "../chain/ids.js";
import { type InboxItem, inboxSince } from "../chain/inbox.js";
import type { View } from "../chain/view.js";
import type { OperationOptions } from "../bytes.js";
import type { Compartment } from "./capsule.js";
import type { Context } from "./context.js";
import { type SentKey, type UnreadCapsule, keysIn, readCapsule } from "./sent.js";
import { freshView } from "./words.js";

export interface InboxOptions extends OperationOptions {
  /** First block to look at, one after `upTo` of an earlier inbox; where omitted, from the beginning, of which what this session read is not read again. */
  readonly since?: number | undefined;
}

/** All that was announced to an actor and could be opened. */
export interface Inbox {
  /** Newest first; a record may stand there more than once, with another key. */
  readonly records: readonly SentKey[];
  /** What labels mean, by patient and label. */
  readonly compartments: readonly (Compartment & { readonly patient: string })[];
  readonly unreadable: readonly UnreadCapsule[];
  /** What the chain tells of being granted, delivered and delegated to the actor, oldest first; nothing where one patient was named. */
  readonly items: readonly InboxItem[];
  /** Newest block that was looked at; undefined where one patient was named. */
  readonly upTo: number | undefined;
}

/** What a session has read so far: blocks do not change. */
const read = new WeakMap<Context, { readonly items: readonly InboxItem[]; readonly upTo: number }>();

/**
 * Opens the capsules that were announced to this actor. Those of one patient are found by the chain's lists; who else sent something, only a look at all blocks tells.
 * @throws INVALID_ARGUMENT, HISTORY_INCOMPLETE, CHAIN_UNREACHABLE, CHAIN_INCONSISTENT, CANCELLED
 * @example
 * const { records, upTo } = await readInbox(context, undefined, { since: kept + 1 });
 */
export async function readInbox(context: Context, patient?: string, options: InboxOptions = {}): Promise<Inbox> {
  const { chain } = context;
  const view = await freshView(chain);
  if (patient !== undefined) {
    const capsules: { patient: string; capsule: Hex32 }[] = [];
    const from = checkAddress(patient, "Patient");
    for await (const capsule of capsulesFor(chain, from, chain.address, undefined, view)) capsules.push(capsule);
    return { ...(await openAll(context, capsules, view, options)), items: [], upTo: undefined };
  }
  const { items, upTo } = await itemsSince(context, options.since);
  const announced = items.flatMap((item) => {
    const { patient: by, capsule } = item;
    return capsule === undefined ? [] : [{ patient: by, capsule }];
  });
  return { ...(await openAll(context, announced.reverse(), view, options)), items, upTo };
}

async function itemsSince(
  context: Context,
  since: number | undefined,
): Promise<{ items: readonly InboxItem[]; upTo: number }> {
  const { chain } = context;
  if (since !== undefined) return inboxSince(chain, chain.address, since);
  const before = read.get(context);
  const { items, upTo } = await inboxSince(chain, chain.address, before && before.upTo + 1);
  const all = { items: [...(before?.items ?? []), ...items], upTo: Math.max(upTo, before?.upTo ?? 0) };
  read.set(context, all);
  return all;
}

async function openAll(
  context: Context,
  announced: readonly { readonly patient: string; readonly capsule: Hex32 }[],
  view: View,
  options: OperationOptions,
): Promise<Pick<Inbox, "records" | "compartments" | "unreadable">> {
  const records: SentKey[] = [];
  const compartments: (Compartment & { patient: string })[] = [];
  const unreadable: UnreadCapsule[] = [];
  for (const each of announced) {
    const capsule = await readCapsule(context, each, view, options);
    if ("error" in capsule) unreadable.push(capsule);
    else {
      compartments.push(...capsule.compartments.map((compartment) => ({ ...compartment, patient: each.patient })));
      records.push(...keysIn(capsule));
    }
  }
  return { records, compartments, unreadable };
}

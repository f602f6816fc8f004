import type { AnchoredRecord } from "../chain/records.js";
import type { View } from "../chain/view.js";
import type { OpeningKey } from "../crypto/age.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import { type FetchedManifest, fetchManifest, fetchSealed, openFetched } from "./own.js";
import { type UnreadCapsule, keysSent } from "./sent.js";

/**
 * Opens a record's manifest by whatever key this actor has: as patient or author, or one that was sent. Whether they may is not asked.
 * @param view Where to look for keys that were sent; undefined to go by those that this session has opened.
 * @throws KEY_MISSING, RECORD_MISMATCH where no key that was sent fits, BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, RECORD_INVALID
 */
export async function openRecord(
  context: Context,
  record: ChartRecord,
  view: View | undefined,
  options: PipelineOptions,
): Promise<FetchedManifest> {
  const { patient, author, recordId } = record;
  const { address } = context.chain;
  if (address === patient) return fetchManifest(context, record, asActor(context), options);

  let block: Uint8Array | undefined;
  let failure: CareKeyError | undefined;
  const tried = async (key: OpeningKey): Promise<FetchedManifest | undefined> => {
    block ??= await fetchSealed(context, record, options);
    try {
      return await openFetched(context, record, block, key);
    } catch (error) {
      failure = wrongKey(error);
      return undefined;
    }
  };
  if (address === author) {
    const opened = await tried(asActor(context));
    if (opened) return opened;
  }
  const unread: UnreadCapsule[] = [];
  // newest first: a record that was sealed anew has had other keys before, and anybody with WRITE may announce a false one
  for await (const fileKey of keysSent(context, record, view, unread, options)) {
    const opened = await tried({ fileKey });
    if (opened) return opened;
  }
  if (failure === undefined || failure.code === "NOT_A_RECIPIENT") {
    const details = { recordId, unreadable: unread.length };
    const cause = failure ?? unread[0]?.error;
    throw new CareKeyError("KEY_MISSING", `No capsule with the key of ${recordId} could be opened`, details, { cause });
  }
  throw new CareKeyError(
    "RECORD_MISMATCH",
    `The manifest that the chain points to for ${recordId} is not the one whose key was delivered`,
    { recordId },
    { cause: failure },
  );
}

/** What a key says that is another's; anything else is the manifest's fault. */
function wrongKey(error: unknown): CareKeyError {
  if (isCareKeyError(error, "NOT_A_RECIPIENT")) return error;
  if (isCareKeyError(error, "SEALED_INVALID") && error.details.reason === "header-mac") return error;
  throw error;
}

/**
 * Refuses what was withdrawn or erased.
 * @throws RECORD_RETRACTED
 */
export function requireReadable({ recordId, status }: AnchoredRecord): void {
  if (status === "anchored" || status === "amended") return;
  throw new CareKeyError("RECORD_RETRACTED", `The record ${recordId} is ${status}`, { recordId, status });
}

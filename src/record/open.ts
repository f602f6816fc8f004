import { type OperationOptions, toHex } from "../bytes.js";
import type { Hex32 } from "../chain/ids.js";
import { type Purpose, purposeBit } from "../chain/purposes.js";
import { type AnchoredRecord, findRecord } from "../chain/records.js";
import type { View } from "../chain/view.js";
import type { OpeningKey } from "../crypto/age.js";
import { openHashed } from "../crypto/files/hashed-stream.js";
import { MAX_HEADER_SIZE } from "../crypto/header.js";
import { sealedSize } from "../crypto/chunks.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { readStored } from "../storage/files.js";
import type { BodyPart } from "./body.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import type { PartLocation } from "./manifest.js";
import { type FetchedManifest, fetchManifest, fetchSealed, openFetched } from "./own.js";
import { mayReadNow, standingOf } from "./readers.js";
import { type UnreadCapsule, keysSent } from "./sent.js";
import { type JudgedStamp, judgeStamps, testimonyOf } from "./verify.js";
import { freshView } from "./words.js";

export interface OpenOptions extends PipelineOptions {
  /** Why the record is opened; patients open their own for PATRQT. */
  readonly purpose?: Purpose;
}

/** A file of an opened record. */
export interface OpenedPart extends BodyPart {
  /**
   * Its plaintext. Every block and chunk is authenticated before it is yielded; that it is whole and the file that the author stamped is certain
   * only when the stream has ended without an error. To write a file use `savePart`.
   * @throws BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, RECORD_INVALID when the file is not the one stamped, RECORD_TOO_LARGE when it is
   * longer, CANCELLED
   */
  readonly stream: (options?: OperationOptions) => AsyncGenerator<Uint8Array, void, undefined>;
}

/** A record that may be shown. */
export interface OpenedRecord {
  readonly record: AnchoredRecord;
  readonly content: Hex32;
  /** FHIR R4 resource. */
  readonly description: { readonly resourceType: string; readonly [field: string]: unknown };
  readonly stamps: readonly JudgedStamp[];
  readonly parts: readonly OpenedPart[];
}

/**
 * The pipeline grant? → key → fetch → verify → decrypt → show, for one record.
 *
 * @throws RECORD_UNKNOWN, RECORD_RETRACTED, ACCESS_REFUSED, KEY_MISSING, BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, RECORD_INVALID, RECORD_MISMATCH,
 * STAMP_MISSING, STAMP_INVALID, STAMP_UNPROVEN, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * const { parts, stamps } = await open(context, recordId, { purpose: "TREAT" });
 */
export async function open(context: Context, recordId: Hex32, options: OpenOptions = {}): Promise<OpenedRecord> {
  throwIfCancelled(options.signal);
  const { chain } = context;
  const view = await freshView(chain);
  const record = await findRecord(chain, recordId, view);
  requireReadable(record);
  options.onProgress?.({ step: "opening", done: 0, total: 1 });
  if (chain.address !== record.patient) await requireAccess(context, record, view, options.purpose);
  const { manifest } = await openRecord(context, record, view, options);
  const description = parseDescription(manifest.body.description);
  const stamps = await judgeStamps(testimonyOf(chain, view), record, manifest);
  const parts = manifest.parts.flatMap((location, part) => {
    const body = manifest.body.parts[part];
    return body ? [openedPart(context, body, location, part)] : [];
  });
  return { record, content: manifest.content, description, stamps, parts };
}

/**
 * Refuses what was withdrawn or erased.
 * @throws RECORD_RETRACTED
 */
export function requireReadable({ recordId, status }: AnchoredRecord): void {
  if (status === "anchored" || status === "amended") return;
  throw new CareKeyError("RECORD_RETRACTED", `The record ${recordId} is ${status}`, { recordId, status });
}

/** Asks for the whole lineage: what permits or shuts its first record, permits or shuts this one. */
async function requireAccess(
  { chain }: Context,
  record: AnchoredRecord,
  view: View,
  purpose: Purpose | undefined,
): Promise<void> {
  if (purpose === undefined)
    throw new CareKeyError("INVALID_ARGUMENT", "Name the purpose of use for which you open another's record");
  purposeBit(purpose);
  const standing = await standingOf(view, record, chain.address);
  if (mayReadNow(standing, purpose)) return;
  const { recordId } = record;
  throw new CareKeyError("ACCESS_REFUSED", `${chain.address} may not read the record ${recordId} for ${purpose}`, {
    recordId,
    purpose,
  });
}

/**
 * Opens a record's manifest by whatever key this actor has: as patient or author, or one that was sent. Whether they may is not asked.
 * @param view Where to look for keys that were sent; undefined to go by those that this session has opened.
 * @throws KEY_MISSING, RECORD_MISMATCH where no key that was sent fits, BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, RECORD_INVALID
 */
export async function openRecord(
  context: Context,
  record: AnchoredRecord,
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

function openedPart(context: Context, body: BodyPart, location: PartLocation, part: number): OpenedPart {
  return { ...body, stream: (options) => partStream(context, body, location, part, options) };
}

/** A part's plaintext; its end is an error unless the part is the one that was stamped: see {@link OpenedPart.stream}. */
export async function* partStream(
  { store }: Pick<Context, "store">,
  body: BodyPart,
  location: PartLocation,
  part: number,
  { signal }: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  const ciphertext = readStored(location, store, { signal, maxBytes: sealedSize(body.size, MAX_HEADER_SIZE) });
  const options = { signal, size: body.size };
  const { plaintext, plaintextHash } = await openHashed(ciphertext, { fileKey: location.key }, options);
  for await (const chunk of plaintext) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== body.size || toHex(plaintextHash()) !== body.sha256)
    throw new CareKeyError("RECORD_INVALID", `Part ${part} is not the file that the author stamped`, {
      what: "part",
      part,
    });
}

/** The FHIR resource of a body. */
export function parseDescription(text: string): OpenedRecord["description"] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CareKeyError(
      "RECORD_INVALID",
      "The description is not JSON",
      { what: "body", field: "description" },
      { cause },
    );
  }
  if (typeof value === "object" && value !== null && "resourceType" in value && typeof value.resourceType === "string")
    return value as OpenedRecord["description"];
  throw new CareKeyError("RECORD_INVALID", "The description is no FHIR resource", {
    what: "body",
    field: "description",
  });
}

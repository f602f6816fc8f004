import type { OperationOptions } from "../bytes.js";
import type { Hex32 } from "../chain/ids.js";
import { type Purpose, purposeBit } from "../chain/purposes.js";
import type { AnchoredRecord } from "../chain/records.js";
import type { View } from "../chain/view.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import type { BodyPart } from "./body.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { findListed, listedIn } from "./listed.js";
import type { Manifest, PartLocation } from "./manifest.js";
import { openRecord, requireReadable } from "./open-manifest.js";
import { partStream } from "./part-stream.js";
import { mayReadNow, standingOf } from "./readers.js";
import { type JudgedStamp, judgeStamps, testimonyOf } from "./verify.js";
import { freshView } from "./words.js";

export interface OpenOptions extends PipelineOptions {
  /** Why the record is opened; patients open their own for PATRQT. */
  readonly purpose?: Purpose;
  /** The index record that lists it, where it has no anchor of its own; one's own chart, and what was sent in this session, is looked through where omitted. */
  readonly under?: Hex32 | undefined;
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
  readonly record: ChartRecord;
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
  const { record, manifest, stamps } = await openVerified(context, recordId, options);
  const description = parseDescription(manifest.body.description);
  const parts = manifest.parts.flatMap((location, part) => {
    const body = manifest.body.parts[part];
    return body ? [openedPart(context, body, location, part)] : [];
  });
  return { record, content: manifest.content, description, stamps, parts };
}

/** A record that this actor may open, and whose stamps count. */
async function openVerified(
  context: Context,
  recordId: Hex32,
  options: OpenOptions,
): Promise<{ record: ChartRecord; manifest: Manifest; stamps: JudgedStamp[] }> {
  throwIfCancelled(options.signal);
  const { chain } = context;
  const view = await freshView(chain);
  const requireOpen = async (each: ChartRecord): Promise<void> => {
    requireReadable(each);
    if (chain.address !== each.patient) await requireAccess(context, each, view, options.purpose);
  };
  // who may not see the list is shown nothing that it lists
  const record = await findListed(context, recordId, view, options, requireOpen);
  await requireOpen(record);
  options.onProgress?.({ step: "opening", done: 0, total: 1 });
  const { manifest } = await openRecord(context, record, view, options);
  return { record, manifest, stamps: await judgeStamps(testimonyOf(chain, view), record, manifest) };
}

/**
 * The records that an index record lists, with author and time; those that have an anchor of their own by now are among them.
 * @throws what {@link open} throws, and RECORD_INVALID for a list that its author anchored no root of
 */
export async function listedRecords(
  context: Context,
  recordId: Hex32,
  options: OpenOptions = {},
): Promise<ChartRecord[]> {
  const { record, manifest } = await openVerified(context, recordId, options);
  return listedIn(context, record, manifest, options);
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

function openedPart(context: Context, body: BodyPart, location: PartLocation, part: number): OpenedPart {
  return { ...body, stream: (options) => partStream(context, body, location, part, options) };
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

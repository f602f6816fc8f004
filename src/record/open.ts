import { type OperationOptions, toHex } from "../bytes.js";
import { canAccess } from "../chain/consent.js";
import type { Hex32 } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import { type AnchoredRecord, findRecord } from "../chain/records.js";
import type { OpeningKey } from "../crypto/age.js";
import { openHashed } from "../crypto/files/hashed-stream.js";
import { MAX_HEADER_SIZE } from "../crypto/header.js";
import { sealedSize } from "../crypto/chunks.js";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { readStored } from "../storage/files.js";
import type { BodyPart } from "./body.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import { readInbox } from "./inbox.js";
import type { Manifest, PartLocation } from "./manifest.js";
import { fetchManifest } from "./own.js";
import { type JudgedStamp, judgeStamps, testimonyOf } from "./verify.js";

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
 * STAMP_MISSING, STAMP_INVALID, STAMP_UNPROVEN, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * const { parts, stamps } = await open(context, recordId, { purpose: "TREAT" });
 */
export async function open(context: Context, recordId: Hex32, options: OpenOptions = {}): Promise<OpenedRecord> {
  throwIfCancelled(options.signal);
  const { chain } = context;
  const record = await findRecord(chain, recordId);
  if (record.status !== "anchored" && record.status !== "amended")
    throw new CareKeyError("RECORD_RETRACTED", `The record ${recordId} is ${record.status}`, {
      recordId,
      status: record.status,
    });
  options.onProgress?.({ step: "opening", done: 0, total: 1 });
  const manifest = await permittedManifest(context, record, options);
  const description = parseDescription(manifest.body.description);
  const stamps = await judgeStamps(testimonyOf(chain), record, manifest);
  const parts = manifest.parts.flatMap((location, part) => {
    const body = manifest.body.parts[part];
    return body ? [openedPart(context, body, location, part)] : [];
  });
  return { record, content: manifest.content, description, stamps, parts };
}

/** The record's manifest, if the chain says that this actor may read it for this purpose. */
async function permittedManifest(context: Context, record: AnchoredRecord, options: OpenOptions): Promise<Manifest> {
  const { chain } = context;
  const { patient, recordId } = record;
  if (chain.address === patient) return (await fetchManifest(context, record, asActor(context), options)).manifest;

  const { records, unreadable } = await readInbox(context, patient, options);
  const keys = records.filter((key) => key.recordId === recordId);
  const [known] = keys;
  const isAuthor = record.author === chain.address;
  // an author without a capsule learns the content from the manifest, which is sealed to authors too
  if (known ?? !isAuthor) await requireAccess(context, record, known?.content, options.purpose);
  const cause = unreadable[0]?.error;
  if (!known && !isAuthor) throw keyMissing(recordId, unreadable.length, cause);
  const ways: OpeningKey[] = keys.map(({ key }) => ({ fileKey: key }));
  // an author's own stanza opens it too, whatever others announced
  if (isAuthor) ways.push(asActor(context));
  const manifest = await tryKeys(context, record, ways, options).catch(async (error: unknown) => {
    if (!isCareKeyError(error, "NOT_A_RECIPIENT")) throw error;
    // an author whom a rotation left out is like anybody else
    await requireAccess(context, record, known?.content, options.purpose);
    throw keyMissing(recordId, unreadable.length, error);
  });
  if (!known) await requireAccess(context, record, manifest.content, options.purpose);
  return manifest;
}

function keyMissing(recordId: Hex32, unreadable: number, cause: unknown): CareKeyError {
  return new CareKeyError(
    "KEY_MISSING",
    `No capsule with the key of ${recordId} could be opened`,
    { recordId, unreadable },
    { cause },
  );
}

async function requireAccess(
  { chain }: Context,
  { recordId, patient, compartment }: AnchoredRecord,
  content: Hex32 | undefined,
  purpose: Purpose | undefined,
): Promise<void> {
  if (purpose === undefined)
    throw new CareKeyError("INVALID_ARGUMENT", "Name the purpose of use for which you open another's record");
  const question = { patient, grantee: chain.address, compartment, permission: "READ", purpose } as const;
  if (!(await canAccess(chain, content === undefined ? question : { ...question, content })))
    throw new CareKeyError("ACCESS_REFUSED", `${chain.address} may not read the record ${recordId} for ${purpose}`, {
      recordId,
      purpose,
    });
}

/** Tries the keys, newest first: a record that was sealed anew has had others before, and anybody with WRITE may announce a false one. */
async function tryKeys(
  context: Context,
  record: AnchoredRecord,
  keys: readonly OpeningKey[],
  options: OpenOptions,
): Promise<Manifest> {
  let failure: unknown;
  for (const key of keys) {
    try {
      return (await fetchManifest(context, record, key, options)).manifest;
    } catch (error) {
      if (!isCareKeyError(error, "SEALED_INVALID") || error.details.reason !== "header-mac") throw error;
      failure = error;
    }
  }
  const { recordId } = record;
  throw new CareKeyError(
    "RECORD_MISMATCH",
    `The manifest that the chain points to for ${recordId} is not the one whose key was delivered`,
    { recordId },
    { cause: failure },
  );
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

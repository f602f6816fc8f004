import type { CodeableConcept, DocumentReference, DocumentReferenceContent, Reference } from "fhir/r4.js";
import { CareKeyError } from "../errors.js";
import { formatCoding, imagingStudy, isImaging, modalityCoding, studyOf, type Study } from "./codes.js";
import type { DicomSummary } from "./dicom.js";
import type { Recognised } from "./recognise.js";

/** One file of a record, as {@link describe} needs it. */
export interface DescribedPart {
  readonly name: string;
  readonly recognised: Recognised;
  /** Bytes of plaintext. */
  readonly size: number;
}

export interface DescribeOptions {
  /** What people call the record. */
  readonly title?: string | undefined;
  /** The patient, as a did:pkh URI. */
  readonly subject: string;
  /** Who made the record, as a did:pkh URI. */
  readonly author: string;
}

/** did:pkh carries a CAIP-10 account: namespace, chain, address. */
const DID_PKH = /^did:pkh:[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}$/;
/** Control characters, halves of surrogate pairs, and marks that show a name in another order than it is written. */
const UNSAFE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
/** FHIR's unsignedInt ends there (R4, primitive types): larger parts are described without their size. */
const MAX_UNSIGNED = 2 ** 31 - 1;

/**
 * Describes a record as a FHIR R4 DocumentReference (R4, DocumentReference): one content per part, the kind of study where the files leave no doubt,
 * modalities as categories and the period of the studies. Patient and author are named by identifier only.
 *
 * The same arguments give the same description: it is hashed, so that it holds neither the time of the call nor random ids.
 *
 * @throws INVALID_ARGUMENT for no parts, a size that is no whole number, or a subject or author that is no did:pkh URI.
 * @example
 * const recognised = recognise(file);
 * describe([{ name: "ecg.dcm", recognised, size: file.length }], {
 *   title: "Resting ECG",
 *   subject: "did:pkh:eip155:31337:0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
 *   author: "did:pkh:eip155:31337:0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
 * });
 */
export function describe(parts: readonly DescribedPart[], options: DescribeOptions): DocumentReference {
  if (parts.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "A record needs one part at least");
  const subject = { type: "Patient", ...reference("subject", options.subject) };
  const author = reference("author", options.author);
  const content = parts.map(describePart);
  const summaries = parts.map(({ recognised }) => (recognised.kind === "dicom" ? recognised.summary : undefined));
  const known = summaries.filter((summary) => summary !== undefined);
  const study = commonStudy(summaries.map((summary) => summary && studyOf(summary)));
  const category = categories(known);
  const period = studyPeriod(known);
  const description = plain(options.title ?? "");
  return {
    resourceType: "DocumentReference",
    status: "current",
    ...(study && { type: { coding: [{ system: "http://loinc.org", code: study.code }], text: study.text } }),
    ...(category.length > 0 && { category }),
    subject,
    author: [author],
    ...(description && { description }),
    content,
    ...(period && { context: { period } }),
  };
}

function describePart({ name, recognised, size }: DescribedPart, index: number): DocumentReferenceContent {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new CareKeyError("INVALID_ARGUMENT", `Part ${index + 1} has size ${size}`, { part: index + 1, size });
  }
  const title = plain(name);
  const format =
    recognised.kind === "dicom" && recognised.summary ? formatCoding(recognised.summary.sopClassUid) : undefined;
  return {
    attachment: {
      contentType: recognised.mediaType,
      ...(title && { title }),
      ...(size <= MAX_UNSIGNED && { size }),
    },
    ...(format && { format }),
  };
}

/** A logical reference (R4, References): whoever resolves the DID knows who it is. */
function reference(field: "subject" | "author", did: string): Reference {
  if (!DID_PKH.test(did)) throw new CareKeyError("INVALID_ARGUMENT", `The ${field} is no did:pkh URI`, { field });
  return { identifier: { system: "urn:ietf:rfc:3986", value: did } };
}

/** The study that all parts belong to; the generic one for different images; nothing as soon as one part is in doubt. */
function commonStudy(kinds: readonly (Study | undefined)[]): Study | undefined {
  const [first] = kinds;
  if (kinds.every((kind) => kind === first)) return first;
  return kinds.every((kind) => kind && isImaging(kind)) ? imagingStudy : undefined;
}

/** One category per modality, in the order of the parts. */
function categories(summaries: readonly DicomSummary[]): CodeableConcept[] {
  return [...new Set(summaries.map(({ modality }) => modality))].flatMap((modality) => {
    const coding = modalityCoding(modality);
    return coding ? [{ coding: [coding] }] : [];
  });
}

/** From the first to the last study date. */
function studyPeriod(summaries: readonly DicomSummary[]): { start: string; end: string } | undefined {
  const dates = summaries.flatMap(({ studyDate }) => studyDate ?? []).sort();
  const [start] = dates;
  const end = dates.at(-1);
  return start && end ? { start, end } : undefined;
}

/** A FHIR string is never empty and holds no control characters (R4, primitive types); file names may. */
function plain(text: string): string {
  return text.replace(UNSAFE, "\ufffd").trim();
}

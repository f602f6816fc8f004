import { recogniseDicom, type DicomFile } from "./dicom.js";
import { recogniseEdf, type EdfFile } from "./edf.js";
import { ascii } from "./head.js";
import { recogniseGzip, recogniseNifti, type GzipFile, type NiftiFile } from "./nifti.js";
import { recogniseText, type CsvFile, type FhirFile, type Hl7v2File, type TextFile } from "./text.js";

/** How many of a file's first bytes are looked at. */
export const HEAD_SIZE = 256 * 1024;

/** A page or picture; there is nothing to summarise without decoding it. */
export type DocumentFile =
  | { readonly kind: "pdf"; readonly mediaType: "application/pdf" }
  | { readonly kind: "png"; readonly mediaType: "image/png" }
  | { readonly kind: "jpeg"; readonly mediaType: "image/jpeg" };

/** Bytes of no format that is known here. */
export interface UnknownFile {
  readonly kind: "unknown";
  readonly mediaType: "application/octet-stream";
}

/** What a file is: `kind` tells which, `mediaType` tells others, `summary` holds what describes it without naming its patient. */
export type Recognised =
  DicomFile | EdfFile | NiftiFile | GzipFile | FhirFile | Hl7v2File | CsvFile | TextFile | DocumentFile | UnknownFile;

/**
 * Recognises a file by its content: names and claims of senders are not asked.
 *
 * @param head the first {@link HEAD_SIZE} bytes, or all of a shorter file; more is ignored, so that work is bounded.
 * @returns kind "unknown" for anything else; malformed files of a known format come without summary. Never throws.
 * @example
 * recognise(await readFile("scan.dcm")); // { kind: "dicom", mediaType: "application/dicom", summary: { modality: "MR", … } }
 */
export function recognise(head: Uint8Array): Recognised {
  const whole = head.length < HEAD_SIZE;
  const start = head.subarray(0, HEAD_SIZE);
  return (
    recogniseDicom(start) ??
    recogniseNifti(start) ??
    recogniseGzip(start) ??
    recogniseEdf(start) ??
    recogniseDocument(start) ??
    recogniseText(start, whole) ?? { kind: "unknown", mediaType: "application/octet-stream" }
  );
}

/** By magic number: ISO 32000-1 §7.5.2, PNG §5.2, ITU-T T.81 §B.1.1.3. */
function recogniseDocument(head: Uint8Array): DocumentFile | undefined {
  if (ascii(head, 0, 5) === "%PDF-") return { kind: "pdf", mediaType: "application/pdf" };
  if (ascii(head, 0, 8) === "\x89PNG\r\n\x1a\n") return { kind: "png", mediaType: "image/png" };
  if (ascii(head, 0, 3) === "\xff\xd8\xff") return { kind: "jpeg", mediaType: "image/jpeg" };
  return undefined;
}

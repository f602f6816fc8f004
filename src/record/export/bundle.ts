import type { Bundle, BundleEntry } from "fhir/r4.js";

import type { Status } from "../../chain/stored-words.js";
import type { BodyPart } from "../body.js";
import { parseDescription } from "../open.js";
import type { ExportIndex } from "./layout.js";
import type { ExportedRecord } from "./record-files.js";

/** FHIR's unsignedInt ends there (R4, primitive types). */
const longestSize = 2 ** 31 - 1;

/**
 * The chart as a FHIR R4 Bundle of type collection: one entry per record, from what its author described, in the order of the index. Attachments of documents lead to the files of the export.
 * The same export gives the same bytes.
 */
export function bundleOf(index: ExportIndex, records: ReadonlyMap<string, ExportedRecord>): Bundle {
  const entry = index.records.flatMap(({ recordId, status }) => {
    const record = records.get(recordId);
    return record ? [entryOf(record, status)] : [];
  });
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: new Date(index.block.time * 1000).toISOString(),
    ...(entry.length > 0 && { entry }),
  };
}

function entryOf(record: ExportedRecord, status: Status): BundleEntry {
  const described = parseDescription(record.body.description);
  const attachments = record.body.parts.map((part, position) => attachmentOf(part, record.files[position] ?? ""));
  const resource =
    described.resourceType === "DocumentReference"
      ? {
          ...described,
          // what the author wrote when it was made may not hold any more
          ...(status === "amended" && { status: "superseded" }),
          ...(status === "retracted" && { status: "entered-in-error" }),
          content: attachments.map((attachment, position) => {
            const own = contentAt(described.content, position);
            return { ...own, attachment: { ...own?.attachment, ...attachment } };
          }),
        }
      : described;
  return { fullUrl: `urn:carekey:record:${record.recordId}`, resource: resource };
}

/** FHIR's attachment names SHA-1 alone (R4, Attachment.hash); the sha2-256 that the author stamped goes into an extension. */
function attachmentOf({ mediaType, size, sha256 }: BodyPart, url: string): object {
  return {
    contentType: mediaType,
    url: url.split("/").map(encodeURIComponent).join("/"),
    ...(size <= longestSize && { size }),
    extension: [{ url: "urn:carekey:sha256", valueString: sha256 }],
  };
}

function contentAt(content: unknown, position: number): { attachment?: object } | undefined {
  const own: unknown = Array.isArray(content) ? content[position] : undefined;
  if (typeof own !== "object" || own === null) return undefined;
  const attachment = "attachment" in own && typeof own.attachment === "object" ? own.attachment : undefined;
  return { ...own, ...(attachment && { attachment }) };
}

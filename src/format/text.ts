/** A FHIR resource in JSON. */
export interface FhirFile {
  readonly kind: "fhir";
  readonly mediaType: "application/fhir+json";
  readonly summary: { readonly resourceType: string };
}

/** An HL7 v2 message or batch; its segments name people and places, so that there is no summary. */
export interface Hl7v2File {
  readonly kind: "hl7v2";
  readonly mediaType: "application/hl7-v2";
}

export interface TextFile {
  readonly kind: "text";
  readonly mediaType: "text/plain";
}

export interface CsvFile {
  readonly kind: "csv";
  readonly mediaType: "text/csv";
}

const RESOURCE_FIRST = /^\s*\{\s*"resourceType"\s*:\s*"([A-Z][A-Za-z]{1,63})"/;
const RESOURCE_TYPE = /^[A-Z][A-Za-z]{1,63}$/;
/** Message, file or batch header with the customary delimiters (HL7 v2.5.1 §2.5.4, §2.10.3), bare or framed for MLLP. */
const HL7V2 = /^\v?(MSH|FHS|BHS)\|\^~\\&/;
/** Everything below the space but tab, line feed, form feed and carriage return; delete. */
const CONTROL = /[\0-\x08\x0b\x0e-\x1f\x7f]/;

/**
 * What UTF-8 text holds: a FHIR resource (FHIR R4, JSON representation), an HL7 v2 message, a table (RFC 4180) or just text; nothing for other
 * bytes. Never throws.
 *
 * @param whole whether `head` is the whole file: a resource that does not begin with its type is known only then.
 */
export function recogniseText(head: Uint8Array, whole: boolean): FhirFile | Hl7v2File | CsvFile | TextFile | undefined {
  const text = decode(head, whole);
  if (text === undefined || text === "") return undefined;
  if (HL7V2.test(text)) return { kind: "hl7v2", mediaType: "application/hl7-v2" };
  const resourceType = RESOURCE_FIRST.exec(text)?.[1] ?? (whole ? parsedType(text) : undefined);
  if (resourceType) return { kind: "fhir", mediaType: "application/fhir+json", summary: { resourceType } };
  if (CONTROL.test(text)) return undefined;
  return isTable(text, whole) ? { kind: "csv", mediaType: "text/csv" } : { kind: "text", mediaType: "text/plain" };
}

/** The text without its byte order mark; a character that a cut head ends in is left out. */
function decode(head: Uint8Array, whole: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !whole });
  } catch {
    return undefined;
  }
}

function parsedType(text: string): string | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const { resourceType } = JSON.parse(text) as { resourceType?: unknown };
    return typeof resourceType === "string" && RESOURCE_TYPE.test(resourceType) ? resourceType : undefined;
  } catch {
    return undefined;
  }
}

/** True when the first lines have the same number of commas or of semicolons outside quotes, one at least. */
function isTable(text: string, whole: boolean): boolean {
  const lines = text.split(/\r?\n/, 11);
  // a cut head ends within a line
  if (!whole && lines.length < 11) lines.pop();
  const rows = lines.slice(0, 10).filter((line) => line !== "");
  return [",", ";"].some((separator) => {
    const [first, ...rest] = rows.map((row) => row.replace(/"[^"]*"/g, "").split(separator).length);
    return first !== undefined && first > 1 && rest.length > 0 && rest.every((fields) => fields === first);
  });
}

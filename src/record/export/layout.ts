import { z } from "zod";

import type { Hex32 } from "../../chain/ids.js";
import { endings, statuses } from "../../chain/stored-words.js";
import { CareKeyError, type ErrorCode, errorCodes } from "../../errors.js";

/** Names in the folder of an export (docs/format.md §19); those that hold something personal end in `.age` where it is sealed. */
export const names = {
  sums: "SHA256SUMS",
  readme: "README.txt",
  index: "export.json",
  bundle: "bundle.json",
  records: "records",
  facts: "proofs/facts.json",
  state: "proofs/state.json",
  events: "proofs/events.json",
  /** In each record's folder. */
  body: "body.cbor",
  record: "record.json",
  files: "files",
} as const;

/** Folder of a record, relative to the export's. */
export function folderOf(recordId: Hex32): string {
  return `${names.records}/${recordId.slice(2)}`;
}

const hex = (length: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * length}}$`));
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const seconds = z.number().int().nonnegative();

/** What is said of every record. */
const about = {
  recordId: hex(32),
  compartment: hex(32),
  author: address,
  anchoredAt: seconds,
  status: z.enum(statuses),
  manifest: hex(32),
  /** Why there are no files of it. */
  missing: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]).optional(),
};

/** A record with an anchor of its own; `index` is its number on the patient's chart, from 1 on. */
const anchored = z.strictObject({ ...about, index: z.number().int().positive() });

/** A record without one: `under` is the id of the index record that lists it, whose author, time and status it has. */
const listed = z.strictObject({ ...about, under: hex(32) });

/** `export.json`: what was exported, and what could not be. */
const index = z.strictObject({
  version: z.literal(1),
  /** Whether files are age files for the patient. */
  sealed: z.boolean(),
  chainId: z.number().int().positive(),
  recordRegistry: address,
  credentialRegistry: address,
  patient: address,
  /** Newest block at the end of the export: what is said of the chain is of then. */
  block: z.strictObject({ number: seconds, hash: hex(32), time: seconds }),
  /** Why there is no proof of the chain's state; absent where there is one. */
  unproven: z.string().optional(),
  records: z.array(z.union([anchored, listed])),
});

/** `facts.json`: what stamps are judged by. */
const facts = z.strictObject({
  version: z.literal(1),
  credentials: z.array(
    z.strictObject({
      actor: address,
      role: hex(32),
      index: seconds,
      issuer: address,
      from: seconds,
      until: seconds,
      ending: z.enum(endings),
      /** Where the end is contested: the end that would stand if somebody stood for it. */
      contestedUntil: seconds.optional(),
    }),
  ),
  witnessed: z.array(z.strictObject({ signer: address, digest: hex(32), time: seconds })),
});

/** `record.json`: what lies beside a record's body. */
const record = z.looseObject({
  version: z.literal(1),
  /** The CID of each part's ciphertext. */
  cids: z.array(z.string()),
  stamps: z.array(
    z.strictObject({
      signer: address,
      role: hex(32),
      statement: z.string(),
      previous: hex(32),
      issuedAt: seconds,
      signature: hex(65),
    }),
  ),
});

export type ExportIndex = z.output<typeof index>;
export type AnchoredEntry = z.output<typeof anchored>;
export type ListedEntry = z.output<typeof listed>;
export type ExportFacts = z.output<typeof facts>;

/** Of the entries of an export, those with an anchor of their own. */
export function anchoredOf({ records }: Pick<ExportIndex, "records">): AnchoredEntry[] {
  return records.filter((entry): entry is AnchoredEntry => !isListed(entry));
}

/** True for the entry of a record that only an index record names. */
export function isListed(entry: AnchoredEntry | ListedEntry): entry is ListedEntry {
  return "under" in entry;
}

const schemas = { index, facts, record };

/** JSON as every file of an export has it. */
export function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Reads one of an export's files.
 * @throws EXPORT_INVALID
 */
export function parseFile<Kind extends keyof typeof schemas>(
  kind: Kind,
  text: string,
): z.output<(typeof schemas)[Kind]> {
  const value = parseJson(text);
  const result = schemas[kind].safeParse(value);
  if (result.success) return result.data as z.output<(typeof schemas)[Kind]>;
  throw exportInvalid("form", `${kind} has not the right form`, {}, result.error);
}

/** @throws EXPORT_INVALID */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw exportInvalid("form", "A file is no JSON", {}, cause);
  }
}

/** Why a file of an export was refused; stands as `reason` in the details of EXPORT_INVALID. */
export type ExportReason =
  "altered" | "missing" | "unexpected" | "not-a-file" | "form" | "proof" | "block" | "disagrees" | "no-export";

/** EXPORT_INVALID with its reason. */
export function exportInvalid(
  reason: ExportReason,
  what: string,
  details: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): CareKeyError {
  return new CareKeyError("EXPORT_INVALID", what, { reason, ...details }, { cause });
}

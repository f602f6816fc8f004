import { z } from "zod";

import { type Hex32, recordIdOf } from "../chain/ids.js";
import { recordTree } from "../chain/roots.js";
import { CareKeyError } from "../errors.js";
import type { Body } from "./body.js";
import { decode, encode, hex, raw } from "./codec.js";

/** Most records that one index record lists: the capsule that holds all their keys stays one block. */
export const MAX_LISTED = 4096;

/** Media type of the one file of an index record. */
export const indexType = "application/vnd.carekey.index";

/** Longest index file: 4,096 records of 87 bytes each. */
export const MAX_INDEX_SIZE = 512 * 1024;

const entry = z.object({ content: hex(32), manifest: hex(32) });

const schema = z.object({
  version: z.literal(1),
  root: hex(32),
  records: z.array(entry).min(1).max(MAX_LISTED),
});

/** A record that an index record lists, and the manifest that it was sealed with. */
export interface IndexEntry {
  readonly content: Hex32;
  /** sha2-256 digest of the manifest's block. */
  readonly manifest: Hex32;
}

/** What an index record says: many records of one patient and compartment, anchored by one root (docs/format.md §21). */
export interface IndexFile {
  readonly root: Hex32;
  readonly records: readonly IndexEntry[];
}

/** dag-cbor of an index file. */
export function encodeIndex({ root, records }: IndexFile): Uint8Array {
  return encode({
    version: 1,
    root: raw(root),
    records: records.map(({ content, manifest }) => ({ content: raw(content), manifest: raw(manifest) })),
  });
}

/** @throws RECORD_INVALID for bytes that are no index file of version 1. */
export function decodeIndex(encoded: Uint8Array): IndexFile {
  return decode(schema, encoded, "index");
}

/** Which index record a file belongs to. */
export interface IndexPlace {
  readonly recordId: Hex32;
  readonly patient: string;
  readonly compartment: Hex32;
}

/**
 * Reads the file of an index record: no record stands in it twice, and the root is that of their ids. Whether its author anchored that root is another question.
 * @throws RECORD_INVALID
 */
export function readIndexFile(encoded: Uint8Array, { recordId, patient, compartment }: IndexPlace): IndexFile {
  const file = decodeIndex(encoded);
  const ids = file.records.map(({ content }) => recordIdOf(patient, compartment, content));
  if (new Set(ids).size < ids.length || recordTree(ids).root !== file.root) throw indexInvalid(recordId, "records");
  return file;
}

/** RECORD_INVALID for an index record. */
export function indexInvalid(recordId: Hex32, field: string): CareKeyError {
  return new CareKeyError("RECORD_INVALID", `The index record ${recordId} does not follow the format`, {
    ...{ what: "index", field, recordId },
  });
}

/** True for the body of an index record: it has one file, of their type. */
export function isIndex({ parts }: Pick<Body, "parts">): boolean {
  return parts.length === 1 && parts[0]?.mediaType === indexType;
}

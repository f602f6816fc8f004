import { z } from "zod";

import type { Hex32 } from "../chain/ids.js";
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

/** What an index record says: many records of one patient and compartment, anchored by one root (docs/format.md §14). */
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

/** True for the body of an index record: it has one file, of their type. */
export function isIndex({ parts }: Pick<Body, "parts">): boolean {
  return parts.length === 1 && parts[0]?.mediaType === indexType;
}

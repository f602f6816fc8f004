import { createHash, createHmac } from "node:crypto";
import { z } from "zod";

import { toHex } from "../bytes.js";
import { type Hex32, checkLabel, recordIdOf } from "../chain/ids.js";
import { MAX_OBJECT, address, decode, encode, hex, integer, raw, text } from "./codec.js";
import { deriveKey } from "./derive.js";

/** Most parts of one record: a long MR series has some hundreds. */
export const MAX_PARTS = 4096;

const part = z.object({
  /** A plain file name. */
  name: text(255).refine((name) => !/[/\\\p{Cc}]/u.test(name) && name !== "." && name !== ".."),
  mediaType: text(127),
  size: integer,
  sha256: hex(32),
});

const schema = z.object({
  version: z.literal(1),
  chainId: integer,
  registry: address,
  patient: address,
  compartment: hex(32),
  salt: hex(32),
  description: text(MAX_OBJECT),
  parts: z.array(part).min(1).max(MAX_PARTS),
  previous: hex(32).nullable(),
});

/** What a record says, for ever (docs/format.md §3). Hashes, labels and addresses in hex. */
export type Body = z.output<typeof schema>;

/** One file of a record, as its author hashed it. */
export type BodyPart = Body["parts"][number];

/** dag-cbor of a body. */
export function encodeBody(body: Body): Uint8Array {
  return encode({
    ...body,
    registry: raw(body.registry),
    patient: raw(body.patient),
    compartment: raw(body.compartment),
    salt: raw(body.salt),
    parts: body.parts.map((each) => ({ ...each, sha256: raw(each.sha256) })),
    previous: body.previous === null ? null : raw(body.previous),
  });
}

/** @throws RECORD_INVALID for bytes that are no body of version 1. */
export function decodeBody(encoded: Uint8Array): Body {
  return decode(schema, encoded, "body");
}

/** A name that {@link decodeBody} accepts. */
export function isPartName(name: string): boolean {
  return part.shape.name.safeParse(name).success;
}

/** A media type that {@link decodeBody} accepts. */
export function isMediaType(mediaType: string): boolean {
  return part.shape.mediaType.safeParse(mediaType).success;
}

/** sha2-256 of the body's bytes: what stamps sign and record ids come from. */
export function contentOf(encoded: Uint8Array): Hex32 {
  return toHex(createHash("sha256").update(encoded).digest());
}

/** The id of the record with this body. */
export function recordIdOfBody(body: Body, content: Hex32): Hex32 {
  return recordIdOf(body.patient, body.compartment, content);
}

/**
 * Completes a body with its salt: unforeseeable to all but the author, and the same when the author repeats an interrupted
 * share, which so ends in the same record.
 */
export function withSalt(body: Omit<Body, "salt">, identity: string): Body {
  checkLabel(body.compartment);
  const unsalted = encodeBody({ ...body, salt: toHex(new Uint8Array(32)) });
  return { ...body, salt: toHex(createHmac("sha256", deriveKey(identity, "salt")).update(unsalted).digest()) };
}

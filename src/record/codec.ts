import * as dagCbor from "@ipld/dag-cbor";
import { getAddress, getBytes, hexlify } from "ethers";
import { z } from "zod";

import { CareKeyError } from "../errors.js";

/** Largest object that is one IPFS block by itself: manifest and capsule (docs/format.md §8). */
export const MAX_OBJECT = 1024 * 1024;

/** Exactly `length` bytes, as lower-case hex with 0x in the program. */
export const hex = (length: number) =>
  z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length === length)
    .transform((bytes) => hexlify(bytes));

/** 20 bytes, as an address with checksum in the program. */
export const address = hex(20).transform((value) => getAddress(value));

/** Exactly `length` bytes. */
export const bytes = (length: number) => z.instanceof(Uint8Array).refine((value) => value.length === length);

/** Text of at most `limit` bytes in UTF-8, not empty. */
export const text = (limit: number) =>
  z
    .string()
    .min(1)
    .refine((value) => Buffer.byteLength(value) <= limit);

/** A whole number that CBOR and JavaScript agree on. */
export const integer = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Bytes of hex, for encoding. */
export const raw = (value: string): Uint8Array => getBytes(value);

/** Deterministic dag-cbor. */
export function encode(value: unknown): Uint8Array {
  return dagCbor.encode(value);
}

/**
 * Decodes and checks what somebody else made.
 * @param what "body", "manifest" or "capsule", for the message.
 * @throws RECORD_INVALID naming the field that does not follow docs/format.md.
 */
export function decode<Schema extends z.ZodType>(schema: Schema, encoded: Uint8Array, what: string): z.output<Schema> {
  let value: unknown;
  try {
    value = dagCbor.decode(encoded);
  } catch (cause) {
    throw new CareKeyError("RECORD_INVALID", `The ${what} is not dag-cbor`, { what }, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // only the field's name: its value may be personal
  const field = result.error.issues[0]?.path.join(".") ?? "";
  throw new CareKeyError("RECORD_INVALID", `The ${what}'s field ${JSON.stringify(field)} is missing or wrong`, {
    what,
    field,
  });
}

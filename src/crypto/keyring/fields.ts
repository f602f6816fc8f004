import { z } from "zod";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Exactly `length` bytes. */
export const exactly = (length: number) => bytes.refine((value) => value.length === length);

/** 1 to `limit` bytes. */
export const upTo = (limit: number) => bytes.refine(({ length }) => length > 0 && length <= limit);

/** A whole number that CBOR and JavaScript agree on. */
export const integer = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

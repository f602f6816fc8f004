import { z } from "zod";

import type { Policy } from "../storage/pool/types.js";

/** One store, as profiles and pool files name it. */
export const singleStore = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("fs"), directory: z.string().min(1) }),
  z.object({ kind: z.literal("ipfs"), url: z.string().min(1) }),
  /** A storage node (`carekey node`); its token lies in a file of its own, as it changes often. */
  z.object({ kind: z.literal("node"), url: z.url(), tokenFile: z.string().min(1).optional() }),
]);

export type SingleStore = z.infer<typeof singleStore>;

/** What a profile says of its store. */
export const storeSettings = z.discriminatedUnion("kind", [
  ...singleStore.options,
  /** Several nodes, which a file lists that the profiles of a consortium share. */
  z.object({ kind: z.literal("pool"), file: z.string().min(1) }),
]);

export type StoreSettings = z.infer<typeof storeSettings>;

const count = z.number().int().positive().max(255);
const operators = z.array(z.string().min(1)).min(1).readonly().optional();

/** A policy as files and the command line write it. */
export const policySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("copies"), copies: count, operators }),
  z.object({ kind: z.literal("fragments"), data: count, parity: count, operators }),
]);

/** Where a store is, for people. */
export function placeOfStore(store: StoreSettings): string {
  switch (store.kind) {
    case "fs":
      return store.directory;
    case "pool":
      return store.file;
    default:
      return store.url;
  }
}

/** A policy in a few words, e.g. "fragments 10+4 at A, B". */
export function showPolicy(policy: Policy): string {
  const how = policy.kind === "copies" ? `${policy.copies} copies` : `fragments ${policy.data}+${policy.parity}`;
  return policy.operators ? `${how} at ${policy.operators.join(", ")}` : how;
}

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { statuses } from "../chain/stored-words.js";
import { openBytes, sealBytes } from "../crypto/age.js";
import { FILE_KEY_SIZE } from "../crypto/invalid.js";
import type { Context } from "./context.js";
import { deriveKey } from "./derive.js";

/** Longest cache that is read. */
const limit = 256 * 1024 * 1024;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);

const summary = z.object({
  content: hash,
  resourceType: z.string(),
  title: z.string().optional(),
  date: z.string().optional(),
  mediaTypes: z.array(z.string()),
  parts: z.number(),
  size: z.number(),
});

/** What a record says of itself, for a list of many. */
export type RecordSummary = z.output<typeof summary>;

const schema = z.object({
  version: z.literal(1),
  chainId: z.number(),
  recordRegistry: z.string(),
  patient: z.string(),
  block: z.object({ number: z.number(), hash, time: z.number() }),
  checkedBy: z.enum(["proof", "quorum", "one source"]),
  history: z.number(),
  records: z.array(
    z.object({
      recordId: hash,
      patient: z.string(),
      compartment: hash,
      content: hash,
      origin: hash,
      author: z.string(),
      anchoredAt: z.number(),
      status: z.enum(statuses),
      manifest: hash,
      index: z.number(),
      block: z.number(),
      place: z.number(),
      pointers: z.number(),
    }),
  ),
  /** What index records list, by their ids. */
  lists: z.record(z.string(), z.array(z.object({ content: hash, manifest: hash }))),
  /** By record id and manifest digest: neither names another record's. */
  summaries: z.record(z.string(), summary),
});

/** A chart as it was listed last. */
export type ChartCache = z.output<typeof schema>;

/**
 * The file key of the cache: only its owner knows it, so a cache that opens was made by them. Anybody could seal one to a public recipient.
 */
function cacheKey({ identities: [newest] }: Context): Uint8Array {
  return deriveKey(newest, "chart").slice(0, FILE_KEY_SIZE);
}

/** Reads a cache; undefined where there is none that this actor made for this chart, whatever is wrong with it. */
export async function readCache(context: Context, file: string): Promise<ChartCache | undefined> {
  try {
    const text = new TextDecoder().decode(await openBytes(await readFile(file), { fileKey: cacheKey(context) }, limit));
    const cache = schema.parse(JSON.parse(text));
    const { chainId, address, addresses } = context.chain;
    const isOurs =
      cache.chainId === chainId && cache.recordRegistry === addresses.RecordRegistry && cache.patient === address;
    return isOurs ? cache : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a cache, sealed to the actor, whole or not at all. What can't be written is not missed. */
export async function writeCache(context: Context, file: string, cache: ChartCache): Promise<void> {
  const plaintext = new TextEncoder().encode(JSON.stringify(cache));
  const { bytes } = await sealBytes(plaintext, [context.recipient], { fileKey: cacheKey(context) });
  const temporary = path.join(path.dirname(file), `.${randomUUID()}.tmp`);
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true });
  }
}

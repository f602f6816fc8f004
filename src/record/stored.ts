import { getBytes } from "ethers";
import type { CID } from "multiformats/cid";

import { capsulesOf } from "../chain/capsules.js";
import type { Hex32 } from "../chain/ids.js";
import { vaultOf } from "../chain/keys.js";
import { type ErrorCode, isCareKeyError, throwIfCancelled } from "../errors.js";
import type { FileLocation } from "../storage/pool/types.js";
import { cidOfDigest } from "../storage/verify.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import { recordsOf } from "./known-charts.js";
import { findListed, listedIn, unanchored } from "./listed.js";
import { fetchManifest } from "./own.js";

/** What of a record lies in the store. */
export interface StoredRecord {
  readonly record: ChartRecord;
  /** Its parts. */
  readonly files: readonly FileLocation[];
  /** Blocks by themselves: the manifest. */
  readonly blocks: readonly CID[];
  /** Why its parts are not known: what kept the manifest from being opened. */
  readonly failure?: ErrorCode | undefined;
}

export interface StoredOptions extends PipelineOptions {
  /** Only these; the actor's whole chart where omitted. */
  readonly records?: readonly Hex32[] | undefined;
}

/**
 * Where the records of the actor's own chart lie, those that index records list among them, or some records that the actor may open as patient or author. Erased and retracted ones
 * are left out of a whole chart.
 *
 * @throws RECORD_UNKNOWN, CHAIN_UNREACHABLE, CANCELLED
 */
export async function* storedRecords(
  context: Context,
  { records, ...options }: StoredOptions = {},
): AsyncGenerator<StoredRecord, void, undefined> {
  const { chain } = context;
  if (records) {
    for (const recordId of records)
      yield (await lookAt(context, await findListed(context, recordId, undefined, options), options)).stored;
    return;
  }
  const chart = await recordsOf(context, chain.address);
  const listed: ChartRecord[] = [];
  for (const record of chart.filter(({ status }) => status === "anchored" || status === "amended")) {
    const { stored, lists } = await lookAt(context, record, options);
    listed.push(...lists);
    yield stored;
  }
  for (const record of unanchored(listed, chart)) yield (await lookAt(context, record, options)).stored;
}

async function lookAt(
  context: Context,
  record: ChartRecord,
  options: PipelineOptions,
): Promise<{ stored: StoredRecord; lists: readonly ChartRecord[] }> {
  throwIfCancelled(options.signal);
  const blocks = [cidOfDigest(getBytes(record.manifest))];
  let files: readonly FileLocation[] = [];
  try {
    const { manifest } = await fetchManifest(context, record, asActor(context), options);
    files = manifest.parts;
    return { stored: { record, files, blocks }, lists: await listedIn(context, record, manifest, options) };
  } catch (error) {
    if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
    // a lost or foreign manifest is a finding about this record, not the end of the others
    return { stored: { record, files, blocks, failure: error.code }, lists: [] };
  }
}

/** Blocks of the actor that belong to no single record: the capsules that they announced, and their published vault. */
export async function keyBlocks({ chain }: Pick<Context, "chain">): Promise<CID[]> {
  const digests = new Set((await capsulesOf(chain, chain.address)).map(({ capsule }) => capsule));
  const vault = await vaultOf(chain, chain.address);
  if (vault !== undefined) digests.add(vault);
  return [...digests].map((digest) => cidOfDigest(getBytes(digest)));
}

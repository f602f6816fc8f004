import type { CID } from "multiformats/cid";

import type { Hex32 } from "../chain/ids.js";
import type { ErrorCode } from "../errors.js";
import { rootsOf } from "../storage/files.js";
import { type CheckSummary, type Finding, checkFiles } from "../storage/pool/check.js";
import type { Kept, MaintenanceOptions } from "../storage/pool/places.js";
import { nodePool } from "../storage/pool/pool.js";
import { type RebalanceSummary, rebalanceFiles } from "../storage/pool/rebalance.js";
import { type RepairSummary, repairFiles } from "../storage/pool/repair.js";
import { type Policy, type Pool, isPool } from "../storage/pool/types.js";
import type { BlockStore } from "../storage/types.js";
import type { Context, PipelineOptions } from "./context.js";
import { type StoredOptions, type StoredRecord, keyBlocks, storedRecords } from "./stored.js";

/** What was found of one record, or of the blocks that belong to none. */
export interface CheckedRecord {
  /** Undefined for capsules and the vault. */
  readonly recordId: Hex32 | undefined;
  readonly findings: readonly Finding[];
  /** Why its parts are not known. */
  readonly failure?: ErrorCode | undefined;
}

export interface Checked {
  readonly records: readonly CheckedRecord[];
  readonly summary: CheckSummary;
}

export interface CheckRecordsOptions extends StoredOptions {
  /** Asks nodes whether they have a block, without reading it. */
  readonly quick?: boolean | undefined;
}

/** A pool of one node, for what works on pools. */
export function asPool(store: BlockStore): Pool {
  if (isPool(store)) return store;
  return nodePool([{ name: "store", operator: "store", store }], { policy: { kind: "copies", copies: 1 } });
}

/**
 * Reads and verifies every block of the actor's chart, or of some records, on every node where it lies, and tells what is not as it
 * should be. Changes nothing.
 *
 * @throws RECORD_UNKNOWN, INVALID_ARGUMENT for a policy that the nodes can't keep, CHAIN_UNREACHABLE, CANCELLED
 * @example
 * const { records, summary } = await checkRecords(context);
 */
export async function checkRecords(context: Context, options: CheckRecordsOptions = {}): Promise<Checked> {
  const { stored, charges } = await chargesOf(context, options);
  const owners = ownersOf(stored);
  const findings = new Map<Hex32 | undefined, Finding[]>(stored.map(({ record }) => [record.recordId, []]));
  const keys: Finding[] = [];
  let summary: CheckSummary = {
    blocks: 0,
    bytes: 0,
    healthy: 0,
    missing: 0,
    rotten: 0,
    misplaced: 0,
    unreachable: 0,
    lost: 0,
  };
  for (const { policy, kept } of charges) {
    const { pool, limits } = workOf(context, policy, options);
    const check = checkFiles(pool, kept, { ...limits, quick: options.quick });
    let next = await check.next();
    for (; !next.done; next = await check.next()) {
      const recordId = owners.get(next.value.file.toString());
      (findings.get(recordId) ?? keys).push(next.value);
    }
    summary = summed(summary, next.value);
  }
  if (keys.length > 0) findings.set(undefined, keys);
  const failures = new Map(stored.map(({ record, failure }) => [record.recordId, failure]));
  return {
    records: [...findings].map(([recordId, found]) => ({
      recordId,
      findings: found,
      failure: recordId === undefined ? undefined : failures.get(recordId),
    })),
    summary,
  };
}

/**
 * Heals what a check finds missing or rotten, from copies or from the other fragments of its stripe: see {@link repairFiles}.
 * @throws what {@link checkRecords} throws
 */
export async function repairRecords(context: Context, options: StoredOptions = {}): Promise<RepairSummary> {
  let summary: RepairSummary = { blocks: 0, restored: 0, bytes: 0, removed: 0, failed: 0, lost: 0 };
  for (const { policy, kept } of (await chargesOf(context, options)).charges) {
    const { pool, limits } = workOf(context, policy, options);
    summary = summed(summary, await repairFiles(pool, kept, limits));
  }
  return summary;
}

/**
 * Brings each block of the actor's whole chart where it belongs, as after nodes were added: see {@link rebalanceFiles}.
 * @throws what {@link checkRecords} throws
 */
export async function rebalanceRecords(context: Context, options: PipelineOptions = {}): Promise<RebalanceSummary> {
  let summary: RebalanceSummary = { blocks: 0, placed: 0, bytes: 0, removed: 0, failed: 0 };
  for (const { policy, kept } of (await chargesOf(context, options)).charges) {
    const { pool, limits } = workOf(context, policy, options);
    summary = summed(summary, await rebalanceFiles(pool, kept, limits));
  }
  return summary;
}

/** What is kept under one policy. */
interface Charge {
  readonly policy: Policy | undefined;
  readonly kept: Kept;
}

async function chargesOf(
  context: Context,
  options: StoredOptions,
): Promise<{ stored: StoredRecord[]; charges: Charge[] }> {
  const stored: StoredRecord[] = [];
  const groups = new Map<string, { policy: Policy | undefined; files: Kept["files"][number][]; blocks: CID[] }>();
  const groupOf = (policy: Policy | undefined) => {
    const key = JSON.stringify(policy);
    const group = groups.get(key) ?? { policy, files: [], blocks: [] };
    groups.set(key, group);
    return group;
  };
  for await (const each of storedRecords(context, options)) {
    stored.push(each);
    const group = groupOf(context.policies?.[each.record.compartment]);
    group.files.push(...each.files);
    group.blocks.push(...each.blocks);
  }
  if (options.records === undefined) groupOf(undefined).blocks.push(...(await keyBlocks(context)));
  return { stored, charges: [...groups.values()].map(({ policy, ...kept }) => ({ policy, kept })) };
}

function ownersOf(stored: readonly StoredRecord[]): Map<string, Hex32> {
  const owners = new Map<string, Hex32>();
  for (const { record, files, blocks } of stored)
    for (const cid of [...files.flatMap(rootsOf), ...blocks]) owners.set(cid.toString(), record.recordId);
  return owners;
}

function workOf(
  { store }: Context,
  policy: Policy | undefined,
  { signal, onProgress }: PipelineOptions,
): { pool: Pool; limits: MaintenanceOptions } {
  const pool = asPool(store);
  const report: MaintenanceOptions["onProgress"] = ({ blocks }) => {
    // how many there are is known at the end only
    onProgress?.({ step: "checking", done: blocks, total: Infinity });
  };
  return { pool: policy ? pool.under(policy) : pool, limits: { signal, onProgress: report } };
}

function summed<Summary extends { readonly [Name in keyof Summary]: number }>(sum: Summary, more: Summary): Summary {
  const names = Object.keys(more) as (keyof Summary)[];
  return Object.fromEntries(names.map((name) => [name, sum[name] + more[name]])) as Summary;
}

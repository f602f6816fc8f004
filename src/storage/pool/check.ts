import type { CID } from "multiformats/cid";
import { CareKeyError, isCareKeyError, throwIfCancelled } from "../../errors.js";
import { type Holding, inspect, type InspectOptions, withReadAhead } from "./inspect.js";
import { Members } from "./members.js";
import { checkPolicy } from "./policy.js";
import { type Group, groupsOf, type Kept, type MaintenanceOptions } from "./places.js";
import type { Pool } from "./types.js";
import { keyOf } from "../verify.js";

/** Something that is not as it should be. */
export interface Finding {
  /** Root of the file, or the block itself. */
  readonly file: CID;
  readonly cid: CID;
  /** Position of the stripe in the file, and of the fragment in the stripe, where it is a fragment. */
  readonly stripe?: number | undefined;
  readonly index?: number | undefined;
  /** `misplaced`: on a node where it does not belong; `missing`: nowhere, or on too few nodes; `rotten`: other bytes; `unreachable`: who should have it did not answer. */
  readonly kind: "missing" | "rotten" | "misplaced" | "unreachable";
  /** Name of the node; none for a node of a file's tree that no node has, so that nothing below it could be looked at. */
  readonly node: string | undefined;
}

export interface CheckSummary {
  /** Blocks times the nodes where they belong. */
  readonly blocks: number;
  /** Bytes that were read and verified. */
  readonly bytes: number;
  readonly healthy: number;
  readonly missing: number;
  readonly rotten: number;
  readonly misplaced: number;
  readonly unreachable: number;
  /** Blocks that what is reachable does not restore. */
  readonly lost: number;
}

export interface CheckOptions extends MaintenanceOptions {
  /** Asks nodes whether they have a block, without reading it. False by default. */
  readonly quick?: boolean | undefined;
}

/** Groups that are looked at ahead: some 14 MiB each. */
const AHEAD = 2;

/**
 * Reads and verifies every block of files and lone blocks on every node, and tells what is not as it should be; what it returns
 * at last is the sum. Changes nothing. Throws CANCELLED, INVALID_ARGUMENT, and RECORD_INVALID for what is no file.
 *
 * @example
 * const check = checkFiles(pool, { files: [location], blocks: [manifest] });
 * let next = await check.next();
 * for (; !next.done; next = await check.next()) console.log(next.value.kind, next.value.node);
 * console.log(next.value.lost);
 */
export async function* checkFiles(
  pool: Pool,
  kept: Kept,
  options: CheckOptions = {},
): AsyncGenerator<Finding, CheckSummary, undefined> {
  const { policy = pool.policy, onProgress } = options;
  checkPolicy(pool.nodes, policy);
  const members = new Members(pool.nodes, policy);
  const summary = { blocks: 0, bytes: 0, healthy: 0, missing: 0, rotten: 0, misplaced: 0, unreachable: 0, lost: 0 };
  const lostFiles: Finding[] = [];
  const misplaced: Finding[] = [];
  const groups = groupsOf(members, pool, kept, options, (root, error) => {
    throwUnlessLost(error, options);
    lostFiles.push({ file: root, cid: root, kind: "missing", node: undefined });
  });
  for await (const [group, holdings] of withReadAhead(groups, AHEAD, (one) =>
    inspect(members, one, quickly(options)),
  )) {
    for (const finding of findingsOf(group, holdings)) {
      if (finding.kind === "misplaced") {
        misplaced.push(finding);
        continue;
      }
      summary[finding.kind]++;
      yield finding;
    }
    const good = holdings.map((all) => all.filter(({ state }) => state === "good"));
    const lost = good.filter((all) => all.length === 0).length;
    if (good.length - lost < group.needed) summary.lost += lost;
    summary.blocks += group.places.reduce((sum, { nodes }) => sum + nodes.length, 0);
    summary.healthy += good.flat().filter(({ belongs }) => belongs).length;
    summary.bytes += holdings.flat().reduce((sum, { bytes }) => sum + bytes, 0);
    onProgress?.({ blocks: summary.blocks, bytes: summary.bytes });
  }
  for (const finding of lostFiles) {
    summary.missing++;
    summary.lost++;
    yield finding;
  }
  const extras = misplaced.map((finding) => ({ ...finding, key: placeKey(finding.cid, finding.node ?? "") }));
  const elsewhere = await belonging(members, pool, kept, options, new Set(extras.map(({ key }) => key)));
  for (const { key, ...finding } of extras) {
    if (elsewhere.has(key)) continue;
    summary.misplaced++;
    yield finding;
  }
  return summary;
}

/** Which of the places are right for another reason: a block may be part of several stripes or files. */
export async function belonging(
  members: Members,
  pool: Pool,
  kept: Kept,
  options: MaintenanceOptions,
  places: ReadonlySet<string>,
): Promise<Set<string>> {
  const right = new Set<string>();
  if (places.size === 0) return right;
  for await (const group of groupsOf(members, pool, kept, options, () => undefined)) {
    for (const { cid, nodes } of group.places) {
      for (const { name } of nodes) {
        const key = placeKey(cid, name);
        if (places.has(key)) right.add(key);
      }
    }
  }
  return right;
}

export function placeKey(cid: CID, node: string): string {
  return `${keyOf(cid)} ${node}`;
}

/** Throws what is no loss of a node of a file's tree, but e.g. a file that is none. */
export function throwUnlessLost(error: unknown, { signal }: MaintenanceOptions): void {
  throwIfCancelled(signal);
  const losses = ["BLOCK_MISSING", "BLOCK_INVALID", "NODES_MISSING"] as const;
  if (!losses.some((code) => isCareKeyError(error, code))) throw error;
}

function quickly({ quick, signal, deadline }: CheckOptions): InspectOptions {
  return { quick, signal, deadline };
}

function* findingsOf(group: Group, holdings: readonly (readonly Holding[])[]): Generator<Finding, void, undefined> {
  for (const [index, all] of holdings.entries()) {
    const cid = group.places[index]?.cid;
    if (!cid) throw new CareKeyError("INVALID_ARGUMENT", "A holding without its place");
    const fragment = group.fragments && { stripe: group.fragments.stripe.index, index };
    const finding = (kind: Finding["kind"], { node }: Holding): Finding => {
      return { file: group.file, cid, ...fragment, kind, node: node.name };
    };
    const extras = all.filter(({ belongs, state }) => !belongs && state === "good");
    const lacking = all.filter(({ belongs, state }) => belongs && state === "missing");
    for (const holding of all) {
      if (holding.state === "rotten") yield finding("rotten", holding);
      if (holding.state === "unreachable" && holding.belongs) yield finding("unreachable", holding);
    }
    // what lies elsewhere is there, only not in its place
    for (const holding of lacking.slice(extras.length)) yield finding("missing", holding);
    for (const holding of extras) yield finding("misplaced", holding);
  }
}

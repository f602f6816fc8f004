// SPDX-License-Identifier: Apache-2.0
/** What every operation may cost, and how what it costs is shown. */
import type { Measured } from "./stage.js";

/** What is allowed above what the rules of the EVM take for this layout: finding the function, decoding, checks. */
const DIRECT = 3_000;
/** The same where a signature is checked, which is carried by somebody else. */
const SIGNED = 7_000;

/** The operations that have a bar, and what the same step costs in the cheapest comparable contract in use. */
const BARS: Readonly<Record<string, { readonly allowance: number; readonly peer?: number }>> = {
  grant: { allowance: DIRECT }, // Permit2's approve, 47,794, keeps no list of what was approved
  grantWithCapsule: { allowance: DIRECT },
  regrant: { allowance: DIRECT },
  grantBySig: { allowance: SIGNED },
  grantManyBySig100Each: { allowance: SIGNED }, // an ERC-2771 forwarder's batch, 59,743, keeps no list either
  revoke: { allowance: DIRECT },
  revokeBySig: { allowance: SIGNED },
  anchor: { allowance: DIRECT, peer: 200_000 }, // EAS attest
  anchorBySig: { allowance: SIGNED, peer: 220_316 }, // EAS attestByDelegation
  anchorMany100Each: { allowance: DIRECT, peer: 165_845 }, // EAS multiAttest
  anchorManyBySig100Each: { allowance: SIGNED, peer: 165_845 }, // EAS multiAttest, which checks no signature
  anchorRoot10000: { allowance: DIRECT },
  claimLeaves100Each: { allowance: DIRECT, peer: 29_000 }, // a bound of our own
  canAccess1: { allowance: DIRECT },
  canAccess2: { allowance: DIRECT },
  canAccess3: { allowance: DIRECT },
};

export interface Operation {
  readonly name: string;
  readonly gas: number;
  /** What the EVM takes for this layout, however the code is written; null where there is no bar. */
  readonly rules: number | null;
  /** What it may cost. */
  readonly bar: number | null;
}

/** The operations that have a bar, in its order, then the others as they were measured. */
export async function judge(measured: readonly Measured[]): Promise<Operation[]> {
  const ranks = new Map(Object.keys(BARS).map((name, rank) => [name, rank]));
  const missing = [...ranks.keys()].filter((name) => !measured.some((operation) => operation.name === name));
  if (missing.length !== 0) throw new Error(`not measured: ${missing.join(", ")}`);
  const rankOf = (name: string) => ranks.get(name) ?? ranks.size;
  const operations: Operation[] = [];
  for (const { name, gas, share, profile } of measured.toSorted(
    (one, other) => rankOf(one.name) - rankOf(other.name),
  )) {
    const bar = BARS[name];
    if (!bar) {
      operations.push({ name, gas, rules: null, bar: null });
      continue;
    }
    const rules = Math.round((await profile()).rules / share);
    operations.push({ name, gas, rules, bar: Math.min(rules + bar.allowance, bar.peer ?? Infinity) });
  }
  return operations;
}

export function table(operations: readonly Operation[]): string {
  const lines = operations.map(({ name, gas, rules, bar }) => {
    const verdict = bar !== null && gas > bar ? `  over by ${gas - bar}` : "";
    return row([name, gas, rules, bar]) + verdict;
  });
  return [row(["operation", "gas", "rules", "bar"]), ...lines].join("\n");
}

/** A line of columns: the first to the left, numbers to the right. */
export function row(cells: readonly (string | number | null)[]): string {
  return cells
    .map((cell) => (cell === null ? "–" : typeof cell === "number" ? cell.toLocaleString("en") : cell))
    .map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(10)))
    .join("");
}

// SPDX-License-Identifier: Apache-2.0
/** What every operation may cost, and how what it costs is shown. */

/**
 * What an operation must cost at least by the rules of the EVM, what the same step costs in the cheapest comparable
 * contract in use, and what we allow ourselves.
 */
interface Yardstick {
  readonly floor: number | null;
  readonly peer: number | null;
  readonly target: number | null;
}

export interface Operation extends Yardstick {
  readonly name: string;
  readonly gas: number;
}

const YARDSTICKS: Readonly<Record<string, Yardstick>> = {
  grant: { floor: 46_821, peer: 47_794, target: 47_400 }, // Permit2 approve
  grantWithCapsule: { floor: 47_211, peer: 47_794, target: 48_000 },
  regrant: { floor: 30_111, peer: null, target: 30_900 },
  grantBySig: { floor: 51_657, peer: 57_734, target: 53_000 }, // Permit2 permit
  grantBySigUpdate: { floor: 34_557, peer: null, target: 36_000 },
  grantManyBySig100Each: { floor: null, peer: 59_743, target: 31_500 }, // ERC-2771 forwarder, batch
  revoke: { floor: 28_867, peer: 29_381, target: 29_300 }, // AccessControl revokeRole
  anchor: { floor: 47_276, peer: 200_000, target: 54_000 }, // floor: without any check; EAS attest
  anchorBySig: { floor: 59_300, peer: 220_316, target: 60_500 }, // EAS attestByDelegation
  anchorMany100Each: { floor: 24_750, peer: 165_845, target: 27_000 }, // EAS multiAttest
  anchorManyBySig100Each: { floor: 29_678, peer: 165_845, target: 30_500 }, // EAS multiAttest, which checks no signature
  anchorRoot10000: { floor: 46_608, peer: null, target: 51_500 },
  verifyAnchoredDepth14: { floor: null, peer: null, target: 6_000 },
  canAccess1: { floor: 4_326, peer: 4_884, target: 4_900 },
  canAccess2: { floor: 6_468, peer: null, target: 7_150 },
  canAccess3: { floor: 8_610, peer: null, target: 9_400 },
};

/** The operations that have a yardstick, in its order, then the others as they were measured. */
export function judge(measured: readonly { readonly name: string; readonly gas: number }[]): Operation[] {
  const ranks = new Map(Object.keys(YARDSTICKS).map((name, rank) => [name, rank]));
  const missing = [...ranks.keys()].filter((name) => !measured.some((operation) => operation.name === name));
  if (missing.length !== 0) throw new Error(`not measured: ${missing.join(", ")}`);
  const rankOf = (name: string) => ranks.get(name) ?? ranks.size;
  return measured
    .map(({ name, gas }) => ({ name, gas, ...(YARDSTICKS[name] ?? { floor: null, peer: null, target: null }) }))
    .toSorted((one, other) => rankOf(one.name) - rankOf(other.name));
}

export function table(operations: readonly Operation[]): string {
  const lines = operations.map(({ name, gas, floor, peer, target }) => {
    const verdict = target !== null && gas > target ? `  over by ${gas - target}` : "";
    return row([name, gas, floor, peer, target]) + verdict;
  });
  return [row(["operation", "gas", "floor", "peer", "target"]), ...lines].join("\n");
}

/** A line of columns: the first to the left, numbers to the right. */
export function row(cells: readonly (string | number | null)[]): string {
  return cells
    .map((cell) => (cell === null ? "–" : typeof cell === "number" ? cell.toLocaleString("en") : cell))
    .map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(10)))
    .join("");
}

// SPDX-License-Identifier: Apache-2.0
/** Where the gas of a traced call or transaction goes: by kind of instruction and by line of the sources. */
import { getBytes } from "ethers";

interface Step {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
}

export interface Profile {
  readonly total: number;
  /** Gas by kind, the greatest first. */
  readonly kinds: ReadonlyMap<string, number>;
  /** What the rules fix, however the code is written: see {@link FIXED}. */
  readonly rules: number;
}

/** Kinds whose gas follows from storage, events, calldata, hashes and calls. */
const FIXED: ReadonlySet<string> = new Set([
  "transaction",
  "calldata",
  "refund",
  "SLOAD",
  "SSTORE",
  "LOG",
  "CALL",
  "KECCAK",
]);

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^SLOAD$/, "SLOAD"],
  [/^SSTORE$/, "SSTORE"],
  [/^LOG/, "LOG"],
  [/^(STATIC|DELEGATE)?CALL$|^EXTCODE/, "CALL"],
  [/^CREATE/, "CREATE"],
  [/^KECCAK256$|^SHA3$/, "KECCAK"],
  [/^M(LOAD|STORE8?|COPY)$|^(CALLDATA|CODE|RETURNDATA)COPY$/, "memory"],
  [/^CALLDATA/, "reading calldata"],
  [/^JUMP/, "jumps"],
  [/^(PUSH|DUP|SWAP|POP)/, "stack"],
];

/**
 * @param calldata That of a transaction; null for a view, of which the code alone is counted.
 * @param total The gas of the transaction's receipt.
 */
export function profile(trace: unknown, calldata: string | null, total: number | null): Profile {
  const { failed, structLogs } = trace as { failed: boolean; structLogs: Step[] };
  const [first, last] = [structLogs[0], structLogs.at(-1)];
  if (failed || first === undefined || last === undefined) throw new Error("a traced call failed");
  const kinds = new Map<string, number>();
  const count = (kind: string, gas: number) => {
    if (gas !== 0) kinds.set(kind, (kinds.get(kind) ?? 0) + gas);
  };

  const used = first.gas - (last.gas - last.gasCost);
  if (calldata !== null && total !== null) {
    const data = [...getBytes(calldata)].reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
    count("transaction", 21_000);
    count("calldata", data);
    count("refund", total - used - 21_000 - data);
  }
  const dispatch = dispatchSteps(structLogs);
  for (const [i, cost] of costs(structLogs).entries()) {
    const op = structLogs[i]?.op ?? "";
    count(dispatch.has(i) ? "dispatch" : (KINDS.find(([pattern]) => pattern.test(op))?.[1] ?? "arithmetic"), cost);
  }
  const rules = [...kinds].reduce((sum, [kind, gas]) => (FIXED.has(kind) ? sum + gas : sum), 0);
  return { total: total ?? used, kinds: new Map([...kinds].toSorted(([, one], [, other]) => other - one)), rules };
}

/** What every step cost itself: of a call, without what the called code used. */
function costs(steps: readonly Step[]): number[] {
  const own = steps.map((step) => step.gasCost);
  /** For every open frame its calling step and the gas it began with. */
  const frames: { caller: number; gas: number }[] = [];
  for (let i = 1; i < steps.length; ++i) {
    const [before, step] = [steps[i - 1], steps[i]];
    if (before === undefined || step === undefined) continue;
    if (step.depth > before.depth) {
      frames.push({ caller: i - 1, gas: step.gas });
      continue;
    }
    const frame = step.depth < before.depth ? frames.pop() : undefined;
    const caller = frame === undefined ? i - 1 : frame.caller;
    const inner = frame === undefined ? 0 : frame.gas - (before.gas - before.gasCost);
    own[caller] = (steps[caller]?.gas ?? 0) - step.gas - inner;
  }
  return own;
}

/** The steps of every frame until it jumps to the function that was asked for: the first comparison that holds. */
function dispatchSteps(steps: readonly Step[]): Set<number> {
  const dispatch = new Set<number>();
  let pending: number[] = [];
  let depth = 0;
  let isOpen = false;
  for (const [i, step] of steps.entries()) {
    if (step.depth > depth) [pending, isOpen] = [[], true];
    depth = step.depth;
    if (!isOpen) continue;
    pending.push(i);
    const isTaken = step.op === "JUMPI" && steps[i + 1]?.pc !== step.pc + 1;
    if (!isTaken || steps[i - 2]?.op !== "EQ") continue;
    for (const known of pending) dispatch.add(known);
    isOpen = false;
  }
  return dispatch;
}

import type { CheckedBy, Verify } from "../chain/view.js";
import type { Terminal } from "./terminal.js";

/** Values of --verify. */
export const checks = ["proof", "quorum", "none"] as const satisfies readonly Verify[];

/** How what a node says is to be checked. */
export interface Checking {
  readonly verify?: Verify | undefined;
  /** URL of a second node. */
  readonly witness?: string | undefined;
}

/** What this call says of it, or else what the profile keeps. Who asks for no check needs no second node. */
export function checkingOf(asked: Checking, kept: Checking = {}): Checking {
  const verify = asked.verify ?? kept.verify;
  const witness = asked.witness ?? (asked.verify === "none" ? undefined : kept.witness);
  return { ...(verify !== undefined && { verify }), ...(witness !== undefined && { witness }) };
}

/** A check in words. */
export const checkNames: Readonly<Record<CheckedBy, string>> = {
  proof: "by proofs",
  quorum: "by two nodes",
  "one source": "by one source",
};

/** Says aloud where a single node's word is all there is. */
export function warnOfOneSource(terminal: Terminal, checkedBy: CheckedBy): void {
  if (checkedBy !== "one source") return;
  terminal.note("What the chain says is checked by one source: its node could lie. --witness <url> asks a second one.");
}

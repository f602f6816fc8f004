import { CareKeyError } from "../../errors.js";
import { checkFragments } from "./reed-solomon.js";
import type { Policy, PoolNode } from "./types.js";

const DATA = 10;
const PARITY = 4;
const COPIES = 3;

/** 10 + 4 fragments where each gets a node of its own, else three copies, or as many as there are nodes. */
export function defaultPolicy(nodes: readonly PoolNode[]): Policy {
  return nodes.length >= DATA + PARITY
    ? { kind: "fragments", data: DATA, parity: PARITY }
    : { kind: "copies", copies: Math.min(COPIES, nodes.length) };
}

/** The nodes that a policy allows, by name, so that the order in which they were given means nothing. */
export function nodesOf(nodes: readonly PoolNode[], { operators }: Policy): PoolNode[] {
  return nodes
    .filter(({ operator }) => operators?.includes(operator) ?? true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Nodes that keep a block which has no fragments: as many losses as those of a stripe leave one. */
export function copiesOf(policy: Policy): number {
  return policy.kind === "copies" ? policy.copies : policy.parity + 1;
}

/** Fewest nodes that have to keep it, or a put fails: where nodes are down, two are enough to answer. */
export function fewestCopies(policy: Policy): number {
  return Math.min(2, copiesOf(policy));
}

/** Throws INVALID_ARGUMENT for nodes of one name, and for a policy that these nodes could never keep: `{ needed, nodes }`. */
export function checkPolicy(nodes: readonly PoolNode[], policy: Policy): void {
  if (new Set(nodes.map(({ name }) => name)).size < nodes.length) {
    throw new CareKeyError("INVALID_ARGUMENT", "Two nodes of the pool have one name", { nodes: nodes.length });
  }
  if (policy.kind === "fragments") checkFragments(policy.data, policy.parity);
  const needed = policy.kind === "fragments" ? policy.data : policy.copies;
  const allowed = nodesOf(nodes, policy).length;
  if (!Number.isInteger(needed) || needed < 1 || allowed < needed) {
    const details = { needed, nodes: allowed };
    throw new CareKeyError("INVALID_ARGUMENT", `The policy needs ${needed} nodes and allows ${allowed}`, details);
  }
}

import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "../../bytes.js";
import type { PoolNode } from "./types.js";

interface Candidate {
  readonly node: PoolNode;
  /** Fragments of this stripe that lie there. */
  load: number;
}

/**
 * Spreads the fragments of one stripe, or the copies of one block, over nodes (docs/format.md §20). Each goes where the fewest
 * of them lie, then to the operator with the fewest, then to the node of the highest score (rendezvous hashing). So no two
 * share a node while nodes suffice, nor an operator while operators do; who knows the nodes knows where to look; and a node
 * more or less moves about its share.
 *
 * @example
 * const spread = new Spread(nodes, leaf.multihash.digest, "fragments");
 * const belongs = leaves.map((_, index) => spread.choose(index));
 */
export class Spread {
  readonly #candidates: readonly Candidate[];
  readonly #key: Uint8Array;
  readonly #kind: "fragments" | "copies";

  /** @param key digest of the stripe's first leaf, or of the block */
  constructor(nodes: readonly PoolNode[], key: Uint8Array, kind: "fragments" | "copies") {
    this.#candidates = nodes.map((node) => ({ node, load: 0 }));
    this.#key = key;
    this.#kind = kind;
  }

  /** The node for the fragment, which from now on counts as lying there; undefined where no node is left. Copies never share a node. */
  choose(index: number, without: ReadonlySet<PoolNode> = new Set()): PoolNode | undefined {
    const left = this.#candidates.filter(
      ({ node, load }) => !without.has(node) && (this.#kind === "fragments" || load === 0),
    );
    const [best] = this.#sort(left, index);
    if (best) best.load++;
    return best?.node;
  }

  /** Takes a fragment off a node that failed to keep it. */
  release(node: PoolNode): void {
    const found = this.#candidates.find((candidate) => candidate.node === node);
    if (found) found.load--;
  }

  /** The nodes in the order in which the fragment would go to them now. */
  rank(index: number): PoolNode[] {
    return this.#sort([...this.#candidates], index).map(({ node }) => node);
  }

  #sort(candidates: Candidate[], index: number): Candidate[] {
    const operators = new Map<string, number>();
    for (const { node, load } of this.#candidates) {
      operators.set(node.operator, (operators.get(node.operator) ?? 0) + load);
    }
    const ranked = candidates.map((candidate) => ({
      candidate,
      operator: operators.get(candidate.node.operator) ?? 0,
      score: this.#score(candidate.node, index),
    }));
    ranked.sort(
      (a, b) => a.candidate.load - b.candidate.load || a.operator - b.operator || compareBytes(b.score, a.score),
    );
    return ranked.map(({ candidate }) => candidate);
  }

  /** Each fragment ranks the nodes anew, so that one more node does not shift those after it; copies are all the same. */
  #score({ name }: PoolNode, index: number): Uint8Array {
    const position = Uint8Array.of(this.#kind === "fragments" ? index : 0);
    return sha256(concat([this.#key, position, new TextEncoder().encode(name)]));
  }
}

/**
 * Where `count` fragments, or copies, belong: one node each, in their order. Copies are fewer where nodes are.
 *
 * @example
 * const [first] = place(nodes, cid.multihash.digest, 2, "copies");
 */
export function place(
  nodes: readonly PoolNode[],
  key: Uint8Array,
  count: number,
  kind: "fragments" | "copies",
): PoolNode[] {
  const spread = new Spread(nodes, key, kind);
  return Array.from({ length: count }, (_, index) => spread.choose(index)).filter((node) => node !== undefined);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (const [index, byte] of a.entries()) {
    const difference = byte - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

import type { Block } from "../types.js";
import { fileNode, type TreeLink } from "./node.js";

/**
 * Builds the balanced tree above a file's leaves while they come, as the stock importers do: a node as soon as it is full,
 * and at the end one around each unfinished row. Holds at most `children` links per level.
 *
 * @example
 * const tree = new BalancedTree(1024);
 * for (const leaf of leaves) await store.putMany(await tree.add(leaf));
 * const { root, nodes } = await tree.finish();
 */
export class BalancedTree {
  readonly #levels: TreeLink[][] = [];
  readonly #children: number;

  constructor(children: number) {
    this.#children = children;
  }

  /** Takes the next leaf; returns the nodes that it completed, lowest first. */
  async add(leaf: TreeLink): Promise<Block[]> {
    const nodes: Block[] = [];
    let link = leaf;
    for (let level = 0; ; level++) {
      const row = this.#row(level);
      row.push(link);
      if (row.length < this.#children) return nodes;
      link = await this.#close(level, nodes);
    }
  }

  /** Closes all rows; returns the root (a single leaf is its own) and the last nodes. At least one leaf must have come. */
  async finish(): Promise<{ root: TreeLink; nodes: Block[] }> {
    const nodes: Block[] = [];
    for (let level = 0; ; level++) {
      const row = this.#row(level);
      const [only] = row;
      if (only && row.length === 1 && level === this.#levels.length - 1) return { root: only, nodes };
      if (row.length > 0) this.#row(level + 1).push(await this.#close(level, nodes));
    }
  }

  async #close(level: number, nodes: Block[]): Promise<TreeLink> {
    const { block, link } = await fileNode(this.#row(level));
    this.#levels[level] = [];
    nodes.push(block);
    return link;
  }

  #row(level: number): TreeLink[] {
    return (this.#levels[level] ??= []);
  }
}

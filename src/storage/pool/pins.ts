import type { StoreOptions } from "../types.js";
import type { Members } from "./members.js";
import { type Kept, keptRoots } from "./places.js";
import { onNode } from "./on-node.js";
import type { PoolNode } from "./types.js";

/** Pins each root that some node pins on every node that has it, so that what was brought to a node is not collected there. */
export async function spreadPins(members: Members, kept: Kept, options: StoreOptions): Promise<void> {
  const roots = new Map(keptRoots(kept).map((root) => [root.toString(), root]));
  const pinned = await pinnedRoots(members, new Set(roots.keys()), options);
  const wanted = new Set([...pinned.values()].flatMap((names) => [...names]));
  for (const node of members.nodes) {
    for (const name of wanted) {
      const root = roots.get(name);
      if (!root || pinned.get(node)?.has(name)) continue;
      await onNode(members, node, options, async (limit) => {
        if (await node.store.has(root, limit)) await node.store.pin(root, limit);
      });
    }
  }
}

/** Which of the roots each node pins. A node's other pins, which may be millions, are not held. */
async function pinnedRoots(
  members: Members,
  roots: ReadonlySet<string>,
  options: StoreOptions,
): Promise<Map<PoolNode, Set<string>>> {
  const pinned = new Map<PoolNode, Set<string>>();
  for (const node of members.nodes) {
    const names = new Set<string>();
    await onNode(members, node, options, async (limit) => {
      for await (const cid of node.store.pins(limit)) {
        const name = cid.toString();
        if (roots.has(name)) names.add(name);
      }
    });
    pinned.set(node, names);
  }
  return pinned;
}

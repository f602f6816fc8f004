import type { CID } from "multiformats/cid";

import type { ClusterNode } from "../../../scripts/cluster/node.js";

/** Asks again and again until the answer is true: no program here tells of its own accord. */
export async function until(ask: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${seconds} s`);
}

/** Calls the RPC of a Kubo, or that of a proxy. */
export async function call(rpc: string, path: string): Promise<string> {
  const response = await fetch(`${rpc}/api/v0/${path}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`Refused ${path}: ${text}`);
  return text;
}

/** True when the Kubo itself of this node pins a root, whatever its cluster peer says. */
export async function holds({ rpc }: ClusterNode, root: CID): Promise<boolean> {
  return (await rootsOf(rpc)).includes(root.toString());
}

/** Has all nodes forget everything. */
export async function emptied(nodes: readonly ClusterNode[]): Promise<void> {
  await until(async () => {
    // again and again: a peer that was away learns late what there is
    for (const rpcs of [nodes.map(({ proxy }) => proxy), nodes.map(({ rpc }) => rpc)]) {
      // in a node itself, what it pinned when it was killed and no peer knows of; another may just have done it
      const pins = (
        await Promise.all(rpcs.map(async (rpc) => (await rootsOf(rpc)).map((root) => ({ rpc, root }))))
      ).flat();
      for (const { rpc, root } of pins) await call(rpc, `pin/rm?arg=${root}`).catch(() => undefined);
      if (pins.length > 0) return false;
    }
    return true;
  });
  for (const { rpc } of nodes) await call(rpc, "repo/gc");
}

async function rootsOf(rpc: string): Promise<string[]> {
  const { Keys } = JSON.parse(await call(rpc, "pin/ls?type=recursive")) as { Keys: object | null };
  // beside an empty folder that each Kubo pins by itself, by a CID of version 0
  return Object.keys(Keys ?? {}).filter((root) => root.startsWith("b"));
}

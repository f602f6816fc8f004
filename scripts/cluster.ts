/**
 * IPFS Cluster on this machine until Ctrl-C: `npm run cluster`. Three Kubo nodes in a private network, each with its cluster peer, configured as
 * deploy/ipfs has it. `-- --folder FOLDER` keeps everything there for the next start, `-- --json` prints the ready line as an object.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { type LocalCluster, startCluster } from "./cluster/cluster.js";
import { clusterPrograms } from "./cluster/find.js";

const { values } = parseArgs({ options: { folder: { type: "string" }, json: { type: "boolean", default: false } } });
const found = clusterPrograms();
if ("missing" in found) {
  console.error(
    `There is no ${found.missing.join(" and no ")}: npm run peers -- cluster builds them, or put them into the PATH.`,
  );
  process.exit(1);
}
const folder = values.folder === undefined ? undefined : path.resolve(values.folder);
if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 });

// what was asked to stop while it starts stops once it has started: nothing of it is left
const state: { asked: boolean; cluster?: LocalCluster; closing?: Promise<void> } = { asked: false };
const stop = (): void => {
  state.asked = true;
  if (state.cluster) state.closing ??= state.cluster.close().then(() => process.exit(0));
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

if (!values.json) console.log("Starting three Kubo nodes and three cluster peers …");
const cluster = await startCluster(found, folder);
state.cluster = cluster;
const nodes = cluster.nodes.map(({ proxy, api, rpc }) => ({ proxy, api, rpc }));
if (values.json) console.log(JSON.stringify({ folder: cluster.folder, nodes }));
else {
  for (const { proxy, api } of nodes) console.log(`  RPC ${proxy}  cluster API ${api}`);
  console.log(`Data in ${cluster.folder}${folder === undefined ? ", until Ctrl-C" : ""}. Ctrl-C ends it.`);
}
if (state.asked) stop();
// the keeper's channel alone would not keep this process going
setInterval(() => undefined, 60_000);

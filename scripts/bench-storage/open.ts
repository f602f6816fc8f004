import { cp, readdir } from "node:fs/promises";
import path from "node:path";

import { alternating, type Group, ratio } from "../bench-crypto/group.js";
import { BenchStage, MEBIBYTES, RUNS, type Told } from "./stage.js";

/**
 * Helia's `unixfs.cat` over its store on disk, which neither checks nor decrypts, over our open, which does both and hashes what comes out. Each reads
 * from disk a file of the same size, and drops the bytes. The start of the processes is not counted.
 */
export const open: Group = {
  targets: { openToHelia: { atLeast: 2 } },
  run: (note) =>
    BenchStage.run(async (stage) => {
      const file = await stage.noise("plain");
      const { part = "" } = await stage.our("share", file, stage.at("sealed"), stage.recipient);
      const { cid = "" } = await stage.our("keep", file, stage.at("unsealed"));
      await asHelia(stage.at("unsealed"), stage.at("helia"));
      const pairs = await alternating(
        RUNS,
        async () => seconds(await stage.our("helia", stage.at("helia"), cid)),
        async () => seconds(await stage.our("open", stage.at("sealed"), part)),
      );
      for (const { theirs, ours } of pairs)
        note(`open: ${MEBIBYTES} MiB by Helia ${theirs.toFixed(3)} s, ours ${ours.toFixed(3)} s`);
      return { openToHelia: ratio(pairs) };
    }),
};

function seconds({ seconds, size }: Told): number {
  if (size !== MEBIBYTES * 1024 * 1024) throw new Error(`${String(size)} bytes came back`);
  return seconds;
}

/** The same blocks under the names of blockstore-fs: base32 of the multihash with its prefix, sharded by the last two characters. */
async function asHelia(from: string, to: string): Promise<void> {
  for (const shard of await readdir(path.join(from, "blocks"))) {
    for (const name of await readdir(path.join(from, "blocks", shard))) {
      const key = `B${name.slice(0, -".data".length)}`;
      await cp(path.join(from, "blocks", shard, name), path.join(to, key.slice(-2), `${key}.data`));
    }
  }
}

// A process of its own that the crash tests kill: for ever it puts a batch, pins its first block, and of an older batch unpins and deletes. Before
// each deed it says what it begins, after it what was acknowledged.
import { writeSync } from "node:fs";
import type { CID } from "multiformats/cid";
import { fsStore } from "../../src/storage/fs.js";
import { rawBlock } from "../../src/storage/verify.js";

const [, , directory = "", seed = "0"] = process.argv;
const say = (deed: string, cids: readonly CID[]): void => {
  writeSync(1, `${[deed, ...cids.map(String)].join(" ")}\n`);
};
const store = await fsStore(directory);
const kept: CID[][] = [];
for (let batch = 0; ; batch++) {
  const blocks = await Promise.all(
    Array.from({ length: 6 }, (_, index) => {
      const bytes = new Uint8Array(200_000).fill(index);
      new DataView(bytes.buffer).setFloat64(0, Number(seed) * 1e6 + batch);
      return rawBlock(bytes);
    }),
  );
  const cids = blocks.map(({ cid }) => cid);
  await store.putMany(blocks);
  say("put", cids);
  const [first] = cids as [CID];
  await store.pin(first);
  say("pinned", [first]);
  kept.push(cids);
  if (kept.length < 3) continue;
  const [pinned, ...rest] = kept.shift() as [CID, ...CID[]];
  say("unpin", [pinned]);
  await store.unpin(pinned);
  say("unpinned", [pinned]);
  say("delete", rest);
  for (const cid of rest) await store.delete(cid);
  say("deleted", rest);
}

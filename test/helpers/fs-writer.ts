// A process of its own that the crash test kills: puts batches for ever and says which ones were acknowledged.
import { writeSync } from "node:fs";
import { fsStore } from "../../src/storage/fs.js";
import { rawBlock } from "../../src/storage/verify.js";

const [, , directory = "", seed = "0"] = process.argv;
const store = await fsStore(directory);
for (let batch = 0; ; batch++) {
  const blocks = await Promise.all(
    Array.from({ length: 6 }, (_, index) => {
      const bytes = new Uint8Array(200_000).fill(index);
      new DataView(bytes.buffer).setFloat64(0, Number(seed) * 1e6 + batch);
      return rawBlock(bytes);
    }),
  );
  await store.putMany(blocks);
  writeSync(1, `${blocks.map(({ cid }) => cid.toString()).join(" ")}\n`);
}

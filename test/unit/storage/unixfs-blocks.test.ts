import { expect } from "chai";
import { memoryStore } from "../../../src/storage/memory.js";
import { listBlocks } from "../../../src/storage/unixfs/blocks.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { failure, namesOf } from "../../helpers/block-store-suite.js";
import { noise, repeat } from "../../helpers/dags.js";

const shape = { chunk: 4, children: 3 };

describe("list of a file's blocks", () => {
  it("names every block once, nodes after what lies below them", async () => {
    const store = memoryStore();
    const { cid, added } = await importFile(noise(200), store, { shape });
    const names = await namesOf(listBlocks(cid, store));
    expect(names).to.have.members(added.map(String));
    expect(names.at(-1)).to.equal(cid.toString());
    const repeated = await importFile(repeat(new Uint8Array(4), 27), store, { shape });
    expect(await namesOf(listBlocks(repeated.cid, store))).to.have.length(4);
  });

  it("lets blocks be removed while they are listed, and goes on where that broke off", async () => {
    const store = memoryStore();
    const { cid, added } = await importFile(noise(200), store, { shape });
    let removed = 0;
    for await (const block of listBlocks(cid, store)) {
      await store.delete(block);
      if (++removed === 30) break;
    }
    await failure(namesOf(listBlocks(cid, store)), "BLOCK_MISSING");
    for await (const block of listBlocks(cid, store, { skipMissing: true })) await store.delete(block);
    for (const block of added) expect(await store.has(block)).to.equal(false);
  });
});

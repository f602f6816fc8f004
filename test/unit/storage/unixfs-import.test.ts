import { expect } from "chai";
import type { ByteStream } from "../../../src/bytes.js";
import { memoryStore } from "../../../src/storage/memory.js";
import { type BlockStore, MAX_BLOCK } from "../../../src/storage/types.js";
import { listBlocks, removeBlocks } from "../../../src/storage/unixfs/blocks.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { namesOf } from "../../helpers/block-store-suite.js";
import { MiB, noise, peakOfBuffers, repeat, stockCid, storeWith } from "../../helpers/dags.js";

/** A store that forgets what it is given. */
const away = () => storeWith(() => ({ has: () => Promise.resolve(false), putMany: () => Promise.resolve() }));

describe("import of files", () => {
  let store: BlockStore;
  beforeEach(() => {
    store = memoryStore();
  });

  it("tells the size of the whole DAG", async () => {
    const { tsize } = await importFile(noise(1000), store, { shape: { chunk: 4, children: 3 } });
    let sum = 0;
    for await (const { size } of store.blocks()) sum += size;
    expect(tsize).to.equal(sum);
  });

  for (const size of [0, 1, MiB - 1, MiB, MiB + 1, 3.5 * MiB]) {
    it(`gives ${size} bytes the CID that the stock importer gives`, async () => {
      const imported = await importFile(noise(size), store);
      expect(imported.size).to.equal(size);
      expect(imported.cid.toString()).to.equal(await stockCid(noise(size)));
    });
  }

  it("gives 1025 MiB of zeros the CID that the stock importer gives", async function () {
    this.timeout(60_000);
    const { cid, size, added } = await importFile(repeat(new Uint8Array(MiB), 1025), away());
    // ipfs-unixfs-importer 17.1.1 over the same stream
    expect(cid.toString()).to.equal("bafybeigt7wofv4vnxbg3titijasuw4ptg5kfztec4smsk7opdt7z6djoxq");
    expect(size).to.equal(1025 * MiB);
    expect(added).to.have.length(4);
  });

  it("builds deep trees as the stock importer does", async () => {
    const shape = { chunk: 4, children: 3 };
    for (const size of [1, 4, 5, 12, 13, 36, 37, 40, 108, 109, 324, 325, 1000]) {
      const { cid } = await importFile(noise(size), store, { shape });
      expect(cid.toString(), `${size} bytes`).to.equal(await stockCid(noise(size), shape));
    }
  });

  it("gives the same CID however the stream is cut, and when it reuses its buffer", async () => {
    const expected = (await importFile(noise(2.5 * MiB), store)).cid.toString();
    const [whole] = [...noise(2.5 * MiB, 2.5 * MiB)];
    const reusing = (function* () {
      const buffer = new Uint8Array(70_000);
      for (let offset = 0; offset < whole!.length; offset += buffer.length) {
        const part = whole!.subarray(offset, offset + buffer.length);
        buffer.set(part);
        yield buffer.subarray(0, part.length);
        yield new Uint8Array();
      }
    })();
    const asynchronous = (async function* () {
      for (const piece of noise(2.5 * MiB, 65_536)) yield await Promise.resolve(piece);
    })();
    const same = [...noise(2.5 * MiB, 65_536)];
    const cut = [whole!.subarray(0, 1), whole!.subarray(1, 2 * MiB + 7), whole!.subarray(2 * MiB + 7)];
    const sources: ByteStream[] = [[whole!], cut, reusing];
    for (const source of sources) {
      expect((await importFile(source, store)).cid.toString()).to.equal(await stockCid([whole!]));
    }
    expect((await importFile(asynchronous, store)).cid.toString()).to.equal(await stockCid(same));
    expect(expected).to.equal(await stockCid(noise(2.5 * MiB)));
  });

  it("says how far it is", async () => {
    const seen: number[] = [];
    await importFile(noise(17.5 * MiB), store, { onProgress: (bytes) => seen.push(bytes) });
    expect(seen).to.deep.equal([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.at(-1)).to.equal(17.5 * MiB);
    expect(seen.length).to.be.greaterThan(2);
  });

  it("puts blocks that IPFS peers exchange, in batches", async () => {
    const batches: number[] = [];
    const watched = storeWith((inner) => ({
      putMany: async (blocks, options) => {
        const all = [];
        for await (const block of blocks) all.push(block);
        expect(all.every(({ bytes }) => bytes.length <= MAX_BLOCK)).to.equal(true);
        batches.push(all.length);
        await inner.putMany(all, options);
      },
    }));
    await importFile(noise(20 * MiB), watched);
    expect(batches).to.deep.equal([8, 8, 4, 1]);
  });

  it("tells which blocks it brought, each once", async () => {
    const shape = { chunk: 4, children: 3 };
    const first = await importFile(noise(100), store, { shape });
    expect(first.added.map(String)).to.have.members(await namesOf(listBlocks(first.cid, store)));
    expect((await importFile(noise(100), store, { shape })).added).to.deep.equal([]);
    const repeated = await importFile(repeat(new Uint8Array(4), 9), store, { shape });
    expect(repeated.added).to.have.length(3);
    expect(await removeBlocks(first.added, store)).to.equal(first.added.length);
    expect(await store.has(first.cid)).to.equal(false);
    expect(await store.has(repeated.cid)).to.equal(true);
  });

  it("holds a few batches in memory, not the file", async function () {
    this.timeout(60_000);
    const peak = await peakOfBuffers(64 * MiB, async (look) => {
      const piece = new Uint8Array(65_536);
      const source = (function* () {
        for (let index = 0; index < 128 * 16; index++) {
          piece[0] = index;
          yield piece;
        }
      })();
      await importFile(source, away(), { onProgress: look });
    });
    expect(peak).to.be.lessThan(64 * MiB);
  });
});

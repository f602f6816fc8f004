import { BlackHoleBlockstore } from "blockstore-core";
import { expect } from "chai";
import { importByteStream } from "ipfs-unixfs-importer";
import type { CID } from "multiformats/cid";
import { collect } from "../../../src/bytes.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { readFile, type ReadOptions } from "../../../src/storage/unixfs/read.js";
import { failure } from "../../helpers/block-store-suite.js";
import { MiB, noise, peakOfBuffers, repeat, storeWith } from "../../helpers/dags.js";

const shape = { chunk: 4, children: 3 };

describe("reading of files", () => {
  let store: BlockStore;
  const read = (cid: CID, options?: ReadOptions) => collect(readFile(cid, store, options), 100 * MiB);
  beforeEach(() => {
    store = memoryStore();
  });

  it("gives back what was imported, of every size", async () => {
    for (const size of [0, 1, MiB, MiB + 1, 2.5 * MiB]) {
      const { cid } = await importFile(noise(size), store);
      expect(Buffer.compare(await read(cid), Buffer.concat([...noise(size)])), `${size} bytes`).to.equal(0);
    }
  });

  it("reads deep trees, with every window", async () => {
    const { cid } = await importFile(noise(1000), store, { shape });
    const expected = Uint8Array.from(Buffer.concat([...noise(1000)]));
    for (const window of [0, 1, 2, 4, 1000]) expect(await read(cid, { window })).to.deep.equal(expected);
  });

  it("reads files whose leaves are dag-pb nodes, as older importers write them", async () => {
    const blocks = new BlackHoleBlockstore();
    blocks.put = async (cid, bytes) => {
      if (bytes instanceof Uint8Array) await store.put({ cid, bytes });
      return cid;
    };
    for (const size of [10, MiB]) {
      const { cid } = await importByteStream(noise(size), blocks, { rawLeaves: false, cidVersion: 1 });
      expect(Buffer.compare(await read(cid), Buffer.concat([...noise(size)]))).to.equal(0);
    }
  });

  it("gives every range of a file, whatever its tree", async () => {
    const expected = Uint8Array.from(Buffer.concat([...noise(41)]));
    const { cid } = await importFile(noise(41), store, { shape });
    const whole = await importFile(noise(41), store);
    for (let offset = 0; offset <= 45; offset++) {
      for (const length of [0, 1, 3, 4, 5, 12, 40, 41, 100, undefined]) {
        const range = expected.subarray(offset, length === undefined ? undefined : offset + length);
        for (const root of [cid, whole.cid]) {
          expect(await read(root, { offset, length }), `${offset}+${String(length)}`).to.deep.equal(range);
        }
      }
    }
  });

  it("fetches nothing that lies outside of a range", async () => {
    const asked: CID[] = [];
    const counted = storeWith((inner) => ({
      get: (cid, options) => {
        asked.push(cid);
        return inner.get(cid, options);
      },
    }));
    const { cid } = await importFile(noise(400), counted, { shape });
    await collect(readFile(cid, counted, { offset: 398, length: 1 }), 1);
    // the last leaf, and the nodes above it
    expect(asked.map(({ code }) => code)).to.deep.equal([0x70, 0x70, 0x70, 0x70, 0x70, 0x55]);
    await collect(readFile(cid, counted, { offset: 400 }), 0);
    expect(asked).to.have.length(7);
  });

  it("asks for no more leaves than its window ahead of the consumer", async () => {
    let asked = 0;
    const counted = storeWith((inner) => ({
      get: (cid, options) => {
        if (cid.code === 0x55) asked++;
        return inner.get(cid, options);
      },
    }));
    const { cid } = await importFile(noise(400), counted, { shape });
    let read = 0;
    for await (const chunk of readFile(cid, counted, { window: 3 })) {
      read++;
      expect(chunk).to.have.length(4);
      expect(asked - read).to.be.at.most(2);
    }
    expect(read).to.equal(100);
  });

  it("ends quietly when the consumer stops early, and stops what it asked for", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    let asked = 0;
    let stopped = 0;
    const slow = storeWith((inner) => ({
      get: (cid, options) =>
        cid.code === 0x55 && asked++ > 0
          ? new Promise((_, reject) => {
              options?.signal?.addEventListener("abort", () => {
                stopped++;
                reject(new Error("aborted"));
              });
            })
          : inner.get(cid, options),
    }));
    const { cid } = await importFile(noise(400), slow, { shape });
    for await (const chunk of readFile(cid, slow)) {
      expect(chunk).to.have.length(4);
      break;
    }
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    expect(stopped).to.equal(3);
    expect(rejections).to.deep.equal([]);
  });

  it("gives CANCELLED when aborted before or midway", async () => {
    const { cid } = await importFile(noise(400), store, { shape });
    await failure(read(cid, { signal: AbortSignal.abort() }), "CANCELLED");
    const caller = new AbortController();
    const midway = (async () => {
      let chunks = 0;
      for await (const chunk of readFile(cid, store, { signal: caller.signal })) {
        chunks += chunk.length;
        if (chunks === 20) caller.abort();
      }
    })();
    await failure(midway, "CANCELLED");
  });

  it("hands the deadline to the store", async () => {
    const seen = new Set<number | undefined>();
    const watched = storeWith((inner) => ({
      get: (cid, options) => {
        seen.add(options?.deadline);
        return inner.get(cid, options);
      },
    }));
    const { cid } = await importFile(noise(100), watched, { shape });
    await collect(readFile(cid, watched, { deadline: 1234 }), MiB);
    expect([...seen]).to.deep.equal([1234]);
  });

  it("fails when any block is missing, after the true beginning of the file", async () => {
    const { cid, added } = await importFile(noise(200), store, { shape });
    const expected = Buffer.concat([...noise(200)]);
    for (const gone of added) {
      const bytes = await store.get(gone);
      await store.delete(gone);
      const before: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of readFile(cid, store)) before.push(chunk);
      })();
      expect(await failure(reading, "BLOCK_MISSING")).to.include({ cid: gone.toString() });
      expect(expected.subarray(0, Buffer.concat(before).length).equals(Buffer.concat(before))).to.equal(true);
      await store.put({ cid: gone, bytes });
    }
  });

  it("holds its window in memory, not the file", async function () {
    this.timeout(60_000);
    const fresh = storeWith((inner) => ({
      // a buffer of its own for each leaf, as from a disk or a network
      get: async (cid, options) => (await inner.get(cid, options)).slice(),
    }));
    const { cid } = await importFile(repeat(new Uint8Array(MiB), 128), fresh);
    const peak = await peakOfBuffers(64 * MiB, async (look) => {
      let size = 0;
      for await (const chunk of readFile(cid, fresh)) {
        size += chunk.length;
        look();
      }
      expect(size).to.equal(128 * MiB);
    });
    expect(peak).to.be.lessThan(64 * MiB);
  });
});

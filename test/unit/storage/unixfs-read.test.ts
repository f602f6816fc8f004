import { encode } from "@ipld/dag-pb";
import { BlackHoleBlockstore } from "blockstore-core";
import { expect } from "chai";
import { importByteStream } from "ipfs-unixfs-importer";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import { collect } from "../../../src/bytes.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { listBlocks } from "../../../src/storage/unixfs-blocks.js";
import { encodeUnixFs } from "../../../src/storage/unixfs-data.js";
import { importFile } from "../../../src/storage/unixfs-import.js";
import { fileNode, type TreeLink } from "../../../src/storage/unixfs-node.js";
import { readFile, type ReadOptions } from "../../../src/storage/unixfs-read.js";
import { dagPbBlock, rawBlock } from "../../../src/storage/verify.js";
import { failure, namesOf } from "../../helpers/block-store-suite.js";
import { MiB, noise, peakOfBuffers, repeat, storeWith } from "./samples.js";

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

  describe("refuses", () => {
    const put = async (bytes: Uint8Array): Promise<TreeLink> => {
      const block = await rawBlock(bytes);
      await store.put(block);
      return { cid: block.cid, size: bytes.length, tsize: bytes.length };
    };
    const above = async (...links: TreeLink[]): Promise<TreeLink> => {
      const { block, link } = await fileNode(links);
      await store.put(block);
      return link;
    };

    it("leaves that are shorter or longer than declared", async () => {
      const leaf = await put(new Uint8Array(10));
      for (const size of [9, 11]) {
        const root = await above({ ...leaf, size });
        const details = await failure(read(root.cid), "RECORD_INVALID");
        expect(details).to.include({ cid: leaf.cid.toString(), reason: "size" });
      }
    });

    it("nodes that are shorter or longer than declared", async () => {
      const node = await above(await put(new Uint8Array(10)));
      for (const size of [9, 11]) {
        const root = await above({ ...node, size });
        const details = await failure(read(root.cid), "RECORD_INVALID");
        expect(details).to.include({ cid: node.cid.toString(), reason: "size" });
      }
    });

    it("files longer than the caller accepts, before it fetches a leaf", async () => {
      let link = await put(new Uint8Array(MiB));
      // six blocks that claim a pebibyte
      for (let level = 0; level < 5; level++) link = await above(...Array.from({ length: 64 }, () => link));
      expect(link.size).to.equal(2 ** 50);
      const fetched: string[] = [];
      const watched = { get: (cid: CID) => (fetched.push(cid.toString()), store.get(cid)) };
      const reading = collect(
        readFile(
          link.cid,
          storeWith(() => watched),
          { maxBytes: 2 ** 30 },
        ),
        MiB,
      );
      expect(await failure(reading, "RECORD_TOO_LARGE")).to.include({ size: 2 ** 50, limit: 2 ** 30 });
      expect(fetched).to.deep.equal([link.cid.toString()]);
    });

    it("a single leaf longer than the caller accepts", async () => {
      const { cid } = await put(new Uint8Array(10));
      expect(await failure(read(cid, { maxBytes: 9 }), "RECORD_TOO_LARGE")).to.include({ size: 10, limit: 9 });
      expect(await read(cid, { maxBytes: 10 })).to.have.length(10);
    });

    it("trees deeper than any file needs", async () => {
      let link = await put(new Uint8Array(1));
      for (let level = 0; level < 8; level++) link = await above(link);
      expect(await read(link.cid)).to.have.length(1);
      link = await above(link);
      expect(await failure(read(link.cid), "RECORD_INVALID")).to.include({ reason: "depth" });
      expect(await failure(namesOf(listBlocks(link.cid, store)), "RECORD_INVALID")).to.include({ reason: "depth" });
    });

    it("roots of other codecs, versions and hash functions", async () => {
      const { cid } = await put(new Uint8Array(1));
      const { digest } = cid.multihash;
      const strange = [CID.createV1(0x71, cid.multihash), CID.createV0(Digest.create(0x12, digest))];
      for (const root of [...strange, CID.createV1(0x55, Digest.create(0x16, digest))]) {
        expect(await failure(read(root), "RECORD_INVALID")).to.include({ reason: "codec", cid: root.toString() });
      }
    });

    it("a leaf's CID that is relabelled as a node, and the other way round", async () => {
      const leaf = await put(encode({ Data: encodeUnixFs([]), Links: [] }));
      const text = await put(new TextEncoder().encode("just text"));
      expect(await read(CID.createV1(0x70, leaf.cid.multihash))).to.have.length(0);
      const details = await failure(read(CID.createV1(0x70, text.cid.multihash)), "RECORD_INVALID");
      expect(details).to.include({ reason: "encoding" });
    });

    it("nodes with a directory below", async () => {
      const directory = await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x01));
      await store.put(directory);
      const root = await above({ cid: directory.cid, size: 5, tsize: 5 });
      expect(await failure(read(root.cid), "RECORD_INVALID")).to.include({ reason: "encoding" });
    });
  });

  it("holds its window in memory, not the file", async function () {
    this.timeout(60_000);
    const fresh = storeWith((inner) => ({
      // a buffer of its own for each leaf, as from a disk or a network
      get: async (cid, options) => (await inner.get(cid, options)).slice(),
    }));
    const { cid } = await importFile(repeat(new Uint8Array(MiB), 128), fresh);
    const peak = await peakOfBuffers(async (look) => {
      let size = 0;
      for await (const chunk of readFile(cid, fresh)) {
        size += chunk.length;
        if (size % (8 * MiB) === 0) look();
      }
      expect(size).to.equal(128 * MiB);
    });
    expect(peak).to.be.lessThan(64 * MiB);
  });
});

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

import { encode } from "@ipld/dag-pb";
import { expect } from "chai";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import { collect } from "../../../src/bytes.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { listBlocks } from "../../../src/storage/unixfs/blocks.js";
import { encodeUnixFs } from "../../../src/storage/unixfs/data.js";
import { fileNode, type TreeLink } from "../../../src/storage/unixfs/node.js";
import { readFile, type ReadOptions } from "../../../src/storage/unixfs/read.js";
import { dagPbBlock, rawBlock } from "../../../src/storage/verify.js";
import { failure, namesOf } from "../../helpers/block-store-suite.js";
import { MiB, storeWith } from "../../helpers/dags.js";

describe("reading of files refuses", () => {
  let store: BlockStore;
  const read = (cid: CID, options?: ReadOptions) => collect(readFile(cid, store, options), 100 * MiB);
  beforeEach(() => {
    store = memoryStore();
  });

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

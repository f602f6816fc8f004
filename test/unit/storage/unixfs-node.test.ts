import { encode } from "@ipld/dag-pb";
import { expect } from "chai";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import type { FileNode, TreeLink } from "../../../src/storage/unixfs/node.js";
import { fileNode, parseFileNode } from "../../../src/storage/unixfs/node.js";
import { decodeUnixFs, encodeUnixFs } from "../../../src/storage/unixfs/data.js";
import { BalancedTree } from "../../../src/storage/unixfs/tree.js";
import { dagPbBlock, rawBlock } from "../../../src/storage/verify.js";
import { failure } from "../../helpers/block-store-suite.js";
import { MiB } from "../../helpers/dags.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
/** Varint by BigInt, another way than the code's. */
const varint = (value: number) => {
  const bits = value.toString(2);
  const groups = bits
    .padStart(Math.ceil(bits.length / 7) * 7, "0")
    .match(/.{7}/g)!
    .reverse();
  return groups.map((group, index) => parseInt(`${index < groups.length - 1 ? 1 : 0}${group}`, 2));
};

describe("UnixFS nodes", () => {
  const edges = [1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 12345, 3 * 2 ** 30, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1];

  for (const size of edges) {
    it(`writes ${size} bytes right, and reads them back`, () => {
      const bytes = encodeUnixFs([size]);
      expect([...bytes]).to.deep.equal([0x08, 0x02, 0x18, ...varint(size), 0x20, ...varint(size)]);
      expect(decodeUnixFs(bytes)).to.deep.include({ size, blockSizes: [size] });
    });
  }

  it("writes what the stock encoder writes where that one is right", () => {
    for (const sizes of [[1], [MiB, MiB, 3], [2 ** 30, 2 ** 29], [2 ** 33, 2 ** 34]]) {
      const stock = new UnixFS({ type: "file", blockSizes: sizes.map(BigInt) });
      expect(hex(encodeUnixFs(sizes))).to.equal(hex(stock.marshal()));
    }
  });

  it("writes a root of 3 GiB whose sizes any decoder reads", async () => {
    const { cid } = await rawBlock(Uint8Array.of(1));
    const half = { cid, size: 1.5 * 2 ** 30, tsize: 1.5 * 2 ** 30 };
    const { block, link } = await fileNode([half, half]);
    expect(link.size).to.equal(3 * 2 ** 30);
    expect(link.tsize).to.equal(3 * 2 ** 30 + block.bytes.length);
    expect(parseFileNode(block.cid, block.bytes).size).to.equal(3 * 2 ** 30);
  });

  it("passes over time and mode", () => {
    const bytes = new UnixFS({ type: "file", mode: 0o600, mtime: { secs: 1700000000n, nsecs: 5 }, blockSizes: [3n] });
    expect(decodeUnixFs(bytes.marshal())).to.deep.include({ size: 3, blockSizes: [3] });
  });

  describe("refuses", () => {
    let leaf: TreeLink;
    before(async () => {
      const { cid } = await rawBlock(Uint8Array.of(1, 2, 3));
      leaf = { cid, size: 3, tsize: 3 };
    });

    const parse = async (data: Uint8Array | undefined, links: CID[]): Promise<FileNode> => {
      const Links = links.map((Hash) => ({ Name: "", Tsize: 3, Hash }));
      const { cid, bytes } = await dagPbBlock(encode(data ? { Data: data, Links } : { Links }));
      return parseFileNode(cid, bytes);
    };
    const file = (fileSize: number, ...blockSizes: number[]) =>
      Uint8Array.from([8, 2, 0x18, ...varint(fileSize), ...blockSizes.flatMap((size) => [0x20, ...varint(size)])]);

    it("directories, links, metadata and shards", async () => {
      for (const type of ["directory", "hamt-sharded-directory", "symlink", "metadata"] as const) {
        const details = await failure(parse(new UnixFS({ type }).marshal(), []), "RECORD_INVALID");
        expect(details, type).to.include({ reason: "encoding" });
      }
    });

    it("nodes without data, of no type, and noise", async () => {
      for (const data of [undefined, new Uint8Array(), Uint8Array.of(0x18, 0), Uint8Array.of(255, 255)]) {
        expect(await failure(parse(data, []), "RECORD_INVALID")).to.include({ reason: "encoding" });
      }
      const { cid, bytes } = await dagPbBlock(new TextEncoder().encode("not a node"));
      const work = Promise.resolve().then(() => parseFileNode(cid, bytes));
      expect(await failure(work, "RECORD_INVALID")).to.include({ cid: cid.toString(), reason: "encoding" });
    });

    it("cut, endless and huge varints, and unknown fields", async () => {
      const endless = [8, 2, 0x18, ...Array.from({ length: 30 }, () => 0x80), 0];
      const huge = [8, 2, 0x18, ...Array.from({ length: 9 }, () => 0xff), 1];
      for (const data of [[8, 2, 0x18, 0x80], endless, huge, [8, 2, 0x12, 9, 1], [8, 2, 0x28, 1], [8, 2, 0x7a, 0]]) {
        const details = await failure(parse(Uint8Array.from(data), []), "RECORD_INVALID");
        expect(details).to.include({ reason: "encoding" });
      }
    });

    it("sizes that do not add up", async () => {
      const { cid } = leaf;
      const inline = Uint8Array.of(8, 2, 0x12, 1, 7, 0x18, 4, 0x20, 3);
      const cases: [Uint8Array, CID[]][] = [
        [file(4, 3), [cid]],
        [file(3), [cid]],
        [file(6, 3, 3), [cid]],
        [file(3, 3), []],
        [file(3, 3), [cid, cid]],
        [file(1), []],
        [inline, [cid]],
      ];
      for (const [data, links] of cases) {
        expect(await failure(parse(data, links), "RECORD_INVALID"), hex(data)).to.include({ reason: "size" });
      }
    });

    it("parts of no bytes, which could be repeated without end", async () => {
      const work = parse(file(3, 3, 0), [leaf.cid, leaf.cid]);
      expect(await failure(work, "RECORD_INVALID")).to.include({ reason: "size" });
    });

    it("links of other codecs and hash functions", async () => {
      const digest = leaf.cid.multihash.digest;
      const strange = [CID.createV1(0x71, Digest.create(0x12, digest)), CID.createV1(0x55, Digest.create(0, digest))];
      for (const cid of [...strange, CID.createV0(Digest.create(0x12, digest))]) {
        expect(await failure(parse(file(3, 3), [cid]), "RECORD_INVALID")).to.include({ reason: "links" });
      }
    });

    it("more links than a node of the profile has", async () => {
      const { block } = await fileNode(Array.from({ length: 1025 }, () => leaf));
      const work = Promise.resolve().then(() => parseFileNode(block.cid, block.bytes));
      expect(await failure(work, "RECORD_INVALID")).to.include({ reason: "links" });
    });
  });
});

describe("balanced tree", () => {
  const zeros = async () => {
    const { cid } = await rawBlock(new Uint8Array(MiB));
    return { cid, size: MiB, tsize: MiB };
  };
  const build = async (count: number) => {
    const tree = new BalancedTree(1024);
    const leaf = await zeros();
    let nodes = 0;
    for (let index = 0; index < count; index++) nodes += (await tree.add(leaf)).length;
    const { root, nodes: last } = await tree.finish();
    return { root, nodes: nodes + last.length };
  };

  it("is the leaf itself for a single one", async () => {
    const { root, nodes } = await build(1);
    expect(root).to.deep.equal(await zeros());
    expect(nodes).to.equal(0);
  });

  it("has one node for 1024 leaves, and two rows from 1025 on", async () => {
    expect((await build(1024)).nodes).to.equal(1);
    const { root, nodes } = await build(1025);
    expect(nodes).to.equal(3);
    // what ipfs-unixfs-importer 17.1.1 gives for 1025 MiB of zeros under the profile
    expect(root.cid.toString()).to.equal("bafybeigt7wofv4vnxbg3titijasuw4ptg5kfztec4smsk7opdt7z6djoxq");
    expect(root).to.include({ size: 1025 * MiB, tsize: 1_074_841_783 });
  });
});

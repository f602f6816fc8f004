import { expect } from "chai";
import type { KuboRPCClient } from "kubo-rpc-client";
import { concat } from "../../src/bytes.js";
import { carOf } from "../../src/storage/kubo-car.js";
import { memoryStore } from "../../src/storage/memory.js";
import type { Block } from "../../src/storage/types.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { sampleBlocks } from "./block-store-suite.js";
import { MiB, noise, stockCid } from "./dags.js";
import { ABSENT, all, blocksOf, bytesOf, complaint, once, plain, rootsOf, sampleFile } from "./rpc-calls.js";

/** Files and CARs, as a client finds them at a node. */
export function rpcFilesSuite(client: () => KuboRPCClient): void {
  let ipfs: KuboRPCClient;
  beforeEach(() => {
    ipfs = client();
  });
  let blocks: Block[];
  beforeEach(async () => {
    blocks = await sampleBlocks(3);
  });

  describe("add and cat", () => {
    for (const size of [0, 1, MiB, MiB + 1, 3 * MiB + 5]) {
      it(`adds and reads a file of ${size} bytes, named as the stock importer names it, and pins it`, async () => {
        const { cid, path } = await ipfs.add(noise(size), plain);
        expect(cid.toString()).to.equal(await stockCid(noise(size)));
        expect(path).to.equal(cid.toString());
        expect((await bytesOf(ipfs.cat(cid))).equals(concat([...noise(size)]))).to.equal(true);
        expect(await rootsOf(ipfs)).to.include(cid.toString());
      });
    }

    it("tells the size of the DAG, as its links have it", async () => {
      const { tsize } = await importFile(noise(3 * MiB), memoryStore());
      expect((await ipfs.add(noise(3 * MiB), plain)).size).to.equal(tsize);
    });

    it("adds several files at once, each under its name", async () => {
      const files = [10, 20].map((size) => ({ path: `r\u00f6ntgen ${size}%.dcm`, content: noise(size) }));
      const added = await all(ipfs.addAll(files, plain));
      expect(added.map(({ path }) => path)).to.deep.equal(files.map(({ path }) => path));
      expect(added.map(({ cid }) => cid.toString())).to.deep.equal([
        await stockCid(noise(10)),
        await stockCid(noise(20)),
      ]);
    });

    it("passes over the modes and times that files bring along", async () => {
      const file = { path: "scan.dcm", content: noise(100), mode: 0o600, mtime: new Date(0) };
      const [added] = await all(ipfs.addAll([file], plain));
      expect(added?.cid.toString()).to.equal(await stockCid(noise(100)));
    });

    it("cuts chunks as asked", async () => {
      const { cid } = await ipfs.add(noise(5000), { ...plain, chunker: "size-1000" });
      expect(cid.toString()).to.equal(await stockCid(noise(5000), { chunk: 1000, children: 1024 }));
    });

    it("pins nothing, or keeps nothing, where asked so", async () => {
      const kept = await ipfs.add(noise(100), { ...plain, pin: false });
      const computed = await ipfs.add(noise(200), { ...plain, onlyHash: true });
      expect(await rootsOf(ipfs)).not.to.include(kept.cid.toString());
      expect(await blocksOf(ipfs)).to.include(kept.cid.toString());
      expect(await blocksOf(ipfs)).not.to.include(computed.cid.toString());
    });

    it("tells how far it is", async () => {
      const told: number[] = [];
      await ipfs.add(noise(3 * MiB), { ...plain, progress: (size) => told.push(size) });
      expect(told.at(-1)).to.equal(3 * MiB);
    });

    it("reads a part of a file", async () => {
      const { cid } = await ipfs.add(noise(3 * MiB), plain);
      const whole = concat([...noise(3 * MiB)]);
      for (const [offset, length] of [
        [0, 10],
        [MiB - 5, 10],
        [2 * MiB, MiB],
        [3 * MiB - 1, 100],
        [4 * MiB, 1],
        [5, 0],
      ] as const) {
        const part = await bytesOf(ipfs.cat(cid, { offset, length }));
        expect(part.equals(whole.subarray(offset, offset + length)), `${offset}+${length}`).to.equal(true);
      }
      expect((await bytesOf(ipfs.cat(cid, { offset: 2 * MiB + 1 }))).equals(whole.subarray(2 * MiB + 1))).to.equal(
        true,
      );
    });

    it("tells size and blocks of a file", async () => {
      const { cid, size } = await ipfs.add(noise(3 * MiB), plain);
      const stat = await ipfs.files.stat(`/ipfs/${cid.toString()}`);
      const { type, blocks, size: fileSize, cumulativeSize } = stat;
      expect({ type, blocks, fileSize, cumulativeSize, cid: stat.cid.toString() }).to.deep.equal({
        type: "file",
        blocks: 3,
        fileSize: 3 * MiB,
        cumulativeSize: size,
        cid: cid.toString(),
      });
    });

    it("says that a file is missing", async () => {
      expect(await complaint(all(ipfs.cat(ABSENT)))).to.match(new RegExp(`ipld: could not find ${ABSENT}`));
    });
  });

  describe("dag", () => {
    it("imports a CAR and pins its roots", async () => {
      const { car, root } = await sampleFile(3 * MiB);
      const results = await all(ipfs.dag.import([car]));
      expect(results.map((one) => [one.root.cid.toString(), one.root.pinErrorMsg])).to.deep.equal([[root, ""]]);
      expect(await rootsOf(ipfs)).to.include(root);
      expect((await bytesOf(ipfs.cat(root))).equals(concat([...noise(3 * MiB)]))).to.equal(true);
    });

    it("imports a CAR without pinning, and says nothing then", async () => {
      expect(await all(ipfs.dag.import([carOf(blocks)], { pinRoots: false }))).to.deep.equal([]);
      expect(await blocksOf(ipfs)).to.include.members(blocks.map(({ cid }) => cid.toString()));
      expect(await rootsOf(ipfs)).not.to.include(blocks[0]!.cid.toString());
    });

    it("imports several CARs at once", async () => {
      const files = await Promise.all([sampleFile(10), sampleFile(2 * MiB)]);
      // pieces side by side would be one CAR
      const results = await all(ipfs.dag.import(files.map(({ car }) => once(car))));
      expect(results.map((one) => one.root.cid.toString())).to.have.members(files.map(({ root }) => root));
    });

    it("tells which root it could not pin", async () => {
      const { car, root, rootOnly } = await sampleFile(3 * MiB);
      expect(car.length).to.be.greaterThan(rootOnly.length);
      const results = await all(ipfs.dag.import([rootOnly]));
      expect(results.map((one) => one.root.cid.toString())).to.deep.equal([root]);
      expect(results[0]?.root.pinErrorMsg).to.match(/ipld: could not find/);
      expect(await rootsOf(ipfs)).not.to.include(root);
    });

    it("refuses a CAR whose bytes are altered or cut short", async () => {
      const { car } = await sampleFile(1000);
      const altered = car.map((byte, index) => (index === car.length - 1 ? byte ^ 1 : byte));
      for (const wrong of [altered, car.subarray(0, -1), noise(50)]) {
        await complaint(all(ipfs.dag.import(wrong instanceof Uint8Array ? [wrong] : wrong)));
      }
    });

    it("exports a file as a CAR, root first, each block once", async () => {
      const { cid } = await ipfs.add(noise(3 * MiB), plain);
      const { car } = await sampleFile(3 * MiB);
      const exported = await bytesOf(ipfs.dag.export(cid));
      expect(exported.equals(car)).to.equal(true);
    });

    it("says that a file to export is missing", async () => {
      const absent = blocks[0]!.cid;
      expect(await complaint(all(ipfs.dag.export(absent)))).to.match(/ipld: could not find/);
    });
  });
}

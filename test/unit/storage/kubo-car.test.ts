import { CarReader } from "@ipld/car/reader";
import { expect } from "chai";
import { batchesOf, carOf } from "../../../src/storage/kubo-car.js";
import type { Block } from "../../../src/storage/types.js";
import { dagPbBlock, rawBlock } from "../../../src/storage/verify.js";
import { sampleBlocks } from "../../helpers/block-store-suite.js";

describe("CAR of blocks", () => {
  it("holds the blocks in their order, and names no root", async () => {
    const blocks = await sampleBlocks(20, 1000);
    blocks.push(await rawBlock(new Uint8Array()), await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x02)));
    const reader = await CarReader.fromBytes(carOf(blocks));
    expect(await reader.getRoots()).to.deep.equal([]);
    const read = [];
    for await (const { cid, bytes } of reader.blocks()) read.push({ cid: cid.toString(), bytes });
    expect(read).to.deep.equal(blocks.map(({ cid, bytes }) => ({ cid: cid.toString(), bytes })));
  });

  it("is filled by 8 MiB or 1024 blocks, whichever comes first", async () => {
    const counts = async (blocks: Iterable<Block>) => {
      const found: number[] = [];
      for await (const batch of batchesOf(blocks)) found.push(batch.length);
      return found;
    };
    expect(await counts(await sampleBlocks(20, 1024 * 1024))).to.deep.equal([8, 8, 4]);
    expect(await counts(await sampleBlocks(2050, 10))).to.deep.equal([1024, 1024, 2]);
    expect(await counts([])).to.deep.equal([0]);
  });
});

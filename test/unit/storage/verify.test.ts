import { expect } from "chai";
import { cidOfDigest, rawBlock, verifyBlock } from "../../../src/storage/verify.js";
import { failure } from "../../helpers/block-store-suite.js";

describe("block verification", () => {
  it("names bytes as IPFS does", async () => {
    const { cid } = await rawBlock(new TextEncoder().encode("hello world"));
    // the multibase text of 01 55 12 20 and what sha256sum says of the bytes
    expect(cid.toString()).to.equal("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    expect(cidOfDigest(cid.multihash.digest).equals(cid)).to.equal(true);
  });

  it("tells one flipped bit", async () => {
    const { cid, bytes } = await rawBlock(new Uint8Array(1000));
    await verifyBlock(cid, bytes);
    for (const position of [0, 500, 999]) {
      const forged = bytes.slice();
      forged[position] = 1;
      expect(await failure(verifyBlock(cid, forged), "BLOCK_INVALID")).to.include({ reason: "hash" });
    }
  });

  it("takes digests of 32 bytes only", async () => {
    for (const length of [0, 20, 31, 33]) {
      const work = Promise.resolve().then(() => cidOfDigest(new Uint8Array(length)));
      expect(await failure(work, "INVALID_ARGUMENT")).to.include({ length });
    }
  });
});

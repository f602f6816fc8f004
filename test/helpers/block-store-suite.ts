import { expect } from "chai";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import { type ErrorCode, isCareKeyError } from "../../src/errors.js";
import { type Block, type BlockStore, MAX_BLOCK } from "../../src/storage/types.js";
import { cidOfDigest, dagPbBlock, rawBlock } from "../../src/storage/verify.js";

/** Awaits a failure of the code and returns its details. */
export async function failure(work: Promise<unknown>, code: ErrorCode): Promise<Readonly<Record<string, unknown>>> {
  try {
    await work;
  } catch (error) {
    if (!isCareKeyError(error, code)) throw error;
    return error.details;
  }
  throw new Error(`did not fail with ${code}`);
}

/** Awaits that all fail with the code, each looked after from the start, and returns their details. */
export function failures(
  works: readonly Promise<unknown>[],
  code: ErrorCode,
): Promise<Readonly<Record<string, unknown>>[]> {
  return Promise.all(works.map((work) => failure(work, code)));
}

/** The CIDs of a stream, as text. */
export async function namesOf(cids: AsyncIterable<CID>): Promise<string[]> {
  const names: string[] = [];
  for await (const cid of cids) names.push(cid.toString());
  return names;
}

/** Blocks of `size` bytes, each other than the rest. */
export function sampleBlocks(count: number, size = 100): Promise<Block[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const bytes = new Uint8Array(size).fill(index + 1);
      new DataView(bytes.buffer).setUint32(0, index);
      return rawBlock(bytes);
    }),
  );
}

/** What every driver has to pass. `open` gives an empty store. */
export function blockStoreSuite(name: string, open: () => Promise<BlockStore>): void {
  describe(`${name} keeps the contract of block stores`, () => {
    let store: BlockStore;
    let block: Block;
    let other: Block;
    const aborted = AbortSignal.abort(new Error("enough"));

    beforeEach(async () => {
      store = await open();
      [block, other] = (await sampleBlocks(2)) as [Block, Block];
    });

    it("gives back what was put", async () => {
      await store.put(block);
      const bytes = await store.get(block.cid);
      expect(bytes).to.deep.equal(block.bytes);
      expect(await store.has(block.cid)).to.equal(true);
    });

    it("keeps the empty block and the longest one", async () => {
      for (const bytes of [new Uint8Array(), new Uint8Array(MAX_BLOCK)]) {
        const { cid } = await rawBlock(bytes);
        await store.put({ cid, bytes });
        expect(await store.get(cid)).to.have.length(bytes.length);
      }
    });

    it("keeps dag-pb nodes", async () => {
      const node = await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x02));
      await store.put(node);
      expect(await store.get(node.cid)).to.deep.equal(node.bytes);
    });

    it("says which block is missing", async () => {
      expect(await store.has(block.cid)).to.equal(false);
      const { cid } = await failure(store.get(block.cid), "BLOCK_MISSING");
      expect(cid).to.equal(block.cid.toString());
    });

    it("puts the same block twice without complaint, also at once", async () => {
      await Promise.all([store.put(block), store.put(block), store.putMany([block, block])]);
      expect(await store.get(block.cid)).to.deep.equal(block.bytes);
    });

    it("puts many, from an array and from a stream", async () => {
      const blocks = await sampleBlocks(50);
      await store.putMany(blocks.slice(0, 25));
      await store.putMany(
        (async function* () {
          for (const one of blocks.slice(25)) yield await Promise.resolve(one);
        })(),
      );
      for (const { cid, bytes } of blocks) expect(await store.get(cid)).to.deep.equal(bytes);
    });

    it("puts none from nothing", async () => {
      await store.putMany([]);
    });

    it("passes on what the stream of blocks throws", async () => {
      const trouble = new Error("source");
      const source = (function* () {
        yield block;
        throw trouble;
      })();
      const thrown = await store.putMany(source).catch((error: unknown) => error);
      expect(thrown).to.equal(trouble);
    });

    it("refuses bytes that hash to another CID, alone and among many", async () => {
      const forged = { cid: block.cid, bytes: other.bytes };
      expect(await failure(store.put(forged), "BLOCK_INVALID")).to.include({ reason: "hash" });
      await failure(store.putMany([other, forged]), "BLOCK_INVALID");
      expect(await store.has(block.cid)).to.equal(false);
    });

    it("is not fooled by the right bytes beside the wrong ones under one CID", async () => {
      await failure(store.putMany([{ cid: block.cid, bytes: other.bytes }, block]), "BLOCK_INVALID");
      await failure(store.putMany([block, { cid: block.cid, bytes: other.bytes }]), "BLOCK_INVALID");
    });

    it("refuses blocks past the limit", async () => {
      const bytes = new Uint8Array(MAX_BLOCK + 1);
      const details = await failure(store.put({ cid: block.cid, bytes }), "BLOCK_INVALID");
      expect(details).to.include({ reason: "size", size: MAX_BLOCK + 1 });
    });

    it("refuses CIDs of other versions, codecs, hash functions and cut digests", async () => {
      const { digest } = block.cid.multihash;
      const strange = [
        CID.createV0(Digest.create(0x12, digest)),
        CID.createV1(0x71, Digest.create(0x12, digest)),
        CID.createV1(0x55, Digest.create(0x16, digest)),
        CID.createV1(0x55, Digest.create(0x12, digest.slice(0, 20))),
        CID.createV1(0x55, Digest.create(0x00, block.bytes)),
      ];
      for (const cid of strange) {
        const calls = [store.put({ cid, bytes: block.bytes }), store.get(cid), store.has(cid), store.pin(cid)];
        for (const details of await failures([...calls, store.delete(cid), store.unpin(cid)], "BLOCK_INVALID")) {
          expect(details).to.include({ reason: "cid", cid: cid.toString() });
        }
      }
    });

    it("keeps its bytes when a caller changes theirs", async () => {
      const bytes = block.bytes.slice();
      await store.put({ cid: block.cid, bytes });
      bytes.fill(0);
      (await store.get(block.cid)).fill(0);
      expect(await store.get(block.cid)).to.deep.equal(block.bytes);
    });

    it("deletes a block, and none without complaint", async () => {
      await store.putMany([block, other]);
      await store.delete(block.cid);
      await store.delete(block.cid);
      await failure(store.get(block.cid), "BLOCK_MISSING");
      expect(await store.has(other.cid)).to.equal(true);
    });

    it("pins once however often asked, and unpins", async () => {
      await store.putMany([block, other]);
      for (const cid of [block.cid, block.cid, other.cid]) await store.pin(cid);
      expect(await namesOf(store.pins())).to.have.members([block.cid.toString(), other.cid.toString()]);
      await store.unpin(block.cid);
      await store.unpin(block.cid);
      expect(await namesOf(store.pins())).to.deep.equal([other.cid.toString()]);
    });

    it("lists its blocks with their sizes, pinned or not, each once", async () => {
      const node = await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x02));
      await store.putMany([block, other, node]);
      await store.put(block);
      await store.pin(block.cid);
      await store.delete(other.cid);
      const listed = new Map<string, number>();
      for await (const { cid, size } of store.blocks()) listed.set(cid.toString(), size);
      const expected = [block, { cid: cidOfDigest(node.cid.multihash.digest), bytes: node.bytes }];
      for (const { cid, bytes } of expected) expect(listed.get(cid.toString())).to.equal(bytes.length);
      expect(listed.has(other.cid.toString())).to.equal(false);
    });

    it("pins no root that is missing", async () => {
      await failure(store.pin(block.cid), "BLOCK_MISSING");
      expect(await namesOf(store.pins())).to.deep.equal([]);
    });

    it("does nothing once cancelled", async () => {
      await store.put(other);
      const options = { signal: aborted };
      const calls = [store.put(block, options), store.putMany([block], options), store.get(other.cid, options)];
      calls.push(store.delete(other.cid, options), store.pin(other.cid, options), store.unpin(other.cid, options));
      await failures(calls, "CANCELLED");
      await failure(store.has(other.cid, options), "CANCELLED");
      await failure(namesOf(store.pins(options)), "CANCELLED");
      await failure(store.blocks(options)[Symbol.asyncIterator]().next(), "CANCELLED");
      expect(await store.has(block.cid)).to.equal(false);
      expect(await store.has(other.cid)).to.equal(true);
    });
  });
}

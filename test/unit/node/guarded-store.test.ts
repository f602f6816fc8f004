import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { CareKeyError } from "../../../src/errors.js";
import type { Collected } from "../../../src/node/collection.js";
import { guardedStore } from "../../../src/node/guarded-store.js";
import { fsStore } from "../../../src/storage/fs.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { Block, BlockStore } from "../../../src/storage/types.js";
import { fileNode } from "../../../src/storage/unixfs/node.js";
import { rawBlock } from "../../../src/storage/verify.js";
import { blockStoreSuite, failure, sampleBlocks } from "../../helpers/block-store-suite.js";
import { storeWith } from "../../helpers/dags.js";
import { faulty, forward } from "../../helpers/stores.js";

/** A file of some leaves, its root last. */
async function fileOf(leaves: readonly Block[]): Promise<Block> {
  return (await fileNode(leaves.map(({ cid, bytes: { length: size } }) => ({ cid, size, tsize: size })))).block;
}

async function held(store: BlockStore, blocks: readonly Block[]): Promise<boolean[]> {
  return Promise.all(blocks.map(({ cid }) => store.has(cid)));
}

/** A store that does not say when a block was put, as Kubo does not. */
function timeless(inner = memoryStore()): BlockStore {
  return {
    ...forward(inner),
    blocks: async function* (options) {
      for await (const { cid, size } of inner.blocks(options)) yield { cid, size };
    },
  };
}

describe("guarded store", function () {
  let blocks: Block[];
  beforeEach(async function () {
    blocks = await sampleBlocks(4);
  });

  blockStoreSuite("guarded store", () => Promise.resolve(guardedStore(memoryStore())));
  blockStoreSuite("guarded store with a quota", () => Promise.resolve(guardedStore(memoryStore(), { quota: 1e9 })));

  it("counts what is there, and what comes and goes", async function () {
    const inner = memoryStore();
    await inner.putMany(blocks.slice(0, 2));
    const store = guardedStore(inner);
    expect(await store.usage()).to.deep.equal({ blocks: 2, bytes: 200, quota: undefined });
    await store.putMany(blocks);
    await store.put(blocks[0]!);
    await store.delete(blocks[1]!.cid);
    await store.delete(blocks[1]!.cid);
    expect(await store.usage()).to.deep.equal({ blocks: 3, bytes: 300, quota: undefined });
  });

  it("counts a block once that many put at once, before and while it counts", async function () {
    const store = guardedStore(memoryStore(), { quota: 1000 });
    await Promise.all([store.put(blocks[0]!), store.usage(), store.put(blocks[0]!), store.putMany(blocks)]);
    expect(await store.usage()).to.deep.equal({ blocks: 4, bytes: 400, quota: 1000 });
  });

  it("counts again after a count that failed", async function () {
    let fails = true;
    const store = guardedStore(
      storeWith((inner) => ({
        blocks: (options) => {
          if (fails) throw new Error("not now");
          return inner.blocks(options);
        },
      })),
    );
    await store.usage().then(
      () => expect.fail("counted"),
      () => undefined,
    );
    fails = false;
    expect((await store.usage()).blocks).to.equal(0);
  });

  it("refuses a put past the quota before anything is written, and takes it once there is room", async function () {
    const inner = memoryStore();
    const store = guardedStore(inner, { quota: 350 });
    await store.putMany(blocks.slice(0, 3));
    expect(await failure(store.put(blocks[3]!), "DISK_FULL")).to.include({ quota: 350, bytes: 300 });
    expect(await inner.has(blocks[3]!.cid)).to.equal(false);
    await store.put(blocks[2]!);
    await store.delete(blocks[0]!.cid);
    await store.put(blocks[3]!);
  });

  it("holds room for what is being written at the same time", async function () {
    const store = guardedStore(memoryStore(), { quota: 250 });
    const outcomes = await Promise.allSettled(blocks.map((block) => store.put(block)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(2);
    expect((await store.usage()).bytes).to.equal(200);
  });

  it("gives back the room of a put that failed", async function () {
    let fails = true;
    const store = guardedStore(
      faulty(memoryStore(), () => fails),
      { quota: 400 },
    );
    for (const block of blocks) await failure(store.put(block), "STORE_FAILED");
    fails = false;
    await store.putMany(blocks);
    expect((await store.usage()).bytes).to.equal(400);
  });

  it("counts what a failed put has left", async function () {
    const store = guardedStore(
      storeWith((inner) => ({
        putMany: async ([first]: Iterable<Block>) => {
          await inner.put(first!);
          throw new Error("broke off");
        },
      })),
    );
    await store.putMany(blocks).catch(() => undefined);
    expect((await store.usage()).blocks).to.equal(1);
  });

  it("refuses negative figures", function () {
    for (const name of ["quota", "grace", "collectEvery"])
      for (const value of [-1, NaN])
        expect(() => guardedStore(memoryStore(), { [name]: value }))
          .to.throw()
          .with.property("code", "INVALID_ARGUMENT");
  });

  describe("collecting garbage", function () {
    it("keeps what pins lead to, at every depth, and removes the rest", async function () {
      const store = guardedStore(memoryStore(), { grace: 0 });
      const low = await fileOf(blocks.slice(0, 2));
      const root = await fileOf([low]);
      await store.putMany([...blocks, low, root]);
      await store.pin(root.cid);
      const removed: string[] = [];
      const onRemoved = (cid: { toString(): string }) => removed.push(cid.toString());
      expect(await store.collect({ onRemoved })).to.deep.equal({ removed: 2, bytes: 200, kept: 4 });
      expect(removed).to.have.members(blocks.slice(2).map(({ cid }) => cid.toString()));
      expect(await held(store, [...blocks, low, root])).to.deep.equal([true, true, false, false, true, true]);
      expect((await store.usage()).blocks).to.equal(4);
      await store.unpin(root.cid);
      expect(await store.collect()).to.include({ removed: 4, kept: 0 });
    });

    it("keeps the part of a pinned DAG that is here", async function () {
      const store = guardedStore(memoryStore(), { grace: 0 });
      const [low, absent] = [await fileOf(blocks.slice(0, 2)), await fileOf(blocks.slice(2))];
      const root = await fileOf([absent, low]);
      await store.putMany([blocks[0]!, blocks[3]!, low, root]);
      await store.pin(root.cid);
      expect(await store.collect()).to.include({ removed: 1, kept: 3 });
      expect(await held(store, blocks)).to.deep.equal([true, false, false, false]);
    });

    it("removes nothing when a pinned node cannot be read", async function () {
      const root = await fileOf(blocks);
      const store = guardedStore(
        storeWith((inner) => ({ get: (cid, options) => faulty(inner, () => true).get(cid, options) })),
        { grace: 0 },
      );
      await store.putMany([...blocks, root]);
      await store.pin(root.cid);
      await failure(store.collect(), "STORE_FAILED");
      expect(await held(store, blocks)).to.deep.equal([true, true, true, true]);
    });

    it("spares what was put a while ago only", async function () {
      const inner = memoryStore();
      await inner.putMany(blocks);
      expect(await guardedStore(inner).collect()).to.deep.equal({ removed: 0, bytes: 0, kept: 4 });
      expect(await guardedStore(inner, { grace: 0 }).collect()).to.include({ removed: 4 });
    });

    it("takes what another process put, where the store does not say when, only after it saw it for a while", async function () {
      const inner = timeless();
      await inner.putMany(blocks);
      const patient = guardedStore(inner);
      expect(await patient.collect()).to.include({ removed: 0 });
      expect(await patient.collect()).to.include({ removed: 0 });
      const hasty = guardedStore(inner, { grace: 0 });
      await hasty.pin(blocks[0]!.cid);
      expect(await hasty.collect()).to.include({ removed: 3, kept: 1 });
    });

    it("never loses what is put or pinned beside it", async function () {
      const old = await sampleBlocks(300);
      const root = await fileOf(old.slice(200));
      const directory = await mkdtemp(join(tmpdir(), "carekey-guarded-"));
      try {
        let deletions = 0;
        const inner = await fsStore(directory, { fsync: false });
        const beside: Promise<void>[] = [];
        const store = guardedStore(
          {
            ...forward(inner),
            delete: async (cid, options) => {
              // pins and puts that begin in the middle of a sweep
              if (deletions++ === 0) beside.push(store.pin(root.cid), store.putMany(old.slice(0, 200)));
              await inner.delete(cid, options);
            },
          },
          { grace: 0 },
        );
        await store.putMany([...old, root]);
        await store.collect();
        await Promise.all(beside);
        expect(deletions).to.be.greaterThan(0);
        expect(await held(store, old.slice(0, 200))).to.not.include(false);
        // the root that was pinned may have lost leaves before, and none after
        const left = (await held(store, old.slice(200))).filter((there) => there).length;
        expect((await store.usage()).blocks).to.equal(200 + left + 1);
        expect(await store.collect()).to.include({ removed: 200, kept: left + 1 });
      } finally {
        await rm(directory, { recursive: true });
      }
    });

    it("keeps a root with all below it that is pinned after the pins were read", async function () {
      const root = await fileOf(blocks);
      const store = guardedStore(
        storeWith((inner) => ({
          blocks: async function* (options) {
            if (armed) await store.pin(root.cid);
            yield* inner.blocks(options);
          },
        })),
        { grace: 0 },
      );
      let armed = false;
      await store.putMany([...blocks, root]);
      await store.usage();
      armed = true;
      expect(await store.collect()).to.deep.equal({ removed: 0, bytes: 0, kept: 5 });
    });

    it("counts as kept what an IPFS node pins for itself", async function () {
      const store = guardedStore(
        storeWith(() => ({
          delete: (cid) =>
            Promise.reject(new CareKeyError("STORE_FAILED", "No", { cid: cid.toString(), reason: "pinned" })),
        })),
        { grace: 0 },
      );
      await store.putMany(blocks);
      expect(await store.collect()).to.deep.equal({ removed: 0, bytes: 0, kept: 4 });
    });

    it("happens by itself when the quota is nearly used", async function () {
      const collections: Promise<Collected>[] = [];
      const store = guardedStore(memoryStore(), {
        quota: 400,
        grace: 0,
        onCollection: (collection) => collections.push(collection),
      });
      await store.putMany(blocks.slice(0, 3));
      expect(collections).to.have.length(0);
      await store.put(blocks[3]!);
      expect(collections).to.have.length(1);
      expect(await collections[0]).to.include({ removed: 4 });
    });

    it("happens by itself in an interval, until it is closed", async function () {
      const first = Promise.withResolvers<Collected>();
      const store = guardedStore(memoryStore(), {
        grace: 0,
        collectEvery: 1,
        onCollection: (collection) => {
          first.resolve(collection);
        },
      });
      await store.putMany(blocks);
      await first.promise;
      await store.close();
      await failure(store.collect(), "CANCELLED");
    });

    it("is one for all who ask at once, and stops when told to", async function () {
      const store = guardedStore(memoryStore(), { grace: 0 });
      await store.put(await rawBlock(Uint8Array.of(1)));
      expect(store.collect()).to.equal(store.collect());
      await store.collect();
      await store.put(await rawBlock(Uint8Array.of(2)));
      await failure(store.collect({ signal: AbortSignal.abort() }), "CANCELLED");
      expect((await store.usage()).blocks).to.equal(1);
    });
  });
});

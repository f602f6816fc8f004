import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect } from "chai";
import type { GuardedStore } from "../../../src/node/guarded-store.js";
import { guardedStore } from "../../helpers/guarded.js";
import { Uploads } from "../../../src/node/rpc/uploads.js";
import { carOf } from "../../../src/storage/kubo-car.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore, StoredBlock } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { sampleBlocks } from "../../helpers/block-store-suite.js";
import { clients } from "../../helpers/clients.js";
import { MiB, noise, peakOfBuffers, repeat, storeWith } from "../../helpers/dags.js";
import { headers, type Listening, startRpc, streamed, upload } from "../../helpers/rpc-node.js";

describe("uploads to the storage node", function () {
  this.timeout(60_000);
  let node: Listening | undefined;

  afterEach(async () => {
    await node?.close();
    node = undefined;
  });

  /** Begins a request to the node; the body is the caller's matter. */
  const begin = (path: string): ClientRequest => {
    const sent = { ...upload().headers };
    const outgoing = request(new URL(`/api/v0/${path}`, node!.url), { method: "POST", headers: sent, agent: false });
    outgoing.on("error", () => undefined);
    return outgoing;
  };

  /** A store that tells when it was put something, and when it lost a block. */
  const told = () => {
    const inner = memoryStore();
    const waiting = new Set<() => void>();
    const tell = () => {
      for (const wake of waiting) wake();
    };
    const store: BlockStore = storeWith(() => ({
      put: (...args) => inner.put(...args).finally(tell),
      putMany: (...args) => inner.putMany(...args).finally(tell),
      has: (...args) => inner.has(...args),
      get: (...args) => inner.get(...args),
      pin: (...args) => inner.pin(...args),
      pins: (...args) => inner.pins(...args),
      blocks: (...args) => inner.blocks(...args),
      delete: (...args) => inner.delete(...args).finally(tell),
    }));
    const count = async () => {
      const blocks: StoredBlock[] = [];
      for await (const block of inner.blocks()) blocks.push(block);
      return blocks.length;
    };
    const until = async (holds: (blocks: number) => boolean): Promise<void> => {
      for (;;) {
        const change = new Promise<void>((resolve) => waiting.add(resolve));
        if (holds(await count())) return;
        await change;
      }
    };
    return { store, until };
  };

  describe("that are cut off", () => {
    for (const [path, file] of [
      ["add", () => noise(40 * MiB)],
      ["dag/import", async () => [carOf(await sampleBlocks(40, MiB))]],
    ] as const) {
      it(`leave nothing of a file to ${path}`, async () => {
        const { store, until } = told();
        node = await startRpc(guardedStore(store));
        const pieces = streamed(await file());
        const outgoing = begin(path);
        const state = { kept: false };
        const some = until((blocks) => blocks > 5).then(() => (state.kept = true));
        for await (const piece of pieces) {
          for (let offset = 0; offset < piece.length && !state.kept; offset += MiB) {
            if (!outgoing.write(piece.subarray(offset, offset + MiB))) await once(outgoing, "drain");
          }
          if (state.kept) break;
        }
        await some;
        outgoing.destroy();
        await until((blocks) => blocks === 0);
      });
    }
  });

  describe("side by side", () => {
    let store: BlockStore;
    let uploads: Uploads;

    beforeEach(() => {
      store = memoryStore();
      uploads = new Uploads(store);
    });

    const failing = async (work: Promise<unknown>) => {
      expect(await work.catch((error: unknown) => error)).to.equal(trouble);
    };
    const trouble = new Error("cut off");
    /** An upload that ends when told to. */
    const open = (blocks: Parameters<BlockStore["putMany"]>[0]) => {
      let end = (_failure?: Error): void => undefined;
      let put = (): void => undefined;
      const ended = new Promise<void>((resolve, reject) => {
        end = (failure) => {
          if (failure) reject(failure);
          else resolve();
        };
      });
      const isPut = new Promise<void>((resolve) => (put = resolve));
      const work = uploads.run(async (one) => {
        await one.putMany(blocks);
        put();
        await ended;
      });
      return { work, isPut, end };
    };

    it("take back only what nobody else brought too", async () => {
      const [shared, own] = await sampleBlocks(2);
      const [first, second] = [open([shared!, own!]), open([shared!])];
      await Promise.all([first.isPut, second.isPut]);
      first.end(trouble);
      await failing(first.work);
      expect(await store.has(own!.cid)).to.equal(false);
      expect(await store.has(shared!.cid)).to.equal(true);
      second.end();
      await second.work;
      expect(await store.has(shared!.cid)).to.equal(true);
    });

    it("lose nothing that another one relied on and has ended well", async () => {
      const blocks = await sampleBlocks(3);
      const first = open(blocks);
      await first.isPut;
      const second = open(blocks);
      await second.isPut;
      second.end();
      await second.work;
      first.end(trouble);
      await failing(first.work);
      for (const { cid } of blocks) expect(await store.has(cid)).to.equal(true);
    });

    it("leave nothing when all of them fail", async () => {
      const blocks = await sampleBlocks(3);
      const all = [open(blocks), open(blocks), open(blocks)];
      await Promise.all(all.map(({ isPut }) => isPut));
      for (const { end } of all) end(trouble);
      await Promise.all(all.map(({ work }) => failing(work)));
      for (const { cid } of blocks) expect(await store.has(cid)).to.equal(false);
    });

    it("leave what was there before, and what a pin came to rely on", async () => {
      const [old, pinned, other] = await sampleBlocks(3);
      await store.put(old!);
      const one = open([old!, pinned!, other!]);
      await one.isPut;
      expect(await uploads.rely(pinned!.cid, {})).to.equal(true);
      one.end(trouble);
      await failing(one.work);
      expect(await Promise.all([old, pinned, other].map((block) => store.has(block!.cid)))).to.deep.equal([
        true,
        true,
        false,
      ]);
    });

    it("keep a block that is sent again while the first sending is taken back", async () => {
      const [block] = await sampleBlocks(1);
      let release = (): void => undefined;
      const slow = new Promise<void>((resolve) => (release = resolve));
      const inner = storeWith((kept) => ({
        delete: async (cid) => {
          await slow;
          await kept.delete(cid);
        },
      }));
      store = inner;
      uploads = new Uploads(store);
      const first = open([block!]);
      await first.isPut;
      first.end(trouble);
      const second = open([block!]);
      second.end();
      release();
      await failing(first.work);
      await second.work;
      expect(await store.has(block!.cid)).to.equal(true);
    });
  });

  describe("of 300 MiB", () => {
    const SIZE = 300 * MiB;
    const LIMIT = 64 * MiB;
    /** Keeps no more than the nodes, so that what is measured is on its way. */
    const forgetful = (): GuardedStore =>
      guardedStore(
        storeWith((inner) => ({
          putMany: async (blocks, options) => {
            for await (const block of blocks) if (block.bytes.length < MiB) await inner.put(block, options);
          },
        })),
      );
    const sendAll = async (path: string, file: Iterable<Uint8Array>): Promise<string> => {
      const outgoing = begin(path);
      const response = once(outgoing, "response");
      await pipeline(Readable.from(streamed(file)), outgoing);
      const [incoming] = (await response) as [IncomingMessage];
      return Buffer.concat(await incoming.toArray()).toString();
    };

    it("are added in bounded memory", async () => {
      node = await startRpc(forgetful());
      const peak = await peakOfBuffers(LIMIT, async (look) => {
        const watched = function* () {
          for (const piece of repeat(new Uint8Array(MiB).fill(7), SIZE / MiB)) {
            yield piece;
            look();
          }
        };
        expect(await sendAll("add?pin=false", watched())).to.match(/"Hash":"bafybei/);
      });
      expect(peak).to.be.lessThan(LIMIT);
    });

    it("are imported from a CAR in bounded memory", async () => {
      node = await startRpc(forgetful());
      const car = carOf(await sampleBlocks(1, MiB));
      const [block] = await sampleBlocks(1, MiB);
      const header = carOf([]).length;
      const peak = await peakOfBuffers(LIMIT, async (look) => {
        const watched = function* () {
          yield car.subarray(0, header);
          for (const piece of repeat(car.subarray(header), SIZE / MiB)) {
            yield piece;
            look();
          }
        };
        const answer = await sendAll("dag/import?stats=true", watched());
        expect(JSON.parse(answer)).to.deep.equal({
          Stats: { BlockCount: SIZE / MiB, BlockBytesCount: (SIZE / MiB) * block!.bytes.length },
        });
      });
      expect(peak).to.be.lessThan(LIMIT);
    });

    it("are read in bounded memory, at the reader's pace", async () => {
      const store = guardedStore(memoryStore());
      const { cid } = await importFile(repeat(new Uint8Array(MiB).fill(7), SIZE / MiB), store);
      node = await startRpc(store);
      const outgoing = begin(`cat?arg=${cid.toString()}`).end();
      const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
      let size = 0;
      const peak = await peakOfBuffers(LIMIT, async (look) => {
        for await (const piece of incoming as AsyncIterable<Uint8Array>) {
          size += piece.length;
          look();
        }
      });
      expect(size).to.equal(SIZE);
      expect(peak).to.be.lessThan(LIMIT);
    });
  });

  for (const [client, create] of clients) {
    it(`never let ${client} take the beginning of a file for the whole`, async () => {
      const store = guardedStore(memoryStore());
      const { cid, added } = await importFile(noise(20 * MiB), store);
      await store.delete(added[15]!);
      node = await startRpc(store);
      const ipfs = create({ url: node.url, headers });
      for (const source of [ipfs.cat(cid), ipfs.dag.export(cid)]) {
        let failed = false;
        let size = 0;
        try {
          for await (const piece of source) size += piece.length;
        } catch {
          failed = true;
        }
        expect(failed, `took ${size} bytes for all`).to.equal(true);
      }
    });
  }
});

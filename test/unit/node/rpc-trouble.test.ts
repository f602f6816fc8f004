import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isCareKeyError } from "../../../src/errors.js";
import { guardedStore } from "../../helpers/guarded.js";
import { fsStore } from "../../../src/storage/fs.js";
import { carOf } from "../../../src/storage/kubo-car.js";
import { kuboStore } from "../../../src/storage/kubo.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { Block, BlockStore } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { failure, namesOf, sampleBlocks } from "../../helpers/block-store-suite.js";
import { clients } from "../../helpers/clients.js";
import { MiB, noise, storeWith } from "../../helpers/dags.js";
import { forward } from "../../helpers/stores.js";
import { headers, type Listening, send, startRpc, upload } from "../../helpers/rpc-node.js";

describe("RPC of the storage node in trouble", () => {
  let node: Listening | undefined;
  let block: Block;

  beforeEach(async () => {
    [block] = (await sampleBlocks(1)) as [Block];
  });
  afterEach(async () => {
    await node?.close();
    node = undefined;
  });

  const start = async (store: BlockStore) => (node = await startRpc(guardedStore(store)));

  describe("over a disk on which a block rotted", () => {
    let directory: string;
    let store: BlockStore;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "carekey-rpc-"));
      store = await fsStore(directory, { fsync: false });
      await store.put(block);
      const [name] = (await readdir(directory, { recursive: true })).filter((one) => one.endsWith(".data"));
      await writeFile(join(directory, name!), "rotten");
      await start(store);
    });
    afterEach(() => rm(directory, { recursive: true }));

    it("never serves it", async () => {
      for (const path of ["block/get", "cat", "dag/export"]) {
        const answer = await send(node!, `/api/v0/${path}?arg=${block.cid.toString()}`);
        expect(answer.status).to.equal(500);
        expect(answer.message).to.match(/BLOCK_INVALID/);
        expect(answer.text)
          .not.to.match(/rotten/)
          .and.not.to.contain(directory);
      }
    });

    for (const [client, create] of clients) {
      it(`lets ${client} heal it by putting it again`, async () => {
        const remote = kuboStore(create({ url: node!.url, headers }));
        expect(await remote.has(block.cid)).to.equal(false);
        await remote.put(block);
        expect(await store.get(block.cid)).to.deep.equal(block.bytes);
      });
    }
  });

  it("ends a call at its timeout, as Kubo says it", async () => {
    let aborted = false;
    const stalled = storeWith(() => ({
      get: async (_cid, options) => {
        await once(options!.signal!, "abort");
        aborted = true;
        throw options!.signal!.reason;
      },
    }));
    await start(stalled);
    const answer = await send(node!, `/api/v0/block/get?arg=${block.cid.toString()}&timeout=20ms`);
    expect([answer.status, answer.message]).to.deep.equal([500, "context deadline exceeded"]);
    expect(aborted).to.equal(true);
    for (const [, create] of clients) {
      const remote = kuboStore(create({ url: node!.url, headers }));
      expect(await failure(remote.get(block.cid, { deadline: 1000 }), "BLOCK_MISSING")).to.deep.equal({
        cid: block.cid.toString(),
      });
    }
  });

  it("ends an upload that stalls at its timeout", async () => {
    const kept = guardedStore(memoryStore());
    node = await startRpc(kept);
    const { headers: sent, body } = upload({ body: carOf(await sampleBlocks(5, 1000)) });
    for (const path of ["add", "block/put", "dag/import"]) {
      const url = new URL(`/api/v0/${path}?timeout=50ms`, node.url);
      const outgoing = request(url, { method: "POST", headers: sent, agent: false });
      outgoing.write(body.slice(0, -500));
      const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
      expect([incoming.statusCode, await text(incoming)]).to.deep.equal([
        500,
        '{"Message":"context deadline exceeded","Code":0,"Type":"error"}\n',
      ]);
      outgoing.destroy();
    }
    expect((await kept.usage()).blocks).to.equal(0);
  });

  it("stops the store's work when the client goes away", async () => {
    let begun = (): void => undefined;
    let ended = (_reason: unknown): void => undefined;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const isEnded = new Promise<unknown>((resolve) => (ended = resolve));
    await start(
      storeWith(() => ({
        get: async (_cid, options) => {
          begun();
          await once(options!.signal!, "abort");
          ended(options!.signal!.aborted);
          throw options!.signal!.reason;
        },
      })),
    );
    const [, create] = clients[0]!;
    const client = new AbortController();
    const remote = kuboStore(create({ url: node!.url, headers }));
    const call = failure(remote.get(block.cid, { signal: client.signal }), "CANCELLED");
    await isBegun;
    client.abort();
    await call;
    expect(await isEnded).to.equal(true);
  });

  it("does not pin what a collection takes meanwhile", async () => {
    const inner = memoryStore();
    const { cid, added } = await importFile(noise(2 * MiB), inner);
    await start({
      ...forward(inner),
      pin: async (root, options) => {
        await inner.delete(added[0]!);
        await inner.pin(root, options);
      },
    });
    const answer = await send(node!, `/api/v0/pin/add?arg=${cid.toString()}`);
    expect(answer.message).to.match(new RegExp(`could not find ${added[0]!.toString()}`));
    expect(await namesOf(inner.pins())).to.deep.equal([]);
  });

  it("tells nothing of a foreign failure but that there was one", async () => {
    const secret = "/srv/secret/path";
    await start(
      storeWith(() => ({
        get: () => Promise.reject(new Error(secret)),
        has: () => Promise.reject(new Error(secret)),
        putMany: () => Promise.reject(new Error(secret)),
      })),
    );
    for (const path of ["block/get", "block/stat", "cat", "dag/export", "pin/add"]) {
      const answer = await send(node!, `/api/v0/${path}?arg=${block.cid.toString()}`);
      expect([answer.status, answer.message], path).to.deep.equal([500, "internal error"]);
    }
  });

  for (const [client, create] of clients) {
    it(`has ${client} resume an import that failed midway`, async () => {
      let calls = 0;
      await start(
        storeWith((inner) => ({
          putMany: async (blocks, options) => {
            if (++calls === 2) throw new Error("trouble");
            await inner.putMany(blocks, options);
          },
        })),
      );
      const remote = kuboStore(create({ url: node!.url, headers }));
      await failure(importFile(noise(20 * MiB), remote), "STORE_FAILED");
      const { cid } = await importFile(noise(20 * MiB), remote);
      await remote.pin(cid);
      expect(isCareKeyError(await remote.get(cid).catch((error: unknown) => error))).to.equal(false);
    });
  }
});

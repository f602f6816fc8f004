import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { fsStore } from "../../../src/storage/fs.js";
import { httpStore } from "../../../src/storage/http.js";
import { memoryStore } from "../../../src/storage/memory.js";
import { type Block, type BlockStore, MAX_BLOCK } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { readFile } from "../../../src/storage/unixfs/read.js";
import { blockStoreSuite, failure, failures, namesOf, sampleBlocks } from "../../helpers/block-store-suite.js";
import { MiB, noise } from "../../helpers/dags.js";
import { faulty } from "../../helpers/stores.js";
import { type RunningNode, runNode, runServer } from "../../helpers/storage-node.js";

describe("http store", function () {
  this.timeout(20_000);
  const open: { close(): Promise<void> }[] = [];
  let folder: string;
  let blocks: Block[];

  beforeEach(async function () {
    folder = await mkdtemp(join(tmpdir(), "carekey-http-"));
    blocks = await sampleBlocks(4);
  });
  afterEach(async function () {
    await Promise.all(open.splice(0).map((each) => each.close()));
    await rm(folder, { recursive: true });
  });

  async function node(...args: Parameters<typeof runNode>): Promise<RunningNode> {
    const running = await runNode(...args);
    open.push(running);
    return running;
  }
  async function server(listener: RequestListener): Promise<string> {
    const running = await runServer(listener);
    open.push(running);
    return running.url;
  }
  async function storeOver(inner: BlockStore): Promise<BlockStore> {
    const { url, manage: token } = await node(inner);
    return httpStore(url, { token });
  }

  blockStoreSuite("http store over a node on memory", () => storeOver(memoryStore()));
  blockStoreSuite("http store over a node on disk", async () => storeOver(await fsStore(folder, { fsync: false })));

  it("carries a file there and back, from many writers at once", async function () {
    const { url, put } = await node();
    const store = httpStore(`${url}/`, { token: put });
    const roots = await Promise.all([1, 2, 3].map((count) => importFile(noise(count * 5 * MiB), store)));
    for (const [index, { cid }] of roots.entries()) {
      let size = 0;
      for await (const chunk of readFile(cid, store)) size += chunk.length;
      expect(size).to.equal((index + 1) * 5 * MiB);
    }
  });

  it("reads without a token, and puts, pins and lists nothing", async function () {
    const inner = memoryStore();
    await inner.put(blocks[0]!);
    const store = httpStore((await node(inner)).url);
    expect(await store.get(blocks[0]!.cid)).to.deep.equal(blocks[0]!.bytes);
    expect(await store.has(blocks[1]!.cid)).to.equal(false);
    const { cid } = blocks[0]!;
    const calls = [store.put(blocks[1]!), store.putMany(blocks), store.pin(cid), store.unpin(cid), store.delete(cid)];
    for (const details of await failures([...calls, namesOf(store.pins())], "STORE_FAILED"))
      expect(details).to.include({ status: 401 });
    expect(await inner.has(blocks[1]!.cid)).to.equal(false);
  });

  it("puts and pins by a token for that, and removes nothing", async function () {
    const { url, put } = await node();
    const store = httpStore(url, { token: put });
    await store.putMany(blocks);
    const { cid } = blocks[0]!;
    await store.pin(cid);
    for (const details of await failures([store.delete(cid), store.unpin(cid), namesOf(store.pins())], "STORE_FAILED"))
      expect(details).to.include({ status: 403 });
    expect(await store.has(cid)).to.equal(true);
  });

  it("says that the node's quota is used up", async function () {
    const { url, put } = await node(memoryStore(), { quota: 250 });
    const store = httpStore(url, { token: put });
    await store.putMany(blocks.slice(0, 2));
    for (const details of await failures([store.put(blocks[2]!), store.putMany(blocks.slice(2))], "DISK_FULL"))
      expect(details).to.deep.equal({ quota: 250, bytes: 200 });
  });

  it("passes on that a block rotted at the node, and that its store failed", async function () {
    const inner = await fsStore(folder, { fsync: false });
    await inner.put(blocks[0]!);
    const files = await readdir(join(folder, "blocks"), { recursive: true });
    await writeFile(
      join(
        folder,
        "blocks",
        files.find((name) => name.endsWith(".data"))!,
      ),
      "rot",
    );
    const { url } = await node(inner);
    expect(await failure(httpStore(url).get(blocks[0]!.cid), "BLOCK_INVALID")).to.include({ reason: "hash" });
    const failing = await node(faulty(memoryStore(), () => true));
    expect(await failure(httpStore(failing.url).get(blocks[0]!.cid), "STORE_FAILED")).to.include({ status: 500 });
  });

  it("refuses other bytes, whoever sends them", async function () {
    const url = await server((_, response) => response.end("something else"));
    expect(await failure(httpStore(url).get(blocks[0]!.cid), "BLOCK_INVALID")).to.include({ reason: "hash" });
  });

  it("does not read on past the longest block, declared or not", async function () {
    for (const declared of [true, false]) {
      const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
      const url = await server((_, response) => {
        if (declared) response.setHeader("content-length", MAX_BLOCK * 1000);
        response.once("close", () => {
          resolve(undefined);
        });
        const pour = () => {
          while (response.write(new Uint8Array(MiB)));
          response.once("drain", pour);
        };
        pour();
      });
      expect(await failure(httpStore(url).get(blocks[0]!.cid), "BLOCK_INVALID")).to.include({ reason: "size" });
      await stopped;
    }
  });

  it("gives up on a node that does not answer, and on one that stalls in an answer", async function () {
    const silent = await server(() => undefined);
    const stalled = await server((_, response) => {
      response.setHeader("content-length", 100);
      response.write("begin");
    });
    for (const url of [silent, stalled]) {
      const store = httpStore(url, { deadline: 30 });
      expect(await failure(store.get(blocks[0]!.cid), "STORE_FAILED")).to.deep.equal({ deadline: 30 });
      expect(await failure(namesOf(store.pins()), "STORE_FAILED")).to.deep.equal({ deadline: 30 });
    }
    expect(await failure(httpStore(silent, { deadline: 30 }).putMany(blocks), "STORE_FAILED")).to.include({
      deadline: 30,
    });
  });

  it("lets a caller who waits cancel, and then breaks off the request", async function () {
    const asked = Promise.withResolvers<{ closed: Promise<unknown> }>();
    const url = await server((_, response) => {
      asked.resolve({ closed: once(response, "close") });
    });
    const stop = new AbortController();
    const call = failure(httpStore(url).get(blocks[0]!.cid, { signal: stop.signal }), "CANCELLED");
    const { closed } = await asked.promise;
    stop.abort();
    await closed;
    await call;
  });

  it("says why a node cannot be reached", async function () {
    const { url, close } = await runServer(() => undefined);
    await close();
    expect(await failure(httpStore(url).get(blocks[0]!.cid), "STORE_FAILED")).to.include({ code: "ECONNREFUSED" });
  });

  it("knows missing blocks by the statuses that gateways have", async function () {
    for (const status of [404, 410, 412]) {
      const url = await server((_, response) => response.writeHead(status).end("<html>none</html>"));
      const { cid } = blocks[0]!;
      expect(await failure(httpStore(url).get(cid), "BLOCK_MISSING")).to.deep.equal({ cid: cid.toString() });
      expect(await httpStore(url).has(cid)).to.equal(false);
    }
  });

  it("takes no broken list for a whole one", async function () {
    const { cid } = blocks[0]!;
    const line = JSON.stringify({ cid: cid.toString() });
    for (const text of [line, `${line}\n{"cid":"nonsense"}\n`, `${line}\nnull\n`, "x".repeat(10_000), "x\n"]) {
      const url = await server((_, response) => response.end(text));
      expect(await failure(namesOf(httpStore(url).pins()), "STORE_FAILED")).to.include({ reason: "list" });
    }
    const url = await server((_, response) => response.end(`${line}\n`));
    const listing = httpStore(url).blocks()[Symbol.asyncIterator]().next();
    expect(await failure(listing, "STORE_FAILED")).to.include({ reason: "list" });
    const cut = await server((_, response) => {
      response.write(`${line}\n`, () => response.destroy());
    });
    await failure(namesOf(httpStore(cut).pins()), "STORE_FAILED");
  });

  it("gives a token to no foreign gateway that is only read", async function () {
    const seen: (string | undefined)[] = [];
    const url = await server((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    const store = httpStore(url, { token: "secret" });
    await store.has(blocks[0]!.cid);
    await failure(store.get(blocks[0]!.cid), "BLOCK_MISSING");
    expect(seen).to.deep.equal([undefined, undefined]);
  });

  it("refuses what is no address of a node", function () {
    for (const url of ["nowhere", "ftp://host", "http://a:b@host", "http://host/?q", "http://host/#x"])
      expect(() => httpStore(url), url)
        .to.throw()
        .with.property("code", "INVALID_ARGUMENT");
  });
});

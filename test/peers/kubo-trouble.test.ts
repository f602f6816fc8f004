import { expect } from "chai";
import { kuboStore } from "../../src/storage/kubo.js";
import { kuboStoreAt } from "../../src/storage/kubo-url.js";
import type { Block, BlockStore } from "../../src/storage/types.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { dagPbBlock } from "../../src/storage/verify.js";
import { failure, namesOf, sampleBlocks } from "../helpers/block-store-suite.js";
import { MiB, noise } from "../helpers/dags.js";
import { clients, createCurrent as create } from "../helpers/clients.js";
import { KuboNode } from "./helpers/kubo.js";
import { describePeer } from "./helpers/peer.js";
import { type Meddling, type Proxy, startProxy } from "./helpers/proxy.js";

describePeer("ipfs", "kubo store in trouble", function (ipfs) {
  this.timeout(60_000);
  let node: KuboNode;
  let store: BlockStore;
  let block: Block;
  let proxy: Proxy | undefined;

  beforeEach(async () => {
    node = await KuboNode.start(ipfs);
    store = kuboStore(create({ url: node.rpc }), { offline: true });
    [block] = (await sampleBlocks(1)) as [Block];
  });
  afterEach(async () => {
    proxy?.close();
    proxy = undefined;
    await node.remove();
  });

  /** The store behind somebody in the middle, through either client. */
  const meddled = async (meddling: Meddling): Promise<[string, BlockStore][]> => {
    proxy = await startProxy(node.rpc, meddling);
    const { url } = proxy;
    return clients.map(([name, create]) => [name, kuboStore(create({ url }))]);
  };
  const everyCall = (target: BlockStore, options: { deadline?: number; signal?: AbortSignal }) => [
    target.put(block, options),
    target.putMany([block], options),
    target.get(block.cid, options),
    target.has(block.cid, options),
    target.delete(block.cid, options),
    target.pin(block.cid, options),
    target.unpin(block.cid, options),
    namesOf(target.pins(options)),
  ];

  for (const [what, alters] of [
    ["altered", (bytes: Buffer) => bytes.map((byte, index) => (index === 50 ? byte ^ 1 : byte))],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, -1)],
    ["emptied", () => new Uint8Array()],
    ["prolonged", (bytes: Buffer) => Uint8Array.of(...bytes, 0)],
  ] as const) {
    it(`refuses a block that was ${what} on its way`, async () => {
      await store.put(block);
      const alterBlocks = (path: string, answer: Buffer) => (path === "block/get" ? alters(answer) : answer);
      for (const [client, target] of await meddled({ alters: alterBlocks })) {
        const details = await failure(target.get(block.cid), "BLOCK_INVALID");
        expect(details, client).to.deep.equal({ cid: block.cid.toString(), reason: "hash" });
      }
    });
  }

  it("refuses answers that are none of a node", async () => {
    const alters = () => Buffer.from("<html>It works!</html>");
    for (const [, target] of await meddled({ alters })) {
      await failure(target.put(block), "STORE_FAILED");
      await failure(target.has(block.cid), "STORE_FAILED");
      await failure(target.pin(block.cid), "STORE_FAILED");
      await failure(target.delete(block.cid), "STORE_FAILED");
      await failure(namesOf(target.pins()), "STORE_FAILED");
    }
  });

  it("ends every call at its deadline when the node is stalled", async () => {
    for (const [client, target] of await meddled({ stalls: () => true })) {
      const failures = everyCall(target, { deadline: 300 }).map((call) => failure(call, "STORE_FAILED"));
      for (const details of await Promise.all(failures)) expect(details, client).to.deep.equal({ deadline: 300 });
    }
    await failure(kuboStoreAt(proxy!.url, { deadline: 300 }), "STORE_UNREACHABLE");
  });

  it("stops every call when the caller cancels it", async () => {
    for (const [, target] of await meddled({ stalls: () => true })) {
      const caller = new AbortController();
      const calls = everyCall(target, { signal: caller.signal }).map((call) => failure(call, "CANCELLED"));
      setImmediate(() => {
        caller.abort();
      });
      await Promise.all(calls);
    }
  });

  it("keeps nothing of an import that the caller cancels midway", async () => {
    const caller = new AbortController();
    const seen: string[] = [];
    const cuts = (path: string) => {
      seen.push(path);
      if (path === "dag/import") caller.abort();
      return false;
    };
    const [, target] = (await meddled({ cuts }))[0]!;
    await failure(importFile(noise(20 * MiB), target, { signal: caller.signal }), "CANCELLED");
    expect(seen).to.include("dag/import");
    expect(await node.call("refs/local")).to.equal(await untouched(ipfs));
  });

  it("tells what the node refuses, and how", async () => {
    const broken = await dagPbBlock(Uint8Array.of(0xff, 0xff, 1));
    for (const [name, create] of clients) {
      const details = await failure(kuboStore(create({ url: node.rpc })).putMany([block, broken]), "STORE_FAILED");
      expect(details, name).to.deep.equal({ status: 500 });
      const elsewhere = kuboStore(create({ url: `${node.rpc}/elsewhere` }));
      const failures = everyCall(elsewhere, {}).map((call) => failure(call, "STORE_FAILED"));
      for (const wrong of await Promise.all(failures)) expect(wrong, name).to.deep.equal({ status: 404 });
    }
  });

  it("notices a connection that is cut in the middle of a CAR, of which nothing stays", async () => {
    const cuts = (path: string, size: number) => path === "dag/import" && size > 3 * MiB;
    for (const [, target] of await meddled({ cuts })) {
      const blocks = await sampleBlocks(8, MiB);
      await failure(target.putMany(blocks), "STORE_FAILED");
      for (const { cid } of blocks) expect(await store.has(cid)).to.equal(false);
      await target.putMany([block]);
      expect(await store.get(block.cid)).to.deep.equal(block.bytes);
      await store.delete(block.cid);
    }
  });

  it("fails when the node is killed between two CARs of a large file, and nothing is pinned after its restart", async () => {
    const source = async function* () {
      yield* noise(24 * MiB);
      await node.kill();
      yield* noise(24 * MiB);
    };
    await failure(importFile(source(), store), "STORE_FAILED");
    const { code } = await failure(store.get(block.cid), "STORE_FAILED");
    expect(code).to.equal("ECONNREFUSED");
    await expectNothingPinned();
  });

  it("fails when the node is killed in the middle of a CAR, and nothing is pinned after its restart", async () => {
    let killed: Promise<void> | undefined;
    const cuts = (path: string, size: number) => {
      if (path === "dag/import" && size > 3 * MiB) killed ??= node.kill();
      return false;
    };
    const [, target] = (await meddled({ cuts }))[0]!;
    await failure(importFile(noise(40 * MiB), target), "STORE_FAILED");
    await killed;
    expect(killed).not.to.equal(undefined);
    await expectNothingPinned();
  });

  it("keeps what it acknowledged when the node is killed", async () => {
    const { cid, added } = await importFile(noise(10 * MiB), store);
    await store.pin(cid);
    await node.kill();
    await node.start();
    const again = await kuboStoreAt(node.rpc);
    expect(await namesOf(again.pins())).to.deep.equal([cid.toString()]);
    for (const one of added) await again.get(one);
  });

  /** Restarts the node, looks, and shares the same file again. */
  async function expectNothingPinned(): Promise<void> {
    await node.start();
    const again = await kuboStoreAt(node.rpc);
    expect(await namesOf(again.pins())).to.deep.equal([]);
    const { cid } = await importFile(noise(40 * MiB), again);
    await again.pin(cid);
    expect(await namesOf(again.pins())).to.deep.equal([cid.toString()]);
  }
});

/** What a new node holds by itself. */
async function untouched(ipfs: string): Promise<string> {
  const node = await KuboNode.start(ipfs);
  try {
    return await node.call("refs/local");
  } finally {
    await node.remove();
  }
}

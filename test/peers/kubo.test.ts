import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { CID } from "multiformats/cid";
import { collect, concat } from "../../src/bytes.js";
import { kuboStore } from "../../src/storage/kubo.js";
import { kuboStoreAt } from "../../src/storage/kubo-url.js";
import type { BlockStore } from "../../src/storage/types.js";
import { listBlocks } from "../../src/storage/unixfs/blocks.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { blockStoreSuite, failure, namesOf, sampleBlocks } from "../helpers/block-store-suite.js";
import { MiB, noise, repeat } from "../helpers/dags.js";
import { createCurrent as create, createFormer } from "../helpers/clients.js";
import { KuboNode } from "./helpers/kubo.js";
import { describePeer } from "./helpers/peer.js";

describePeer("ipfs", "kubo store on a real node", function (ipfs) {
  this.timeout(60_000);
  let node: KuboNode;
  let store: BlockStore;

  before(async () => {
    node = await KuboNode.start(ipfs);
  });
  after(async () => {
    await node.stop();
    await node.remove();
  });
  beforeEach(async () => {
    await node.empty();
    store = kuboStore(create({ url: node.rpc }), { offline: true });
  });

  const opened = (open: () => BlockStore) => async () => {
    await node.empty();
    return open();
  };
  const blocksOf = async (root: CID) => {
    const cids: CID[] = [];
    for await (const cid of listBlocks(root, store)) cids.push(cid);
    return cids;
  };

  // a node that may search does so for most of the deadline before it says that a block is missing
  blockStoreSuite(
    "kubo store through kubo-rpc-client",
    opened(() => kuboStore(create({ url: node.rpc }), { deadline: 3000 })),
  );
  blockStoreSuite(
    "kubo store through kubo-rpc-client, offline",
    opened(() => kuboStore(create({ url: node.rpc }), { offline: true })),
  );
  blockStoreSuite(
    "kubo store through ipfs-http-client, offline",
    opened(() => kuboStore(createFormer({ url: node.rpc }), { offline: true })),
  );

  for (const size of [0, 1, MiB - 1, MiB, MiB + 1, 40 * MiB + 5]) {
    it(`gives a file of ${size} bytes the CID that ipfs add gives it`, async () => {
      const { cid } = await importFile(noise(size), store);
      const path = join(node.directory, "file");
      await writeFile(path, noise(size));
      expect(await node.run("add", "--quieter", "--only-hash", path)).to.equal(`${cid.toString()}\n`);
    });
  }

  it("gives deep trees the CIDs that ipfs add gives them", async () => {
    const path = join(node.directory, "file");
    await writeFile(path, noise(100_000));
    for (const [chunk, children] of [
      [97, 1024],
      [1000, 3],
    ] as const) {
      const { cid } = await importFile(noise(100_000), store, { shape: { chunk, children } });
      const shape = [`--chunker=size-${chunk}`, `--max-file-links=${children}`];
      expect(await node.run("add", "--quieter", "--only-hash", ...shape, path)).to.equal(`${cid.toString()}\n`);
    }
  });

  it("has the node serve a file by ipfs cat, and every block by its gateway", async () => {
    const { cid } = await importFile(noise(5 * MiB + 7), store);
    expect((await node.bytes("cat", cid.toString())).equals(concat([...noise(5 * MiB + 7)]))).to.equal(true);
    for (const block of await blocksOf(cid)) {
      const response = await fetch(`${node.gateway}/ipfs/${block.toString()}?format=raw`);
      expect(Buffer.from(await response.arrayBuffer()).equals(await store.get(block))).to.equal(true);
    }
  });

  it("reads what ipfs add stored", async () => {
    const path = join(node.directory, "file");
    await writeFile(path, noise(5 * MiB));
    const name = (await node.run("add", "--quieter", path)).trim();
    const pinned: CID[] = [];
    for await (const root of store.pins()) pinned.push(root);
    expect(pinned.map(String)).to.deep.equal([name]);
    const bytes = await collect(readFile(pinned[0]!, store), 5 * MiB);
    expect(Buffer.from(bytes).equals(concat([...noise(5 * MiB)]))).to.equal(true);
  });

  it("shows its pins in ipfs pin ls, and leaves out those that CareKey does not store", async () => {
    const { cid } = await importFile(noise(3 * MiB), store);
    await store.pin(cid);
    const path = join(node.directory, "file");
    await writeFile(path, noise(100));
    const foreign = (await node.run("add", "--quieter", "--cid-version=0", "--raw-leaves=false", path)).trim();
    const shown = async () => (await node.run("pin", "ls", "--type=recursive", "--quiet")).trim().split("\n");
    expect(await shown()).to.have.members([cid.toString(), foreign]);
    expect(await namesOf(store.pins())).to.deep.equal([cid.toString()]);
    await store.unpin(cid);
    expect(await shown()).to.deep.equal([foreign]);
    expect(await namesOf(store.pins())).to.deep.equal([]);
  });

  it("keeps a pinned file from ipfs repo gc, which takes an unpinned one", async () => {
    const pinned = await importFile(noise(3 * MiB), store);
    await store.pin(pinned.cid);
    const other = await importFile(repeat(new Uint8Array(MiB).fill(7), 3), store);
    await node.run("repo", "gc", "--quiet");
    for (const cid of pinned.added) expect(await store.has(cid)).to.equal(true);
    for (const cid of other.added) expect(await store.has(cid)).to.equal(false);
  });

  it("says that a pinned block stays, and removes it once nothing pins it", async () => {
    const { cid, added } = await importFile(noise(2 * MiB), store);
    await store.pin(cid);
    for (const block of added) {
      const details = await failure(store.delete(block), "STORE_FAILED");
      expect(details).to.deep.equal({ cid: block.toString(), reason: "pinned" });
    }
    await store.unpin(cid);
    for (const block of added) await store.delete(block);
    for (const block of added) expect(await store.has(block)).to.equal(false);
  });

  it("does not take a root for pinned that only lies below one, nor unpins what holds it", async () => {
    const { cid, added } = await importFile(noise(2 * MiB), store);
    await store.pin(cid);
    for (const block of added) if (!block.equals(cid)) await store.unpin(block);
    expect(await namesOf(store.pins())).to.deep.equal([cid.toString()]);
  });

  it("pins no root whose blocks are incomplete", async () => {
    const { cid, added } = await importFile(noise(2 * MiB), store);
    await store.delete(added[0]!);
    // the node goes on to search for what is below a root, even when told not to
    for (const offline of [true, false]) {
      const searching = kuboStore(create({ url: node.rpc }), { offline });
      const details = await failure(searching.pin(cid, { deadline: 500 }), "STORE_FAILED");
      expect(details).to.deep.equal({ deadline: 500 });
    }
    expect(await namesOf(store.pins())).to.deep.equal([]);
  });

  it("ends the node's search for a block that nobody has within the deadline", async () => {
    const [block] = await sampleBlocks(1);
    const searching = await kuboStoreAt(node.rpc);
    const options = { deadline: 500 };
    for (const search of [() => searching.get(block!.cid, options), () => searching.pin(block!.cid, options)]) {
      expect(await failure(search(), "BLOCK_MISSING")).to.deep.equal({ cid: block!.cid.toString() });
    }
  });

  it("hears at once from a node that is offline what is missing", async () => {
    const alone = await KuboNode.start(ipfs, { offline: true });
    try {
      const target = kuboStore(create({ url: alone.rpc }), { deadline: Infinity });
      const { cid, added } = await importFile(noise(2 * MiB), target);
      await target.pin(cid);
      await target.unpin(cid);
      await target.delete(added[0]!);
      expect(await failure(target.get(added[0]!), "BLOCK_MISSING")).to.deep.equal({ cid: added[0]!.toString() });
      expect(await failure(target.pin(cid), "BLOCK_MISSING")).to.deep.equal({ cid: cid.toString() });
      expect(await namesOf(target.pins())).to.deep.equal([]);
    } finally {
      await alone.remove();
    }
  });

  it("fetches from a peer of its node what the node does not hold, unless offline", async () => {
    const [far, near] = await Promise.all([
      KuboNode.start(ipfs, { swarm: true }),
      KuboNode.start(ipfs, { swarm: true }),
    ]);
    try {
      const [address] = (await far.run("id", "--format=<addrs>")).split("\n");
      await near.run("swarm", "connect", address!);
      const { cid } = await importFile(noise(3 * MiB), kuboStore(create({ url: far.rpc })));
      const client = create({ url: near.rpc });
      await failure(kuboStore(client, { offline: true }).get(cid), "BLOCK_MISSING");
      const online = kuboStore(client);
      expect(await online.has(cid)).to.equal(false);
      const bytes = await collect(readFile(cid, online), 3 * MiB);
      expect(Buffer.from(bytes).equals(concat([...noise(3 * MiB)]))).to.equal(true);
      await online.pin(cid);
      expect(await namesOf(online.pins())).to.deep.equal([cid.toString()]);
    } finally {
      await Promise.all([far.remove(), near.remove()]);
    }
  });
});

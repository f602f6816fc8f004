import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fsStore } from "../../../../src/storage/fs.js";
import { memoryStore } from "../../../../src/storage/memory.js";
import { place } from "../../../../src/storage/pool/placement.js";
import { nodePool } from "../../../../src/storage/pool/pool.js";
import { isPool, type Policy } from "../../../../src/storage/pool/types.js";
import type { Block, BlockStore } from "../../../../src/storage/types.js";
import { dagPbBlock } from "../../../../src/storage/verify.js";
import { blockStoreSuite, failure, namesOf, sampleBlocks } from "../../../helpers/block-store-suite.js";
import { type TestNode, testNode, testNodes } from "../../../helpers/pools.js";

const copies = (count: number): Policy => ({ kind: "copies", copies: count });
const fragments: Policy = { kind: "fragments", data: 3, parity: 2 };

blockStoreSuite("a pool of three nodes, two copies", () =>
  Promise.resolve(nodePool(testNodes(3), { policy: copies(2) })),
);
blockStoreSuite("a pool of five nodes, three and two fragments", () =>
  Promise.resolve(nodePool(testNodes(5), { policy: fragments })),
);

describe("a pool of nodes on disk keeps the contract", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "carekey-pool-"));
  });
  after(() => rm(folder, { recursive: true }));

  let opened = 0;
  blockStoreSuite("a pool of three disks", async () => {
    const nodes = ["one", "two", "three"].map(async (name) =>
      testNode(name, name, await fsStore(join(folder, `${opened} ${name}`), { fsync: false })),
    );
    opened++;
    return nodePool(await Promise.all(nodes), { policy: copies(2) });
  });
});

describe("a pool of nodes", () => {
  let nodes: TestNode[];
  let block: Block;
  beforeEach(async () => {
    nodes = testNodes(5);
    [block] = (await sampleBlocks(1)) as [Block];
  });

  const holders = async (cid = block.cid) => {
    const names: string[] = [];
    for (const { name, inside } of nodes) if (await inside.has(cid)) names.push(name);
    return names;
  };
  const belongs = (count: number) => place(nodes, block.cid.multihash.digest, count, "copies").map(({ name }) => name);

  it("is known as one, a single store is not", () => {
    expect(isPool(nodePool(nodes))).to.equal(true);
    expect(isPool(memoryStore())).to.equal(false);
  });

  it("keeps a block on as many nodes as it has copies, or may lose and one more", async () => {
    await nodePool(nodes, { policy: copies(2) }).put(block);
    expect(await holders()).to.have.members(belongs(2));
    await nodePool(nodes, { policy: fragments }).put(block);
    expect(await holders()).to.have.members(belongs(3));
  });

  it("keeps nodes of trees everywhere", async () => {
    const node = await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x02));
    await nodePool(nodes, { policy: copies(2) }).put(node);
    expect(await holders(node.cid)).to.have.length(5);
  });

  it("keeps to the operators that the policy names", async () => {
    const pool = nodePool(nodes, { policy: { ...copies(2), operators: ["node 1", "node 3"] } });
    await pool.put(block);
    expect(await holders()).to.deep.equal(["node 1", "node 3"]);
  });

  it("puts under another policy, and reads what it put under any", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    const other = pool.under({ ...copies(1), operators: ["node 4"] });
    await other.put(block);
    expect(await holders()).to.deep.equal(["node 4"]);
    expect(await pool.get(block.cid)).to.deep.equal(block.bytes);
    expect([pool.policy, other.policy.kind, other.nodes]).to.deep.equal([copies(2), "copies", nodes]);
    await failure(
      Promise.resolve().then(() => pool.under(copies(6))),
      "INVALID_ARGUMENT",
    );
  });

  it("chooses 10 and 4 fragments over 14 nodes, three copies over fewer", () => {
    expect(nodePool(testNodes(14)).policy).to.deep.equal({ kind: "fragments", data: 10, parity: 4 });
    expect(nodePool(testNodes(13)).policy).to.deep.equal(copies(3));
    expect(nodePool(testNodes(2)).policy).to.deep.equal(copies(2));
  });

  it("puts on the next node when one fails, and reads whatever node is down", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    const [first] = place(nodes, block.cid.multihash.digest, 1, "copies") as [TestNode];
    first.dead = true;
    await pool.put(block);
    expect(await holders()).to.have.length(2);
    for (const node of nodes) {
      for (const other of nodes) other.dead = other === node;
      expect(await pool.get(block.cid)).to.deep.equal(block.bytes);
      expect(await pool.has(block.cid)).to.equal(true);
    }
  });

  it("fails when fewer than two nodes are left, and leaves nothing behind", async () => {
    const pool = nodePool(nodes, { policy: copies(3) });
    for (const node of nodes.slice(1)) node.dead = true;
    expect(await failure(pool.put(block), "NODES_MISSING")).to.include({ needed: 2, reached: 1 });
    expect(await nodes[0]!.count()).to.equal(0);
  });

  it("keeps a block that was there before when a put fails", async () => {
    const pool = nodePool(nodes, { policy: copies(3) });
    await nodes[0]!.store.put(block);
    for (const node of nodes.slice(1)) node.dead = true;
    await failure(pool.put(block), "NODES_MISSING");
    expect(await nodes[0]!.count()).to.equal(1);
  });

  it("says that nodes are missing when the block may lie on one of them", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    await pool.put(block);
    for (const name of await holders()) nodes.find((node) => node.name === name)!.dead = true;
    expect(await failure(pool.get(block.cid), "NODES_MISSING")).to.include({ needed: 1 });
    for (const node of nodes) node.dead = true;
    await failure(pool.has(block.cid), "NODES_MISSING");
    await failure(pool.pin(block.cid), "NODES_MISSING");
    await failure(namesOf(pool.pins()), "NODES_MISSING");
  });

  it("passes over a copy that rotted, and asks that node no more for it", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    await pool.put(block);
    const kept = place(nodes, block.cid.multihash.digest, 2, "copies") as TestNode[];
    kept[0]!.rot(block.cid);
    for (let time = 0; time < 5; time++) expect(await pool.get(block.cid)).to.deep.equal(block.bytes);
    expect(kept[0]!.gets).to.be.at.most(1);
    kept[1]!.rot(block.cid);
    expect(await failure(pool.get(block.cid), "BLOCK_INVALID")).to.include({ reason: "hash" });
    await pool.put(block);
    expect(await pool.get(block.cid)).to.deep.equal(block.bytes);
  });

  it("reads past a stalled node, and asks it rarely", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    const blocks = await sampleBlocks(40);
    await pool.putMany(blocks);
    nodes[2]!.stalled = true;
    for (const { cid, bytes } of blocks) expect(await pool.get(cid)).to.deep.equal(bytes);
    expect(nodes[2]!.gets).to.be.within(1, 3);
  });

  it("gives up a stalled node that is the only one left, at the deadline", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    await pool.put(block);
    for (const node of nodes) node.stalled = true;
    await failure(pool.get(block.cid, { deadline: 30 }), "NODES_MISSING");
  });

  it("deletes and unpins on all nodes, and tells how many did not answer", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    await pool.put(block);
    await pool.pin(block.cid);
    const names = await holders();
    const [gone, left] = names.map((name) => nodes.find((node) => node.name === name)!) as [TestNode, TestNode];
    gone.dead = true;
    expect(await failure(pool.unpin(block.cid), "STORE_FAILED")).to.include({ nodes: 1 });
    expect(await failure(pool.delete(block.cid), "STORE_FAILED")).to.include({ nodes: 1 });
    expect(await left.inside.has(block.cid)).to.equal(false);
    expect(await namesOf(left.inside.pins())).to.deep.equal([]);
    gone.dead = false;
    await pool.unpin(block.cid);
    await pool.delete(block.cid);
    expect(await holders()).to.deep.equal([]);
  });

  it("lists what the nodes that answer hold, each once", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    const blocks = await sampleBlocks(20);
    await pool.putMany(blocks);
    for (const { cid } of blocks) await pool.pin(cid);
    nodes[0]!.dead = true;
    const names = blocks.map(({ cid }) => cid.toString());
    expect(await namesOf(pool.pins())).to.have.members(names);
    const listed: string[] = [];
    for await (const { cid } of pool.blocks()) listed.push(cid.toString());
    expect(listed).to.have.members(names);
  });

  it("refuses policies that its nodes can never keep, and two nodes of one name", () => {
    const refused = (all: TestNode[], policy: Policy) =>
      failure(
        Promise.resolve().then(() => nodePool(all, { policy })),
        "INVALID_ARGUMENT",
      );
    return Promise.all([
      refused(nodes, copies(6)),
      refused(nodes, copies(0)),
      refused(nodes, { kind: "fragments", data: 6, parity: 1 }),
      refused(nodes, { ...copies(2), operators: ["node 1"] }),
      refused([...nodes, testNode("node 1")], copies(2)),
    ]);
  });

  it("stops a get midway", async () => {
    const pool = nodePool(nodes, { policy: copies(2) });
    await pool.put(block);
    for (const node of nodes) node.stalled = true;
    const caller = new AbortController();
    const got = failure(pool.get(block.cid, { signal: caller.signal }), "CANCELLED");
    caller.abort();
    await got;
  });

  it("heals what rotted when the block is put again", async () => {
    const store: BlockStore = nodePool(nodes, { policy: copies(2) });
    await store.put(block);
    for (const node of nodes) if (await node.inside.has(block.cid)) node.rot(block.cid);
    await failure(store.get(block.cid), "BLOCK_INVALID");
    await store.put(block);
    expect(await store.get(block.cid)).to.deep.equal(block.bytes);
  });
});

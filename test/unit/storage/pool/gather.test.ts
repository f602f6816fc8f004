import { expect } from "chai";
import { gather, type Request } from "../../../../src/storage/pool/gather.js";
import { NodeHealth } from "../../../../src/storage/pool/health.js";
import type { Block } from "../../../../src/storage/types.js";
import { failure, sampleBlocks } from "../../../helpers/block-store-suite.js";
import { type TestNode, testNodes } from "../../../helpers/pools.js";

describe("asking several nodes at once", () => {
  let nodes: TestNode[];
  let blocks: Block[];
  let requests: Request[];
  beforeEach(async () => {
    nodes = testNodes(6);
    blocks = await sampleBlocks(6);
    requests = [];
    for (const [index, node] of nodes.entries()) {
      const block = blocks[index]!;
      await node.inside.put(block);
      requests.push({ index, cid: block.cid, health: new NodeHealth(node) });
    }
  });
  const asked = () => nodes.map(({ gets }) => gets);

  it("asks no more than are needed while all answer", async () => {
    const { found, ...rest } = await gather(requests, 3, undefined);
    expect([...found.keys()].sort()).to.deep.equal([0, 1, 2]);
    expect(found.get(1)).to.deep.equal(blocks[1]!.bytes);
    expect(rest).to.deep.equal({ missing: 0, rotten: 0, failed: 0 });
    expect(asked()).to.deep.equal([1, 1, 1, 0, 0, 0]);
  });

  it("asks one more for each that fails, has other bytes or nothing", async () => {
    nodes[0]!.dead = true;
    nodes[1]!.rot(blocks[1]!.cid);
    await nodes[2]!.inside.delete(blocks[2]!.cid);
    const { found, ...rest } = await gather(requests, 3, undefined);
    expect([...found.keys()].sort()).to.deep.equal([3, 4, 5]);
    expect(rest).to.deep.equal({ missing: 1, rotten: 1, failed: 1 });
    expect(requests.map(({ health }) => health.down)).to.deep.equal([true, false, false, false, false, false]);
    expect(requests[1]!.health.isRotten(blocks[1]!.cid)).to.equal(true);
  });

  it("returns what there is where that is too little", async () => {
    for (const node of nodes.slice(2)) node.dead = true;
    const { found, failed } = await gather(requests, 3, undefined);
    expect([found.size, failed]).to.deep.equal([2, 4]);
  });

  it("asks another when one is overdue, and leaves that one alone afterwards", async () => {
    nodes[1]!.stalled = true;
    const { found } = await gather(requests, 3, undefined);
    expect([...found.keys()].sort()).to.deep.equal([0, 2, 3]);
    expect(requests.map(({ health }) => health.avoided)).to.deep.equal([false, true, false, false, false, false]);
    expect(requests.map(({ health }) => health.outstanding)).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it("asks those of last resort only when the others failed, not when they are late", async () => {
    nodes[0]!.stalled = true;
    const unlikely = requests.slice(4).map((request) => ({ ...request, lastResort: true }));
    const few = await gather([...requests.slice(0, 2), ...unlikely], 2, undefined, { deadline: 200 });
    expect([...few.found.keys()].sort()).to.deep.equal([1, 4]);
    expect(few.failed).to.equal(1);
    expect(asked()).to.deep.equal([1, 1, 0, 0, 1, 0]);
  });

  it("asks a node that was in trouble besides, so that nobody waits for it", async () => {
    let now = 0;
    const suspect = { ...requests[0]!, health: new NodeHealth(nodes[0]!, () => now) };
    suspect.health.failed();
    now = 1000;
    await gather([suspect, ...requests.slice(1)], 2, undefined);
    expect(asked()).to.deep.equal([1, 1, 1, 0, 0, 0]);
  });

  it("asks for nothing twice that came", async () => {
    await nodes[5]!.inside.put(blocks[0]!);
    const again = { index: 0, cid: blocks[0]!.cid, health: requests[5]!.health };
    nodes[1]!.dead = true;
    const { found } = await gather([requests[0]!, requests[1]!, again, requests[2]!], 2, undefined);
    expect([...found.keys()].sort()).to.deep.equal([0, 2]);
  });

  it("gives up at the deadline where there is nobody else to ask", async () => {
    for (const node of nodes) node.stalled = true;
    const { found, failed } = await gather(requests, 3, 5, { deadline: 20 });
    expect([found.size, failed]).to.deep.equal([0, 6]);
  });

  it("is not held up by a store that heeds no signal", async () => {
    const deaf = { ...nodes[0]!, store: { ...nodes[0]!.store, get: () => new Promise<never>(() => undefined) } };
    const request = { ...requests[0]!, health: new NodeHealth(deaf) };
    const { failed } = await gather([request], 1, undefined, { deadline: 20 });
    expect(failed).to.equal(1);
  });

  it("stops with CANCELLED, and holds that against nobody", async () => {
    for (const node of nodes) node.stalled = true;
    const caller = new AbortController();
    const gathered = failure(gather(requests, 3, undefined, { signal: caller.signal }), "CANCELLED");
    caller.abort();
    await gathered;
    expect(requests.some(({ health }) => health.avoided)).to.equal(false);
  });
});

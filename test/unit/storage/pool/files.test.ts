import { expect } from "chai";
import fc from "fast-check";
import { collect } from "../../../../src/bytes.js";
import { memoryStore } from "../../../../src/storage/memory.js";
import { nodePool } from "../../../../src/storage/pool/pool.js";
import { listStripes } from "../../../../src/storage/pool/stripes.js";
import type { AddedFile, FileLocation, Policy, Pool } from "../../../../src/storage/pool/types.js";
import { importFile } from "../../../../src/storage/unixfs/import.js";
import { readFile } from "../../../../src/storage/unixfs/read.js";
import { failure } from "../../../helpers/block-store-suite.js";
import { MiB, noise, peakOfBuffers, stockCid } from "../../../helpers/dags.js";
import { type TestNode, testNodes } from "../../../helpers/pools.js";

const shape = { chunk: 64, children: 5 };
const SIZE = 64 * 43 + 17;
const policy: Policy = { kind: "fragments", data: 10, parity: 4 };

describe("files in fragments", function () {
  this.timeout(20_000);
  let nodes: TestNode[];
  let pool: Pool;
  let bytes: Uint8Array;
  beforeEach(async () => {
    nodes = testNodes(14);
    pool = nodePool(nodes, { policy });
    bytes = await collect(noise(SIZE), SIZE);
  });

  const add = (size = SIZE): Promise<AddedFile> => pool.addFile([bytes.subarray(0, size)], { shape });
  const read = (file: FileLocation, from: Pool = pool) => collect(from.readFile(file), SIZE);
  const kill = (count: number, seed: readonly number[] = nodes.map((_, index) => index)) => {
    const order = nodes.toSorted((a, b) => seed[nodes.indexOf(a)]! - seed[nodes.indexOf(b)]!);
    for (const node of order.slice(0, count)) node.dead = true;
    return order.slice(0, count);
  };
  const seeds = fc.array(fc.nat(), { minLength: 14, maxLength: 14 });

  it("have the CID that one store gives them, whatever their size", async () => {
    for (const size of [0, 1, 64, 65, 640, 641, 1300, SIZE]) {
      const { cid } = await importFile([bytes.subarray(0, size)], memoryStore(), { shape });
      const file = await add(size);
      expect(file.cid.toString()).to.equal(cid.toString());
      expect(file.size).to.equal(size);
      expect(await read(file)).to.deep.equal(bytes.subarray(0, size));
    }
  });

  it("have the stock CID with the profile's cut", async () => {
    const { cid } = await pool.addFile(noise(3 * MiB + 5));
    expect(cid.toString()).to.equal(await stockCid(noise(3 * MiB + 5)));
  });

  it("lie with each fragment of a stripe on a node of its own, and are read from one store like any file", async () => {
    const file = await add();
    const parity = file.parity!;
    expect(parity).to.include({ data: 10, parity: 4 });
    const stripes = listStripes({ cid: file.cid, parity }, pool);
    let count = 0;
    for await (const { fragments } of stripes) {
      count++;
      const holders = new Set<TestNode>();
      for (const { cid } of fragments) for (const node of nodes) if (await node.inside.has(cid)) holders.add(node);
      expect(holders.size).to.equal(fragments.length);
    }
    expect(count).to.equal(5);
    expect(await collect(readFile(file.cid, pool), SIZE)).to.deep.equal(bytes);
    const parityBytes = await collect(readFile(parity.cid, pool), SIZE);
    expect(parityBytes).to.have.length(5 * 4 * 64);
  });

  it("of one leaf are copies, one more than nodes may be lost", async () => {
    const file = await add(64);
    expect(file.parity).to.equal(undefined);
    const counts = await Promise.all(nodes.map((node) => node.count()));
    expect(counts.reduce((sum, count) => sum + count)).to.equal(5);
  });

  it("are whole while any four of fourteen nodes are dead, and fail cleanly with five", async () => {
    const file = await add();
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const fresh = nodePool(nodes, { policy });
        kill(4, seed);
        expect(await read(file, fresh)).to.deep.equal(bytes);
        kill(5, seed);
        const details = await failure(read(file, fresh), "FRAGMENTS_MISSING");
        expect(details).to.include({ stripe: 0, found: 9, needed: 10 });
        for (const node of nodes) node.dead = false;
      }),
      { numRuns: 40 },
    );
  });

  it("are whole when nodes die while they are read", async () => {
    const file = await add();
    await fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 0, max: 40 }), async (seed, leaf) => {
        const read: Uint8Array[] = [];
        for await (const chunk of nodePool(nodes, { policy }).readFile(file)) {
          read.push(chunk);
          if (read.length > leaf) kill(Math.min(4, read.length - leaf), seed);
        }
        for (const node of nodes) node.dead = false;
        expect(Buffer.concat(read)).to.deep.equal(Buffer.from(bytes));
      }),
      { numRuns: 30 },
    );
  });

  it("are whole when nodes die while they are written, and come back or not", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 0, max: 43 }), async (seed, leaf) => {
        nodes = testNodes(14);
        const fresh = nodePool(nodes, { policy });
        const source = function* () {
          for (let at = 0, sent = 0; at < SIZE; at += 64, sent++) {
            if (sent >= leaf) kill(Math.min(4, 1 + sent - leaf), seed);
            yield bytes.subarray(at, at + 64);
          }
        };
        const file = await fresh.addFile(source(), { shape });
        expect(await read(file, fresh)).to.deep.equal(bytes);
        for (const node of nodes) node.dead = false;
        expect(await read(file, fresh)).to.deep.equal(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it("are refused when fewer nodes than data fragments are left, and nothing stays on the others", async () => {
    const source = function* () {
      yield bytes.subarray(0, 2000);
      kill(5);
      yield bytes.subarray(2000);
    };
    const added = pool.addFile(source(), { shape });
    expect(await failure(added, "NODES_MISSING")).to.include({ needed: 10, reached: 9 });
    for (const node of nodes) if (!node.dead) expect(await node.count()).to.equal(0);
  });

  it("are written past a stalled node, which is waited for once", async () => {
    nodes[6]!.stalled = true;
    const file = await add();
    expect(await nodes[6]!.count()).to.equal(0);
    for (const node of nodes) node.dead = node.stalled;
    expect(await read(file)).to.deep.equal(bytes);
  });

  it("are read from parity where blocks rotted", async () => {
    const file = await add();
    for await (const { fragments } of listStripes({ ...file, parity: file.parity! }, pool)) {
      for (const { cid } of fragments.slice(0, 4)) for (const node of nodes) node.rot(cid);
    }
    expect(await read(file)).to.deep.equal(bytes);
  });

  it("are read past stalled nodes, which are asked rarely", async () => {
    bytes = await collect(noise(64 * 400), 64 * 400);
    const file = await pool.addFile([bytes], { shape });
    for (const node of nodes.slice(0, 4)) node.stalled = true;
    const whole = await collect(nodePool(nodes, { policy }).readFile(file), bytes.length);
    expect(whole).to.deep.equal(bytes);
    for (const node of nodes.slice(0, 4)) expect(node.gets).to.be.within(1, 8);
  });

  it("end quietly when the consumer stops early, and with CANCELLED when told to", async () => {
    const file = await add();
    for await (const chunk of pool.readFile(file)) {
      expect(chunk).to.have.length(64);
      break;
    }
    const caller = new AbortController();
    const chunks = pool.readFile(file, { signal: caller.signal });
    await chunks.next();
    caller.abort();
    await failure(collect(chunks, SIZE), "CANCELLED");
    await failure(pool.addFile([bytes], { shape, signal: caller.signal }), "CANCELLED");
  });

  it("leave nothing behind when their source fails", async () => {
    const trouble = new Error("source");
    const source = function* () {
      yield bytes;
      throw trouble;
    };
    expect(await pool.addFile(source(), { shape }).catch((error: unknown) => error)).to.equal(trouble);
    for (const node of nodes) expect(await node.count()).to.equal(0);
  });

  it("name what undoes them, and not what was there before", async () => {
    const file = await add();
    expect((await add()).added).to.deep.equal([]);
    for (const cid of file.added) await pool.delete(cid);
    for (const node of nodes) expect(await node.count()).to.equal(0);
  });

  it("refuse a longer file than accepted, and parity of another file", async () => {
    const file = await add();
    const details = await failure(collect(pool.readFile(file, { maxBytes: 1000 }), SIZE), "RECORD_TOO_LARGE");
    expect(details).to.include({ size: SIZE, limit: 1000 });
    const other = await pool.addFile(noise(SIZE + 500, 77), { shape });
    kill(4);
    const mixed = { cid: file.cid, parity: other.parity };
    expect(await failure(read(mixed), "RECORD_INVALID")).to.include({ reason: "parity" });
  });

  it("tell how much of them is kept", async () => {
    const kept: number[] = [];
    await pool.addFile([bytes], { shape, onProgress: (size) => kept.push(size) });
    expect(kept.at(-1)).to.equal(SIZE);
    expect(kept).to.deep.equal(kept.toSorted((a, b) => a - b));
  });

  it("take copies where the policy says so, and any numbers of fragments", async () => {
    const policies: Policy[] = [
      { kind: "copies", copies: 2 },
      { kind: "fragments", data: 1, parity: 1 },
      { kind: "fragments", data: 3, parity: 7 },
      { kind: "fragments", data: 5, parity: 2, operators: nodes.slice(0, 6).map(({ operator }) => operator) },
    ];
    for (const one of policies) {
      const file = await pool.under(one).addFile([bytes], { shape });
      expect(await read(file)).to.deep.equal(bytes);
      expect(await read(file, nodePool(nodes, { policy: one }))).to.deep.equal(bytes);
    }
  });

  it("need little memory, however long they are", async () => {
    const blackHole = nodes.map((node) => ({ ...node, store: { ...node.store, put: () => Promise.resolve() } }));
    const peak = await peakOfBuffers(100 * MiB, async (look) => {
      const options = { onProgress: look };
      await nodePool(blackHole, { policy }).addFile(noise(80 * MiB), options);
    });
    expect(peak).to.be.below(100 * MiB);
  });
});

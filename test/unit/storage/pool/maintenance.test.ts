import { expect } from "chai";
import fc from "fast-check";
import { collect } from "../../../../src/bytes.js";
import { checkFiles, type CheckOptions, type CheckSummary, type Finding } from "../../../../src/storage/pool/check.js";
import { nodePool } from "../../../../src/storage/pool/pool.js";
import type { Kept } from "../../../../src/storage/pool/places.js";
import { rebalanceFiles } from "../../../../src/storage/pool/rebalance.js";
import { repairFiles } from "../../../../src/storage/pool/repair.js";
import { listStripes } from "../../../../src/storage/pool/stripes.js";
import type { AddedFile, Policy, Pool } from "../../../../src/storage/pool/types.js";
import type { Block } from "../../../../src/storage/types.js";
import { failure, namesOf, sampleBlocks } from "../../../helpers/block-store-suite.js";
import { noise } from "../../../helpers/dags.js";
import { type TestNode, testNode, testNodes } from "../../../helpers/pools.js";

const shape = { chunk: 64, children: 5 };
const SIZE = 64 * 33 + 17;
const policy: Policy = { kind: "fragments", data: 10, parity: 4 };
/** Nothing to complain of. */
const CLEAN = { missing: 0, rotten: 0, misplaced: 0, unreachable: 0, lost: 0 };

describe("upkeep of a pool", function () {
  this.timeout(20_000);
  let nodes: TestNode[];
  let pool: Pool;
  let bytes: Uint8Array;
  let file: AddedFile;
  let lone: Block;
  let kept: Kept;
  beforeEach(async () => {
    nodes = testNodes(14);
    pool = nodePool(nodes, { policy });
    bytes = await collect(noise(SIZE), SIZE);
    file = await pool.addFile([bytes], { shape });
    [lone] = (await sampleBlocks(1)) as [Block];
    await pool.put(lone);
    kept = { files: [file], blocks: [lone.cid] };
  });

  const check = async (options?: CheckOptions, of = pool) => {
    const findings: Finding[] = [];
    const checking = checkFiles(of, kept, options);
    let next = await checking.next();
    for (; !next.done; next = await checking.next()) findings.push(next.value);
    return { findings, summary: next.value satisfies CheckSummary };
  };
  const read = (from = nodePool(nodes, { policy })) => collect(from.readFile(file), SIZE);
  /** Every block on every node. */
  const everything = async () => {
    const all: [TestNode, Block["cid"]][] = [];
    for (const node of nodes) for await (const { cid } of node.inside.blocks()) all.push([node, cid]);
    return all;
  };
  /** A node that holds a fragment of the first stripe, and the fragment. */
  const fragment = async (index: number) => {
    const stripe = await listStripes({ ...file, parity: file.parity! }, pool).next();
    if (stripe.done) throw new Error("no stripe");
    const { cid } = stripe.value.fragments[index]!;
    for (const node of nodes) if (await node.inside.has(cid)) return { cid, node };
    throw new Error("nobody has it");
  };

  it("finds nothing where all is well, and reads it all", async () => {
    const { findings, summary } = await check();
    expect(findings).to.deep.equal([]);
    expect(summary).to.include(CLEAN);
    expect(summary.blocks).to.equal((await everything()).length);
    expect(summary.healthy).to.equal(summary.blocks);
    expect(summary.bytes).to.be.above(SIZE * 1.4);
    const quick = await check({ quick: true });
    expect(quick.summary).to.deep.equal({ ...summary, bytes: 0 });
  });

  it("names a missing, a rotten and a misplaced block, their nodes and positions", async () => {
    const [missing, rotten, misplaced] = [await fragment(0), await fragment(5), await fragment(12)];
    await missing.node.inside.delete(missing.cid);
    rotten.node.rot(rotten.cid);
    await rotten.node.inside.put({ cid: misplaced.cid, bytes: await misplaced.node.inside.get(misplaced.cid) });
    await misplaced.node.inside.delete(misplaced.cid);
    const { findings, summary } = await check();
    const told = findings.map(({ cid, ...rest }) => ({ ...rest, file: rest.file.toString(), cid: cid.toString() }));
    const common = { file: file.cid.toString(), stripe: 0 };
    expect(told).to.have.deep.members([
      { ...common, index: 0, cid: missing.cid.toString(), kind: "missing", node: missing.node.name },
      { ...common, index: 5, cid: rotten.cid.toString(), kind: "rotten", node: rotten.node.name },
      { ...common, index: 12, cid: misplaced.cid.toString(), kind: "misplaced", node: rotten.node.name },
    ]);
    expect(summary).to.include({ ...CLEAN, missing: 1, rotten: 1, misplaced: 1 });
    expect((await check({ quick: true })).summary).to.include({ ...CLEAN, missing: 1, misplaced: 1 });
  });

  it("tells a node that does not answer, and what is lost", async () => {
    nodes[3]!.dead = true;
    const { findings, summary } = await check();
    expect(new Set(findings.map(({ kind, node }) => `${kind} ${String(node)}`))).to.deep.equal(
      new Set(["unreachable node 3"]),
    );
    expect(summary).to.include({ missing: 0, lost: 0 });
    for (const node of nodes.slice(4, 9)) node.dead = true;
    expect((await check()).summary.lost).to.be.above(0);
    for (const node of nodes) node.dead = node !== nodes[0];
    expect((await check()).summary.lost).to.be.above(0);
  });

  it("tells a tree that no node has", async () => {
    for (const node of nodes) await node.inside.delete(file.cid);
    const { findings, summary } = await check();
    expect(findings.map(({ cid, kind, node }) => [cid.toString(), kind, node])).to.deep.equal([
      [file.cid.toString(), "missing", undefined],
    ]);
    expect(summary.lost).to.equal(1);
    expect((await repairFiles(pool, kept)).lost).to.equal(1);
  });

  it("finds and heals what up to four nodes lose or let rot", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (stream) => {
        const chance = () => [...stream.take(1)][0]!;
        const lossy = new Set([...nodes.keys()].toSorted(() => chance() - 0.5).slice(0, 4));
        let harmed = 0;
        for (const [node, cid] of await everything()) {
          const drawn = chance();
          if (!lossy.has(nodes.indexOf(node)) || drawn > 0.1) continue;
          harmed++;
          if (drawn < 0.05) node.rot(cid);
          else await node.inside.delete(cid);
        }
        const { summary } = await check();
        expect(summary.missing + summary.rotten).to.equal(harmed);
        const repaired = await repairFiles(pool, kept);
        expect(repaired).to.include({ restored: harmed, removed: summary.rotten, lost: 0, failed: 0 });
        expect((await check()).summary).to.include(CLEAN);
        expect(await read()).to.deep.equal(bytes);
        expect(await repairFiles(pool, kept)).to.include({ restored: 0, removed: 0 });
      }),
      { numRuns: 15 },
    );
  });

  it("brings a node's blocks to others while it is away, so that four more may go, and back later", async () => {
    const away = nodes.slice(0, 4);
    for (const node of away) node.dead = true;
    const repaired = await repairFiles(pool, kept);
    expect(repaired.lost).to.equal(0);
    expect(repaired.restored).to.be.above(0);
    for (const node of nodes.slice(4, 6)) node.dead = true;
    expect(await read()).to.deep.equal(bytes);
    for (const node of nodes) node.dead = false;
    const { summary } = await check();
    expect(summary).to.include({ ...CLEAN, misplaced: repaired.restored });
    expect(await rebalanceFiles(pool, kept)).to.include({ placed: 0, removed: repaired.restored, failed: 0 });
    expect((await check()).summary).to.include(CLEAN);
  });

  it("heals nothing that it can't restore, and says so", async () => {
    for (let index = 0; index < 5; index++) {
      const { node, cid } = await fragment(index);
      await node.inside.delete(cid);
    }
    expect((await check()).summary).to.include({ ...CLEAN, missing: 5, lost: 5 });
    expect(await repairFiles(pool, kept)).to.include({ restored: 0, lost: 5 });
  });

  it("fills an empty node, with its pins", async () => {
    for (const root of [file.cid, file.parity!.cid, lone.cid]) await pool.pin(root);
    nodes[5] = testNode("node 5");
    const before = await everything();
    pool = nodePool(nodes, { policy });
    await repairFiles(pool, kept);
    expect((await check()).summary).to.include(CLEAN);
    expect((await everything()).length).to.be.above(before.length);
    expect(await namesOf(nodes[5].inside.pins())).to.include.members([
      file.cid.toString(),
      file.parity!.cid.toString(),
    ]);
  });

  it("moves to a new node what belongs there, and nothing twice", async () => {
    await pool.pin(lone.cid);
    nodes.push(testNode("node 14"), testNode("node 15"));
    pool = nodePool(nodes, { policy });
    expect((await check()).summary.misplaced).to.be.above(0);
    const moved = await rebalanceFiles(pool, kept);
    expect(moved.failed).to.equal(0);
    expect(moved.removed).to.be.within(1, moved.placed);
    expect((await check()).summary).to.include(CLEAN);
    expect((await check()).summary.blocks).to.equal((await everything()).length);
    expect(await read(pool)).to.deep.equal(bytes);
    expect(await rebalanceFiles(pool, kept)).to.include({ placed: 0, removed: 0 });
    for (const node of nodes) {
      const pins = await namesOf(node.inside.pins());
      expect(pins.includes(lone.cid.toString())).to.equal(await node.inside.has(lone.cid));
    }
  });

  it("empties a node before it leaves", async () => {
    const smaller: Policy = { ...policy, operators: nodes.slice(1).map(({ operator }) => operator) };
    await rebalanceFiles(pool, kept, { policy: smaller });
    expect(await nodes[0]!.count()).to.equal(0);
    expect(await read(nodePool(nodes.slice(1), { policy }))).to.deep.equal(bytes);
  });

  it("removes nothing while the node where it belongs does not answer", async () => {
    nodes.push(testNode("node 14"));
    nodes[14]!.dead = true;
    pool = nodePool(nodes, { policy });
    const before = await everything();
    const { removed, failed } = await rebalanceFiles(pool, kept);
    expect(failed).to.be.above(0);
    const after = new Set((await everything()).map(([{ name }, cid]) => `${name} ${cid.toString()}`));
    const gone = before.filter(([{ name }, cid]) => !after.has(`${name} ${cid.toString()}`));
    expect(gone).to.have.length(removed);
    expect(await read()).to.deep.equal(bytes);
  });

  it("keeps a block that two stripes or files share where either needs it", async () => {
    const repeated = new Uint8Array(64 * 40).fill(7);
    const one = await pool.addFile([repeated], { shape });
    const two = await pool.addFile([repeated.subarray(0, 64 * 25)], { shape });
    kept = { files: [one, two] };
    expect((await check()).summary).to.include(CLEAN);
    expect(await rebalanceFiles(pool, kept)).to.include({ placed: 0, removed: 0 });
    for (const part of [one, two]) {
      const whole = await collect(pool.readFile(part), repeated.length);
      expect(whole).to.deep.equal(repeated.subarray(0, part.size));
    }
  });

  it("heals copies", async () => {
    const copies: Policy = { kind: "copies", copies: 2 };
    nodes = testNodes(5);
    const inCopies = nodePool(nodes, { policy: copies });
    const added = await inCopies.addFile(noise(SIZE, 333), { shape });
    kept = { files: [added] };
    const [first] = added.added;
    for (const node of nodes) {
      if (!first || !(await node.inside.has(first))) continue;
      node.rot(first);
      break;
    }
    expect((await check({}, inCopies)).summary).to.include({ ...CLEAN, rotten: 1 });
    expect(await repairFiles(inCopies, kept)).to.include({ restored: 1, removed: 1 });
    expect((await check({}, inCopies)).summary).to.include(CLEAN);
  });

  it("goes on where it was cancelled", async () => {
    nodes[2] = testNode("node 2");
    pool = nodePool(nodes, { policy });
    const caller = new AbortController();
    const onProgress = ({ blocks }: { blocks: number }) => {
      if (blocks > 20) caller.abort();
    };
    const options = { signal: caller.signal, onProgress };
    await failure(repairFiles(pool, kept, options), "CANCELLED");
    await failure(rebalanceFiles(pool, kept, options), "CANCELLED");
    await failure(check(options), "CANCELLED");
    await repairFiles(pool, kept);
    expect((await check()).summary).to.include(CLEAN);
  });
});

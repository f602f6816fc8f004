import { expect } from "chai";
import fc from "fast-check";
import { place, Spread } from "../../../../src/storage/pool/placement.js";
import type { PoolNode } from "../../../../src/storage/pool/types.js";
import { memoryStore } from "../../../../src/storage/memory.js";

const store = memoryStore();

/** Nodes of the given operators, one each. */
function nodesOf(operators: readonly string[]): PoolNode[] {
  return operators.map((operator, index) => ({ name: `node ${index}`, operator, store }));
}

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const operators = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1, maxLength: 20 });
const kinds = fc.constantFrom("fragments" as const, "copies" as const);

/** How many of each. */
function tally(values: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
}

describe("placement of fragments", () => {
  it("puts no two on one node while nodes suffice, nor on one operator while operators do", () => {
    fc.assert(
      fc.property(keys, operators, fc.integer({ min: 1, max: 14 }), kinds, (key, names, count, kind) => {
        const nodes = nodesOf(names);
        const chosen = place(nodes, key, count, kind);
        expect(chosen).to.have.length(kind === "copies" ? Math.min(count, nodes.length) : count);
        const perNode = tally(chosen.map(({ name }) => name));
        expect(Math.max(...perNode)).to.equal(Math.ceil(chosen.length / nodes.length));
        if (count <= new Set(names).size) expect(tally(chosen.map(({ operator }) => operator))).to.have.length(count);
      }),
    );
  });

  it("depends on nothing but key, names and operators", () => {
    fc.assert(
      fc.property(keys, operators, kinds, (key, names, kind) => {
        const nodes = nodesOf(names);
        const order = (all: PoolNode[]) => place(all, key, 5, kind).map(({ name }) => name);
        expect(order([...nodes].reverse())).to.deep.equal(order(nodes));
      }),
    );
  });

  it("moves about a node's share when a node comes or goes", () => {
    const before = nodesOf(Array.from({ length: 20 }, (_, index) => `operator ${index}`));
    const after = [...before, { name: "one more", operator: "new", store }];
    for (const [kind, count, most] of [["fragments", 14, 2] as const, ["copies", 3, 1.5] as const]) {
      let moved = 0;
      const stripes = 200;
      for (let stripe = 0; stripe < stripes; stripe++) {
        const key = new Uint8Array(32).fill(stripe);
        const [old, now] = [place(before, key, count, kind), place(after, key, count, kind)];
        // copies are all alike, fragments are not
        moved +=
          kind === "copies"
            ? old.filter((node) => !now.includes(node)).length
            : old.filter((node, index) => node !== now[index]).length;
      }
      expect(moved / (stripes * count)).to.be.within(0.5 / after.length, most / after.length);
    }
  });

  it("gives each node about the same", () => {
    const nodes = nodesOf(Array.from({ length: 20 }, (_, index) => `operator ${index}`));
    const counts = new Map(nodes.map(({ name }) => [name, 0]));
    for (let stripe = 0; stripe < 250; stripe++) {
      const chosen = place(nodes, new Uint8Array(32).fill(stripe), 4, "fragments");
      for (const { name } of chosen) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(count).to.be.within(25, 75);
  });

  it("puts a fragment elsewhere when its node fails, and the others where they belong", () => {
    const nodes = nodesOf(["a", "b", "c", "d"]);
    const spread = new Spread(nodes, new Uint8Array(32), "fragments");
    const chosen = [0, 1, 2].map((index) => spread.choose(index)!);
    spread.release(chosen[1]!);
    const instead = spread.choose(1, new Set([chosen[1]!]));
    expect(instead).to.equal(nodes.find((node) => !chosen.includes(node)));
  });

  it("has no node for a copy when all have one", () => {
    const spread = new Spread(nodesOf(["a", "b"]), new Uint8Array(32), "copies");
    expect([0, 1, 2].map((index) => spread.choose(index) !== undefined)).to.deep.equal([true, true, false]);
  });

  it("agrees with the example of the format", () => {
    const nodes = nodesOf(["a", "a", "b", "c", "c"]);
    const names = (kind: "fragments" | "copies", count: number) =>
      place(nodes, new Uint8Array(32).fill(7), count, kind).map(({ name }) => name);
    expect(names("fragments", 5)).to.deep.equal(["node 4", "node 0", "node 2", "node 3", "node 1"]);
    expect(names("copies", 2)).to.deep.equal(["node 4", "node 2"]);
  });
});

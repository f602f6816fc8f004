import { readFile } from "node:fs/promises";
import { expect } from "chai";
import fc from "fast-check";
import { compileWat } from "../../../../scripts/wasm/compile.js";
import { isCareKeyError } from "../../../../src/errors.js";
import { encode, restore } from "../../../../src/storage/pool/reed-solomon.js";
import { REED_SOLOMON_WASM } from "../../../../src/storage/pool/reed-solomon-wasm.js";
import { collect } from "../../../../src/bytes.js";
import { noise } from "../../../helpers/dags.js";

/** Products of the field by long multiplication: slow, and without the tables of what is tested. */
function product(a: number, b: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) result ^= a << bit;
  for (let bit = 14; bit >= 8; bit--) if ((result >> bit) & 1) result ^= 0x11d << (bit - 8);
  return result;
}

function reciprocal(a: number): number {
  for (let b = 1; b < 256; b++) if (product(a, b) === 1) return b;
  throw new RangeError("0 has none");
}

/** Parity, byte by byte, as docs/format.md defines it. */
function slowParity(data: readonly Uint8Array[], parity: number): Uint8Array[] {
  const length = Math.max(...data.map((shard) => shard.length));
  return Array.from({ length: parity }, (_, row) => {
    const factors = data.map((_, column) => reciprocal((data.length + row) ^ column));
    return Uint8Array.from({ length }, (_, at) =>
      data.reduce((sum, shard, column) => sum ^ product(factors[column]!, shard[at] ?? 0), 0),
    );
  });
}

/** All ways to choose `count` of `total`. */
function* choices(total: number, count: number, from = 0): Generator<number[], void, undefined> {
  if (count === 0) yield [];
  for (let first = from; count > 0 && first <= total - count; first++) {
    for (const rest of choices(total, count - 1, first + 1)) yield [first, ...rest];
  }
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return isCareKeyError(error) ? { code: error.code, ...error.details } : error;
  }
  return undefined;
}

describe("Reed–Solomon", () => {
  it("restores 10 + 4 from each of the 1001 losses of four", async () => {
    const bytes = await collect(noise(10 * 5000), 50_000);
    const data = Array.from({ length: 10 }, (_, index) => bytes.subarray(index * 5000, (index + 1) * 5000));
    const shards = [...data, ...encode(data, 4)];
    let patterns = 0;
    for (const lost of choices(14, 4)) {
      const left = shards.map((shard, index) => (lost.includes(index) ? undefined : shard));
      const restored = restore(left, 10);
      if (!restored.every((shard, index) => Buffer.compare(shard, data[index]!) === 0))
        expect.fail(`lost ${lost.join()}`);
      patterns++;
    }
    expect(patterns).to.equal(1001);
  });

  it("agrees with the definition, for shards of any length and number, and restores what is lost", () => {
    const stripes = fc.record({
      data: fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 24 }),
      parity: fc.integer({ min: 1, max: 13 }),
      seed: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    });
    fc.assert(
      fc.property(stripes, ({ data, parity, seed }) => {
        const encoded = encode(data, parity);
        expect(encoded).to.deep.equal(slowParity(data, parity));
        const order = [...data, ...encoded].map((_, index) => index).sort((a, b) => seed[a]! - seed[b]!);
        const lost = new Set(order.slice(0, parity));
        const left = [...data, ...encoded].map((shard, index) => (lost.has(index) ? undefined : shard));
        for (const [index, shard] of restore(left, data.length).entries()) {
          const original = data[index]!;
          expect(shard.subarray(0, original.length)).to.deep.equal(original);
          expect(shard.subarray(original.length).every((byte) => byte === 0)).to.equal(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes as many shards as the field has elements", () => {
    const data = Array.from({ length: 200 }, (_, index) => Uint8Array.of(index, 255 - index));
    const shards = [...data, ...encode(data, 56)];
    const left = shards.map((shard, index) => (index < 56 ? undefined : shard));
    expect(restore(left, 200)).to.deep.equal(data);
  });

  it("agrees with the example of the format", () => {
    const data = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), new Uint8Array()];
    expect(encode(data, 2).map((shard) => Buffer.from(shard).toString("hex"))).to.deep.equal(["f67901", "e18fc9"]);
  });

  it("says how many fragments are missing", () => {
    const shards = [undefined, undefined, Uint8Array.of(1), undefined];
    expect(codeOf(() => restore(shards, 2))).to.include({ code: "FRAGMENTS_MISSING", found: 1, needed: 2 });
  });

  it("refuses numbers that no stripe has", () => {
    for (const [data, parity] of [
      [0, 1],
      [1, 0],
      [200, 57],
      [2, 1.5],
    ] as const) {
      const shards = Array.from({ length: data }, () => Uint8Array.of(1));
      expect(codeOf(() => encode(shards, parity))).to.include({ code: "INVALID_ARGUMENT", data, parity });
    }
  });

  it("runs what reed-solomon.wat says", async () => {
    const text = await readFile(new URL("../../../../src/storage/pool/reed-solomon.wat", import.meta.url), "utf8");
    expect(Buffer.from(await compileWat(text)).toString("base64")).to.equal(REED_SOLOMON_WASM);
  });
});

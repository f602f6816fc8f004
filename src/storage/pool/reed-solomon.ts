import { base64 } from "multiformats/bases/base64";
import { CareKeyError } from "../../errors.js";
import { cauchyRow, invertMatrix, multiply } from "./galois.js";
import { REED_SOLOMON_WASM } from "./reed-solomon-wasm.js";

/** Most fragments of a stripe: the field has as many elements. */
export const MAX_FRAGMENTS = 256;

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  addOne(table: number, source: number, target: number, length: number): void;
  addFour(
    table0: number,
    table1: number,
    table2: number,
    table3: number,
    source: number,
    target: number,
    length: number,
  ): void;
}

/** Bytes of each row that are worked on together, so that source and targets stay in the first cache; known to the kernel. */
const CHUNK = 4096;
const LANE = 16;
const TABLE = 32;
/** In the kernel's memory: a table per constant, then a chunk of the source, then the chunks of all targets. */
const SOURCE = MAX_FRAGMENTS * TABLE;
const TARGETS = SOURCE + CHUNK;

/** What browsers and Node have, and the types of neither DOM nor Node declare alone. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernel };
}

const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;
const kernel = new Instance(new Module(base64.baseDecode(REED_SOLOMON_WASM))).exports;
const memory = new Uint8Array(kernel.memory.buffer);
for (let constant = 0; constant < MAX_FRAGMENTS; constant++) {
  for (let nibble = 0; nibble < 16; nibble++) {
    memory[constant * TABLE + nibble] = multiply(constant, nibble);
    memory[constant * TABLE + 16 + nibble] = multiply(constant, nibble << 4);
  }
}

/**
 * The parity of a stripe: systematic Reed–Solomon over GF(2^8), Cauchy rows (docs/format.md §20). Shards of unequal length count
 * as padded with zeros; parity is as long as the longest. Runs at once, some 10 ms for 10 MiB on one core.
 *
 * Throws INVALID_ARGUMENT with `{ data, parity }` for none of either or for more than {@link MAX_FRAGMENTS} together.
 *
 * @example
 * const parity = encode(leaves, 4); // any leaves.length of all restore the leaves
 */
export function encode(data: readonly Uint8Array[], parity: number): Uint8Array[] {
  checkFragments(data.length, parity);
  const rows = Array.from({ length: parity }, (_, row) => cauchyRow(row, data.length));
  return combine(rows, data);
}

/**
 * The data shards of a stripe from any `data` of its shards, data first, then parity; holes are undefined. Those that were
 * lost come back as long as the longest given: padded with zeros where they were shorter.
 *
 * Throws FRAGMENTS_MISSING with `{ found, needed }` for fewer; INVALID_ARGUMENT as {@link encode}.
 *
 * @example
 * const leaves = restore([undefined, second, parity], 2);
 */
export function restore(shards: readonly (Uint8Array | undefined)[], data: number): Uint8Array[] {
  checkFragments(data, shards.length - data);
  const present = shards.flatMap((bytes, index) => (bytes ? [{ bytes, index }] : [])).slice(0, data);
  if (present.length < data) throw fragmentsMissing(present.length, data);
  const lost = Array.from({ length: data }, (_, index) => index).filter((index) => !shards[index]);
  const restored = lost.length === 0 ? [] : solve(present, lost, data);
  return Array.from({ length: data }, (_, index) => shards[index] ?? restored[lost.indexOf(index)] ?? new Uint8Array());
}

export function fragmentsMissing(found: number, needed: number, stripe?: number): CareKeyError {
  const where = stripe === undefined ? "" : ` of stripe ${stripe}`;
  const what = `Only ${found} fragments${where} were found, ${needed} restore it`;
  return new CareKeyError("FRAGMENTS_MISSING", what, { stripe, found, needed });
}

/** Throws INVALID_ARGUMENT for what no stripe can have. */
export function checkFragments(data: number, parity: number): void {
  const whole = Number.isInteger(data) && Number.isInteger(parity);
  if (!whole || data < 1 || parity < 1 || data + parity > MAX_FRAGMENTS) {
    const what = `A stripe has data and parity, at most ${MAX_FRAGMENTS} together, not ${data} and ${parity}`;
    throw new CareKeyError("INVALID_ARGUMENT", what, { data, parity });
  }
}

function solve(
  present: readonly { readonly bytes: Uint8Array; readonly index: number }[],
  lost: readonly number[],
  data: number,
): Uint8Array[] {
  const rows = present.map(({ index }) =>
    index < data
      ? Array.from({ length: data }, (_, column) => Number(column === index))
      : cauchyRow(index - data, data),
  );
  const inverted = invertMatrix(rows);
  return combine(
    lost.map((index) => inverted[index] ?? []),
    present.map(({ bytes }) => bytes),
  );
}

/** One output per row of the matrix: the sum of all sources, each times its constant in the row. */
function combine(rows: readonly (readonly number[])[], sources: readonly Uint8Array[]): Uint8Array[] {
  const length = Math.max(...sources.map((source) => source.length));
  const outputs = rows.map(() => new Uint8Array(length));
  for (let offset = 0; offset < length; offset += CHUNK) {
    const width = Math.min(CHUNK, length - offset);
    memory.fill(0, TARGETS, TARGETS + rows.length * CHUNK);
    for (const [column, source] of sources.entries()) {
      const part = source.subarray(offset, offset + width);
      if (part.length === 0) continue;
      const end = Math.ceil(part.length / LANE) * LANE;
      memory.set(part, SOURCE);
      memory.fill(0, SOURCE + part.length, SOURCE + end);
      addToAll(rows, column, end);
    }
    for (const [row, output] of outputs.entries()) {
      const target = TARGETS + row * CHUNK;
      output.set(memory.subarray(target, target + width), offset);
    }
  }
  return outputs;
}

function addToAll(rows: readonly (readonly number[])[], column: number, length: number): void {
  const table = (row: number) => (rows[row]?.[column] ?? 0) * TABLE;
  let row = 0;
  for (; row + 4 <= rows.length; row += 4) {
    const target = TARGETS + row * CHUNK;
    kernel.addFour(table(row), table(row + 1), table(row + 2), table(row + 3), SOURCE, target, length);
  }
  for (; row < rows.length; row++) kernel.addOne(table(row), SOURCE, TARGETS + row * CHUNK, length);
}

/** Arithmetic of GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1 (0x11d), the field that storage systems use. */
const POLYNOMIAL = 0x11d;

/** Powers of the generator 2, twice over so that a sum of two logarithms needs no modulo, and their logarithms. */
const powers = new Uint8Array(510);
const logarithms = new Uint8Array(256);
for (let exponent = 0, power = 1; exponent < 255; exponent++) {
  powers[exponent] = powers[exponent + 255] = power;
  logarithms[power] = exponent;
  power <<= 1;
  if (power > 0xff) power ^= POLYNOMIAL;
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (powers[(logarithms[a] ?? 0) + (logarithms[b] ?? 0)] ?? 0);
}

/** 1 / a; `a` is not 0. */
export function inverse(a: number): number {
  return powers[255 - (logarithms[a] ?? 0)] ?? 0;
}

/**
 * One row of the Cauchy matrix for `data` columns: 1 / ((data + row) ^ column). Identity above such rows, every choice of
 * `data` rows can be inverted, as long as there are at most 256 rows.
 */
export function cauchyRow(row: number, data: number): number[] {
  return Array.from({ length: data }, (_, column) => inverse((data + row) ^ column));
}

/** Inverts a matrix by Gauss and Jordan. Throws a RangeError for one that has no inverse. */
export function invertMatrix(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, at) => [...row, ...row.map((_, column) => Number(column === at))]);
  for (let column = 0; column < size; column++) {
    const found = rows.findIndex((row, at) => at >= column && row[column] !== 0);
    const pivot = rows[found];
    const displaced = rows[column];
    if (!pivot || !displaced) throw new RangeError("the matrix has no inverse");
    rows[found] = displaced;
    const scale = inverse(pivot[column] ?? 0);
    const unit = (rows[column] = pivot.map((value) => multiply(value, scale)));
    for (const [at, row] of rows.entries()) {
      const factor = row[column] ?? 0;
      if (at === column || factor === 0) continue;
      rows[at] = row.map((value, index) => value ^ multiply(factor, unit[index] ?? 0));
    }
  }
  return rows.map((row) => row.slice(size));
}

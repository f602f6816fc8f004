/** Shamir's scheme over GF(2^8) as docs/format.md §18 has it, with plain arithmetic. */

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    if ((b >> bit) & 1) product ^= a << bit;
  }
  for (let bit = 14; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11b << (bit - 8);
  return product;
}

function inverse(a: number): number {
  // a^254: the multiplicative group has 255 elements
  let result = 1;
  for (let step = 0; step < 254; step++) result = times(result, a);
  return result;
}

/** The share at x: the values of polynomials whose lowest coefficients are the secret, the others given. */
export function shareAt(secret: Uint8Array, coefficients: readonly Uint8Array[], x: number): Uint8Array {
  const values = secret.map((lowest, at) => {
    let power = 1;
    let value = lowest;
    for (const coefficient of coefficients) {
      power = times(power, x);
      value ^= times(coefficient[at] ?? 0, power);
    }
    return value;
  });
  return new Uint8Array([...values, x]);
}

/** The secret that shares of different x lead to: the polynomials' values at 0. */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const size = (shares[0]?.length ?? 1) - 1;
  const xs = shares.map((share) => share[size] ?? 0);
  return Uint8Array.from({ length: size }, (_, at) =>
    shares.reduce((sum, share, own) => {
      const weight = xs.reduce(
        (product, x, other) => (other === own ? product : times(product, times(x, inverse(x ^ (xs[own] ?? 0))))),
        1,
      );
      return sum ^ times(share[at] ?? 0, weight);
    }, 0),
  );
}

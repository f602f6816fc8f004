import { assert } from "chai";

/** Asserts that two numbers differ by at most `tolerance`; Hardhat's own `closeTo` takes whole numbers only. */
export function expectNear(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

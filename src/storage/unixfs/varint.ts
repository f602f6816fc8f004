/**
 * Appends `value` as a protobuf varint, right up to 2^53−1: https://protobuf.dev/programming-guides/encoding/#varints.
 * Division instead of shifts, which in JavaScript end at 32 bits (the trap that breaks files of 2 to 4 GiB elsewhere).
 */
export function writeVarint(target: number[], value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) target.push((rest % 0x80) | 0x80);
  target.push(rest);
}

/** Reads a varint at `offset`; throws a RangeError where it is cut off or past 2^53−1. */
export function readVarint(bytes: Uint8Array, offset: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let next = offset; ; factor *= 0x80) {
    const byte = bytes[next++];
    if (byte === undefined) throw new RangeError("varint cut off");
    value += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(value)) throw new RangeError("varint too large");
    if (byte < 0x80) return { value, next };
    // zeros without end would neither grow the value nor finish
    if (next - offset >= 10) throw new RangeError("varint too long");
  }
}

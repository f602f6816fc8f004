import { CareKeyError } from "../errors.js";

const bytesPer = {
  "": 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;
const millisecondsPer = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Bytes as a person writes them: `500000`, `100GB`, `2TiB`. Throws INVALID_ARGUMENT.
 * @example bytesOf("100GB") // 100000000000
 */
export function bytesOf(text: string): number {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?) ?(|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  if (count === undefined) {
    throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no size: write 500MB, 100GB or 2TiB`);
  }
  return Math.floor(Number(count) * bytesPer[unit as keyof typeof bytesPer]);
}

/**
 * Milliseconds of a duration as a person writes it: `30s`, `10m`, `1h`, `2d`. Throws INVALID_ARGUMENT.
 * @example durationOf("10m") // 600000
 */
export function durationOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) {
    throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no duration: write 30s, 10m, 1h or 2d`);
  }
  return Number(count) * millisecondsPer[unit as keyof typeof millisecondsPer];
}

/** A port to listen on; 0 is one that is free. Throws INVALID_ARGUMENT. */
export function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no port`);
  return port;
}

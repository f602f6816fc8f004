import { CareKeyError } from "../errors.js";

const secondsPer = { h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/**
 * Seconds of a duration as a person writes it: `12h`, `30d`, `2w`, `1y`.
 * @throws PERIOD_INVALID
 * @example parseDuration("30d") // 2592000
 */
export function parseDuration(text: string): number {
  const seconds = durationIn(text);
  if (seconds !== undefined) return seconds;
  throw new CareKeyError("PERIOD_INVALID", `${JSON.stringify(text)} is no duration: write 12h, 30d, 2w or 1y`);
}

/**
 * A moment as a person writes it: a duration from now (`12h`, `30d`, `2w`, `1y`), a day (`2027-01-31`, its beginning in UTC) or an ISO 8601 time with zone.
 * @param now Seconds since 1970, by the chain's clock.
 * @throws PERIOD_INVALID
 * @example parseMoment("30d", now) // now + 2592000
 */
export function parseMoment(text: string, now: number): number {
  const duration = durationIn(text);
  if (duration !== undefined) return now + duration;
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return Math.floor(time / 1000);
  }
  throw new CareKeyError(
    "PERIOD_INVALID",
    `${JSON.stringify(text)} is no time: write 30d, 12h, 2w, 1y, 2027-01-31 or 2027-01-31T12:00Z`,
  );
}

function durationIn(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([hdwy])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * secondsPer[unit as keyof typeof secondsPer];
}

/** A duration as a person writes it: in days where it is whole days, else in hours, rounded down. */
export function showDuration(seconds: number): string {
  const isDays = seconds % secondsPer.d === 0;
  return isDays ? `${seconds / secondsPer.d}d` : `${Math.floor(seconds / secondsPer.h)}h`;
}

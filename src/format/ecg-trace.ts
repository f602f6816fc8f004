import type { Lead } from "./ecg-waveform.js";

/** A part of a lead, in seconds of the recording. */
export interface Strip {
  readonly lead: Lead;
  readonly from: number;
  readonly to: number;
}

/** Millimetres on paper. */
const PER_SECOND = 25;
const PER_MILLIVOLT = 10;
const LIMIT = 50;

/** The lead with its median as 0 mV. */
export function centred({ name, millivolts }: Lead): Lead {
  const sorted = millivolts.filter((value) => !Number.isNaN(value)).sort();
  const median = sorted[sorted.length >> 1] ?? 0;
  return { name, millivolts: millivolts.map((value) => value - median) };
}

/** How far the traces of a row go above and below its base line, in millimetres. */
export function deflection(row: readonly Strip[], rate: number): { readonly up: number; readonly down: number } {
  let up = 0;
  let down = 0;
  for (const strip of row) {
    for (const height of heights(strip, rate)) {
      if (height > up) up = height;
      if (-height > down) down = -height;
    }
  }
  return { up, down };
}

/**
 * The path data of a trace: relative steps in hundredths of a millimetre, which is a microvolt; a gap where samples are missing.
 *
 * @param origin where second 0 stands, and `base` where 0 mV stands, in millimetres.
 * @param column millimetres of which only the lowest and the highest sample are kept, so that peaks keep their height.
 */
export function tracePath(strip: Strip, rate: number, origin: number, base: number, column: number): string {
  const values = heights(strip, rate);
  const first = firstSample(strip, rate);
  const group = Math.ceil((column * rate) / PER_SECOND);
  let path = "";
  let [penX, penY, drawing] = [0, 0, false];
  for (let start = 0; start < values.length; start += group) {
    for (const index of extremes(values, start, Math.min(start + group, values.length))) {
      const value = values[index] ?? NaN;
      if (Number.isNaN(value)) {
        drawing = false;
        continue;
      }
      // rounded before the difference, so that errors do not add up
      const x = Math.round(100 * (origin + ((first + index) / rate) * PER_SECOND));
      const y = Math.round(100 * (base - value));
      const [right, lower] = [hundredths(x - penX), hundredths(y - penY)];
      // pairs after a moveto are lines, and a sign separates too (SVG 1.1 §8.3)
      path += `${drawing ? " " : "m"}${right}${lower.startsWith("-") ? "" : ","}${lower}`;
      [penX, penY, drawing] = [x, y, true];
    }
  }
  return path;
}

function firstSample({ from }: Strip, rate: number): number {
  return Math.ceil(from * rate);
}

/** Millimetres above the base line. */
function heights(strip: Strip, rate: number): Float32Array {
  // the next strip's first sample joins them
  const samples = strip.lead.millivolts.subarray(firstSample(strip, rate), Math.floor(strip.to * rate) + 1);
  return samples.map((value) => Math.max(-LIMIT, Math.min(LIMIT, value * PER_MILLIVOLT)));
}

/** Indexes of the lowest and the highest value, in their order; of any one when all are missing. */
function extremes(values: Float32Array, start: number, end: number): readonly number[] {
  let [low, high] = [start, start];
  for (let index = start; index < end; index++) {
    const value = values[index] ?? NaN;
    if (Number.isNaN(value)) continue;
    // negated, because the first may be missing
    if (!(value >= (values[low] ?? NaN))) low = index;
    if (!(value <= (values[high] ?? NaN))) high = index;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

/** The shortest decimal of a hundredth: .05, -1.2, 3. */
function hundredths(value: number): string {
  return String(value / 100).replace(/^(-?)0\./, "$1.");
}

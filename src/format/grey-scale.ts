import type { DataSet } from "dicom-parser";
import { decimal, firstItem, shortText, signed, word } from "./dicom-values.js";

/** How samples are stored: so many low bits, in two's complement where signed. */
export interface Stored {
  readonly bits: number;
  readonly signed: boolean;
}

/** Without a window the darkest and the brightest 0.5 % are cut off: single hot pixels would darken all others. */
const OUTLIERS = 0.005;

/**
 * The grey of every stored value, 0 black to 255 white: modality transformation (PS3.3 §C.11.1), then the first window or VOI lookup table
 * (§C.11.2), or the range of the values themselves where there is none; MONOCHROME1 is inverted (§C.7.6.3.1.2), padding is black.
 *
 * @param histogram how often each bit pattern occurs: 2^bits numbers.
 * @returns the grey of each bit pattern that occurs.
 */
export function greyScale(set: DataSet, stored: Stored, histogram: Uint32Array): Uint8Array {
  const value = (pattern: number): number => (stored.signed ? signed(pattern, stored.bits) : pattern);
  const [first, last] = paddingRange(set, stored);
  const modality = modalityTransformation(set, stored.signed);
  const shown = histogram.map((count, pattern) => (value(pattern) >= first && value(pattern) <= last ? 0 : count));
  const brightness = windowOf(set) ?? voiTable(set, stored.signed) ?? ramp(...range(shown, stored, modality));
  const inverted = shortText(set, "x00280004") === "MONOCHROME1";
  const greys = new Uint8Array(histogram.length);
  for (const [pattern, count] of shown.entries()) {
    if (count === 0) continue;
    const share = Math.max(0, Math.min(1, brightness(modality(value(pattern)))));
    greys[pattern] = Math.round(255 * (inverted ? 1 - share : share));
  }
  return greys;
}

/** From the lowest to the highest value that only fills the matrix (PS3.3 §C.7.5.1.1.2); an empty range where there is none. */
function paddingRange(set: DataSet, { bits, signed: isSigned }: Stored): readonly [number, number] {
  const words = [word(set, "x00280120"), word(set, "x00280121") ?? word(set, "x00280120")];
  const [first, last] = words.map((pattern) =>
    pattern === undefined ? undefined : isSigned ? signed(pattern, 16) : pattern % 2 ** bits,
  );
  if (first === undefined || last === undefined) return [Infinity, -Infinity];
  return [Math.min(first, last), Math.max(first, last)];
}

/** From stored values to the modality's units (PS3.3 §C.11.1.1). */
function modalityTransformation(set: DataSet, isSigned: boolean): (stored: number) => number {
  const table = lookupTable(set, "x00283000", isSigned);
  if (table) return table.entry;
  const slope = decimal(set, "x00281053") ?? 1;
  const intercept = decimal(set, "x00281052") ?? 0;
  return (stored) => stored * slope + intercept;
}

/** The first window (PS3.3 §C.11.2.1.2, §C.11.2.1.3), or nothing for one without width. */
function windowOf(set: DataSet): ((value: number) => number) | undefined {
  const center = decimal(set, "x00281050");
  const width = decimal(set, "x00281051") ?? 0;
  if (center === undefined || width <= 0) return undefined;
  const shape = shortText(set, "x00281056");
  if (shape === "SIGMOID") return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  // widths below 1 make sense in the exact form only
  if (shape === "LINEAR_EXACT" || width < 1) return ramp(center - width / 2, center + width / 2);
  return ramp(center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2);
}

/** A VOI lookup table as brightness (PS3.3 §C.11.2.1.1). */
function voiTable(set: DataSet, isSigned: boolean): ((value: number) => number) | undefined {
  const table = lookupTable(set, "x00283010", isSigned);
  return table && ((value) => table.entry(value) / (2 ** table.bits - 1));
}

interface LookupTable {
  readonly entry: (value: number) => number;
  readonly bits: number;
}

/** The first table of a sequence, of 16-bit words; values before and after it take its first and last entry (PS3.3 §C.11.1.1.1). */
function lookupTable(set: DataSet, sequence: string, isSigned: boolean): LookupTable | undefined {
  const item = firstItem(set, sequence);
  if (!item) return undefined;
  const [length, start, bits] = [0, 1, 2].map((index) => word(item, "x00283002", index));
  if (length === undefined || start === undefined || bits === undefined || bits < 1 || bits > 16) return undefined;
  // a length of 0 stands for 65536, which a word cannot hold
  const last = (length === 0 ? 2 ** 16 : length) - 1;
  if (word(item, "x00283006", last) === undefined) return undefined;
  const first = isSigned ? signed(start, 16) : start;
  const entry = (value: number): number =>
    word(item, "x00283006", Math.max(0, Math.min(last, Math.round(value) - first))) ?? 0;
  return { entry, bits };
}

/** Black up to `low`, white from `high`. */
function ramp(low: number, high: number): (value: number) => number {
  return (value) => (value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low));
}

/** The range of the modality's values without their outliers. */
function range(histogram: Uint32Array, stored: Stored, modality: (stored: number) => number): [number, number] {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const lowest = stored.signed ? -(2 ** (stored.bits - 1)) : 0;
  let [low, high, seen] = [NaN, NaN, 0];
  for (let value = lowest; value < lowest + histogram.length; value++) {
    const count = histogram[value & (histogram.length - 1)] ?? 0;
    if (count === 0) continue;
    if (seen <= total * OUTLIERS) low = value;
    if (seen < total * (1 - OUTLIERS)) high = value;
    seen += count;
  }
  const [first, second] = [modality(low), modality(high)];
  return [Math.min(first, second), Math.max(first, second)];
}

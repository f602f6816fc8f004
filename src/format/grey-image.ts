import type { DataSet } from "dicom-parser";
import { encode } from "fast-png";
import { attributesUntil, decimal, word } from "./dicom-values.js";
import { greyScale, type Stored } from "./grey-scale.js";
import { view } from "./head.js";

/** A PNG of 8 bits grey, and its size in pixels. */
export interface GreyImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The image pixel description (PS3.3 §C.7.6.3). */
interface Matrix extends Stored {
  readonly rows: number;
  readonly columns: number;
  readonly bytesPerSample: 1 | 2;
  /** Bits below the stored ones, which overlays may use. */
  readonly shift: number;
  readonly frames: number;
}

const PIXEL_DATA = "x7fe00010";
const MAX_PIXELS = 8192 ** 2;

/**
 * Draws an uncompressed grey DICOM image, of several frames the middle one, as its device meant it to be seen: see {@link greyScale}.
 * One pixel of the file is one of the picture; overlays are not drawn.
 *
 * @returns nothing for compressed or coloured images, for other than 8 or 16 bits, for more than 8192² pixels, and when pixels are missing.
 * @throws what the parser throws for malformed files.
 */
export function drawGreyImage(bytes: Uint8Array): GreyImage | undefined {
  const set = attributesUntil(bytes, PIXEL_DATA);
  const data = set?.elements[PIXEL_DATA];
  const matrix = set && readMatrix(set);
  if (!data || !matrix) return undefined;
  const { rows, columns, bytesPerSample, frames } = matrix;
  const size = rows * columns * bytesPerSample;
  const start = size * Math.floor(frames / 2);
  if (start + size > data.length || data.dataOffset + start + size > bytes.length) return undefined;
  const first = data.dataOffset + start;
  const pixel = patterns(bytes.subarray(first, first + size), matrix);
  const histogram = new Uint32Array(2 ** matrix.bits);
  for (let index = 0; index < rows * columns; index++) {
    const pattern = pixel(index);
    histogram[pattern] = (histogram[pattern] ?? 0) + 1;
  }
  const greys = greyScale(set, matrix, histogram);
  const image = new Uint8Array(rows * columns);
  for (let index = 0; index < image.length; index++) image[index] = greys[pixel(index)] ?? 0;
  const png = encode({ width: columns, height: rows, data: image, depth: 8, channels: 1 });
  return { png, width: columns, height: rows };
}

function readMatrix(set: DataSet): Matrix | undefined {
  const rows = word(set, "x00280010") ?? 0;
  const columns = word(set, "x00280011") ?? 0;
  const allocated = word(set, "x00280100");
  const bits = word(set, "x00280101") ?? allocated ?? 0;
  const shift = (word(set, "x00280102") ?? bits - 1) + 1 - bits;
  const frames = decimal(set, "x00280008") ?? 1;
  if ((word(set, "x00280002") ?? 1) !== 1 || (allocated !== 8 && allocated !== 16)) return undefined;
  if (rows < 1 || columns < 1 || rows * columns > MAX_PIXELS || !Number.isSafeInteger(frames) || frames < 1)
    return undefined;
  if (bits < 1 || shift < 0 || bits + shift > allocated) return undefined;
  const bytesPerSample = allocated === 8 ? 1 : 2;
  return { rows, columns, bytesPerSample, bits, shift, frames, signed: word(set, "x00280103") === 1 };
}

/** Reads the stored bits of a pixel by its index. */
function patterns(frame: Uint8Array, { bytesPerSample, bits, shift }: Matrix): (index: number) => number {
  const source = view(frame);
  const mask = 2 ** bits - 1;
  return bytesPerSample === 1
    ? (index) => (source.getUint8(index) >> shift) & mask
    : (index) => (source.getUint16(2 * index, true) >> shift) & mask;
}

import dicomParser from "dicom-parser";
import type { DataSet } from "dicom-parser";

export const IMPLICIT_VR = "1.2.840.10008.1.2";
const EXPLICIT_VR = "1.2.840.10008.1.2.1";

/** What stands before samples and pixels is small; parsed sequences take some hundred times their bytes, so that more is not read. */
const ATTRIBUTES = 1024 * 1024;
/** A decimal string (PS3.5 §6.2). */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The attributes of an uncompressed little endian DICOM file up to `tag`, that one included, its value not: samples stay where they are.
 *
 * @returns nothing for other transfer syntaxes, and when there is more than a megabyte before `tag`.
 * @throws what the parser throws for malformed files.
 */
export function attributesUntil(bytes: Uint8Array, tag: string): DataSet | undefined {
  const set = dicomParser.parseDicom(bytes.subarray(0, ATTRIBUTES), { untilTag: tag, inflater: refuse });
  const syntax = set.string("x00020010");
  return syntax === IMPLICIT_VR || syntax === EXPLICIT_VR ? set : undefined;
}

/** The parser would inflate a deflated file without a limit. */
function refuse(): never {
  throw new RangeError("deflated");
}

/** The first item of a sequence. */
export function firstItem(set: DataSet, tag: string): DataSet | undefined {
  return set.elements[tag]?.items?.[0]?.dataSet;
}

/** The first value of a short text, trimmed; longer ones are as good as absent. */
export function shortText(set: DataSet, tag: string): string | undefined {
  const element = set.elements[tag];
  return element && element.length <= 256 ? set.string(tag, 0) : undefined;
}

/** The first value of a decimal or integer string, where it is a finite number. */
export function decimal(set: DataSet, tag: string): number | undefined {
  const digits = shortText(set, tag);
  const value = digits !== undefined && DECIMAL.test(digits) ? Number(digits) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The `index`-th of an attribute's 16-bit words, as they stand: signed ones need {@link signed}. */
export function word(set: DataSet, tag: string, index = 0): number | undefined {
  const element = set.elements[tag];
  return element && element.length >= 2 * (index + 1) ? set.uint16(tag, index) : undefined;
}

/** The number whose two's complement in so many bits is `pattern`. */
export function signed(pattern: number, bits: number): number {
  return pattern >= 2 ** (bits - 1) ? pattern - 2 ** bits : pattern;
}

import { imagingStudy, modalityCoding, studyOf } from "./codes.js";
import type { DicomSummary } from "./dicom.js";
import { drawEcg } from "./ecg-paper.js";
import { drawGreyImage } from "./grey-image.js";
import type { Recognised } from "./recognise.js";

/** What a person sees of a file, as a picture file. */
export interface Picture {
  readonly mediaType: "image/svg+xml" | "image/png";
  readonly extension: "svg" | "png";
  readonly bytes: Uint8Array;
  /** In millimetres of paper (SVG) or in pixels (PNG). */
  readonly width: number;
  readonly height: number;
  /** What it shows; never whom. */
  readonly title: string;
}

/**
 * Draws a whole file: an ECG on calibrated paper, an image of MR, CT, X-ray and their like in grey. For looking at, not for diagnosis.
 * The drawing names nobody, but a device may have written names into the pixels.
 *
 * @param recognised what `recognise` says of the file.
 * @returns nothing for files that have no picture here, compressed, coloured and malformed ones among them. Never throws.
 * @example
 * const picture = drawPicture(bytes, recognise(bytes));
 * if (picture) await writeFile(`part-1.${picture.extension}`, picture.bytes);
 */
export function drawPicture(bytes: Uint8Array, recognised: Recognised): Picture | undefined {
  if (recognised.kind !== "dicom") return undefined;
  const { summary } = recognised;
  try {
    return summary?.numberOfChannels === undefined ? image(bytes, summary) : ecg(bytes);
  } catch {
    // the parser throws at whatever is malformed
    return undefined;
  }
}

/**
 * The index of the part that stands for all: the middle slice of the longest DICOM series, where the parts of a series follow each other as
 * the slices do; the middle part where nothing is DICOM; 0 where there are no parts.
 *
 * @example
 * const shown = parts[pickRepresentative(parts)];
 */
export function pickRepresentative(parts: readonly { readonly recognised: Recognised }[]): number {
  const series = new Map<string, number[]>();
  for (const [index, { recognised }] of parts.entries()) {
    if (recognised.kind !== "dicom" || !recognised.summary) continue;
    const uid = recognised.summary.seriesInstanceUid;
    const slices = series.get(uid);
    if (slices) slices.push(index);
    else series.set(uid, [index]);
  }
  const [longest] = [...series.values()].sort((a, b) => b.length - a.length);
  return longest?.[longest.length >> 1] ?? parts.length >> 1;
}

function ecg(bytes: Uint8Array): Picture | undefined {
  const paper = drawEcg(bytes);
  if (!paper) return undefined;
  const { svg, width, height, title } = paper;
  return { mediaType: "image/svg+xml", extension: "svg", bytes: new TextEncoder().encode(svg), width, height, title };
}

function image(bytes: Uint8Array, summary: DicomSummary | undefined): Picture | undefined {
  const grey = drawGreyImage(bytes);
  if (!grey) return undefined;
  const { png, width, height } = grey;
  return { mediaType: "image/png", extension: "png", bytes: png, width, height, title: titleOf(summary) };
}

/** The kind of study where it is known, else the modality. */
function titleOf(summary: DicomSummary | undefined): string {
  if (!summary) return imagingStudy.text;
  const study = studyOf(summary);
  if (study && study !== imagingStudy) return study.text;
  return modalityCoding(summary.modality)?.display ?? imagingStudy.text;
}

import dicomParser from "dicom-parser";
import type { DataSet } from "dicom-parser";
import { attributesUntil, decimal, firstItem, IMPLICIT_VR, shortText, signed, word } from "./dicom-values.js";
import { view } from "./head.js";

/** One channel in millivolts; NaN where the device had no sample. */
export interface Lead {
  readonly name: string;
  readonly millivolts: Float32Array;
}

/** The first seconds of a recording: every lead has the same number of samples, taken at the same times. */
export interface Waveform {
  /** Samples per second and lead. */
  readonly rate: number;
  /** Seconds of the whole recording, of which `leads` may hold less. */
  readonly duration: number;
  readonly leads: readonly Lead[];
}

const WAVEFORM_SEQUENCE = "x54000100";
const WAVEFORM_DATA = "x54001010";
const MAX_CHANNELS = 64;
/** In hertz; high-resolution electrocardiographs take some thousand. */
const MAX_RATE = 10_000;
const MILLIVOLTS = new Map([
  ["uV", 0.001],
  ["mV", 1],
  ["V", 1000],
]);

/** Number of the lead in CID 3001, as 2:n of IEEE 11073-10101 and as 5.6.3-9-n of SCP-ECG, which older devices write. */
const LEAD_CODE = /^(?:2:|5\.6\.3-9-)(\d{1,2})$/;
const codedLeads = new Map(
  Object.entries({ I: 1, II: 2, III: 61, aVR: 62, aVL: 63, aVF: 64, V1: 3, V2: 4, V3: 5, V4: 6, V5: 7, V6: 8 }).map(
    ([name, number]) => [number, name],
  ),
);
/** What fits over a trace, in the one character set that every file has. */
const LABEL = /^[\x20-\x7e]{1,12}$/;

/**
 * Reads voltages from the first multiplex group of a DICOM waveform (PS3.3 §C.10.9): 16 bits, signed or unsigned, little endian.
 * A sample means sample × sensitivity × correction factor + baseline, in the channel's units (PS3.3 §C.10.9.1.4); channels that are
 * not in volts or not calibrated are left out.
 *
 * @param seconds how much is read at most, so that memory is bounded by the drawing and not by the file's claims.
 * @returns nothing for compressed, unknown or uncalibrated samples, and for more than 64 channels or 10 kHz.
 * @throws what the parser throws for malformed files.
 */
export function readWaveform(bytes: Uint8Array, seconds: number): Waveform | undefined {
  const set = groupAttributes(bytes);
  const data = set?.elements[WAVEFORM_DATA];
  if (!set || !data) return undefined;
  const channels = word(set, "x003a0005") ?? 0;
  const claimed = set.uint32("x003a0010") ?? 0;
  const rate = decimal(set, "x003a001a") ?? 0;
  const form = shortText(set, "x54001006") ?? "";
  if (channels < 1 || channels > MAX_CHANNELS || !(rate > 0 && rate <= MAX_RATE)) return undefined;
  if (word(set, "x54001004") !== 16 || !["SS", "US"].includes(form)) return undefined;
  const present = Math.floor(Math.min(data.length, bytes.length - data.dataOffset) / (2 * channels));
  const whole = Math.min(claimed, present);
  const samples = Math.min(whole, Math.ceil(seconds * rate));
  if (samples < 2) return undefined;
  const source = view(bytes.subarray(data.dataOffset, data.dataOffset + 2 * channels * samples));
  const padding = word(set, "x5400100a");
  const leads: Lead[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const definition = set.elements.x003a0200?.items?.[channel]?.dataSet;
    const scale = definition && calibration(definition);
    if (!scale) continue;
    const millivolts = Float32Array.from({ length: samples }, (_, sample) => {
      const pattern = source.getUint16(2 * (sample * channels + channel), true);
      return pattern === padding ? NaN : scale(form === "SS" ? signed(pattern, 16) : pattern);
    });
    leads.push({ name: nameOf(definition) ?? `Channel ${channel + 1}`, millivolts });
  }
  return leads.length > 0 ? { rate, duration: whole / rate, leads } : undefined;
}

/** The file's attributes and those of the first group up to its samples, which may be far longer than what is parsed. */
function groupAttributes(bytes: Uint8Array): DataSet | undefined {
  const set = attributesUntil(bytes, WAVEFORM_SEQUENCE);
  const sequence = set?.elements[WAVEFORM_SEQUENCE];
  if (!set || !sequence) return undefined;
  const implicit = set.string("x00020010") === IMPLICIT_VR;
  const walk = implicit ? dicomParser.parseDicomDataSetImplicit : dicomParser.parseDicomDataSetExplicit;
  const stream = new dicomParser.ByteStream(set.byteArrayParser, set.byteArray, sequence.dataOffset);
  const group = dicomParser.readSequenceItem(stream);
  // an undefined length is larger than any file
  const end = Math.min(group.dataOffset + group.length, set.byteArray.length);
  walk(set, stream, end, { untilTag: WAVEFORM_DATA });
  return set;
}

/** From a channel's sample to millivolts. */
function calibration(definition: DataSet): ((sample: number) => number) | undefined {
  const units = firstItem(definition, "x003a0211");
  const unit = MILLIVOLTS.get((units && shortText(units, "x00080100")) ?? "");
  const sensitivity = decimal(definition, "x003a0210");
  if (unit === undefined || sensitivity === undefined) return undefined;
  const factor = sensitivity * (decimal(definition, "x003a0212") ?? 1) * unit;
  const baseline = (decimal(definition, "x003a0213") ?? 0) * unit;
  return (sample) => sample * factor + baseline;
}

/** The lead by its code, else what the device calls the channel or its source. */
function nameOf(definition: DataSet): string | undefined {
  const source = firstItem(definition, "x003a0208");
  const number = LEAD_CODE.exec((source && shortText(source, "x00080100")) ?? "")?.[1];
  const coded = codedLeads.get(Number(number ?? 0));
  const meaning = source && shortText(source, "x00080104");
  const labels = [coded, shortText(definition, "x003a0203"), meaning].map((label) => label?.replace(/^Lead /, ""));
  return labels.find((label) => label !== undefined && LABEL.test(label));
}

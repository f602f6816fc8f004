import { createHash } from "node:crypto";
import { concat } from "../src/bytes.js";
import { CareKeyError } from "../src/errors.js";

export interface EcgOptions {
  /** Whole number; the same options give the same bytes. */
  readonly seed: number;
  readonly seconds?: number;
  /** Samples per second and lead: 200 to 1000. */
  readonly rate?: number;
  /** Beats per minute. */
  readonly heartRate?: number;
}

const SOP_CLASS = "1.2.840.10008.5.1.4.1.1.9.1.1";
/** The IOD's limit for one multiplex group (PS3.3 §A.34.3.4). */
const MAX_SAMPLES = 16384;

/** Waves of a beat: centre and width in seconds from the R peak, height in microvolts in I, II and V1 to V6. */
const waves = [
  { centre: -0.17, width: 0.022, heights: [80, 120, 60, 70, 70, 80, 80, 80] }, // P
  { centre: -0.028, width: 0.009, heights: [-40, -60, 0, 0, -20, -60, -90, -90] }, // Q
  { centre: 0, width: 0.011, heights: [700, 1100, 200, 450, 850, 1400, 1300, 1000] }, // R
  { centre: 0.03, width: 0.01, heights: [-120, -180, -900, -1300, -800, -450, -250, -120] }, // S
  { centre: 0.27, width: 0.045, heights: [220, 320, -80, 350, 450, 420, 350, 280] }, // T
] as const;

/** Leads in the order of paper, and their codes 2:1, 2:2, … in IEEE 11073-10101 (PS3.16 CID 3001). */
const leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"] as const;
const leadCodes = [1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8] as const;

/**
 * A resting 12-lead ECG of nobody as a DICOM file (12-Lead ECG Waveform Storage, PS3.3 §A.34.3): 16 bits, 1 µV a step, the patient
 * PHANTOM^ECG. It looks like a healthy one and means nothing: for demonstrations and tests only.
 *
 * @throws INVALID_ARGUMENT for a rate, a length or a heart rate that the format or a heart does not have.
 * @example
 * await writeFile("ecg.dcm", syntheticEcg({ seed: 1 }));
 */
export function syntheticEcg({ seed, seconds = 10, rate = 500, heartRate = 72 }: EcgOptions): Uint8Array {
  const samples = seconds * rate;
  check("seed", seed, Number.isSafeInteger(seed));
  check("rate", rate, Number.isInteger(rate) && rate >= 200 && rate <= 1000);
  check("seconds", seconds, Number.isInteger(samples) && samples > 0 && samples <= MAX_SAMPLES);
  check("heartRate", heartRate, heartRate >= 20 && heartRate <= 250);
  const uid = (role: string): string => uidOf(JSON.stringify([role, seed, seconds, rate, heartRate]));
  return file(uid, rate, samples, trace(seed, rate, samples, heartRate));
}

function check(name: string, value: number, fits: boolean): void {
  if (!fits) throw new CareKeyError("INVALID_ARGUMENT", `An ECG cannot have ${name} ${value}`, { [name]: value });
}

/** A UID from a hash: 2.25 and a UUID of version 8 as decimal number (PS3.5 §B.2, RFC 9562 §5.8). */
function uidOf(name: string): string {
  const hex = createHash("sha256").update(`synthetic ecg ${name}`).digest("hex");
  return `2.25.${BigInt(`0x${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`)}`;
}

/** All leads' samples in microvolts, interleaved, as 16 bits little endian. */
function trace(seed: number, rate: number, samples: number, heartRate: number): Uint8Array {
  const random = generator(seed);
  const independent = waves[0].heights.map((_, lead) => measured(lead));
  const beats: number[] = [];
  for (let at = 0.4; at < samples / rate + 1;) {
    beats.push(at);
    // breathing and chance vary the rhythm
    at += (60 / heartRate) * (1 + 0.03 * Math.sin(Math.PI * 0.5 * at) + 0.02 * (random() - 0.5));
  }
  for (const [lead, signal] of independent.entries()) for (const beat of beats) addBeat(signal, lead, beat, rate);
  const all = new DataView(new ArrayBuffer(2 * samples * leads.length));
  for (let sample = 0; sample < samples; sample++) {
    // only two limb leads are measured; the others follow (Einthoven, Goldberger)
    const [I = 0, II = 0, ...chest] = independent.map((signal) => Math.round(signal[sample] ?? 0));
    const augmented = [-(I + II) / 2, I - II / 2, II - I / 2].map(Math.round);
    [I, II, II - I, ...augmented, ...chest].forEach((value, lead) => {
      all.setInt16(2 * (sample * leads.length + lead), value, true);
    });
  }
  return new Uint8Array(all.buffer);

  /** A lead without heart: noise, and the slow wander of breathing. */
  function measured(lead: number): Float64Array {
    const wander = (sample: number): number => 25 * Math.sin(2 * Math.PI * 0.22 * (sample / rate) + lead);
    return Float64Array.from({ length: samples }, (_, sample) => 16 * (random() + random() - 1) + wander(sample));
  }
}

function addBeat(signal: Float64Array, lead: number, beat: number, rate: number): void {
  for (const { centre, width, heights } of waves) {
    const first = Math.max(0, Math.ceil((beat + centre - 5 * width) * rate));
    const last = Math.min(signal.length - 1, Math.floor((beat + centre + 5 * width) * rate));
    for (let sample = first; sample <= last; sample++) {
      const distance = (sample / rate - beat - centre) / width;
      signal[sample] = (signal[sample] ?? 0) + (heights[lead] ?? 0) * Math.exp(-(distance ** 2) / 2);
    }
  }
}

/** Numbers in [0, 1) that depend on the seed alone: a 32-bit xorshift (Marsaglia). */
function generator(seed: number): () => number {
  let state = createHash("sha256").update(String(seed)).digest().readUInt32LE() || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The file: preamble, meta information (PS3.10 §7.1), data set with every Type 1 and Type 2 attribute in the order of tags. */
function file(uid: (role: string) => string, rate: number, samples: number, microvolts: Uint8Array): Uint8Array {
  const group = item(
    element(0x003a0004, "CS", "ORIGINAL"),
    element(0x003a0005, "US", little(2, leads.length)),
    element(0x003a0010, "UL", little(4, samples)),
    element(0x003a001a, "DS", String(rate)),
    element(0x003a0200, "SQ", concat(leads.map(channel))),
    element(0x54001004, "US", little(2, 16)),
    element(0x54001006, "CS", "SS"),
    element(0x54001010, "OW", microvolts),
  );
  const meta = concat([
    element(0x00020001, "OB", Uint8Array.of(0, 1)),
    element(0x00020002, "UI", SOP_CLASS),
    element(0x00020003, "UI", uid("instance")),
    element(0x00020010, "UI", "1.2.840.10008.1.2.1"), // explicit VR little endian
    element(0x00020012, "UI", uidOf("implementation")),
  ]);
  return concat([
    new Uint8Array(128),
    encode("DICM"),
    element(0x00020000, "UL", little(4, meta.length)),
    meta,
    element(0x00080016, "UI", SOP_CLASS),
    element(0x00080018, "UI", uid("instance")),
    element(0x00080020, "DA", "20260101"), // study, series and content on one fixed day
    element(0x00080023, "DA", "20260101"),
    element(0x0008002a, "DT", "20260101120000"),
    element(0x00080030, "TM", "120000"),
    element(0x00080033, "TM", "120000"),
    element(0x00080050, "SH", ""),
    element(0x00080060, "CS", "ECG"),
    element(0x00080070, "LO", "Synthetic"),
    element(0x00080090, "PN", ""),
    element(0x00100010, "PN", "PHANTOM^ECG"),
    element(0x00100020, "LO", "PHANTOM"),
    element(0x00100030, "DA", ""),
    element(0x00100040, "CS", ""),
    element(0x0020000d, "UI", uid("study")),
    element(0x0020000e, "UI", uid("series")),
    element(0x00200010, "SH", "1"),
    element(0x00200011, "IS", "1"),
    element(0x00200013, "IS", "1"),
    element(0x00400555, "SQ", new Uint8Array()), // no acquisition context
    element(0x54000100, "SQ", group),
  ]);
}

function channel(lead: string, index: number): Uint8Array {
  return item(
    element(0x003a0203, "SH", lead),
    element(0x003a0208, "SQ", code(`2:${leadCodes[index] ?? 0}`, "MDC", `Lead ${lead}`)),
    element(0x003a0210, "DS", "1"),
    element(0x003a0211, "SQ", code("uV", "UCUM", "microvolt")),
    element(0x003a0212, "DS", "1"),
    element(0x003a0213, "DS", "0"),
    element(0x003a0215, "DS", "0"),
    element(0x003a021a, "US", little(2, 16)),
  );
}

function code(value: string, scheme: string, meaning: string): Uint8Array {
  return item(element(0x00080100, "SH", value), element(0x00080102, "SH", scheme), element(0x00080104, "LO", meaning));
}

/** An item of known length (PS3.5 §7.5). */
function item(...elements: readonly Uint8Array[]): Uint8Array {
  const content = concat(elements);
  return concat([little(2, 0xfffe), little(2, 0xe000), little(4, content.length), content]);
}

/** A data element in explicit VR little endian (PS3.5 §7.1.2), padded to even length. */
function element(tag: number, vr: string, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === "string" ? encode(value) : value;
  const padding = new Uint8Array(bytes.length % 2).fill(vr === "UI" ? 0 : 0x20);
  const length = bytes.length + padding.length;
  const size = /^(OB|OW|SQ)$/.test(vr) ? [little(2, 0), little(4, length)] : [little(2, length)];
  return concat([little(2, tag >>> 16), little(2, tag), encode(vr), ...size, bytes, padding]);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The low bytes of a number. */
function little(bytes: 2 | 4, value: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => value >> (8 * index));
}

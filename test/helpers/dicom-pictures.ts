import { concat } from "../../src/bytes.js";
import { dicomFile, element, identity, implicitElement, item, uint16, uint32, type Value } from "./dicom-build.js";

export const EXPLICIT = "1.2.840.10008.1.2.1";
export const IMPLICIT = "1.2.840.10008.1.2";

export interface Channel {
  readonly name?: string;
  /** Of the channel's source. */
  readonly code?: string;
  readonly units?: string;
  readonly sensitivity?: string;
  readonly correction?: string;
  readonly baseline?: string;
  readonly samples: readonly number[];
}

export interface WaveformOptions {
  readonly rate?: number | string;
  readonly form?: string;
  readonly bits?: number;
  readonly padding?: number;
  /** What the file claims. */
  readonly channels?: number;
  readonly samples?: number;
  readonly syntax?: string;
}

type Encode = (tag: number, vr: string, value: Value) => Uint8Array;

/** A DICOM waveform of one group; one microvolt a step unless channels say otherwise. */
export function waveformFile(channels: readonly Channel[], options: WaveformOptions = {}): Uint8Array {
  const { rate = 500, form = "SS", bits = 16, padding, syntax = EXPLICIT } = options;
  const encode: Encode = syntax === IMPLICIT ? (tag, _, value) => implicitElement(tag, value) : element;
  const sequence = (tag: number, items: readonly Uint8Array[]): Uint8Array =>
    encode(tag, "SQ", concat(items.map((content) => item(content, content.length))));
  const code = (tag: number, value: string): Uint8Array => sequence(tag, [encode(0x00080100, "SH", value)]);
  const definitions = channels.map(
    ({ name, code: source, units = "uV", sensitivity = "1", correction = "1", baseline = "0" }) =>
      concat([
        ...(name === undefined ? [] : [encode(0x003a0203, "SH", name)]),
        ...(source === undefined ? [] : [code(0x003a0208, source)]),
        encode(0x003a0210, "DS", sensitivity),
        code(0x003a0211, units),
        encode(0x003a0212, "DS", correction),
        encode(0x003a0213, "DS", baseline),
      ]),
  );
  const length = channels[0]?.samples.length ?? 0;
  const words = Array.from({ length }, (_, index) => channels.map(({ samples }) => uint16(samples[index] ?? 0))).flat();
  const group = concat([
    encode(0x003a0005, "US", uint16(options.channels ?? channels.length)),
    encode(0x003a0010, "UL", uint32(options.samples ?? length)),
    encode(0x003a001a, "DS", String(rate)),
    sequence(0x003a0200, definitions),
    encode(0x54001004, "US", uint16(bits)),
    encode(0x54001006, "CS", form),
    ...(padding === undefined ? [] : [encode(0x5400100a, "OW", uint16(padding))]),
    encode(0x54001010, "OW", concat(words)),
  ]);
  const names = syntax === IMPLICIT ? implicitIdentity("ECG") : identity({ 0x00080060: "ECG" });
  return dicomFile([...names, sequence(0x54000100, [group])], syntax);
}

export interface ImageOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly frames?: number;
  readonly allocated?: number;
  readonly stored?: number;
  readonly highBit?: number;
  readonly signed?: boolean;
  readonly photometric?: string;
  readonly samplesPerPixel?: number;
  /** Other attributes, in the order of tags, after those of the matrix. */
  readonly more?: readonly Uint8Array[];
  readonly syntax?: string;
}

/** A grey DICOM image of one row unless options say otherwise. */
export function imageFile(pixels: readonly number[], options: ImageOptions = {}): Uint8Array {
  const { allocated = 16, stored = allocated, syntax = EXPLICIT, rows = 1 } = options;
  const encode: Encode = syntax === IMPLICIT ? (tag, _, value) => implicitElement(tag, value) : element;
  const samples = pixels.map((pixel) => (allocated === 8 ? Uint8Array.of(pixel) : uint16(pixel)));
  const names = syntax === IMPLICIT ? implicitIdentity("MR") : identity({ 0x00280008: String(options.frames ?? 1) });
  return dicomFile(
    [
      ...names,
      encode(0x00280002, "US", uint16(options.samplesPerPixel ?? 1)),
      encode(0x00280004, "CS", options.photometric ?? "MONOCHROME2"),
      encode(0x00280010, "US", uint16(rows)),
      encode(0x00280011, "US", uint16(options.columns ?? pixels.length)),
      encode(0x00280100, "US", uint16(allocated)),
      encode(0x00280101, "US", uint16(stored)),
      encode(0x00280102, "US", uint16(options.highBit ?? stored - 1)),
      encode(0x00280103, "US", uint16(options.signed ? 1 : 0)),
      ...(options.more ?? []),
      encode(0x7fe00010, "OW", concat(samples)),
    ],
    syntax,
  );
}

function implicitIdentity(modality: string): Uint8Array[] {
  return [
    implicitElement(0x00080016, "1.2.3"),
    implicitElement(0x00080018, "1.2"),
    implicitElement(0x00080060, modality),
    implicitElement(0x0020000d, "1.3"),
    implicitElement(0x0020000e, "1.4"),
  ];
}

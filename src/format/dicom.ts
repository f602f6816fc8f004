import dicomParser from "dicom-parser";
import type { DataSet } from "dicom-parser";
import { ascii } from "./head.js";

/**
 * What a DICOM file says about its study and its samples, and nothing about its patient: no name, id, birth date, address, operator,
 * institution or free text. All values are checked against the form of their value representation (PS3.5 §6.2).
 */
export interface DicomSummary {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** A code such as MR, CR or ECG, as the device wrote it. */
  readonly modality: string;
  /** Body Part Examined, as the device wrote it. */
  readonly bodyPart?: string;
  /** ISO 8601: 2001-03-16. */
  readonly studyDate?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly frames?: number;
  /** Of the first multiplex group of a waveform. */
  readonly numberOfChannels?: number;
  /** In hertz, of the first multiplex group of a waveform. */
  readonly samplingFrequency?: number;
}

/** A DICOM file; without summary when its head is malformed, deflated, or lacks an attribute that every instance has. */
export interface DicomFile {
  readonly kind: "dicom";
  readonly mediaType: "application/dicom";
  readonly summary?: DicomSummary;
}

const WAVEFORM_SEQUENCE = "x54000100";
const WAVEFORM_DATA = "x54001010";
const IMPLICIT_VR = "1.2.840.10008.1.2";

/** Laxer than PS3.5 §9.1: leading zeros and unassigned roots are common. */
const UID = /^\d+(\.\d+)+$/;
const CODE = /^[A-Z0-9 _]{1,16}$/;
const INTEGER = /^\d{1,9}$/;
const DECIMAL = /^\d{1,9}(\.\d{1,9})?$/;
/** ACR-NEMA wrote dots, and PS3.5 asks readers to accept them. */
const DATE = /^(?!0000)(\d{4})(\.?)(\d\d)\2(\d\d)$/;

/** A DICOM file by its preamble (PS3.10 §7.1), or nothing. Never throws. */
export function recogniseDicom(head: Uint8Array): DicomFile | undefined {
  if (ascii(head, 128, 132) !== "DICM") return undefined;
  const summary = summariseDicom(head);
  return { kind: "dicom", mediaType: "application/dicom", ...(summary && { summary }) };
}

/**
 * Summarises a DICOM file (PS3.10) from its first bytes; the head may end anywhere. Work is linear in the head's length.
 *
 * @returns nothing when the head is no DICOM, is malformed or deflated, or ends before the series is known. Never throws.
 * @example
 * summariseDicom(head)?.modality; // "MR"
 */
export function summariseDicom(head: Uint8Array): DicomSummary | undefined {
  try {
    const set = parse(head);
    return set && read(set);
  } catch {
    return undefined;
  }
}

/** All elements before the waveforms, or as many as the head holds. */
function parse(head: Uint8Array): DataSet | undefined {
  try {
    return dicomParser.parseDicom(head, { untilTag: WAVEFORM_SEQUENCE, inflater: refuse });
  } catch (error) {
    // the parser throws at the end of a cut head, and hands over what it had read
    if (typeof error === "object" && error !== null && "dataSet" in error) return error.dataSet as DataSet;
    return undefined;
  }
}

/** Deflated files are rare and the parser would inflate them without a limit. */
function refuse(): never {
  throw new RangeError("deflated");
}

function read(set: DataSet): DicomSummary | undefined {
  const sopClassUid = text(set, "x00080016", UID);
  const sopInstanceUid = text(set, "x00080018", UID);
  const studyInstanceUid = text(set, "x0020000d", UID);
  const seriesInstanceUid = text(set, "x0020000e", UID);
  const modality = text(set, "x00080060", CODE);
  if (!sopClassUid || !sopInstanceUid || !studyInstanceUid || !seriesInstanceUid || !modality) return undefined;
  return {
    sopClassUid,
    sopInstanceUid,
    studyInstanceUid,
    seriesInstanceUid,
    modality,
    ...present({
      bodyPart: text(set, "x00180015", CODE),
      studyDate: date(text(set, "x00080020", DATE)),
      rows: unsigned(set, "x00280010"),
      columns: unsigned(set, "x00280011"),
      frames: positive(text(set, "x00280008", INTEGER)),
    }),
    // last, because it adds the group's elements to the set
    ...waveform(set),
  };
}

/** Channels and rate of the first multiplex group (PS3.3 §C.10.9); its samples may lie beyond the head. */
function waveform(set: DataSet): Pick<DicomSummary, "numberOfChannels" | "samplingFrequency"> {
  const sequence = set.elements[WAVEFORM_SEQUENCE];
  if (!sequence) return {};
  const implicit = set.string("x00020010") === IMPLICIT_VR;
  const walk = implicit ? dicomParser.parseDicomDataSetImplicit : dicomParser.parseDicomDataSetExplicit;
  try {
    const stream = new dicomParser.ByteStream(set.byteArrayParser, set.byteArray, sequence.dataOffset);
    const group = dicomParser.readSequenceItem(stream);
    // an undefined length is larger than any head
    const end = Math.min(group.dataOffset + group.length, set.byteArray.length);
    walk(set, stream, end, { untilTag: WAVEFORM_DATA });
  } catch {
    // cut or malformed: what was read before counts
  }
  return present({
    numberOfChannels: unsigned(set, "x003a0005"),
    samplingFrequency: positive(text(set, "x003a001a", DECIMAL)),
  });
}

/** A short text of the given form: longer, cut and other values are as good as absent. */
function text(set: DataSet, tag: string, form: RegExp): string | undefined {
  const element = set.elements[tag];
  if (!element || element.length > 64 || element.dataOffset + element.length > set.byteArray.length) return undefined;
  const value = set.string(tag);
  return value !== undefined && form.test(value) ? value : undefined;
}

function unsigned(set: DataSet, tag: string): number | undefined {
  const element = set.elements[tag];
  if (element?.length !== 2 || element.dataOffset + 2 > set.byteArray.length) return undefined;
  return set.uint16(tag);
}

function positive(digits: string | undefined): number | undefined {
  const value = Number(digits ?? 0);
  return value > 0 ? value : undefined;
}

function date(value: string | undefined): string | undefined {
  const iso = value?.replace(DATE, "$1-$3-$4");
  const time = Date.parse(`${iso ?? ""}T00:00:00Z`);
  // 31 February parses in some engines, as a day in March
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === iso ? iso : undefined;
}

/** Without the keys that have no value: hashed content knows no undefined. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

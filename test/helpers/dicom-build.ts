import { concat } from "../../src/bytes.js";

export type Value = string | Uint8Array;

const utf8 = new TextEncoder();

/** A data element in explicit VR little endian; `length` is what it claims, true by default. */
export function element(tag: number, vr: string, value: Value, length?: number): Uint8Array {
  const bytes = even(value, vr === "UI" ? 0 : 0x20);
  const long = ["OB", "OW", "SQ", "UN", "UT"].includes(vr);
  const size = new Uint8Array(long ? 6 : 2);
  const claimed = length ?? bytes.length;
  if (long) new DataView(size.buffer).setUint32(2, claimed, true);
  else new DataView(size.buffer).setUint16(0, claimed, true);
  return concat([tagBytes(tag), utf8.encode(vr), size, bytes]);
}

/** A data element in implicit VR little endian. */
export function implicitElement(tag: number, value: Value): Uint8Array {
  const bytes = even(value);
  return concat([tagBytes(tag), uint32(bytes.length), bytes]);
}

/** An item of a sequence, of undefined length unless one is given. */
export function item(content: Uint8Array, length = 0xffffffff): Uint8Array {
  return concat([tagBytes(0xfffee000), uint32(length), content]);
}

/** A DICOM file of these elements in this transfer syntax. */
export function dicomFile(elements: readonly Uint8Array[], transferSyntax = "1.2.840.10008.1.2.1"): Uint8Array {
  const preamble = new Uint8Array(132);
  preamble.set(utf8.encode("DICM"), 128);
  return concat([preamble, element(0x00020010, "UI", transferSyntax), ...elements]);
}

/** What a summary needs at least, with other values where given. */
export function identity(values: Readonly<Record<number, string>> = {}): Uint8Array[] {
  const all: [number, string, string][] = [
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4"],
    [0x00080018, "UI", "1.2.3.4"],
    [0x00080020, "DA", "20240229"],
    [0x00080060, "CS", "MR"],
    [0x00100010, "PN", "DOE^JANE"],
    [0x0020000d, "UI", "1.2.3"],
    [0x0020000e, "UI", "1.2.3.1"],
    [0x00280008, "IS", "7"],
  ];
  return all.map(([tag, vr, value]) => element(tag, vr, values[tag] ?? value));
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

function tagBytes(tag: number): Uint8Array {
  return concat([uint16(tag >>> 16), uint16(tag)]);
}

function even(value: Value, padding = 0): Uint8Array {
  const bytes = typeof value === "string" ? utf8.encode(value) : value;
  return bytes.length % 2 ? concat([bytes, Uint8Array.of(padding)]) : bytes;
}

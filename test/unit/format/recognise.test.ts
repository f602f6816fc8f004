import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { syntheticEcg } from "../../../scripts/ecg.js";
import { HEAD_SIZE, recognise } from "../../../src/format/recognise.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A header of 19 signals; `fields` go to their offsets. */
function edf(fields: Readonly<Record<number, string>> = {}): Uint8Array {
  const header = Array.from("0".padEnd(256));
  const all = { 8: "X F 02-MAY-1951 Jane_Doe", 184: "5120", 192: "EDF+C", 236: "60", 244: "0.5", 252: "19", ...fields };
  for (const [at, text] of Object.entries(all)) header.splice(Number(at), text.length, ...Array.from(text));
  return bytes(header.join(""));
}

function nifti1(little: boolean, axes = [64, 64, 30, 200]): Uint8Array {
  const header = new DataView(new ArrayBuffer(352));
  header.setInt32(0, 348, little);
  [axes.length, ...axes].forEach((size, axis) => {
    header.setInt16(40 + 2 * axis, size, little);
  });
  const file = new Uint8Array(header.buffer);
  file.set(bytes("Jane Doe"), 148);
  file.set(bytes("n+1\0"), 344);
  return file;
}

function nifti2(axes: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(544));
  header.setInt32(0, 540, true);
  [axes.length, ...axes].forEach((size, axis) => {
    header.setBigInt64(16 + 8 * axis, BigInt(size), true);
  });
  const file = new Uint8Array(header.buffer);
  file.set(latin1("n+2\0\r\n\x1a\n"), 4);
  return file;
}

const unknown = { kind: "unknown", mediaType: "application/octet-stream" };

describe("recognition of a file", () => {
  it("knows DICOM of every kind of study", async () => {
    for (const file of [await readFile(brainSeries[19]!), await readFile(chestXray), syntheticEcg({ seed: 1 })])
      expect(recognise(file))
        .to.include({ kind: "dicom", mediaType: "application/dicom" })
        .and.to.have.property("summary");
  });

  it("knows EDF and EDF+ by their variant, signals and length", () => {
    const recording = (summary: object): object => ({ kind: "edf", mediaType: "application/x-edf", summary });
    expect(recognise(edf())).to.deep.equal(recording({ variant: "EDF+C", signals: 19, seconds: 30 }));
    expect(recognise(edf({ 192: "EDF+D" }))).to.deep.equal(recording({ variant: "EDF+D", signals: 19, seconds: 30 }));
    expect(recognise(edf({ 192: "     ", 236: "-1" }))).to.deep.equal(recording({ variant: "EDF", signals: 19 }));
  });

  it("does not take other text that begins with a zero for EDF", () => {
    for (const fields of [{ 184: "256 " }, { 252: "x " }, { 252: "0 " }, { 184: "1e9" }] as Record<number, string>[])
      expect(recognise(edf(fields)).kind).to.equal("text");
  });

  it("knows NIfTI-1 in both byte orders, and NIfTI-2", () => {
    const volume = (version: number, dimensions: number[]): object => ({
      kind: "nifti",
      mediaType: "application/x-nifti",
      summary: { version, dimensions },
    });
    expect(recognise(nifti1(true))).to.deep.equal(volume(1, [64, 64, 30, 200]));
    expect(recognise(nifti1(false))).to.deep.equal(volume(1, [64, 64, 30, 200]));
    expect(recognise(nifti2([256, 256, 100_000]))).to.deep.equal(volume(2, [256, 256, 100_000]));
  });

  it("does not take a header with impossible axes for NIfTI", () => {
    for (const axes of [[], [0], [-1, 5], [1, 1, 1, 1, 1, 1, 1, 1]])
      expect(recognise(nifti1(true, axes))).to.deep.equal(unknown);
    expect(recognise(nifti2([2 ** 60]))).to.deep.equal(unknown);
  });

  it("knows a gzipped NIfTI from other gzip files, also when it is cut", () => {
    const volume = new Uint8Array(100_000);
    volume.set(nifti1(true));
    const file = gzipSync(volume);
    const expected = {
      kind: "nifti",
      mediaType: "application/x-nifti+gzip",
      summary: { version: 1, dimensions: [64, 64, 30, 200] },
    };
    expect(recognise(file)).to.deep.equal(expected);
    expect(recognise(file.subarray(0, file.length - 20))).to.deep.equal(expected);
    expect(recognise(gzipSync("letter"))).to.deep.equal({ kind: "gzip", mediaType: "application/gzip" });
    expect(recognise(latin1("\x1f\x8b\x08damaged")).kind).to.equal("gzip");
  });

  it("inflates no more than the beginning of a gzip bomb", () => {
    expect(recognise(gzipSync(new Uint8Array(64 * 1024 * 1024))).kind).to.equal("gzip");
  });

  it("knows a FHIR resource whose type stands first, also when the head cuts it", () => {
    const patient = (type: string): object => ({
      kind: "fhir",
      mediaType: "application/fhir+json",
      summary: { resourceType: type },
    });
    expect(recognise(bytes('\ufeff{\n  "resourceType" : "Observation"}'))).to.deep.equal(patient("Observation"));
    const long = `{"resourceType":"Bundle","text":"${"x".repeat(HEAD_SIZE)}"}`;
    expect(recognise(bytes(long))).to.deep.equal(patient("Bundle"));
    expect(recognise(bytes('{"id":"1","resourceType":"DiagnosticReport"}'))).to.deep.equal(patient("DiagnosticReport"));
  });

  it("does not take other JSON for FHIR", () => {
    for (const json of ['{"resourceType":7}', '{"resourceType":"<b>"}', '["resourceType"]', '{"resourceType', "null"])
      expect(recognise(bytes(json)).kind, json).to.equal("text");
  });

  it("knows HL7 v2 messages and batches, bare and framed", () => {
    const message = { kind: "hl7v2", mediaType: "application/hl7-v2" };
    for (const text of [
      "MSH|^~\\&|LAB|JANE DOE\rPID|1",
      "\vMSH|^~\\&|LAB\r\x1c\r",
      "FHS|^~\\&|LAB\r",
      "BHS|^~\\&|LAB\r",
    ])
      expect(recognise(bytes(text))).to.deep.equal(message);
    expect(recognise(bytes("MSH is a segment")).kind).to.equal("text");
  });

  it("knows pages and pictures by their first bytes", () => {
    expect(recognise(bytes("%PDF-1.7\n"))).to.deep.equal({ kind: "pdf", mediaType: "application/pdf" });
    expect(recognise(latin1("\x89PNG\r\n\x1a\n\0"))).to.deep.equal({ kind: "png", mediaType: "image/png" });
    expect(recognise(latin1("\xff\xd8\xff\xe0"))).to.deep.equal({ kind: "jpeg", mediaType: "image/jpeg" });
  });

  it("knows tables from prose", () => {
    const table = { kind: "csv", mediaType: "text/csv" };
    expect(recognise(bytes("time,pulse\n1,72\n2,75\n"))).to.deep.equal(table);
    expect(recognise(bytes('Wert;Einheit\r\n"4,5; nüchtern";mmol/l\r\n'))).to.deep.equal(table);
    expect(recognise(bytes(`time,pulse\n${"1,72\n".repeat(HEAD_SIZE)}`))).to.deep.equal(table);
    const prose = { kind: "text", mediaType: "text/plain" };
    for (const text of ["Dear colleague,\nthank you", "one line, one comma", "a,b\n", "x"])
      expect(recognise(bytes(text)), text).to.deep.equal(prose);
  });

  it("takes a character that the head cuts for text", () => {
    const file = bytes(`x${"ü".repeat(HEAD_SIZE / 2)}`);
    expect(recognise(file).kind).to.equal("text");
    expect(recognise(file.subarray(0, 100)).kind, "of a whole file").to.equal("unknown");
  });

  it("knows nothing else", () => {
    for (const file of [new Uint8Array(), new Uint8Array(500), latin1("caf\xe9"), bytes("text\0"), latin1("\x89PNG")])
      expect(recognise(file)).to.deep.equal(unknown);
  });

  it("names nobody in a summary", () => {
    for (const file of [edf(), nifti1(true), gzipSync(nifti1(true)), bytes("MSH|^~\\&|JANE DOE")])
      expect(JSON.stringify(recognise(file))).not.to.match(/jane|doe|1951/i);
  });

  it("returns for text that is nested, quoted or repeated as deep as the head is long", () => {
    const fill = (text: string): string => text.repeat(Math.floor((HEAD_SIZE - 20) / text.length));
    for (const text of [
      fill("["),
      `{"a":${fill('{"a":')}`,
      fill('"'),
      fill("\r"),
      fill(","),
      fill(" "),
      `{${fill(" ")}"`,
    ])
      expect(recognise(bytes(text)).kind).to.be.oneOf(["text", "csv"]);
  });

  it("never throws, and looks at the head only", () => {
    const magic = fc.constantFrom(
      "",
      "0       ",
      "\x1f\x8b\x08",
      '{"resourceType":"',
      "MSH|^~\\&",
      "\x5c\x01\0\0",
      "%PDF-",
    );
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 1024 }), (start, garbage) => {
        recognise(Uint8Array.of(...latin1(start), ...garbage));
      }),
      { numRuns: 500 },
    );
    const long = new Uint8Array(HEAD_SIZE + 1).fill(0x20);
    long[HEAD_SIZE] = 0xff;
    expect(recognise(long).kind).to.equal("text");
  });
});

import { readFile } from "node:fs/promises";
import { expect } from "chai";
import fc from "fast-check";
import { syntheticEcg } from "../../../scripts/ecg.js";
import { concat } from "../../../src/bytes.js";
import { summariseDicom } from "../../../src/format/dicom.js";
import { HEAD_SIZE, recognise } from "../../../src/format/recognise.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";
import { dicomFile, element, identity, implicitElement, item, uint16, uint32 } from "../../helpers/dicom-build.js";

const built = {
  sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
  sopInstanceUid: "1.2.3.4",
  studyInstanceUid: "1.2.3",
  seriesInstanceUid: "1.2.3.1",
  modality: "MR",
  studyDate: "2024-02-29",
  frames: 7,
};

describe("a DICOM file's summary", () => {
  it("tells study, series, instance and matrix of a brain MR slice", async () => {
    expect(summariseDicom(await readFile(brainSeries[0]!))).to.deep.equal({
      sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
      sopInstanceUid: "0.0.0.0.1.8811.2.1.20010413115754.12432",
      studyInstanceUid: "0.0.0.0.2.8811.20010413115754.12432",
      seriesInstanceUid: "0.0.0.0.3.8811.2.20010413115754.12432",
      modality: "MR",
      studyDate: "2001-03-16",
      rows: 256,
      columns: 256,
    });
  });

  it("tells the body part of a chest X-ray and has no date where the file has none", async () => {
    expect(summariseDicom(await readFile(chestXray))).to.deep.equal({
      sopClassUid: "1.2.840.10008.5.1.4.1.1.1",
      sopInstanceUid: "1.2.392.200036.9125.0.19950720112207",
      studyInstanceUid: "1.2.392.200036.9125.0.199302241758.16",
      seriesInstanceUid: "1.2.392.200036.9125.0.199302241758.16",
      modality: "CR",
      bodyPart: "CHEST",
      rows: 440,
      columns: 440,
    });
  });

  it("shows that the slices of a series belong together", async () => {
    const summaries = (await Promise.all(brainSeries.map((path) => readFile(path)))).map(summariseDicom);
    expect(new Set(summaries.map((summary) => summary?.sopInstanceUid)).size).to.equal(20);
    expect(new Set(summaries.map((summary) => summary?.seriesInstanceUid)).size).to.equal(1);
  });

  it("tells channels and rate of a waveform whose samples end beyond the head", () => {
    const file = syntheticEcg({ seed: 1, seconds: 30 });
    expect(file.length).to.be.above(HEAD_SIZE);
    expect(summariseDicom(file.subarray(0, HEAD_SIZE))).to.include({ numberOfChannels: 12, samplingFrequency: 500 });
    expect(summariseDicom(file.subarray(0, HEAD_SIZE))).to.deep.equal(summariseDicom(file));
  });

  it("is the same from the head as from the whole file", async () => {
    for (const path of [brainSeries[0]!, chestXray]) {
      const file = await readFile(path);
      expect(summariseDicom(file.subarray(0, HEAD_SIZE))).to.deep.equal(summariseDicom(file));
    }
  });

  it("reads a file in implicit VR, waveform included", () => {
    const group = concat([implicitElement(0x003a0005, uint16(2)), implicitElement(0x003a001a, "250.5")]);
    const file = dicomFile(
      [
        implicitElement(0x00080016, "1.2.840.10008.5.1.4.1.1.9.1.2"),
        implicitElement(0x00080018, "1.2"),
        implicitElement(0x00080060, "ECG"),
        implicitElement(0x0020000d, "1.3"),
        implicitElement(0x0020000e, "1.4"),
        implicitElement(0x54000100, item(group, group.length)),
      ],
      "1.2.840.10008.1.2",
    );
    expect(summariseDicom(file)).to.include({ modality: "ECG", numberOfChannels: 2, samplingFrequency: 250.5 });
  });

  it("names nobody: no patient, operator, institution or free text", async () => {
    const ecg = syntheticEcg({ seed: 1 });
    const chest = await readFile(chestXray);
    const samples = [...(await Promise.all(brainSeries.map((path) => readFile(path)))), chest, ecg];
    const traits = ["123565", "028Y", "GE Medical", "MRS1", "BRAIN", "Anonymized", "FUJI", "PHANTOM", "Synthetic"];
    const all = samples.map((file) => file.toString()).join();
    const text = JSON.stringify(samples.map(recognise));
    for (const trait of traits) {
      if (trait !== "PHANTOM" && trait !== "Synthetic") expect(all, "in the samples").to.include(trait);
      expect(text).not.to.include(trait);
    }
    expect(JSON.stringify(recognise(dicomFile(identity())))).not.to.match(/DOE|JANE/);
  });
});

describe("a DICOM file of an adversary", () => {
  const summaryWith = (values: Readonly<Record<number, string>>) => summariseDicom(dicomFile(identity(values)));

  it("is summarised like any other when it is well-formed", () => {
    expect(summaryWith({})).to.deep.equal(built);
  });

  it("has no summary when an identifier or the modality is not of its form", () => {
    for (const uid of ["", "1", "JANE DOE", "1.2.JANE", "1..2", "1.2\\1.3", "1\n.2", `1.${"2".repeat(63)}`])
      for (const tag of [0x00080016, 0x00080018, 0x0020000d, 0x0020000e])
        expect(summaryWith({ [tag]: uid }), JSON.stringify(uid)).to.equal(undefined);
    for (const modality of ["", "mr", "<b>", "MR\\CT", "A".repeat(17)])
      expect(summaryWith({ 0x00080060: modality }), modality).to.equal(undefined);
  });

  it("loses a date that is none", () => {
    for (const date of ["", "20230229", "20010231", "00000101", "20011301", "2001-03-16", "2001.0316", "JANEDOE1"])
      expect(summaryWith({ 0x00080020: date }), date).not.to.have.property("studyDate");
    expect(summaryWith({ 0x00080020: "1993.02.24" })).to.include({ studyDate: "1993-02-24" });
  });

  it("loses a number that is none", () => {
    for (const frames of ["0", "-1", "1e9", "0x10", "1.5", "9".repeat(12)])
      expect(summaryWith({ 0x00280008: frames }), frames).not.to.have.property("frames");
    const rows = element(0x00280010, "US", uint32(7));
    expect(summariseDicom(dicomFile([...identity(), rows]))).not.to.have.property("rows");
  });

  it("has no summary when it is deflated", () => {
    expect(recognise(dicomFile(identity(), "1.2.840.10008.1.2.1.99"))).to.deep.equal({
      kind: "dicom",
      mediaType: "application/dicom",
    });
  });

  it("keeps what stands before an absurd length", () => {
    const absurd = [
      element(0x00290010, "UN", "", 0xfffffffe),
      element(0x00290010, "UN", "", 0xffffffff),
      element(0x00290010, "OB", "", 0xffffffff),
      element(0x00290010, "LO", "x", 0xffff),
      element(0x00290010, "SQ", item(new Uint8Array(), 0xfffffffe), 0xfffffffe),
      element(0x54000100, "SQ", item(element(0x003a0005, "US", "", 0xffff)), 0xffffffff),
      element(0x7fe00010, "OW", "", 0xffffffff),
    ];
    for (const last of absurd) expect(summariseDicom(dicomFile([...identity(), last]))).to.deep.equal(built);
  });

  it("keeps what stands before sequences nested as deep as the head is long", () => {
    const level = element(0x00400555, "SQ", item(new Uint8Array()), 0xffffffff);
    const deep = concat(Array.from({ length: Math.floor(HEAD_SIZE / level.length) }, () => level));
    expect(summariseDicom(dicomFile([...identity(), deep]))).to.deep.equal(built);
  });

  it("keeps what stands before a head full of empty items", () => {
    const empty = concat(Array.from({ length: HEAD_SIZE / 8 }, () => item(new Uint8Array(), 0)));
    const sequence = element(0x00400555, "SQ", empty, 0xffffffff);
    expect(summariseDicom(dicomFile([...identity(), sequence]))).to.deep.equal(built);
  });
});

describe("a damaged DICOM file", () => {
  it("is still a DICOM wherever its head is cut, and never gets another series", async () => {
    for (const file of [await readFile(brainSeries[0]!), await readFile(chestXray), syntheticEcg({ seed: 1 })]) {
      const series = summariseDicom(file)!.seriesInstanceUid;
      for (let end = 132; end < HEAD_SIZE; end += end < 3000 ? 1 : 4999) {
        const recognised = recognise(file.subarray(0, end));
        if (recognised.kind !== "dicom") throw new Error(`${recognised.kind} after ${end} bytes`);
        if (recognised.summary) expect(recognised.summary.seriesInstanceUid, `${end} bytes`).to.equal(series);
      }
    }
  });

  it("never throws, whichever bytes are changed", () => {
    const file = syntheticEcg({ seed: 1 }).subarray(0, 4096);
    const change = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const damaged = file.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        recognise(damaged);
      }),
      { numRuns: 500 },
    );
  });

  it("never throws, whatever follows the preamble", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (garbage) => {
        expect(recognise(dicomFile([garbage])).kind).to.equal("dicom");
        expect(recognise(dicomFile([garbage], "1.2.840.10008.1.2")).kind).to.equal("dicom");
      }),
      { numRuns: 500 },
    );
  });
});

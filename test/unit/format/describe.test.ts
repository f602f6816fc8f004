import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { expect } from "chai";
import { syntheticEcg } from "../../../scripts/ecg.js";
import { isCareKeyError } from "../../../src/errors.js";
import { describe as describeRecord, type DescribedPart } from "../../../src/format/describe.js";
import type { DicomSummary } from "../../../src/format/dicom.js";
import { recognise, type Recognised } from "../../../src/format/recognise.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";

const subject = "did:pkh:eip155:31337:0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const author = "did:pkh:eip155:31337:0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const people = { subject, author };

const identifier = (value: string): object => ({ identifier: { system: "urn:ietf:rfc:3986", value } });

function part(name: string, file: Uint8Array): DescribedPart {
  return { name, recognised: recognise(file), size: file.length };
}

function study(summary: Partial<DicomSummary>): DescribedPart {
  const all: DicomSummary = {
    sopClassUid: "1.2.840.10008.5.1.4.1.1.2",
    sopInstanceUid: "1.2",
    studyInstanceUid: "1.3",
    seriesInstanceUid: "1.4",
    modality: "CT",
    ...summary,
  };
  return { name: "image.dcm", recognised: { kind: "dicom", mediaType: "application/dicom", summary: all }, size: 1 };
}

const report: DescribedPart = {
  name: "report.pdf",
  recognised: { kind: "pdf", mediaType: "application/pdf" },
  size: 1,
};

function codeOf(...parts: DescribedPart[]): string | undefined {
  return describeRecord(parts, people).type?.coding?.[0]?.code;
}

describe("a record's description", () => {
  it("says all about an ECG", () => {
    const description = describeRecord([part("ecg.dcm", syntheticEcg({ seed: 1 }))], {
      ...people,
      title: "Resting ECG",
    });
    expect(description).to.deep.equal({
      resourceType: "DocumentReference",
      status: "current",
      type: { coding: [{ system: "http://loinc.org", code: "11524-6" }], text: "ECG study" },
      category: [
        {
          coding: [
            {
              system: "http://dicom.nema.org/resources/ontology/DCM",
              code: "ECG",
              display: "Electrocardiography",
            },
          ],
        },
      ],
      subject: { type: "Patient", ...identifier(subject) },
      author: [identifier(author)],
      description: "Resting ECG",
      content: [
        {
          attachment: { contentType: "application/dicom", title: "ecg.dcm", size: 123120 },
          format: { system: "urn:oid:1.2.840.10008.2.6.1", code: "1.2.840.10008.5.1.4.1.1.9.1.1" },
        },
      ],
      context: { period: { start: "2026-01-01", end: "2026-01-01" } },
    });
  });

  it("has one content per slice of a brain MR, in their order, and its date", async () => {
    const parts = await Promise.all(brainSeries.map(async (path) => part(basename(path), await readFile(path))));
    const description = describeRecord(parts, people);
    expect(description.content.map(({ attachment }) => attachment.title)).to.deep.equal(
      brainSeries.map((path) => basename(path)),
    );
    expect(description.category?.map(({ coding }) => coding?.[0]?.code)).to.deep.equal(["MR"]);
    expect(description.type?.coding?.[0]?.code).to.equal("18748-4");
    expect(description.context).to.deep.equal({ period: { start: "2001-03-16", end: "2001-03-16" } });
  });

  it("knows a chest X-ray, and has no period and no title where there is none", async () => {
    const description = describeRecord([part("chest.dcm", await readFile(chestXray))], people);
    expect(description.type).to.deep.equal({
      coding: [{ system: "http://loinc.org", code: "30745-4" }],
      text: "Chest X-ray study",
    });
    expect(description).not.to.have.any.keys("context", "description", "date");
  });

  it("names nobody whom the files name", async () => {
    const files = [await readFile(brainSeries[0]!), await readFile(chestXray), syntheticEcg({ seed: 1 })];
    const text = JSON.stringify(
      describeRecord(
        files.map((file) => part("part", file)),
        people,
      ),
    );
    for (const trait of ["123565", "028Y", "GE Medical", "MRS1", "Anonymized", "FUJI", "PHANTOM"])
      expect(text).not.to.include(trait);
  });

  it("is the same for the same record, and plain JSON", () => {
    const once = (): unknown =>
      describeRecord([part("ecg.dcm", syntheticEcg({ seed: 1 })), report], { ...people, title: "" });
    const description = once();
    expect(JSON.stringify(once())).to.equal(JSON.stringify(description));
    expect(JSON.parse(JSON.stringify(description))).to.deep.equal(description);
  });

  it("names the kind of study only where the files leave no doubt", () => {
    expect(codeOf(study({ modality: "DX", bodyPart: "CHEST" }))).to.equal("30745-4");
    expect(codeOf(study({ modality: "DX", bodyPart: "HAND" }))).to.equal("18748-4");
    expect(codeOf(study({ modality: "MR", bodyPart: "BRAIN" }))).to.equal("24590-2");
    expect(codeOf(study({ modality: "MR", bodyPart: "HEAD" }))).to.equal("18748-4");
    expect(codeOf(study({ modality: "EEG" }))).to.equal("11523-8");
    expect(codeOf(study({ modality: "CT" }), study({ modality: "MR", bodyPart: "BRAIN" }))).to.equal("18748-4");
    expect(codeOf(study({ modality: "CT" }), study({ modality: "ECG" }))).to.equal(undefined);
    expect(codeOf(study({ modality: "CT" }), report)).to.equal(undefined);
    expect(codeOf(study({ modality: "SR" }))).to.equal(undefined);
    expect(codeOf(report)).to.equal(undefined);
  });

  it("codes modalities and formats only as DICOM defines them", () => {
    const description = describeRecord(
      [
        study({ modality: "JANE DOE", sopClassUid: "1.3.12.2.1107.5.9.1" }),
        study({ modality: "US" }),
        study({ modality: "US" }),
      ],
      people,
    );
    expect(description.category?.map(({ coding }) => coding?.[0]?.code)).to.deep.equal(["US"]);
    expect(description.content[0]).not.to.have.property("format");
  });

  it("spans from the first study to the last", () => {
    const dates = ["2024-05-02", undefined, "2023-12-31", "2024-01-01"];
    const parts = dates.map((studyDate) => study(studyDate === undefined ? {} : { studyDate }));
    expect(describeRecord(parts, people).context?.period).to.deep.equal({ start: "2023-12-31", end: "2024-05-02" });
  });

  it("describes files of every kind by their media types", () => {
    const kinds: Recognised[] = [
      { kind: "dicom", mediaType: "application/dicom" },
      { kind: "unknown", mediaType: "application/octet-stream" },
      { kind: "fhir", mediaType: "application/fhir+json", summary: { resourceType: "Observation" } },
    ];
    const { content } = describeRecord(
      kinds.map((recognised) => ({ name: "part", recognised, size: 0 })),
      people,
    );
    expect(content).to.deep.equal(
      kinds.map(({ mediaType }) => ({ attachment: { contentType: mediaType, title: "part", size: 0 } })),
    );
  });

  it("holds no title that FHIR does not allow or that lies about its letters", () => {
    const titles = ["a\0b\n", "half \ud83d", "gpj.\u202Eexe", "Ω 心電図 \u{1fac0}", " \t "].map(
      (name) => describeRecord([{ ...report, name }], people).content[0]?.attachment.title,
    );
    expect(titles).to.deep.equal(["a\ufffdb\ufffd", "half \ufffd", "gpj.\ufffdexe", "Ω 心電図 \u{1fac0}", "\ufffd"]);
    expect(describeRecord([{ ...report, name: " " }], people).content[0]?.attachment).not.to.have.property("title");
  });

  it("leaves out a size that FHIR cannot say", () => {
    const sizes = [2 ** 31 - 1, 2 ** 31].map(
      (size) => describeRecord([{ ...report, size }], people).content[0]?.attachment.size,
    );
    expect(sizes).to.deep.equal([2 ** 31 - 1, undefined]);
  });

  it("is refused without parts, with impossible sizes and for people without DID, and the refusal names nobody", () => {
    const wrong: (() => unknown)[] = [
      () => describeRecord([], people),
      () => describeRecord([{ ...report, size: -1 }], people),
      () => describeRecord([{ ...report, size: 1.5 }], people),
      () => describeRecord([report], { ...people, subject: "Jane Doe" }),
      () => describeRecord([report], { ...people, author: "did:web:jane.example" }),
    ];
    for (const attempt of wrong)
      expect(attempt)
        .to.throw()
        .that.satisfies(
          (error: unknown) => isCareKeyError(error, "INVALID_ARGUMENT") && !/jane|report/i.test(error.message),
        );
  });
});

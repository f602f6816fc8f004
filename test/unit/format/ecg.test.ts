import { expect } from "chai";
import { expectNear } from "../../helpers/near.js";
import dicomParser, { type DataSet } from "dicom-parser";
import { syntheticEcg, type EcgOptions } from "../../../scripts/ecg.js";
import { isCareKeyError } from "../../../src/errors.js";

/** The leads in microvolts by their names, as a reader of DICOM sees them. */
function leadsOf(file: Uint8Array): Record<string, number[]> {
  const group = groupOf(file);
  const channels = group.elements.x003a0200!.items!.map((channel) => channel.dataSet!);
  const samples = group.uint32("x003a0010")!;
  const { dataOffset, length } = group.elements.x54001010!;
  expect(length).to.equal(samples * channels.length * 2);
  const data = new DataView(file.buffer, file.byteOffset + dataOffset, length);
  return Object.fromEntries(
    channels.map((channel, index) => [
      channel.string("x003a0203")!,
      Array.from({ length: samples }, (_, at) => data.getInt16(2 * (at * channels.length + index), true)),
    ]),
  );
}

function groupOf(file: Uint8Array): DataSet {
  return dicomParser.parseDicom(file).elements.x54000100!.items![0]!.dataSet!;
}

function within(actual: readonly number[], expected: (at: number) => number, rounding: number): void {
  expect(Math.max(...actual.map((value, at) => Math.abs(value - expected(at))))).to.be.at.most(rounding);
}

describe("a synthetic ECG", () => {
  const file = syntheticEcg({ seed: 1 });
  const leads = leadsOf(file);
  const { I = [], II = [], III = [], aVR = [], aVL = [], aVF = [] } = leads;

  it("is a 12-lead ECG of a phantom", () => {
    const set = dicomParser.parseDicom(file);
    expect(set.warnings).to.deep.equal([]);
    expect(set.string("x00080016")).to.equal("1.2.840.10008.5.1.4.1.1.9.1.1");
    expect(set.string("x00020003")).to.equal(set.string("x00080018"));
    expect(set.string("x00100010")).to.equal("PHANTOM^ECG");
    expect(set.uint32("x00020000")).to.equal(set.elements.x00080016!.dataOffset - 8 - 144);
  });

  it("has ten seconds of the twelve leads in microvolts at 500 hertz", () => {
    const group = groupOf(file);
    const order = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
    expect(Object.keys(leads)).to.deep.equal(order);
    expect(group.string("x003a001a")).to.equal("500");
    expect(group.uint32("x003a0010")).to.equal(5000);
    const channel = group.elements.x003a0200!.items![3]!.dataSet!;
    expect(channel.elements.x003a0211!.items![0]!.dataSet!.string("x00080100")).to.equal("uV");
    expect(channel.elements.x003a0208!.items![0]!.dataSet!.string("x00080104")).to.equal("Lead aVR");
    expect(channel.string("x003a0210")).to.equal("1");
  });

  it("follows Einthoven and Goldberger", () => {
    within(III, (at) => II[at]! - I[at]!, 0);
    within(aVR, (at) => -(I[at]! + II[at]!) / 2, 0.5);
    within(aVL, (at) => I[at]! - II[at]! / 2, 0.5);
    within(aVF, (at) => II[at]! - I[at]! / 2, 0.5);
  });

  it("beats at its heart rate with R waves of about a millivolt", () => {
    for (const heartRate of [50, 72, 120]) {
      const lead = leadsOf(syntheticEcg({ seed: 2, heartRate })).II!;
      const beats = lead.filter((value, at) => value >= 600 && (lead[at - 1] ?? 600) < 600).length;
      expectNear(beats, heartRate / 6, 1);
      expect(Math.max(...lead)).to.be.within(1000, 1250);
    }
  });

  it("is the same for the same options and another for others", () => {
    expect(syntheticEcg({ seed: 1 })).to.deep.equal(file);
    const others: EcgOptions[] = [
      { seed: 2 },
      { seed: 1, seconds: 8 },
      { seed: 1, rate: 250 },
      { seed: 1, heartRate: 60 },
    ];
    const uids = [file, ...others.map(syntheticEcg)].map((ecg) => dicomParser.parseDicom(ecg).string("x00080018"));
    expect(new Set(uids).size).to.equal(5);
    for (const uid of uids) expect(uid).to.match(/^2\.25\.[1-9]\d{30,38}$/);
    expect(leadsOf(syntheticEcg({ seed: 2 })).V1).not.to.deep.equal(leads.V1);
  });

  it("is refused with what DICOM does not allow in one", () => {
    const wrong: EcgOptions[] = [
      { seed: 0.5 },
      { seed: 1, rate: 100 },
      { seed: 1, rate: 1001 },
      { seed: 1, seconds: 0 },
      { seed: 1, seconds: 33 },
      { seed: 1, heartRate: 0 },
      { seed: 1, heartRate: NaN },
    ];
    for (const options of wrong)
      expect(() => syntheticEcg(options), JSON.stringify(options))
        .to.throw()
        .that.satisfies((error: unknown) => isCareKeyError(error, "INVALID_ARGUMENT"));
  });
});

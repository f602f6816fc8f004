import { expect } from "chai";
import { IMPLICIT, waveformFile, type Channel, type WaveformOptions } from "../../helpers/dicom-pictures.js";
import { draw, paths, points, svgOf, traces, type Point } from "../../helpers/ecg-svg.js";

describe("samples of a DICOM waveform", () => {
  const steps = [0, 0, 0, 1000, -500];
  const one = (channel: Partial<Channel>, options?: WaveformOptions): Point[] | undefined => {
    const picture = draw(waveformFile([{ samples: steps, ...channel }], options));
    return picture && traces(new TextDecoder().decode(picture.bytes))[0];
  };
  /** The trace as it lies from its first point. */
  const shape = (trace: Point[] | undefined) =>
    trace?.map(([x, y]) => [x - trace[0]![0], y - trace[0]![1]].map((value) => Number(value.toFixed(2))));

  it("mean the same in every unit, sensitivity, correction, offset and transfer syntax", () => {
    const expected = shape(one({}));
    expect(expected?.map(([, y]) => y)).to.deep.equal([0, 0, 0, -10, 5]);
    expect(shape(one({ units: "mV", sensitivity: "0.001" }))).to.deep.equal(expected);
    expect(shape(one({ units: "V", sensitivity: "1e-6" }))).to.deep.equal(expected);
    expect(shape(one({ sensitivity: "2.5", correction: ".8", samples: steps.map((step) => step / 2) }))).to.deep.equal(
      expected,
    );
    expect(shape(one({ baseline: "300000" }))).to.deep.equal(expected);
    expect(shape(one({ samples: steps.map((step) => step + 32768) }, { form: "US" }))).to.deep.equal(expected);
    expect(shape(one({}, { syntax: IMPLICIT }))).to.deep.equal(expected);
  });

  it("leave a gap where the device had none", () => {
    const padded = svgOf(waveformFile([{ samples: [0, 10, -32768, 20, 0] }], { padding: 0x8000 }));
    const [path] = paths(padded, "trace");
    expect(path!.match(/m/g)).to.have.length(2);
    expect(points(path!).map(([x]) => Number(x.toFixed(2)))).to.deep.equal([20, 20.05, 20.15, 20.2]);
  });

  it("are read as far as they go when more are claimed", () => {
    expect(one({}, { samples: 0xffffffff })).to.have.length(5);
  });

  it("are not drawn without calibration in volts, nor beyond what an ECG has", () => {
    expect(one({ units: "mm[Hg]" })).to.equal(undefined);
    for (const sensitivity of ["", "x", "1e999", "0x10"]) expect(one({ sensitivity }), sensitivity).to.equal(undefined);
    for (const rate of [0, -1, "NaN", "1e9", ""]) expect(one({}, { rate }), String(rate)).to.equal(undefined);
    expect(one({}, { bits: 8 })).to.equal(undefined);
    for (const form of ["UB", "MB", "AB", ""]) expect(one({}, { form }), form).to.equal(undefined);
    for (const channels of [0, 65, 0xffff]) expect(one({}, { channels }), String(channels)).to.equal(undefined);
    expect(one({ samples: [1] })).to.equal(undefined);
  });
});

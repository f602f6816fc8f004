import { expect } from "chai";
import { expectNear } from "../../helpers/near.js";
import { syntheticEcg } from "../../../scripts/ecg.js";
import { waveformFile } from "../../helpers/dicom-pictures.js";
import { draw, labels, paths, svgOf, traces, type Point } from "../../helpers/ecg-svg.js";

/** A lead of the synthetic ECG in millivolts, from the file's last bytes. */
function millivolts(file: Uint8Array, lead: number, samples: number): number[] {
  const data = new DataView(file.buffer, file.byteOffset + file.length - 2 * 12 * samples);
  return Array.from({ length: samples }, (_, sample) => data.getInt16(2 * (12 * sample + lead), true) / 1000);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
/** Peaks above half a millivolt: R waves. */
const peaks = (heights: readonly number[]): number[] =>
  heights.flatMap((height, at) =>
    height > 0.5 &&
    height > heights[at - 1]! &&
    height >= heights[at + 1]! &&
    height >= Math.max(...heights.slice(at - 20, at + 20))
      ? [at]
      : [],
  );

describe("an ECG on paper", () => {
  const file = syntheticEcg({ seed: 1 });
  const svg = svgOf(file);

  it("has its physical size, and a user unit of one millimetre", () => {
    const picture = draw(file)!;
    expect(picture).to.include({ width: 280, height: 155, title: "12-lead ECG, 25 mm/s, 10 mm/mV" });
    expect(svg).to.match(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="280mm" height="155mm" viewBox="0 0 280 155"/,
    );
    expect(svg).to.include("25 mm/s 10 mm/mV");
    expect(svg.length).to.be.below(300_000);
  });

  it("has a line every millimetre and a bold one every five", () => {
    for (const [name, step] of [
      ["fine", 1],
      ["bold", 5],
    ] as const) {
      const [lines] = paths(svg, name);
      const xs = [...lines!.matchAll(/M(\d+) \d+V/g)].map(([, x]) => Number(x));
      const ys = [...lines!.matchAll(/M\d+ (\d+)H/g)].map(([, y]) => Number(y));
      for (const at of [xs, ys]) {
        expect(at).to.deep.equal(at.map((_, index) => 5 + index * step));
        expect(at.at(-1)).to.equal(at === xs ? 275 : 145);
      }
    }
  });

  it("shows three rows of four leads and lead II for ten seconds, each row after a pulse of 1 mV and 200 ms", () => {
    expect(labels(svg).join(" ")).to.equal("I aVR V1 V4 II aVL V2 V5 III aVF V3 V6 II");
    const starts = traces(svg).map(([start]) => start![0]);
    expect(starts).to.deep.equal([20, 82.5, 145, 207.5, 20, 82.5, 145, 207.5, 20, 82.5, 145, 207.5, 20]);
    const pulses = paths(svg, "pulse");
    expect(pulses).to.have.length(4);
    for (const pulse of pulses) expect(pulse).to.match(/^M7\.5 \d+h2\.5v-10h5v10h2\.5$/);
  });

  it("draws every sample of the rhythm strip where its time and voltage belong", () => {
    const values = millivolts(file, 1, 5000);
    const base = Number(/^M7\.5 (\d+)/.exec(paths(svg, "pulse")[3]!)![1]);
    const zero = median(values);
    const strip = traces(svg)[12]!;
    expect(strip.length).to.be.within(4000, 5000);
    for (const [x, y] of strip) {
      const sample = Math.round((x - 20) * 20);
      expectNear(x, 20 + sample / 20, 1e-6);
      expectNear(base - y, (values[sample]! - zero) * 10, 0.006);
    }
  });

  it("draws the fourth column's leads from 7.5 s", () => {
    const values = millivolts(file, 9, 5000);
    const zero = median(values);
    const base = Number(/^M7\.5 (\d+)/.exec(paths(svg, "pulse")[0]!)![1]);
    for (const [x, y] of traces(svg)[3]!) expectNear(base - y, (values[Math.round((x - 20) * 20)]! - zero) * 10, 0.006);
  });

  for (const rate of [200, 333, 1000])
    it(`keeps height and time of R waves at ${rate} Hz`, () => {
      const other = syntheticEcg({ seed: 2, rate });
      const values = millivolts(other, 1, 10 * rate);
      const drawn = svgOf(other);
      expect(drawn.length).to.be.below(300_000);
      const strip = traces(drawn)[12]!;
      const base = Number(/^M7\.5 (\d+)/.exec(paths(drawn, "pulse")[3]!)![1]);
      const waves = peaks(values);
      expect(waves.length).to.be.within(10, 14);
      for (const at of waves) {
        const [x, y] = strip.reduce<Point>(
          (best, point) => (Math.abs(point[0] - 20 - (25 * at) / rate) < 0.2 && point[1] < best[1] ? point : best),
          [0, 1e9],
        );
        expectNear(x, 20 + (25 * at) / rate, 0.011);
        expectNear(base - y, 10 * (values[at]! - median(values)), 0.011);
      }
    });

  it("shows the first ten seconds of a longer one, and says so", () => {
    const long = svgOf(syntheticEcg({ seed: 1, seconds: 30 }));
    expect(long).to.include("first 10 s of 30 s");
    expectNear(
      Math.max(
        ...traces(long)
          .flat()
          .map(([x]) => x),
      ),
      270,
      0.06,
    );
    expect(svg).not.to.include("first");
  });

  it("gives each lead a row when there are not ten seconds of twelve", () => {
    expect(labels(svgOf(syntheticEcg({ seed: 1, seconds: 5 }))).join(" ")).to.equal(
      "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6",
    );
    const three = svgOf(waveformFile(["X", "Y", "Z"].map((name) => ({ name, samples: [0, 100, 0] }))));
    expect(labels(three)).to.deep.equal(["X", "Y", "Z"]);
    expect(paths(three, "pulse")).to.have.length(3);
  });

  it("knows leads by their codes, today's and those of SCP-ECG, and other channels by their names or places", () => {
    const channels = [
      { code: "2:62", name: "Ch 1" },
      { code: "5.6.3-9-5" },
      { code: "2:99", name: "Lead X" },
      { code: "<2:1>" },
      { name: " " },
    ];
    const coded = svgOf(waveformFile(channels.map((channel) => ({ ...channel, samples: [0, 1] }))));
    expect(labels(coded)).to.deep.equal(["aVR", "V3", "X", "Channel 4", "Channel 5"]);
  });

  it("keeps other leads below the rhythm strip, and rows apart where waves are high", () => {
    const names = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 V3R".split(" ");
    const beats = (peak: number): number[] => Array.from({ length: 5000 }, (_, at) => (at % 400 === 200 ? peak : 0));
    const drawn = svgOf(
      waveformFile(names.map((name) => ({ name, samples: beats(/V[1-6]$/.test(name) ? -4000 : 3000) }))),
    );
    expect(labels(drawn).slice(-2)).to.deep.equal(["II", "V3R"]);
    const lines = traces(drawn);
    const extent = (from: number, to: number) => lines.slice(from, to).map((line) => line.map(([, y]) => y));
    for (const row of [0, 4, 8]) {
      const [, , v1, v4] = extent(row, row + 4);
      const [below] = row < 8 ? extent(row + 6, row + 7) : extent(12, 13);
      expect(Math.max(...v1!, ...v4!)).to.be.below(Math.min(...below!));
    }
  });

  it("gives waves of several millivolts their room and cuts off what no heart makes", () => {
    const samples = (peak: number) => Array.from({ length: 5000 }, (_, at) => (at % 500 === 100 ? peak : 0));
    const high = draw(
      waveformFile([
        { name: "V2", samples: samples(4500) },
        { name: "V3", samples: samples(-4500) },
      ]),
    )!;
    const all = traces(new TextDecoder().decode(high.bytes))
      .flat()
      .map(([, y]) => y);
    expect(Math.min(...all)).to.be.above(5);
    expect(Math.max(...all)).to.be.below(high.height - 10);
    const [absurd] = traces(svgOf(waveformFile([{ units: "V", samples: samples(30_000) }])));
    expect(Math.min(...absurd!.map(([, y]) => y))).to.equal(absurd![0]![1] - 50);
  });

  it("names nobody and refers to nothing", () => {
    expect(new TextDecoder("latin1").decode(file)).to.include("PHANTOM");
    expect(svg).not.to.match(/PHANTOM|<script|href|url\(|@import|on\w+=|2026/i);
  });

  it("shows hostile names as text", () => {
    const names = ["<script>", `"'/><a b="`, "&lt;", "\u202eX", "A".repeat(40)];
    const hostile = svgOf(waveformFile(names.map((name) => ({ name, samples: [0, 1] }))));
    expect(labels(hostile)).to.deep.equal([
      "&#60;script&#62;",
      "&#34;&#39;/&#62;&#60;a b=&#34;",
      "&#38;lt;",
      "Channel 4",
      "Channel 5",
    ]);
    expect(hostile).not.to.include("<script").and.not.to.include("<a ");
  });
});

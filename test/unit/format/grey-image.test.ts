import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { decode } from "fast-png";
import { concat } from "../../../src/bytes.js";
import { drawPicture } from "../../../src/format/picture.js";
import { recognise } from "../../../src/format/recognise.js";
import { element, item, uint16 } from "../../helpers/dicom-build.js";
import { imageFile, IMPLICIT, type ImageOptions } from "../../helpers/dicom-pictures.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

function drawn(file: Uint8Array): Decoded | undefined {
  const picture = drawPicture(file, recognise(file));
  if (!picture) return undefined;
  expect(picture).to.include({ mediaType: "image/png", extension: "png" });
  const png = decode(picture.bytes);
  expect(png).to.include({ depth: 8, channels: 1, width: picture.width, height: picture.height });
  return png;
}

/** The greys of an image of one row. */
const greys = (pixels: readonly number[], options?: ImageOptions): number[] | undefined => {
  const image = drawn(imageFile(pixels, options));
  return image && [...Array.from(image.data)];
};
const decimals = (tag: number, value: string | number): Uint8Array => element(tag, "DS", String(value));
const window = (center: string | number, width: string | number): Uint8Array[] => [
  decimals(0x00281050, center),
  decimals(0x00281051, width),
];
const table = (sequence: number, first: number, bits: number, entries: readonly number[]): Uint8Array => {
  const content = concat([
    element(0x00283002, "US", concat([entries.length, first, bits].map(uint16))),
    element(0x00283006, "OW", concat(entries.map(uint16))),
  ]);
  return element(sequence, "SQ", item(content, content.length));
};

/** The last bytes of a file as 16-bit samples. */
function samplesOf(file: Uint8Array, count: number): number[] {
  const data = new DataView(file.buffer, file.byteOffset + file.length - 2 * count);
  return Array.from({ length: count }, (_, index) => data.getUint16(2 * index, true));
}

describe("a picture of an MR slice", () => {
  it("has the slice's matrix, brighter where the signal is higher, and its whole range", async () => {
    const file = await readFile(brainSeries[9]!);
    const image = drawn(file)!;
    expect(image).to.include({ width: 256, height: 256 });
    const samples = samplesOf(file, 256 * 256);
    const brightest = new Map<number, number>();
    for (const [index, sample] of samples.entries()) brightest.set(sample, image.data[index]!);
    const bySignal = [...brightest].sort(([a], [b]) => a - b).map(([, grey]) => grey);
    expect(bySignal).to.deep.equal(bySignal.toSorted((a, b) => a - b));
    expect(bySignal[0]).to.equal(0);
    expect(bySignal.at(-1)).to.equal(255);
    const all = Array.from(image.data);
    expect(new Set(all).size).to.be.above(200);
    expect(all.filter((grey) => grey > 64 && grey < 224).length / all.length).to.be.within(0.2, 0.6);
    // the head stands in the middle, air in the corners
    const mean = (from: number, to: number): number => {
      const part = all.filter((_, at) => at % 256 >= from && at % 256 < to && at >> 8 >= from && at >> 8 < to);
      return part.reduce((sum, grey) => sum + grey, 0) / part.length;
    };
    expect(mean(96, 160)).to.be.above(80);
    expect(mean(0, 16)).to.be.below(10);
  });
});

describe("a picture of a chest X-ray", () => {
  it("follows the film's window, inverted as MONOCHROME1 asks", async () => {
    const file = await readFile(chestXray);
    const image = drawn(file)!;
    expect(image).to.include({ width: 440, height: 440 });
    // C.11.2.1.2 with center 550, width 1024
    const wrong = samplesOf(file, 440 * 440).filter((sample, index) => {
      const share = Math.min(1, Math.max(0, (sample - 549.5) / 1023 + 0.5));
      return Math.abs(image.data[index]! - 255 * (1 - share)) > 0.5001;
    });
    expect(wrong).to.deep.equal([]);
  });

  it("shows air black, lungs dark, spine and abdomen bright", async () => {
    const image = drawn(await readFile(chestXray))!;
    const at = (x: number, y: number): number => image.data[440 * y + x]!;
    const [air, lung, spine, liver] = [at(435, 400), at(110, 200), at(205, 300), at(100, 420)];
    expect(air).to.be.below(40);
    expect(lung).to.be.within(60, 140);
    expect(spine).to.be.above(lung + 80);
    expect(liver).to.be.above(lung + 80);
  });
});

describe("grey DICOM pixels", () => {
  it("span their own range without a window, and with one of no width", () => {
    const expected = [0, 128, 255];
    expect(greys([1000, 1500, 2000])).to.deep.equal(expected);
    expect(greys([1000, 1500, 2000], { more: window(0, 0) })).to.deep.equal(expected);
    expect(greys([1000, 1500, 2000], { more: window("", "") })).to.deep.equal(expected);
    expect(greys([1000, 1500, 2000], { syntax: IMPLICIT })).to.deep.equal(expected);
    expect(greys([10, 15, 20], { allocated: 8, columns: 3 })).to.deep.equal(expected);
  });

  it("are not darkened by single outliers", () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    const all = greys([...many, 60_000])!;
    expect(all[500]).to.be.within(120, 135);
    expect(all.at(-1)).to.equal(255);
  });

  it("take the first window, in units of the modality", () => {
    const values = [0, 1024 - 160, 1024 + 40, 1024 + 240, 4095];
    const more = [...window("40\\300", "400\\1500"), decimals(0x00281052, "-1024"), decimals(0x00281053, "1")];
    expect(greys(values, { stored: 12, more })).to.deep.equal([0, 0, 128, 255, 255]);
  });

  it("know exact and sigmoid windows", () => {
    const shape = (name: string): Uint8Array => element(0x00281056, "CS", name);
    expect(greys([0, 50, 100], { more: [...window(50, 100), shape("LINEAR_EXACT")] })).to.deep.equal([0, 128, 255]);
    expect(greys([0, 50, 100], { more: [...window(50, 100), shape("SIGMOID")] })).to.deep.equal([30, 128, 225]);
    expect(greys([49, 50], { more: window(50, 1) })).to.deep.equal([0, 255]);
  });

  it("may be signed, fall with the slope, and share their words with overlays", () => {
    expect(greys([0x8000, 0, 0x7fff], { signed: true })).to.deep.equal([0, 128, 255]);
    expect(greys([0x800, 0, 0x7ff], { signed: true, stored: 12 })).to.deep.equal([0, 128, 255]);
    expect(greys([1, 2, 3], { more: [decimals(0x00281053, "-2")] })).to.deep.equal([255, 128, 0]);
    expect(greys([0xf00f, 0x0801, 0x0ffe, 0xf], { stored: 8, highBit: 11 })).to.deep.equal([0, 128, 255, 0]);
    expect(greys([1, 2, 3], { photometric: "MONOCHROME1" })).to.deep.equal([255, 128, 0]);
  });

  it("go through lookup tables of modality and display", () => {
    expect(greys([4, 5, 6, 7], { more: [table(0x00283010, 5, 8, [0, 51, 255])] })).to.deep.equal([0, 0, 51, 255]);
    const both = [...window(150.5, 101), table(0x00283000, 0, 16, [100, 150, 200])];
    expect(greys([0, 1, 2], { more: both })).to.deep.equal([0, 128, 255]);
    const empty = element(0x00283010, "SQ", "");
    expect(greys([1, 2, 3], { more: [empty] })).to.deep.equal([0, 128, 255]);
    const lacking = table(0x00283010, 0, 8, []);
    expect(greys([1, 2, 3], { more: [lacking] })).to.deep.equal([0, 128, 255]);
  });

  it("are black where they only fill the matrix, and do not count for the range", () => {
    const padding = element(0x00280120, "SS", uint16(-2000));
    const pixels = [-2000, -100, 0, 100];
    expect(greys(pixels, { signed: true, more: [padding] })).to.deep.equal([0, 0, 128, 255]);
    expect(greys(pixels, { signed: true, photometric: "MONOCHROME1", more: [padding] })).to.deep.equal([
      0, 255, 128, 0,
    ]);
    expect(greys([-2000, -2000], { signed: true, more: [padding] })).to.deep.equal([0, 0]);
  });

  it("of several frames show the middle one", () => {
    expect(greys([9, 9, 9, 7, 7, 8, 9, 9, 9], { columns: 3, frames: 3 })).to.deep.equal([0, 0, 255]);
  });

  it("have no picture when they are coloured, compressed, of other depths, or not all there", () => {
    expect(greys([1, 2, 3], { samplesPerPixel: 3, columns: 1 })).to.equal(undefined);
    for (const syntax of [
      "1.2.840.10008.1.2.4.70",
      "1.2.840.10008.1.2.5",
      "1.2.840.10008.1.2.1.99",
      "1.2.840.10008.1.2.2",
    ])
      expect(greys([1, 2], { syntax }), syntax).to.equal(undefined);
    for (const wrong of [
      { allocated: 32 },
      { allocated: 1, stored: 1 },
      { stored: 0 },
      { stored: 17 },
      { highBit: 16 },
      { stored: 8, highBit: 6 },
    ])
      expect(greys([1, 2], wrong), JSON.stringify(wrong)).to.equal(undefined);
    for (const wrong of [{ columns: 3 }, { columns: 0 }, { rows: 0 }, { frames: 3 }, { rows: 0xffff, columns: 0xffff }])
      expect(greys([1, 2], wrong), JSON.stringify(wrong)).to.equal(undefined);
  });
});

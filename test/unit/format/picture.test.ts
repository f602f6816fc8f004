import { readFile } from "node:fs/promises";
import { expect } from "chai";
import fc from "fast-check";
import { syntheticEcg } from "../../../scripts/ecg.js";
import { concat } from "../../../src/bytes.js";
import { drawPicture, pickRepresentative } from "../../../src/format/picture.js";
import { recognise, type Recognised } from "../../../src/format/recognise.js";
import { dicomFile, element, identity, item } from "../../helpers/dicom-build.js";
import { imageFile, waveformFile } from "../../helpers/dicom-pictures.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";

const draw = (file: Uint8Array) => drawPicture(file, recognise(file));
const waveform = waveformFile([
  { name: "I", samples: [1, 2, 3, 4] },
  { name: "II", samples: [4, 3, 2, 1] },
]);
const image = imageFile([1, 2, 3, 4], { columns: 2, rows: 2 });

describe("a picture", () => {
  it("tells what it shows and what it is", async () => {
    expect(draw(syntheticEcg({ seed: 1 }))).to.include({ title: "12-lead ECG, 25 mm/s, 10 mm/mV", extension: "svg" });
    expect(draw(await readFile(brainSeries[0]!))).to.include({ title: "Magnetic resonance", extension: "png" });
    expect(draw(await readFile(chestXray))).to.include({ title: "Chest X-ray study", mediaType: "image/png" });
  });

  it("is the same for the same file", () => {
    expect(draw(syntheticEcg({ seed: 3 }))).to.deep.equal(draw(syntheticEcg({ seed: 3 })));
    expect(draw(image)).to.deep.equal(draw(image));
  });

  it("is drawn from a part of a larger buffer as well", () => {
    for (const file of [waveform, image]) {
      const larger = concat([Uint8Array.of(1, 2, 3), file, Uint8Array.of(4)]);
      expect(draw(larger.subarray(3, 3 + file.length)))
        .to.deep.equal(draw(file))
        .and.not.to.equal(undefined);
    }
  });

  it("is not there for other files, nor for samples that a sender only claims", () => {
    for (const text of ["", "a,b\n1,2\n", "%PDF-1.7", "\x89PNG\r\n\x1a\n", "MSH|^~\\&|", '{"resourceType":"Patient"}'])
      expect(draw(Uint8Array.from(text, (character) => character.charCodeAt(0))), text).to.equal(undefined);
    expect(draw(dicomFile(identity()))).to.equal(undefined);
    const claim: Recognised = { kind: "dicom", mediaType: "application/dicom" };
    expect(drawPicture(new Uint8Array(200), claim)).to.equal(undefined);
  });
});

describe("a file of an adversary", () => {
  it("has a whole picture or none, wherever it ends", async () => {
    for (const file of [waveform, image])
      for (let end = 0; end < file.length; end++) {
        const cut = file.subarray(0, end);
        const picture = drawPicture(cut, recognise(file));
        // a waveform is drawn as far as it goes
        if (file === image) expect(picture, `${end} bytes`).to.equal(undefined);
      }
    for (const path of [brainSeries[9]!, chestXray]) {
      const file = await readFile(path);
      for (let end = 0; end < file.length; end += end < 2000 ? 7 : 9973)
        expect(drawPicture(file.subarray(0, end), recognise(file)), `${end} bytes`).to.equal(undefined);
    }
    const ecg = syntheticEcg({ seed: 1 });
    for (let end = 0; end < ecg.length; end += 15_013)
      expect(() => drawPicture(ecg.subarray(0, end), recognise(ecg))).not.to.throw();
  });

  it("never throws, whatever its bytes are", () => {
    const kinds = [recognise(waveform), recognise(image)] as const;
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(waveform, image),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (file, changes) => {
          const altered = Uint8Array.from(file);
          for (const [at, value] of changes) altered[132 + (at % (file.length - 132))] = value;
          for (const kind of [...kinds, recognise(altered)]) drawPicture(altered, kind);
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        for (const kind of kinds) drawPicture(concat([dicomFile([]), tail]), kind);
      }),
    );
  });

  it("has no picture when it hides its samples behind more than a megabyte of attributes", () => {
    const empty = item(new Uint8Array(), 0);
    const behind = (items: number): Uint8Array => {
      const sequence = element(0x00290010, "SQ", concat(Array.from({ length: items }, () => empty)));
      return imageFile([1, 2, 3], { more: [sequence] });
    };
    expect(draw(behind(1000))).to.include({ width: 3, height: 1 });
    expect(draw(behind(140_000))).to.equal(undefined);
  });

  it("has no picture when its sequences are nested as deep as it is long", () => {
    const level = element(0x00080060, "SQ", item(new Uint8Array()), 0xffffffff);
    const file = dicomFile([concat(Array.from({ length: 50_000 }, () => level))]);
    for (const kind of [recognise(waveform), recognise(image)]) expect(drawPicture(file, kind)).to.equal(undefined);
  });
});

describe("the part that stands for a record", () => {
  const part = (file: Uint8Array) => ({ recognised: recognise(file) });

  it("is the middle slice of the longest series", async () => {
    const slices = await Promise.all(brainSeries.map(async (path) => part(await readFile(path))));
    const chest = part(await readFile(chestXray));
    expect(pickRepresentative(slices)).to.equal(10);
    expect(pickRepresentative([chest, ...slices])).to.equal(11);
    expect(pickRepresentative([part(waveform), chest])).to.equal(0);
  });

  it("is the middle part where nothing is DICOM, the first where there is nothing", () => {
    const text = part(Uint8Array.of(0x41));
    expect(pickRepresentative([text, text, text])).to.equal(1);
    expect(pickRepresentative([])).to.equal(0);
  });
});

import { expect } from "chai";
import fc from "fast-check";
import {
  encodeHeader,
  MAX_HEADER_SIZE,
  MAX_STANZAS,
  readHeader,
  verifyHeader,
  type Stanza,
} from "../../../src/crypto/header.js";
import { all, inPieces, refusal, sampleBytes, same } from "../../helpers/age-files.js";

const fileKey = sampleBytes(16);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const MAC = "A".repeat(43);

async function read(header: string): Promise<readonly Stanza[]> {
  return (await readHeader([text(header)])).header.stanzas;
}

/** A header whose stanzas are given as they stand in the file. */
function framed(stanzas: string): string {
  return `age-encryption.org/v1\n${stanzas}--- ${MAC}\n`;
}

const argument = fc.string({
  minLength: 1,
  maxLength: 20,
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
});
const stanza = fc.record({
  args: fc.array(argument, { minLength: 1, maxLength: 4 }),
  body: fc.uint8Array({ maxLength: 200 }),
});

describe("The header of an age file", () => {
  it("is read back as it was written, whatever the stanzas and the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stanza, { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 200 }),
        async (stanzas, length) => {
          const written = encodeHeader(fileKey, stanzas);
          const payload = sampleBytes(500);
          const source = inPieces(Buffer.concat([written.bytes, payload]), length);
          const { header, rest } = await readHeader(source);
          verifyHeader(header, fileKey);
          expect(header.stanzas).to.deep.equal(stanzas.map(({ args, body }) => ({ args, body: new Uint8Array(body) })));
          return same(header.bytes, written.bytes) && same(await all(rest), payload);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("ends a stanza of whole lines with an empty line", () => {
    const { bytes } = encodeHeader(fileKey, [{ args: ["x"], body: new Uint8Array(48) }]);
    expect(Buffer.from(bytes).toString()).to.contain(`-> x\n${"A".repeat(64)}\n\n--- `);
  });

  const malformed: Record<string, string> = {
    "no data": "",
    "another version": framed("-> x\n\n").replace("v1", "v2"),
    "no stanza": framed(""),
    "carriage returns": framed("-> x\n\n").replaceAll("\n", "\r\n"),
    "a stanza without arguments": framed("->\n\n"),
    "a stanza with a trailing space": framed("-> x \n\n"),
    "a stanza with an empty argument": framed("-> x  y\n\n"),
    "a tab in an argument": framed("-> x\ty\n\n"),
    "an argument of other than ASCII": framed("-> é\n\n"),
    "no body": framed("-> x\n"),
    "a body without its short line": framed(`-> x\n${"A".repeat(64)}\n`),
    "a line of 68 columns": framed(`-> x\n${"A".repeat(68)}\n\n`),
    "padded base64": framed("-> x\nAA==\n"),
    "base64 of a URL": framed("-> x\n_-_-\n"),
    "base64 with stray bits": framed("-> x\nAB\n"),
    "base64 with a space": framed("-> x\nAA AA\n"),
    "two short lines": framed("-> x\nAAAA\nAAAA\n"),
    "a short MAC": framed("-> x\n\n").replace(MAC, MAC.slice(1)),
    "a long MAC": framed("-> x\n\n").replace(MAC, `${MAC}A`),
    "a MAC with stray bits": framed("-> x\n\n").replace(MAC, `${MAC.slice(1)}B`),
    "a MAC without its space": framed("-> x\n\n").replace("--- ", "---"),
    "no line feed at its end": framed("-> x\n\n").slice(0, -1),
  };
  for (const [name, header] of Object.entries(malformed)) {
    it(`is refused with ${name}`, async () => {
      const { code, reason } = await refusal(() => read(header));
      expect([code, reason]).to.deep.equal(["SEALED_INVALID", "header-syntax"]);
    });
  }

  it("is accepted at its limits, and refused beyond", async () => {
    expect(await read(framed("-> x\n\n".repeat(MAX_STANZAS)))).to.have.length(MAX_STANZAS);
    expect((await refusal(() => read(framed("-> x\n\n".repeat(MAX_STANZAS + 1))))).reason).to.equal("stanza-count");
    const room = MAX_HEADER_SIZE - framed("-> \n\n").length;
    expect(await read(framed(`-> ${"x".repeat(room)}\n\n`))).to.have.length(1);
    expect((await refusal(() => read(framed(`-> ${"x".repeat(room + 1)}\n\n`)))).reason).to.equal("header-size");
  });

  it("is not read further than its limits, and the source is closed", async () => {
    const huge = {
      "stanza-count": text(framed("-> x\n\n".repeat(10_000))),
      "header-size": text(framed(`-> ${"x".repeat(1024 * 1024)}\n\n`)),
    };
    for (const [expected, bytes] of Object.entries(huge)) {
      let taken = 0;
      let closed = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          for await (const piece of inPieces(bytes, 1000)) {
            taken += piece.length;
            yield piece;
          }
        } finally {
          closed = true;
        }
      }
      expect((await refusal(() => readHeader(source()))).reason).to.equal(expected);
      expect(taken).to.be.at.most(MAX_HEADER_SIZE + 1000);
      expect(closed).to.equal(true);
    }
  });

  it("does not verify with another file key, or another byte under the MAC", async () => {
    const written = encodeHeader(fileKey, [{ args: ["x"], body: sampleBytes(32) }]);
    const { reason } = await refusal(() => {
      verifyHeader(written, sampleBytes(17).subarray(1));
    });
    expect(reason).to.equal("header-mac");
    const { header } = await readHeader([text(Buffer.from(written.bytes).toString().replace("-> x", "-> y"))]);
    expect(
      (
        await refusal(() => {
          verifyHeader(header, fileKey);
        })
      ).reason,
    ).to.equal("header-mac");
  });

  it("is not written unless it can be read again", async () => {
    const body = new Uint8Array(32);
    const unreadable: Stanza[][] = [
      [],
      Array.from({ length: MAX_STANZAS + 1 }, () => ({ args: ["x"], body })),
      [{ args: ["x"], body: new Uint8Array(MAX_HEADER_SIZE) }],
      [{ args: [], body }],
      [{ args: ["x", ""], body }],
      [{ args: ["x\n"], body }],
      [{ args: ["x y"], body }],
    ];
    for (const stanzas of unreadable) {
      expect((await refusal(() => encodeHeader(fileKey, stanzas))).code).to.equal("INVALID_ARGUMENT");
    }
    expect((await refusal(() => encodeHeader(new Uint8Array(32), [{ args: ["x"], body }]))).code).to.equal(
      "INVALID_ARGUMENT",
    );
  });
});

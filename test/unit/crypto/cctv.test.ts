import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { armor } from "age-encryption";
import * as vectors from "cctv-age";
import { expect } from "chai";
import { open } from "../../../src/crypto/age.js";
import { CareKeyError } from "../../../src/errors.js";
import { encodeHeader, readHeader, verifyHeader } from "../../../src/crypto/header.js";
import { decryptPayload } from "../../../src/crypto/stream.js";
import { all, inPieces, refusal, same } from "../../helpers/age-files.js";

interface Vector {
  readonly name: string;
  readonly expected: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Uint8Array;
}

function parse([name, bytes]: [string, Uint8Array]): Vector {
  const end = Buffer.from(bytes).indexOf("\n\n");
  const lines = Buffer.from(bytes.subarray(0, end)).toString().split("\n");
  const fields = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
  const rest = bytes.subarray(end + 2);
  const file = fields.has("compressed") ? inflateSync(rest) : rest;
  return { name, expected: fields.get("expect") ?? "", fields, file };
}

const everything = Object.entries(vectors)
  .filter(([, bytes]) => bytes instanceof Uint8Array)
  .map(parse);
// records are binary: the text form (armor) is none of ours
const binary = everything.filter(({ fields }) => !fields.has("armored"));
const fileKey = ({ fields }: Vector): Uint8Array => new Uint8Array(Buffer.from(fields.get("file key") ?? "", "hex"));
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const named = (pattern: RegExp, expected: string): Vector[] =>
  binary.filter(({ name, expected: actual }) => pattern.test(name) && actual === expected);

/** The sha2-256 of what comes out whole, or the code of the refusal. */
async function outcomeOf(work: () => Promise<AsyncIterable<Uint8Array>>): Promise<{ hash?: string; code?: string }> {
  try {
    return { hash: hash(await all(await work())) };
  } catch (error) {
    if (error instanceof CareKeyError) return { code: error.code };
    throw error;
  }
}

describe("The test vectors of the age format (CCTV)", () => {
  it("are all there", () => {
    expect([everything.length, binary.length]).to.deep.equal([143, 110]);
  });

  it("all end as they should, in pieces of odd sizes: as records, and by the layers with the file key", async () => {
    const outcomes: Record<string, number> = {};
    const count = (outcome: string): void => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
    for (const vector of everything) {
      const { name, expected, fields } = vector;
      let { file } = vector;
      if (fields.has("armored")) {
        expect((await refusal(() => readHeader(inPieces(file, 1, 77)))).reason, name).to.equal("header-syntax");
        try {
          file = armor.decode(Buffer.from(file).toString("latin1"));
        } catch {
          expect(expected, name).to.equal("armor failure");
          count("armor");
          continue;
        }
      }
      const identity = fields.get("identity") ?? "";
      // no piece ends where a line, a header or a chunk does
      for (const pieces of [[1, 3, 4093], [4099], [65_537, 7]]) {
        const record = outcomeOf(async () => (await open(inPieces(file, ...pieces), { identity })).plaintext);
        const layers = outcomeOf(async () => {
          const { header, rest } = await readHeader(inPieces(file, ...pieces));
          verifyHeader(header, fileKey(vector));
          return decryptPayload(fileKey(vector), rest);
        });
        const [asRecord, byLayers] = [await record, await layers];
        // never another plaintext, whatever was expected
        for (const outcome of [asRecord, byLayers])
          if (outcome.hash !== undefined && expected !== "no match")
            expect(outcome.hash, name).to.equal(fields.get("payload") ?? outcome.hash);
        if (expected === "success") expect(byLayers.hash, name).to.equal(fields.get("payload"));
        if (/^(HMAC|payload)/.test(expected)) expect(byLayers.hash, name).to.equal(undefined);
        if (expected !== "success") expect(asRecord.hash, name).to.equal(undefined);
        if (pieces.length === 1) count(asRecord.hash === undefined ? "refused" : "opened");
      }
    }
    expect(outcomes).to.deep.equal({ opened: 3, refused: 143 - 3 - 22, armor: 22 });
  }).timeout(120_000);

  it("that succeed: header and payload open with the file key, whatever the recipient type, and the header is canonical", async () => {
    let count = 0;
    for (const vector of named(/./, "success")) {
      const { header, rest } = await readHeader(inPieces(vector.file, 7000));
      verifyHeader(header, fileKey(vector));
      expect(same(encodeHeader(fileKey(vector), header.stanzas).bytes, header.bytes), vector.name).to.equal(true);
      expect(hash(await all(decryptPayload(fileKey(vector), rest))), vector.name).to.equal(
        vector.fields.get("payload"),
      );
      count += 1;
    }
    expect(count).to.equal(19);
  }).timeout(20_000);

  it("with a malformed header are refused by the parser", async () => {
    const malformed = named(/^(empty|header_|hmac_|stanza_|version_)|_not_canonical_body$/, "header failure");
    for (const { name, file } of malformed) {
      expect((await refusal(() => readHeader([file]))).reason, name).to.equal("header-syntax");
    }
    expect(malformed.length).to.equal(24);
  });

  it("with another MAC are parsed but not verified", async () => {
    const wrong = named(/./, "HMAC failure");
    for (const vector of wrong) {
      const { header } = await readHeader([vector.file]);
      expect(
        (
          await refusal(() => {
            verifyHeader(header, fileKey(vector));
          })
        ).reason,
      ).to.equal("header-mac");
    }
    expect(wrong.length).to.equal(1);
  });

  it("with a malformed payload are refused, and nothing wrong is released", async () => {
    const malformed = [...named(/./, "payload failure"), ...named(/^stream_/, "header failure")];
    for (const vector of malformed) {
      const { header, rest } = await readHeader([vector.file]);
      verifyHeader(header, fileKey(vector));
      const released: Uint8Array[] = [];
      const { code, reason } = await refusal(async () => {
        for await (const bytes of decryptPayload(fileKey(vector), rest)) released.push(bytes);
      });
      expect(code).to.equal("SEALED_INVALID");
      expect(reason, vector.name).to.be.oneOf(["payload-cut", "payload-chunk"]);
      // a group of chunks leaves only when the whole of it authenticated
      expect(released, vector.name).to.have.length(0);
    }
    expect(malformed.length).to.equal(20);
  });

  it("for the hybrid recipient open with their identity, or are refused as they should", async () => {
    const outcomes: Record<string, number> = {};
    for (const vector of binary.filter(({ name }) => name.startsWith("hybrid"))) {
      const { name, file, fields, expected } = vector;
      const work = async (): Promise<Uint8Array> =>
        all((await open([file], { identity: fields.get("identity") ?? "" })).plaintext);
      let outcome = "success";
      if (expected === "success" && !/grease|x25519/.test(name)) {
        expect(hash(await work()), name).to.equal(fields.get("payload"));
      } else {
        const { code, reason } = await refusal(work);
        outcome = code === "SEALED_INVALID" ? String(reason) : code;
        if (expected === "no match" && name !== "hybrid_uppercase") expect(code, name).to.equal("NOT_A_RECIPIENT");
        else expect(code, name).to.equal("SEALED_INVALID");
      }
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    // stricter than the format: no other type and no grease beside ours
    expect(outcomes).to.deep.equal({
      success: 2,
      NOT_A_RECIPIENT: 4,
      "header-syntax": 1,
      "stanza-shape": 7,
      "stanza-type": 4,
    });
  });

  it("for passphrases and classical recipients are refused as records, with any key", async () => {
    let count = 0;
    for (const vector of binary) {
      if (vector.name.startsWith("hybrid")) continue;
      const { code } = await refusal(() => open([vector.file], { fileKey: fileKey(vector) }));
      expect(code, vector.name).to.equal("SEALED_INVALID");
      count += 1;
    }
    expect(count).to.equal(92);
  });
});

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient, Stanza } from "age-encryption";
import { bech32 } from "@scure/base";
import { expect } from "chai";
import fc from "fast-check";
import { concat } from "../../../src/bytes.js";
import { open, openBytes, seal, sealBytes, type OpeningKey } from "../../../src/crypto/age.js";
import { encodeHeader } from "../../../src/crypto/header.js";
import { primitives } from "../../../src/crypto/primitives/native.js";
import {
  COMMITTEE_STANZA,
  generateIdentity,
  recipientOf,
  wrapFileKey,
  type Identity,
} from "../../../src/crypto/recipients.js";
import { sealedSize } from "../../../src/crypto/chunks.js";
import { encryptPayload } from "../../../src/crypto/stream.js";
import { all, inPieces, refusal, sampleBytes, same, sealElsewhere } from "../../helpers/age-files.js";

const LIMIT = 1024 * 1024;

/** Counts how often it is asked for a file key. */
class Counting implements Identity {
  asked = 0;
  unwrapFileKey(): Promise<undefined> {
    this.asked += 1;
    return Promise.resolve(undefined);
  }
}

describe("A sealed file", () => {
  let identity: string;
  let recipient: string;
  let other: string;
  before(async () => {
    identity = await generateIdentity();
    recipient = await recipientOf(identity);
    other = await recipientOf(await generateIdentity());
  });

  for (const size of [0, 1, 65535, 65536, 65537, 131072, 1048575, 1048576, 1048577, 5_000_000]) {
    it(`of ${size} bytes opens with an identity and with its file key`, async () => {
      const plaintext = sampleBytes(size);
      const { fileKey, header, stream } = await seal(inPieces(plaintext, 70_001), [other, recipient]);
      const sealed = await all(stream);
      expect(sealed.length).to.equal(sealedSize(size, header.bytes.length));
      for (const key of [{ identity }, { fileKey }]) {
        const opened = await open(inPieces(sealed, 999, 65_536), key);
        expect(same(opened.fileKey, fileKey)).to.equal(true);
        expect(same(await all(opened.plaintext), plaintext)).to.equal(true);
      }
    });

    it(`of ${size} bytes is understood by age-encryption, and the other way round`, async () => {
      const plaintext = sampleBytes(size);
      const { stream } = await seal([plaintext], [other, recipient]);
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      expect(same(await decrypter.decrypt(await all(stream)), plaintext)).to.equal(true);

      const { sealed, fileKey } = await sealElsewhere(plaintext, other, recipient);
      for (const key of [{ identity }, { fileKey }]) {
        expect(same(await all((await open([sealed], key)).plaintext), plaintext)).to.equal(true);
      }
    }).timeout(10_000);
  }

  it("comes back whole 10,000 times, around the borders of chunks and however it is cut", async () => {
    const noise = sampleBytes(400_000);
    const border = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -20, max: 20 }))
      .map(([chunks, shift]) => Math.max(0, chunks * 65_536 + shift));
    const size = fc.oneof({ weight: 8, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: border });
    // a few short pieces, and long ones so that no run takes ages
    const short = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 });
    const lengths = fc.tuple(short, fc.integer({ min: 3000, max: 140_000 })).map(([few, long]) => [...few, long]);
    await fc.assert(
      fc.asyncProperty(size, lengths, lengths, fc.boolean(), async (length, before, after, withIdentity) => {
        const plaintext = noise.subarray(length, 2 * length);
        const { fileKey, stream } = await seal(inPieces(plaintext, ...before), [recipient]);
        const opened = await open(inPieces(await all(stream), ...after), withIdentity ? { identity } : { fileKey });
        return same(await all(opened.plaintext), plaintext);
      }),
      { numRuns: 10_000 },
    );
  }).timeout(300_000);

  it("takes a given file key, and a fresh one otherwise", async () => {
    const given = sampleBytes(16);
    expect(same((await sealBytes(sampleBytes(9), [recipient], { fileKey: given })).fileKey, given)).to.equal(true);
    const [first, second] = [await sealBytes(given, [recipient]), await sealBytes(given, [recipient])];
    expect(same(first.fileKey, second.fileKey)).to.equal(false);
    const short = { fileKey: new Uint8Array(15) };
    expect((await refusal(() => seal([given], [recipient], short))).code).to.equal("INVALID_ARGUMENT");
    expect((await refusal(() => openBytes(first.bytes, short, LIMIT))).code).to.equal("INVALID_ARGUMENT");
  });

  it("sealed again with its file key is another file, whose parts fit the old one's", async () => {
    const plaintext = sampleBytes(1000);
    const old = await seal([plaintext], [recipient]);
    const { fileKey } = old;
    const renewed = await seal([plaintext], [other], { fileKey });
    const [oldFile, newFile] = [await all(old.stream), await all(renewed.stream)];
    const [oldLength, newLength] = [old.header.bytes.length, renewed.header.bytes.length];
    expect(same(oldFile.subarray(oldLength), newFile.subarray(newLength))).to.equal(false);
    const crossed = concat([oldFile.subarray(0, oldLength), newFile.subarray(newLength)]);
    for (const key of [{ identity }, { fileKey }]) {
      expect(same(await openBytes(crossed, key, LIMIT), plaintext)).to.equal(true);
    }
    expect((await refusal(() => openBytes(newFile, { identity }, LIMIT))).code).to.equal("NOT_A_RECIPIENT");
  });

  it("is refused with any one byte altered, or cut short anywhere", async () => {
    const { fileKey, bytes } = await sealBytes(sampleBytes(200), [recipient]);
    const keys: OpeningKey[] = [{ identity }, { fileKey }];
    let refused = 0;
    for (const key of keys) {
      // an altered wrapped key looks like one for somebody else
      const codes = key.fileKey ? ["SEALED_INVALID"] : ["SEALED_INVALID", "NOT_A_RECIPIENT"];
      for (let at = 0; at < bytes.length; at++) {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        for (const damaged of [flipped, bytes.subarray(0, at)]) {
          const { code } = await refusal(() => openBytes(damaged, key, LIMIT));
          if (codes.includes(code)) refused += 1;
        }
      }
    }
    expect(refused).to.equal(4 * bytes.length);
    expect(bytes.length).to.be.greaterThan(1800);
  }).timeout(60_000);

  it("is refused with another file key", async () => {
    const { bytes } = await sealBytes(sampleBytes(200), [recipient]);
    expect((await refusal(() => openBytes(bytes, { fileKey: sampleBytes(16) }, LIMIT))).reason).to.equal("header-mac");
  });

  it("closes its source when it is refused", async () => {
    const { bytes } = await sealBytes(sampleBytes(200), [other]);
    let closed = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(bytes, 100);
      } finally {
        closed += 1;
      }
    }
    expect((await refusal(() => open(source(), { identity }))).code).to.equal("NOT_A_RECIPIENT");
    expect((await refusal(() => open(source(), { fileKey: sampleBytes(16) }))).code).to.equal("SEALED_INVALID");
    const signal = AbortSignal.abort();
    expect((await refusal(() => open(source(), { identity: new Counting() }, { signal }))).code).to.equal("CANCELLED");
    expect(closed).to.equal(3);
  });

  it("is not begun once the caller has cancelled", async () => {
    const signal = AbortSignal.abort();
    expect((await refusal(() => seal([], [recipient], { signal }))).code).to.equal("CANCELLED");
  });

  it("in memory is refused past the limit, before any key is used where that shows", async () => {
    const { fileKey, bytes } = await sealBytes(sampleBytes(200_000), [recipient]);
    expect(await openBytes(bytes, { fileKey }, 200_000)).to.have.length(200_000);
    expect((await refusal(() => openBytes(bytes, { fileKey }, 199_999))).reason).to.equal("too-large");
    const counting = new Counting();
    expect((await refusal(() => openBytes(bytes, { identity: counting }, 1000))).reason).to.equal("too-large");
    expect(counting.asked).to.equal(0);
  });

  it("may have a stanza for the reserved committee", async () => {
    const plaintext = sampleBytes(100);
    const fileKey = sampleBytes(16);
    const stanzas = await wrapFileKey(fileKey, [recipient]);
    const committee = { args: [COMMITTEE_STANZA, "3"], body: sampleBytes(2000) };
    const { bytes } = encodeHeader(fileKey, [committee, ...stanzas]);
    const file = concat([bytes, await all(encryptPayload(fileKey, [plaintext]))]);
    for (const key of [{ identity }, { fileKey }])
      expect(same(await openBytes(file, key, LIMIT), plaintext)).to.equal(true);
    const keeper: Identity = { unwrapFileKey: () => Promise.resolve(fileKey) };
    expect(same(await openBytes(file, { identity: keeper }, LIMIT), plaintext)).to.equal(true);
    const liar: Identity = { unwrapFileKey: () => Promise.resolve(sampleBytes(17).subarray(1)) };
    expect((await refusal(() => openBytes(file, { identity: liar }, LIMIT))).reason).to.equal("header-mac");
  });
});

describe("A downgrade from post-quantum", () => {
  it("is refused on sealing, alone and mixed", async () => {
    const recipient = await recipientOf(await generateIdentity());
    const classical = await identityToRecipient(await generateX25519Identity());
    const tag = bech32.encode("age1tag", bech32.toWords(sampleBytes(33)), false);
    for (const weak of [classical, tag, "a passphrase"]) {
      for (const recipients of [[weak], [recipient, weak], [weak, recipient]]) {
        let touched = false;
        const source = (function* (): Generator<Uint8Array> {
          touched = true;
          yield sampleBytes(1);
        })();
        expect((await refusal(() => seal(source, recipients))).code).to.equal("RECIPIENT_INVALID");
        expect(touched).to.equal(false);
      }
    }
  });

  it("is refused on opening before any key is used, with an identity and with the file key", async () => {
    const identity = await generateIdentity();
    const recipient = await recipientOf(identity);
    const classical = await identityToRecipient(await generateX25519Identity());
    const grease = { wrapFileKey: () => [new Stanza(["qx7-grease", "x"], sampleBytes(20))] };
    const scrypt = { wrapFileKey: () => [new Stanza(["scrypt", "AAAAAAAAAAAAAAAAAAAAAA", "18"], sampleBytes(32))] };
    const mixtures = [
      [classical],
      [recipient, classical],
      [classical, recipient],
      [recipient, grease],
      [recipient, scrypt],
    ];
    for (const recipients of mixtures) {
      const { sealed, fileKey } = await sealElsewhere(sampleBytes(10), ...recipients);
      const decrypter = new Decrypter();
      decrypter.addIdentity({ unwrapFileKey: () => fileKey });
      expect(await decrypter.decrypt(sealed)).to.have.length(10);
      const counting = new Counting();
      for (const key of [{ identity }, { fileKey }, { identity: counting }]) {
        const { code, reason } = await refusal(() => openBytes(sealed, key, LIMIT));
        expect([code, reason]).to.deep.equal(["SEALED_INVALID", "stanza-type"]);
      }
      expect(counting.asked).to.equal(0);
    }
  });

  it("is refused on opening what a passphrase sealed", async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase("light");
    encrypter.setScryptWorkFactor(1);
    const counting = new Counting();
    const sealed = await encrypter.encrypt(sampleBytes(10));
    expect((await refusal(() => openBytes(sealed, { identity: counting }, LIMIT))).reason).to.equal("stanza-type");
    expect(counting.asked).to.equal(0);
  });
});

describe("An oversized header", () => {
  it("is refused before any key is used", async () => {
    const recipient = await recipientOf(await generateIdentity());
    const { header } = await seal([], [recipient]);
    const [version, line, body, end] = Buffer.from(header.bytes).toString().split("\n");
    const stanza = `${line}\n${body}\n`;
    const huge = {
      "stanza-count": `${version}\n${stanza.repeat(10_000)}${end}\n`,
      "header-size": `${version}\n-> ${COMMITTEE_STANZA}\n${`${"A".repeat(64)}\n`.repeat(16_132)}\n${end}\n`,
    };
    for (const [expected, text] of Object.entries(huge)) {
      expect(text.length).to.be.greaterThan(1024 * 1024);
      const counting = new Counting();
      const work = (): Promise<unknown> => open([new TextEncoder().encode(text)], { identity: counting });
      expect((await refusal(work)).reason).to.equal(expected);
      expect(counting.asked).to.equal(0);
    }
  });

  it("costs its reader no decapsulation, and the longest one allowed no more than sixteen", async () => {
    const identity = await generateIdentity();
    const others = await Promise.all(Array.from({ length: 16 }, async () => recipientOf(await generateIdentity())));
    const { bytes } = await sealBytes(sampleBytes(10), others);
    const text = Buffer.from(bytes).toString("latin1");
    const [start, end] = [text.indexOf("->"), text.indexOf("--- ")];
    const stanzas = text.slice(start, end);
    const kem = { ...primitives.kem };
    let decapsulations = 0;
    Object.assign(primitives.kem, {
      decapsulate: (share: Uint8Array, seed: Uint8Array) => {
        decapsulations += 1;
        return kem.decapsulate(share, seed);
      },
    });
    try {
      const huge = Buffer.from(text.slice(0, start) + stanzas.repeat(625) + text.slice(end), "latin1");
      expect((await refusal(() => openBytes(huge, { identity }, 64 * LIMIT))).reason).to.equal("stanza-count");
      expect(decapsulations).to.equal(0);
      expect((await refusal(() => openBytes(bytes, { identity }, LIMIT))).code).to.equal("NOT_A_RECIPIENT");
      expect(decapsulations).to.equal(16);
    } finally {
      Object.assign(primitives.kem, kem);
    }
  });
});

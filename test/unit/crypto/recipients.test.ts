import { bech32 } from "@scure/base";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect } from "chai";
import { encodeHeader } from "../../../src/crypto/header.js";
import { hasNativeKem, nativeKem } from "../../../src/crypto/primitives/native-kem.js";
import { primitives } from "../../../src/crypto/primitives/native.js";
import { portableKem } from "../../../src/crypto/primitives/portable-kem.js";
import {
  COMMITTEE_STANZA,
  generateIdentity,
  HYBRID_STANZA,
  recipientFromBytes,
  recipientOf,
  recipientToBytes,
  requireStanzas,
  unwrapFileKey,
  wrapFileKey,
} from "../../../src/crypto/recipients.js";
import { refusal, sampleBytes, same } from "../../helpers/age-files.js";

const fileKey = sampleBytes(16);
const { encodeBase64 } = primitives;

describe("A hybrid recipient", () => {
  let identity: string;
  let recipient: string;
  before(async () => {
    identity = await generateIdentity();
    recipient = await recipientOf(identity);
  });

  it("is the one that stock age derives from the identity", async () => {
    expect(identity).to.match(/^AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}$/);
    expect(recipient).to.equal(await identityToRecipient(identity));
    expect(recipient)
      .to.match(/^age1pq1/)
      .and.to.have.length(1959);
  });

  it("comes back from its 1,216 bytes", async () => {
    const bytes = recipientToBytes(recipient);
    expect(bytes).to.have.length(1216);
    expect(recipientFromBytes(bytes)).to.equal(recipient);
    for (const size of [0, 1215, 1217]) {
      expect((await refusal(() => recipientFromBytes(new Uint8Array(size)))).code).to.equal("RECIPIENT_INVALID");
    }
  });

  it("opens what was wrapped for it, and nothing else", async () => {
    const others = await Promise.all([1, 2].map(async () => recipientOf(await generateIdentity())));
    const mine = encodeHeader(fileKey, await wrapFileKey(fileKey, [...others, recipient]));
    expect(same(await unwrapFileKey(mine, identity), fileKey)).to.equal(true);
    const theirs = encodeHeader(fileKey, await wrapFileKey(fileKey, others));
    expect((await refusal(() => unwrapFileKey(theirs, identity))).code).to.equal("NOT_A_RECIPIENT");
  });

  it("gets another stanza each time", async () => {
    const [first] = await wrapFileKey(fileKey, [recipient]);
    const [second] = await wrapFileKey(fileKey, [recipient]);
    expect(first?.args[0]).to.equal(HYBRID_STANZA);
    expect(first?.args[1]).not.to.equal(second?.args[1]);
    expect(same(first!.body, second!.body)).to.equal(false);
  });

  it("is served alike by node:crypto and by noble", async function () {
    if (!hasNativeKem) this.skip();
    const seed = sampleBytes(32);
    const publicKey = await nativeKem.publicKey(seed);
    expect(same(publicKey, await portableKem.publicKey(seed))).to.equal(true);
    for (const [there, back] of [
      [nativeKem, portableKem],
      [portableKem, nativeKem],
    ] as const) {
      const { share, secret } = await there.encapsulate(publicKey);
      expect([share.length, secret.length]).to.deep.equal([1120, 32]);
      expect(same(await back.decapsulate(share, seed), secret)).to.equal(true);
    }
  });

  it("is understood by age-encryption", async () => {
    const header = encodeHeader(fileKey, await wrapFileKey(fileKey, [recipient]));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(same(await decrypter.decryptHeader(header.bytes), fileKey)).to.equal(true);
  });

  it("is refused unless it is hybrid and spelt right, and its text stays out of the error", async () => {
    const classical = await identityToRecipient(await generateX25519Identity());
    const long = (prefix: string, size: number): string =>
      bech32.encode(prefix, bech32.toWords(sampleBytes(size)), false);
    const wrong = {
      classical,
      tag: long("age1tag", 33),
      hybridTag: long("age1tagpq", 1249),
      plugin: long("age1yubikey", 33),
      short: long("age1pq", 1215),
      passphrase: "correct horse battery staple",
      ssh: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG",
      identity,
      upper: recipient.toUpperCase(),
      mixed: recipient.slice(0, -1) + recipient.slice(-1).toUpperCase() + "Q",
      checksum: recipient.slice(0, -1) + (recipient.endsWith("q") ? "p" : "q"),
      space: `${recipient} `,
      empty: "",
    };
    for (const [name, text] of Object.entries(wrong)) {
      const { code, reason, error } = await refusal(() => wrapFileKey(fileKey, [recipient, text]));
      expect([name, code, reason, error.details.position]).to.deep.equal([name, "RECIPIENT_INVALID", "not-hybrid", 1]);
      if (text) expect(error.message).not.to.contain(text);
      expect((await refusal(() => recipientToBytes(text))).code).to.equal("RECIPIENT_INVALID");
    }
  });

  it("is refused when it is no usable key", async () => {
    const good = recipientToBytes(recipient);
    const overflow = good.slice();
    // the first coefficient becomes 3329, the modulus itself
    overflow.set([0x01, 0x0d | (overflow[1]! & 0xf0)]);
    const lowOrder = good.slice().fill(0, 1184);
    for (const bytes of [overflow, lowOrder]) {
      const text = recipientFromBytes(bytes);
      const { code, reason, error } = await refusal(() => wrapFileKey(fileKey, [recipient, text]));
      expect([code, reason, error.details.position]).to.deep.equal(["RECIPIENT_INVALID", "unusable", 1]);
      const portable: unknown = await portableKem.encapsulate(bytes).catch((cause: unknown) => cause);
      expect(portable).to.be.instanceOf(Error);
    }
  });

  it("is one of 1 to 16 different ones", async () => {
    const many = await Promise.all(Array.from({ length: 16 }, async () => recipientOf(await generateIdentity())));
    expect(await wrapFileKey(fileKey, many)).to.have.length(16);
    const reasons = [[], [...many, recipient], [recipient, many[0]!, recipient]].map(
      async (list) => (await refusal(() => wrapFileKey(fileKey, list))).reason,
    );
    expect(await Promise.all(reasons)).to.deep.equal(["none", "too-many", "duplicate"]);
  });
});

describe("A hybrid identity", () => {
  it("is refused unless it is one, and its text stays out of the error", async () => {
    const identity = await generateIdentity();
    const header = encodeHeader(fileKey, await wrapFileKey(fileKey, [await recipientOf(identity)]));
    const wrong = [
      await generateX25519Identity(),
      await recipientOf(identity),
      identity.toLowerCase(),
      identity.slice(0, -1),
      `${identity}\n`,
      bech32.encode("AGE-SECRET-KEY-PQ-", bech32.toWords(sampleBytes(31)), false).toUpperCase(),
      "",
    ];
    for (const text of wrong) {
      for (const use of [() => recipientOf(text), () => unwrapFileKey(header, text)]) {
        const { code, error } = await refusal(use);
        expect(code).to.equal("IDENTITY_INVALID");
        if (text) expect(error.message).not.to.contain(text);
      }
    }
  });
});

describe("The stanzas of a record", () => {
  const share = encodeBase64(sampleBytes(1120));
  const body = new Uint8Array(32);

  it("may be hybrid and of the reserved committee", () => {
    const stanzas = [
      { args: [HYBRID_STANZA, share], body },
      { args: [COMMITTEE_STANZA, "any", "argument"], body: sampleBytes(1000) },
    ];
    expect(requireStanzas({ stanzas })).to.have.length(1);
  });

  it("are refused with any other type, grease among them", async () => {
    for (const type of [
      "X25519",
      "scrypt",
      "p256tag",
      "mlkem768p256tag",
      "ssh-ed25519",
      "qx7-grease",
      "MLKEM768X25519",
      "",
    ]) {
      const stanzas = [
        { args: [HYBRID_STANZA, share], body },
        { args: [type, share], body },
      ];
      const { code, reason, error } = await refusal(() => requireStanzas({ stanzas }));
      expect([code, reason, error.details.position]).to.deep.equal(["SEALED_INVALID", "stanza-type", 1]);
    }
  });

  it("are refused in any other shape", async () => {
    const shapes = [
      { args: [HYBRID_STANZA], body },
      { args: [HYBRID_STANZA, share, "more"], body },
      { args: [HYBRID_STANZA, share.slice(0, -4)], body },
      { args: [HYBRID_STANZA, `${share}AAAA`], body },
      { args: [HYBRID_STANZA, `${share}==`], body },
      { args: [HYBRID_STANZA, share], body: new Uint8Array(31) },
      { args: [HYBRID_STANZA, share], body: new Uint8Array(48) },
    ];
    for (const stanza of shapes) {
      expect((await refusal(() => requireStanzas({ stanzas: [stanza] }))).reason).to.equal("stanza-shape");
    }
  });

  it("are refused where the classical half of a share is a low-order point", async () => {
    const lowOrder = sampleBytes(1120).fill(0, 1088);
    const header = encodeHeader(fileKey, [{ args: [HYBRID_STANZA, encodeBase64(lowOrder)], body }]);
    const { code } = await refusal(async () => unwrapFileKey(header, await generateIdentity()));
    expect(code).to.equal("SEALED_INVALID");
  });
});

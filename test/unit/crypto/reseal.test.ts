import { Decrypter } from "age-encryption";
import { expect } from "chai";
import fc from "fast-check";

import { open, openBytes, sealBytes } from "../../../src/crypto/age.js";
import { readHeader } from "../../../src/crypto/header.js";
import { generateIdentity, recipientOf } from "../../../src/crypto/recipients.js";
import { haveSamePayload, resealBytes } from "../../../src/crypto/reseal.js";
import { isCareKeyError } from "../../../src/errors.js";

const limit = 1024 * 1024;
const plaintext = new TextEncoder().encode("a manifest");

async function headerOf(bytes: Uint8Array) {
  const { header, rest } = await readHeader([bytes]);
  await rest.return();
  return header;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (isCareKeyError(error) ? error.code : String(error)),
  );
}

describe("another header for the same payload", () => {
  let [older, newer, other, stranger]: string[] = [];
  let sealed: Uint8Array;

  before(async () => {
    [older, newer, other, stranger] = await Promise.all(Array.from({ length: 4 }, generateIdentity));
    ({ bytes: sealed } = await sealBytes(plaintext, [await recipientOf(older!), await recipientOf(other!)]));
  });

  it("opens for the newer identity and the others, no longer for the older", async () => {
    const resealed = (await resealBytes(sealed, [newer!, older!]))!;
    for (const identity of [newer!, other!])
      expect(await openBytes(resealed, { identity }, limit)).to.deep.equal(plaintext);
    expect(await codeOf(openBytes(resealed, { identity: older! }, limit))).to.equal("NOT_A_RECIPIENT");
    const { fileKey } = await open([sealed], { identity: older! });
    expect(await openBytes(resealed, { fileKey }, limit)).to.deep.equal(plaintext);
  });

  it("leaves payload and others' stanzas byte by byte, and opens in stock age", async () => {
    const resealed = (await resealBytes(sealed, [newer!, older!]))!;
    const [before, after] = [await headerOf(sealed), await headerOf(resealed)];
    expect(after.stanzas).to.have.lengthOf(2);
    expect(after.stanzas[1]).to.deep.equal(before.stanzas[1]);
    expect(resealed.subarray(after.bytes.length)).to.deep.equal(sealed.subarray(before.bytes.length));
    expect(await haveSamePayload(sealed, resealed)).to.equal(true);
    for (const identity of [newer!, other!]) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      expect(await decrypter.decrypt(resealed)).to.deep.equal(plaintext);
    }
  });

  it("is not made where it is for the newest alone already", async () => {
    expect(await resealBytes(sealed, [older!])).to.equal(undefined);
    expect(await resealBytes(sealed, [older!, newer!])).to.equal(undefined);
    const resealed = (await resealBytes(sealed, [newer!, older!]))!;
    expect(await resealBytes(resealed, [newer!, older!])).to.equal(undefined);
    // for both: the older one goes
    const { bytes } = await sealBytes(plaintext, [await recipientOf(older!), await recipientOf(newer!)]);
    const left = (await resealBytes(bytes, [newer!, older!]))!;
    expect((await headerOf(left)).stanzas).to.have.lengthOf(1);
  });

  it("is refused to who has no identity of it, and for what was altered", async () => {
    expect(await codeOf(resealBytes(sealed, [stranger!, newer!]))).to.equal("NOT_A_RECIPIENT");
    expect(await codeOf(resealBytes(sealed.subarray(0, 200), [older!]))).to.equal("SEALED_INVALID");
    const { bytes } = await headerOf(sealed);
    const altered = Uint8Array.from(sealed);
    altered[bytes.length - 10]! ^= 1;
    expect(await codeOf(resealBytes(altered, [newer!, older!]))).to.equal("SEALED_INVALID");
    expect(await codeOf(resealBytes(sealed, [newer!, "AGE-SECRET-KEY-1"]))).to.equal("IDENTITY_INVALID");
    const another = (await sealBytes(plaintext, [await recipientOf(older!)])).bytes;
    expect(await haveSamePayload(sealed, another)).to.equal(false);
  });

  it("keeps any content for any number of others, over any number of rotations", async function () {
    this.timeout(60_000);
    const pool = await Promise.all(Array.from({ length: 5 }, generateIdentity));
    const recipients = await Promise.all(pool.map(recipientOf));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.subarray([0, 1, 2, 3, 4]),
        fc.nat(5),
        fc.integer({ min: 1, max: 3 }),
        async (content, others, place, rotations) => {
          const to = others.map((index) => recipients[index]!);
          to.splice(place, 0, await recipientOf(older!));
          let { bytes } = await sealBytes(content, to);
          const history: [string, ...string[]] = [older!];
          for (let turn = 0; turn < rotations; turn++) {
            history.unshift(await generateIdentity());
            bytes = (await resealBytes(bytes, history))!;
          }
          const [newest, ...past] = history;
          for (const identity of [newest, ...others.map((index) => pool[index]!)])
            expect(await openBytes(bytes, { identity }, limit)).to.deep.equal(content);
          for (const identity of past)
            expect(await codeOf(openBytes(bytes, { identity }, limit))).to.equal("NOT_A_RECIPIENT");
          expect((await headerOf(bytes)).stanzas).to.have.lengthOf(to.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});

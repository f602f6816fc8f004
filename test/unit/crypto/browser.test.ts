import { webcrypto } from "node:crypto";
import { createContext, runInContext } from "node:vm";

import { expect } from "chai";

import { openBytes, sealBytes } from "../../../src/crypto/age.js";
import { generateIdentity, recipientOf } from "../../../src/crypto/recipients.js";
import { browserBundle } from "../../helpers/browser-bundle.js";
import { sampleBytes, same } from "../../helpers/age-files.js";

const LIMIT = 1024 * 1024;
const sizes = [0, 1, 65_535, 65_536, 65_537, 200_000];

/** What the bundle offers; its arrays are of another realm. */
interface Age {
  generateIdentity(): Promise<string>;
  recipientOf(identity: string): Promise<string>;
  sealBytes(plaintext: Uint8Array, recipients: readonly string[]): Promise<{ bytes: Uint8Array; fileKey: Uint8Array }>;
  openBytes(bytes: Uint8Array, key: { identity: string } | { fileKey: Uint8Array }, limit: number): Promise<Uint8Array>;
}

describe("The age layer bundled for browsers", () => {
  let bundle: Awaited<ReturnType<typeof browserBundle>>;
  let age: Age;
  before(async function () {
    this.timeout(60_000);
    bundle = await browserBundle();
    // a global scope with what browsers have, and nothing of Node's
    const scope = createContext({ crypto: webcrypto, TextEncoder, TextDecoder, Uint8Array, ArrayBuffer, DataView });
    runInContext(bundle.text, scope);
    age = runInContext("age", scope) as Age;
  });

  it("reaches nothing of Node's", () => {
    expect(bundle.inputs.filter((file) => file.includes("native"))).to.deep.equal([]);
    expect(bundle.inputs.some((file) => file.endsWith("primitives/portable.ts"))).to.equal(true);
    expect(bundle.text).not.to.match(/["']node:|\bBuffer\b|\brequire\(/);
  });

  it("seals what Node opens, and opens what Node seals", async () => {
    const identity = await age.generateIdentity();
    const recipient = await age.recipientOf(identity);
    expect(await recipientOf(identity)).to.equal(recipient);
    const other = await recipientOf(await generateIdentity());
    for (const size of sizes) {
      const plaintext = sampleBytes(size);
      const theirs = await age.sealBytes(plaintext, [other, recipient]);
      expect(same(await openBytes(theirs.bytes, { identity }, LIMIT), plaintext), String(size)).to.equal(true);
      const ours = await sealBytes(plaintext, [other, recipient]);
      for (const key of [{ identity }, { fileKey: ours.fileKey }])
        expect(same(await age.openBytes(ours.bytes, key, LIMIT), plaintext), String(size)).to.equal(true);
    }
  }).timeout(30_000);

  it("refuses what Node refuses", async () => {
    const identity = await age.generateIdentity();
    const { bytes } = await sealBytes(sampleBytes(300), [await age.recipientOf(identity)]);
    for (let at = 0; at < bytes.length; at += 7) {
      const altered = bytes.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      for (const damaged of [altered, bytes.subarray(0, at)]) {
        const here = await codeOf(openBytes(damaged, { identity }, LIMIT));
        expect(here).to.be.oneOf(["SEALED_INVALID", "NOT_A_RECIPIENT"]);
        expect(await codeOf(age.openBytes(damaged, { identity }, LIMIT)), String(at)).to.equal(here);
      }
    }
  }).timeout(60_000);
});

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "opened",
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

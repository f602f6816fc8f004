import { createHash } from "node:crypto";

import { expect } from "chai";

import { collect } from "../../../src/bytes.js";
import { openHashed, sealHashed } from "../../../src/crypto/files/hashed-stream.js";
import { generateIdentity, recipientOf } from "../../../src/crypto/recipients.js";
import { failure } from "../../helpers/block-store-suite.js";
import { MiB, noise } from "../../helpers/dags.js";

describe("sealing and opening of streams, with a hash", function () {
  this.timeout(60_000);
  /** Below and above the size from which a thread does it. */
  const sizes = [3 * MiB + 1000, 40 * MiB + 1001];
  let identity: string;
  let recipients: string[];

  before(async () => {
    identity = await generateIdentity();
    recipients = [await recipientOf(identity)];
  });

  for (const size of sizes) {
    it(`gives ${size} bytes back, and their hash`, async () => {
      const { stream, plaintextHash } = await sealHashed(noise(size), recipients, { size });
      const sealed = await collect(stream, 2 * size);
      const { plaintext, plaintextHash: openedHash } = await openHashed([sealed], { identity }, { size });
      const hash = createHash("sha256");
      for await (const piece of plaintext) hash.update(piece);
      const expected = createHash("sha256");
      for (const piece of noise(size)) expected.update(piece);
      const digest = expected.digest("hex");
      expect(hash.digest("hex")).to.equal(digest);
      for (const told of [plaintextHash(), openedHash()]) expect(Buffer.from(told).toString("hex")).to.equal(digest);
    });

    it(`takes ${size} bytes of a source that uses its memory again, and leaves the source's memory alone`, async () => {
      const piece = new Uint8Array(MiB).fill(1);
      function* source(): Generator<Uint8Array> {
        for (let left = size; left > 0; left -= MiB) {
          yield piece.fill(left % 251).subarray(0, Math.min(left, MiB));
        }
      }
      const { stream } = await sealHashed(source(), recipients, { size });
      const { plaintext } = await openHashed(stream, { identity }, { size });
      let [at, left] = [0, size];
      for await (const chunk of plaintext) {
        for (let offset = 0; offset < chunk.length; offset += 65_536) {
          const begin = Math.floor((at + offset) / MiB) * MiB;
          expect(chunk[offset]).to.equal((size - begin) % 251);
        }
        at += chunk.length;
        left -= chunk.length;
      }
      expect(left).to.equal(0);
      expect(piece).to.have.length(MiB);
    });

    it(`passes on what a source of ${size} bytes throws, and ends when it is cancelled or left`, async () => {
      const trouble = new Error("source");
      function* broken(): Generator<Uint8Array> {
        yield* noise(size);
        throw trouble;
      }
      const broke = await sealHashed(broken(), recipients, { size });
      const thrown: unknown = await collect(broke.stream, 2 * size).catch((error: unknown) => error);
      expect(thrown).to.equal(trouble);

      const caller = new AbortController();
      function* cancelling(): Generator<Uint8Array> {
        yield* noise(MiB);
        caller.abort();
        yield* noise(size - MiB);
      }
      const { signal } = caller;
      const stopped = await sealHashed(cancelling(), recipients, { size, signal });
      await failure(collect(stopped.stream, 2 * size), "CANCELLED");

      let closed = false;
      function* watched(): Generator<Uint8Array> {
        try {
          yield* noise(size);
        } finally {
          closed = true;
        }
      }
      const left = await sealHashed(watched(), recipients, { size });
      let seen = 0;
      for await (const sealed of left.stream) if ((seen += sealed.length) > MiB) break;
      expect(closed).to.equal(true);
    });

    it(`gives the true beginning of ${size} bytes that were altered or cut, then says so`, async () => {
      const { stream } = await sealHashed(noise(size), recipients, { size });
      const sealed = await collect(stream, 2 * size);
      const altered = sealed.slice();
      altered[sealed.length - 100]! ^= 1;
      const cases = [
        [altered, "payload-chunk"],
        [sealed.subarray(0, -10), "payload-chunk"],
      ] as const;
      for (const [bytes, reason] of cases) {
        const { plaintext } = await openHashed([bytes], { identity }, { size });
        expect(await failure(collect(plaintext, size), "SEALED_INVALID")).to.include({ reason });
      }
    });
  }
});

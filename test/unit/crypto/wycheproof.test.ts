import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { expect } from "chai";

import { concat } from "../../../src/bytes.js";
import {
  hasNativeKem,
  mlkemDecapsulate,
  mlkemEncapsulate,
  mlkemPublicKey,
  x25519,
} from "../../../src/crypto/primitives/native-kem.js";
import { primitives as native } from "../../../src/crypto/primitives/native.js";
import { portableKem } from "../../../src/crypto/primitives/portable-kem.js";
import { primitives as portable } from "../../../src/crypto/primitives/portable.js";

/** Wycheproof's test vectors of what src/crypto/primitives calls, trimmed (test/vectors/README.md). Bytes are hex. */
interface Vectors {
  readonly x25519: readonly Vector<"private" | "public" | "shared" | "result", { zero: boolean }>[];
  readonly chacha20poly1305: readonly Vector<"key" | "iv" | "msg" | "ct" | "tag">[];
  readonly hkdfSha256: readonly Vector<"ikm" | "salt" | "info" | "okm" | "result", { size: number }>[];
  readonly mlkem768PublicKey: readonly Vector<"seed" | "ekSha256">[];
  readonly mlkem768Decapsulate: readonly Vector<"seed" | "c" | "K" | "result">[];
  readonly mlkem768RefusedKey: readonly Vector<"ek">[];
}
type Vector<Names extends string, More = unknown> = Readonly<Record<Names, string>> & { readonly tcId: number } & More;

const file = new URL("../../vectors/wycheproof/vectors.json", import.meta.url);
const vectors = JSON.parse(await readFile(file, "utf8")) as Vectors;
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("The test vectors of Wycheproof", () => {
  for (const [name, primitives] of Object.entries({ native, portable })) {
    describe(`for the ${name} primitives`, () => {
      it("of HKDF-SHA256 give their keys, and none longer than it may be", () => {
        let refused = 0;
        for (const { tcId, ikm, salt, info, size, okm, result } of vectors.hkdfSha256) {
          const derive = (): Uint8Array => primitives.hkdf(unhex(ikm), unhex(salt), unhex(info), size);
          if (result === "valid") expect(hex(derive()), String(tcId)).to.equal(okm);
          else {
            expect(derive, String(tcId)).to.throw();
            refused += 1;
          }
        }
        expect([vectors.hkdfSha256.length, refused]).to.deep.equal([86, 3]);
      });

      it("of ChaCha20-Poly1305 seal and open, and do not open with any bit of a tag changed", () => {
        for (const { tcId, key, iv, msg, ct, tag } of vectors.chacha20poly1305) {
          const cipher = primitives.cipher(unhex(key));
          const [plaintext, sealed] = [unhex(msg), unhex(ct + tag)];
          const target = new Uint8Array(sealed.length);
          cipher.seal(unhex(iv), plaintext, target);
          expect(hex(target), String(tcId)).to.equal(ct + tag);
          const opened = new Uint8Array(plaintext.length);
          expect(cipher.open(unhex(iv), sealed, opened), String(tcId)).to.equal(true);
          expect(hex(opened), String(tcId)).to.equal(msg);
          for (let bit = 0; bit < 128; bit++) {
            const changed = sealed.slice();
            const at = plaintext.length + (bit >> 3);
            changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
            const untouched = new Uint8Array(plaintext.length);
            expect(cipher.open(unhex(iv), changed, untouched), `${tcId}, bit ${bit}`).to.equal(false);
            expect(untouched.every((byte) => byte === 0)).to.equal(true);
          }
        }
        expect(vectors.chacha20poly1305.length).to.equal(45);
      }).timeout(20_000);
    });
  }

  it("of X25519 give their secrets, and none with a point of low order", () => {
    let refused = 0;
    for (const vector of vectors.x25519) {
      const agree = (): Uint8Array => x25519(unhex(vector.private), unhex(vector.public));
      if (vector.zero) {
        expect(agree, String(vector.tcId)).to.throw();
        refused += 1;
      } else expect(hex(agree()), String(vector.tcId)).to.equal(vector.shared);
    }
    expect([vectors.x25519.length, refused]).to.deep.equal([518, 31]);
  });

  const kems = {
    native: { publicKey: mlkemPublicKey, encapsulate: mlkemEncapsulate, decapsulate: mlkemDecapsulate },
    portable: {
      publicKey: (seed: Uint8Array) => ml_kem768.keygen(seed).publicKey,
      decapsulate: (share: Uint8Array, seed: Uint8Array) =>
        ml_kem768.decapsulate(share, ml_kem768.keygen(seed).secretKey),
    },
  };
  for (const [name, kem] of Object.entries(kems)) {
    it(`of ML-KEM-768 give the keys of their seeds and the secrets of their shares (${name})`, function () {
      if (name === "native" && !hasNativeKem) this.skip();
      for (const { tcId, seed, ekSha256 } of vectors.mlkem768PublicKey) {
        expect(
          createHash("sha256")
            .update(kem.publicKey(unhex(seed)))
            .digest("hex"),
          String(tcId),
        ).to.equal(ekSha256);
      }
      let refused = 0;
      for (const { tcId, seed, c, K, result } of vectors.mlkem768Decapsulate) {
        const open = (): Uint8Array => kem.decapsulate(unhex(c), unhex(seed));
        if (result === "valid") expect(hex(open()), String(tcId)).to.equal(K);
        else {
          expect(open, String(tcId)).to.throw();
          refused += 1;
        }
      }
      expect([vectors.mlkem768PublicKey.length, vectors.mlkem768Decapsulate.length, refused]).to.deep.equal([
        100, 45, 32,
      ]);
    });
  }

  it("of ML-KEM-768 with false keys are refused, alone and as half of a recipient", async function () {
    let refused = 0;
    for (const { tcId, ek } of vectors.mlkem768RefusedKey) {
      const key = unhex(ek);
      if (hasNativeKem) expect(() => mlkemEncapsulate(key), String(tcId)).to.throw();
      const recipient = concat([key, new Uint8Array(32).fill(9)]);
      for (const kem of [native.kem, portableKem]) {
        const outcome: unknown = await kem.encapsulate(recipient).catch((error: unknown) => error);
        expect(outcome, String(tcId)).to.be.instanceOf(Error);
        refused += 1;
      }
    }
    expect(refused).to.equal(2 * 44);
  });
});

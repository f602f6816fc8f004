import { expect } from "chai";

import { primitives as native } from "../../../src/crypto/primitives/native.js";
import { primitives as portable } from "../../../src/crypto/primitives/portable.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

for (const [name, { scrypt }] of Object.entries({ native, portable }))
  describe(`scrypt of the ${name} primitives`, () => {
    it("gives the key of RFC 7914, section 12", async () => {
      // N = 16384, r = 8, p = 1; the first 32 bytes do not depend on how many are asked for
      const key = await scrypt(bytes("pleaseletmein"), bytes("SodiumChloride"), 14);
      expect(Buffer.from(key).toString("hex")).to.equal(
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
      );
    });

    it("throws the reason of its signal, before and midway", async () => {
      const reason = new Error("enough");
      const thrown = (signal: AbortSignal): Promise<unknown> =>
        scrypt(bytes("a"), bytes("b"), 17, signal).then(
          () => "a key",
          (error: unknown) => error,
        );
      expect(await thrown(AbortSignal.abort(reason))).to.equal(reason);
      const controller = new AbortController();
      setImmediate(() => {
        controller.abort(reason);
      });
      expect(await thrown(controller.signal)).to.equal(reason);
    });
  });

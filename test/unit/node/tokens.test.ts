import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { SignJWT, UnsecuredJWT } from "jose";

import { LONGEST_PUT, issueToken, requireToken, tokenSecret } from "../../../src/node/tokens.js";
import { failure } from "../../helpers/block-store-suite.js";

const secret = new Uint8Array(32).fill(7);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const now = () => Math.floor(Date.now() / 1000);

describe("tokens of a storage node", function () {
  it("allow what their scope says, and managing allows all", async function () {
    const put = await issueToken(secret, { scope: "put", lifetime: LONGEST_PUT });
    const manage = await issueToken(secret, { scope: "manage", lifetime: 400 * 24 * LONGEST_PUT });
    await requireToken(bearer(put), "put", secret);
    await requireToken(bearer(manage), "manage", secret);
    await requireToken({ authorization: `bearer  ${manage}` }, "put", secret);
    expect(await failure(requireToken(bearer(put), "manage", secret), "TOKEN_REFUSED")).to.deep.equal({
      status: 403,
      reason: "scope",
    });
  });

  it("to put live for an hour at most, and for a second at least", async function () {
    for (const [scope, lifetime] of [
      ["put", LONGEST_PUT + 1],
      ["put", Infinity],
      ["manage", Infinity],
      ["manage", NaN],
      ["manage", 999],
      ["put", -1],
    ] as const)
      expect(await failure(issueToken(secret, { scope, lifetime }), "INVALID_ARGUMENT")).to.include({ scope });
  });

  it("are refused when wrong, expired, unsigned, of another algorithm or secret, or none at all", async function () {
    const good = await issueToken(secret, { scope: "manage", lifetime: 60_000 });
    const [head = "", body = "", mark = ""] = good.split(".");
    const claims = { scope: "manage" };
    const later = now() + 60;
    const jwt = (alg: string, key = secret) =>
      new SignJWT(claims).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime(later).sign(key);
    const wrong = {
      invalid: [
        "nonsense",
        `${head}.${body}.`,
        `${head}.${body}.${mark.split("").reverse().join("")}`,
        new UnsecuredJWT(claims).setIssuedAt().setExpirationTime(later).encode(),
        await jwt("HS512", new Uint8Array(64)),
        await jwt("HS256", new Uint8Array(32)),
        await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuedAt().sign(secret),
        await new SignJWT({ scope: "all" })
          .setProtectedHeader({ alg: "HS256" })
          .setIssuedAt()
          .setExpirationTime(later)
          .sign(secret),
        // a longer life than this scope may have, by whoever knows the secret
        await new SignJWT({ scope: "put" })
          .setProtectedHeader({ alg: "HS256" })
          .setIssuedAt()
          .setExpirationTime(now() + 3700)
          .sign(secret),
      ],
      expired: [
        await new SignJWT(claims)
          .setProtectedHeader({ alg: "HS256" })
          .setIssuedAt(now() - 20)
          .setExpirationTime(now() - 10)
          .sign(secret),
      ],
    };
    for (const [reason, tokens] of Object.entries(wrong))
      for (const token of tokens)
        expect(await failure(requireToken(bearer(token), "put", secret), "TOKEN_REFUSED"), token).to.deep.equal({
          status: 401,
          reason,
        });
    for (const authorization of [undefined, "", "Bearer", `Basic ${good}`, `Bearer ${good} ${good}`])
      expect(await failure(requireToken({ authorization }, "put", secret), "TOKEN_REFUSED")).to.include({
        reason: "missing",
      });
  });

  it("need a secret of 32 bytes", async function () {
    const short = secret.slice(1);
    await failure(issueToken(short, { scope: "put", lifetime: 1000 }), "INVALID_ARGUMENT");
    await failure(requireToken({}, "put", short), "INVALID_ARGUMENT");
  });

  describe("their secret", function () {
    let folder: string;
    beforeEach(async function () {
      folder = await mkdtemp(join(tmpdir(), "carekey-tokens-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("is made once, for whoever asks at once, and nobody else reads it", async function () {
      const place = join(folder, "deep", "node");
      const [one, ...others] = await Promise.all([1, 2, 3].map(() => tokenSecret(place)));
      expect(one).to.have.length(32);
      for (const other of [...others, await tokenSecret(place)]) expect(other).to.deep.equal(one);
      expect((await stat(join(place, "token-secret"))).mode & 0o777).to.equal(0o600);
      expect(Uint8Array.from(await readFile(join(place, "token-secret")))).to.deep.equal(one);
    });

    it("is refused when it was cut, and when its folder is none", async function () {
      await writeFile(join(folder, "token-secret"), "short");
      expect(await failure(tokenSecret(folder), "STORE_FAILED")).to.include({ reason: "secret" });
      await failure(tokenSecret(join(folder, "token-secret")), "STORE_FAILED");
    });
  });
});

import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { ESLint } from "eslint";

const signing = /\b(?:signMessage|signMessageSync|signTypedData|personal_sign|eth_sign\w*)\b/;
/** Stamps and consents: EIP-712 data that a wallet shows. */
const allowed = ["src/chain/signed/action.ts", "src/crypto/stamp.ts"];

describe("signatures of a wallet", function () {
  this.timeout(60_000);

  it("are asked for in two files, which derive no key", async () => {
    const files = (await readdir("src", { recursive: true })).filter((file) => file.endsWith(".ts"));
    const sources = await Promise.all(
      files.map(async (file) => {
        const name = path.posix.join("src", ...file.split(path.sep));
        return { name, text: await readFile(name, "utf8") };
      }),
    );
    // generated from the contracts' ABIs
    const own = sources.filter(({ name }) => !name.startsWith("src/chain/typechain/"));
    const asking = own.filter(({ text }) => signing.test(text)).map(({ name }) => name);
    expect(asking.sort()).to.deep.equal(allowed);
    for (const { name, text } of own.filter((each) => allowed.includes(each.name)))
      expect(text, name).not.to.match(/hkdf|scrypt|pbkdf|deriveKey|createHmac/i);
  });

  it("are refused elsewhere by the linter, however they are written", async () => {
    const eslint = new ESLint();
    const lint = async (line: string, filePath: string): Promise<string[]> => {
      const [result] = await eslint.lintText(`${line}\n`, { filePath });
      return result?.messages.map(({ ruleId }) => ruleId ?? "").filter((rule) => rule === "no-restricted-syntax") ?? [];
    };
    // a file that the type-checked rules know
    const file = "src/crypto/keyring/wrap.ts";
    for (const line of [
      'export const key = await wallet.signMessage("unlock");',
      'export const key = await wallet["signTypedData"]({}, {}, {});',
      'export const key = await provider.send("personal_sign", ["0x00", address]);',
      "export const { signMessage } = wallet;",
    ])
      expect(await lint(line, file), line).to.not.be.empty;
    expect(await lint("export const key = await signer.signTypedData({}, {}, {});", "src/crypto/stamp.ts")).to.be.empty;
  });
});

// SPDX-License-Identifier: Apache-2.0
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

/** Everything that Solidity tests and proofs are called, without `test_` and the like. */
async function namesOf(folder: string): Promise<Set<string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".sol"));
  const sources = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
  const names = sources.flatMap((source) => [...source.matchAll(/function (?:testFuzz_|test_)?(\w+)/g)]);
  const stems = files.map((file) => path.basename(file).replace(/(\.t)?\.sol$/, ""));
  return new Set([...names.map(([, name]) => name ?? ""), ...stems]);
}

describe("docs/threat-model.md", () => {
  it("names tests that exist", async () => {
    const [, onChain = ""] = (await readFile("docs/threat-model.md", "utf8")).split("## On chain");
    const rows = (onChain.split("## Off chain")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
    const known = new Set([...(await namesOf("test/solidity")), ...(await namesOf("test/proofs"))]);
    const named = rows.slice(2).flatMap((row) => {
      const test = row.split(" | ").at(-1) ?? "";
      const proofs = [...test.matchAll(/check_\w+/g)].map(([name]) => name);
      const tests = [...test.matchAll(/(?<![\w/.…])[a-z]+[A-Z]\w*(?![\w…])/g)].map(([name]) => name);
      const files = [...test.matchAll(/`(?:consent\/|records\/|registries\/|properties\/)?([A-Z]\w+)`/g)].map(
        ([, name]) => name ?? "",
      );
      return [...proofs, ...tests, ...files];
    });
    expect(named.length).to.be.greaterThan(60);
    expect(named.filter((name) => !known.has(name))).to.deep.equal([]);
  });

  it("names cases of tests that exist, off chain", async () => {
    const [, offChain = ""] = (await readFile("docs/threat-model.md", "utf8")).split("## Off chain");
    const rows = offChain.split("\n").filter((line) => /^\| \d/.test(line));
    let sentences = 0;
    for (const row of rows) {
      let file = "";
      let source = "";
      for (const [, named, sentence = ""] of (row.split(" | ").at(-1) ?? "").matchAll(/`([^`]+)`|"([^"]+)"/g)) {
        if (named !== undefined) {
          file = path.join("test", named);
          source = (await stat(file)).isFile() ? await readFile(file, "utf8") : "";
        } else {
          expect(source, `${file}: ${sentence}`).to.include(`it("${sentence}"`);
          sentences += 1;
        }
      }
      expect(file, row).to.not.equal("");
    }
    expect(sentences).to.be.greaterThan(60);
  });
});

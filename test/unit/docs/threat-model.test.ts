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

  it("names files and sentences of tests that exist, off the chain too", async () => {
    const [, offChain = ""] = (await readFile("docs/threat-model.md", "utf8")).split("## Off chain");
    const rows = offChain.split("\n").filter((line) => line.startsWith("| "));
    const tests = rows.slice(2).map((row) => row.split(" | ").at(-1) ?? "");
    let sentences = 0;
    for (const test of tests) {
      const files = [...test.matchAll(/`(unit\/[^`]+)`/g)].map(([, file = ""]) => path.join("test", file));
      expect(files, test).not.to.be.empty;
      for (const file of files) await stat(file);
      const sources = await Promise.all(
        files.filter((file) => file.endsWith(".ts")).map((file) => readFile(file, "utf8")),
      );
      for (const [, sentence = ""] of test.matchAll(/"([^"]+)"/g)) {
        sentences++;
        expect(
          sources.some((source) => source.includes(`it("${sentence}"`)),
          sentence,
        ).to.equal(true);
      }
    }
    expect(sentences).to.be.greaterThan(15);
  });
});

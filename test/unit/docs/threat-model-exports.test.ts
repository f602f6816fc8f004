import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

describe("docs/threat-model.md, exports", () => {
  it("names cases of tests that exist", async () => {
    const [, exports = ""] = (await readFile("docs/threat-model.md", "utf8")).split("### Exports");
    const rows = (exports.split("\n#")[0] ?? "").split("\n").filter((line) => /^\| \d/.test(line));
    expect(rows.map((row) => /\d+/.exec(row)?.[0])).to.deep.equal(["27"]);
    const sentences = rows
      .flatMap((row) => (row.split(" | ").at(-1) ?? "").split("; "))
      .map(async (part) => {
        const file = /`([a-z/-]+\.test\.ts)`/.exec(part)?.[1] ?? "";
        const source = await readFile(path.join("test", file), "utf8");
        const named = [...part.matchAll(/"([^"]+)"/g)].map(([, sentence = ""]) => sentence);
        for (const sentence of named) expect(source, `${file}: ${sentence}`).to.include(`it("${sentence}"`);
        return named.length;
      });
    expect((await Promise.all(sentences)).reduce((sum, count) => sum + count, 0)).to.be.at.least(4);
  });
});

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { describeCommands } from "../../../src/cli/completion/describe.js";
import { exitCodes } from "../../../src/cli/exit-codes.js";
import { Interruption } from "../../../src/cli/interruption.js";
import { buildProgram } from "../../../src/cli/program.js";
import { errorCodes } from "../../../src/errors.js";

const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");

describe("docs/cli.md", function () {
  it("has a row for every exit code, as the command has it", function () {
    const rows = [...page.matchAll(/^\| (\d+) +\| `([A-Z_]+)` +\|/gm)].map(([, exit, code = ""]) => [
      code,
      Number(exit),
    ]);
    expect(Object.fromEntries(rows)).to.deep.equal(exitCodes);
    expect(Object.keys(exitCodes)).to.have.members(errorCodes);
    expect(new Set(Object.values(exitCodes)).size).to.equal(errorCodes.length);
  });

  it("has a row with an example for every command", function () {
    const { program } = buildProgram({
      streams: process,
      env: {},
      version: "",
      interruption: new Interruption(() => undefined),
    });
    const commands = describeCommands(program)
      .filter(({ path, commands: below }) => path.length > 0 && below.length === 0)
      .map(({ path }) => path.join(" "));
    const rows = [...page.matchAll(/^\| `([a-z -]+)` +\|[^|]+\| `([^`]+)` +\|/gm)];
    expect(rows.map(([, command]) => command)).to.have.members(commands);
    for (const [, command = "", example = ""] of rows) expect(example).to.include(command);
  });
});

import { expect } from "chai";

import { purposes, roles } from "../../src/index.js";
import { build, main, root } from "./helpers/built.js";
import { outcomeOf } from "./helpers/person.js";

describe("shell completion", function () {
  before(build);

  it("offers commands, options and their values in bash", async () => {
    expect(await offers("")).to.include.members(["init", "record", "lockdown", "--json"]);
    expect(await offers("req")).to.have.members(["request", "requests"]);
    expect(await offers("record", "")).to.include.members([
      "add",
      "list",
      "show",
      "open",
      "export",
      "amend",
      "retract",
    ]);
    expect(await offers("requests", "")).to.include.members(["list", "approve", "narrow", "decline", "withdraw"]);
    expect(await offers("grants", "--verify", "")).to.have.members(["proof", "quorum", "none"]);
    expect(await offers("delegate", "0x00", "--lo")).to.deep.equal(["--longest"]);
    expect(await offers("record", "")).not.to.include("init");
    expect(await offers("grant", "0x00", "--pur")).to.deep.equal(["--purpose"]);
    expect(await offers("grant", "0x00", "--purpose", "")).to.have.members([...purposes]);
    expect(await offers("credential", "issue", "0x00", "pr")).to.deep.equal(["practitioner"]);
    expect(await offers("record", "add", "x", "--role", "")).to.have.members([...roles]);
    expect(await offers("record", "add", "x", "--ea")).to.deep.equal(["--each"]);
    for (const command of ["list", "show", "open", "export", "amend", "retract", "rotate"])
      expect(await offers("record", command, "0x00", "--un"), command).to.deep.equal(["--under"]);
    expect(await offers("record", "list", "--purpose", "TRE")).to.include("TREAT");
    expect(await offers("completion", "")).to.include.members(["bash", "zsh", "fish"]);
  });

  it("is not led astray by global options and values that are called as commands are", async () => {
    expect(await offers("--json", "record", "ad")).to.deep.equal(["add"]);
    expect(await offers("--profile", "grant", "record", "ad")).to.deep.equal(["add"]);
    expect(await offers("record", "add", "x", "--title", "")).to.deep.equal([]);
  });

  it("offers files where a file is meant, folders where a folder is", async () => {
    expect(await offers("record", "add", "pack")).to.include("package.json");
    expect(await offers("init", "--deployment", "pack")).to.include("package.json");
    const folders = await offers("record", "export", "0x00", "--to", "s");
    expect(folders).to.include("src").and.not.to.include("solhint.json");
  });

  for (const [shell, check] of [
    ["zsh", "-n"],
    ["fish", "--no-execute"],
  ] as const)
    it(`is a script that ${shell} can read`, async function () {
      const found = await outcomeOf("bash", ["-c", `command -v ${shell}`]);
      if (found.code !== 0) this.skip();
      const script = `"$0" "$1" completion ${shell} | ${shell} ${check}`;
      expect(await outcomeOf("bash", ["-c", script, process.execPath, main])).to.deep.equal({
        code: 0,
        stdout: "",
        stderr: "",
      });
    });
});

/** What a real bash completes the last of the words to. */
async function offers(...words: readonly string[]): Promise<string[]> {
  const script = `
    source <("$0" "$1" completion bash); shift
    COMP_WORDS=(carekey "$@"); COMP_CWORD=$#; _carekey; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const call = ["--norc", "-c", script, process.execPath, main, ...words];
  const { code, stdout, stderr } = await outcomeOf("bash", call, process.env, root);
  expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
  return stdout.split("\n").filter((word) => word !== "");
}

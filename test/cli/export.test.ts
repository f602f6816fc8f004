import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

describe("the command line, taking a chart along", function () {
  this.timeout(240_000);
  let home: Home;
  let patient: Person;
  const at = (...names: string[]): string => path.join(home.folder, ...names);

  before(async () => {
    home = (await world()).home();
    patient = await home.member("patient");
    await patient.json("compartment", "add", "diary");
    await writeFile(at("monday.txt"), "slept well");
    await patient.json("record", "add", at("monday.txt"), "--compartment", "diary", "--title", "Monday");
  });

  it("lists what the records are, and keeps nothing in the clear", async () => {
    for (let time = 0; time < 2; time++) {
      const { records } = await patient.json<{ records: { summary: { title: string } }[] }>("record", "list");
      expect(records.map(({ summary }) => summary.title)).to.include("Monday");
    }
    expect((await readFile(path.join(patient.folder, "chart.age"))).includes("Monday")).to.equal(false);
  });

  it("exports in the clear and sealed, and verifies without node and store", async () => {
    const { records } = await patient.json<{ records: string[] }>("export", at("clear"));
    await patient.json("export", at("sealed"), "--sealed");
    expect(records).to.have.lengthOf(2);
    const { block } = JSON.parse(await readFile(at("clear", "export.json"), "utf8")) as { block: { hash: string } };
    // no profile is needed at all
    const nobody = { CAREKEY_HOME: at("nowhere"), CAREKEY_PASSPHRASE_FILE: "" };
    const report = await patient.run(["verify", at("clear"), "--block-hash", block.hash, "--json"], nobody);
    expect(report.code).to.equal(0);
    expect(JSON.parse(report.stdout)).to.include({ ok: true, blockTrusted: true });
    const unlocked = await patient.json<{ records: { proven: string[] }[] }>("verify", at("sealed"), "--unlock");
    for (const { proven } of unlocked.records) expect(proven).to.include.members(["files", "stamps", "anchor"]);
    expect((await patient.fails(["export", at("clear")])).exit).to.equal(13);
  });

  it("ends with 48 where something was altered, and says where", async () => {
    const [record = ""] = await readdir(at("clear", "records"));
    await writeFile(at("clear", "records", record, "body.cbor"), "x");
    const { code, stdout, stderr } = await patient.run(["verify", at("clear"), "--json"]);
    expect(code).to.equal(48);
    const { problems } = JSON.parse(stdout) as { problems: { file: string }[] };
    expect(problems.map(({ file }) => file)).to.include(`records/${record}/body.cbor`);
    expect(JSON.parse(stderr)).to.have.nested.property("error.code", "EXPORT_INVALID");
  });

  it("ends with 49 where a record could not be opened", async () => {
    const { records } = await patient.json<{ records: { manifest: string }[] }>("record", "list");
    const blocks = await readdir(home.blocks, { recursive: true, withFileTypes: true });
    const { base32upper } = await import("multiformats/bases/base32");
    const digest = Buffer.from(records.at(-1)!.manifest.slice(2), "hex");
    const name = `${base32upper.encoder.baseEncode(Uint8Array.from([0x12, 0x20, ...digest]))}.data`;
    const block = blocks.find((each) => each.name === name)!;
    await writeFile(path.join(block.parentPath, block.name), "rotten");
    const { code, stdout } = await patient.run(["export", at("rest"), "--json"]);
    expect(code).to.equal(49);
    expect(JSON.parse(stdout)).to.have.nested.property("missing[0].code", "BLOCK_INVALID");
    expect((await patient.json<{ ok: boolean }>("verify", at("rest"))).ok).to.equal(true);
  });
});

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { indexType } from "../../src/record/index-file.js";
import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** What `record add --each` says. */
interface Added {
  readonly patient: string;
  readonly compartment: string;
  readonly recordId: string;
  readonly records: readonly [string, string, string];
  readonly transaction?: string;
}

/** What `record list` says. */
interface Listed {
  readonly patient: string;
  readonly records: readonly {
    readonly recordId: string;
    readonly status: string;
    readonly under?: string;
    readonly summary?: { readonly title?: string; readonly mediaTypes: readonly string[] };
  }[];
}

describe("the command line of many records at once", function () {
  this.timeout(300_000);
  const reports = { "sodium.txt": "140 mmol/L", "glucose.fasting.txt": "5.4 mmol/L", "iron.txt": "17 µmol/L" };
  const titles = ["sodium", "glucose.fasting", "iron"];
  const purpose = ["--purpose", "TREAT"];
  /** No record has this id. */
  const nowhere = `0x${"ff".repeat(32)}`;
  let home: Home;
  let patient: Person, laboratory: Person, reader: Person, late: Person;
  let files: string[];
  let place: string[];
  let compartment: string, list: string;
  let first: string, second: string, third: string;
  const at = (...names: string[]): string => path.join(home.folder, ...names);

  before(async () => {
    home = (await world()).home();
    const admin = await home.administrator();
    const hospital = await home.member("hospital");
    patient = await home.member("patient");
    laboratory = await home.member("laboratory");
    reader = await home.member("reader");
    late = await home.member("late");
    await admin.json("credential", "accredit", hospital.address, "laboratory");
    for (const { address } of [laboratory, late]) await hospital.json("credential", "issue", address, "laboratory");
    ({ label: compartment } = await patient.json<{ label: string }>("compartment", "add", "laboratory"));
    const grant = ["--scope", "laboratory", "--until", "1y"];
    await patient.json("grant", laboratory.address, "--write", ...grant);
    await patient.json("grant", reader.address, ...purpose, ...grant);
    place = ["--patient", patient.address, "--compartment", "laboratory", "--role", "laboratory", "--each"];
    files = Object.keys(reports).map((name) => at(name));
    for (const [name, text] of Object.entries(reports)) await writeFile(at(name), text);
  });

  it("adds each file as a record, in one transaction, and sends all their keys", async () => {
    const added = await laboratory.json<Added>("record", "add", ...files, ...place, "--title", "Blood of Monday");
    expect(added).to.have.all.keys(
      ...["patient", "compartment", "recordId", "records", "transaction", "delivered"],
      ...["withoutKey", "held", "revokedMeanwhile"],
    );
    expect(added).to.deep.include({
      patient: patient.address,
      compartment,
      delivered: [reader.address],
      withoutKey: [],
      held: [],
    });
    expect(added.transaction).to.match(/^0x[0-9a-f]{64}$/);
    expect(new Set(added.records)).to.have.lengthOf(3);
    list = added.recordId;
    [first, second, third] = added.records;
  });

  it("ends in the same records when it is done again, and says so", async () => {
    const again = await laboratory.json<Added>("record", "add", ...files, ...place);
    expect(again).to.deep.include({ recordId: list, records: [first, second, third] });
    expect(again.transaction).to.equal(undefined);
    const { code, stdout } = await laboratory.run(["record", "add", ...files, ...place]);
    expect(code).to.equal(0);
    expect(stdout.split("\n")[0]).to.equal(`List ${list}: 3 records, anchored before; nothing was doubled`);
  });

  it("says in words what was added, and to whom keys went", async () => {
    const files = [at("zinc.txt"), at("copper.txt")];
    for (const [number, file] of files.entries()) await writeFile(file, `${number + 12} µmol/L`);
    const { code, stdout } = await laboratory.run(["record", "add", ...files, ...place]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^List 0x[0-9a-f]{64}: 2 records, in one transaction$/m);
    expect(stdout).to.include(`Key sent to ${reader.address}\n`);
  });

  it("shows a patient the records with their titles, and the list in JSON only", async () => {
    const { records } = await patient.json<Listed>("record", "list");
    expect(records.find(({ recordId }) => recordId === list)?.summary).to.deep.include({
      title: "Blood of Monday",
      mediaTypes: [indexType],
    });
    const named = records.filter(({ under }) => under === list);
    expect(named.map(({ recordId }) => recordId)).to.deep.equal([first, second, third]);
    expect(named.map(({ summary }) => summary?.title)).to.deep.equal(titles);

    const { stdout } = await patient.run(["record", "list"]);
    for (const [number, id] of [first, second, third].entries())
      expect(stdout).to.match(new RegExp(` ${titles[number]} .* ${id} +${list}$`, "m"));
    expect(stdout).not.to.include(indexType).and.not.to.include("Blood of Monday");
    // nobody without lists sees a column for them
    const { stdout: plain } = await reader.run(["record", "list"]);
    expect(plain.split("\n")[0]).to.match(/record$/);
  });

  it("shows a reader what a list names, and opens it by the list", async () => {
    const { records } = await reader.json<Listed>("record", "list", "--under", list, ...purpose);
    expect(records.map(({ recordId, under }) => [recordId, under])).to.deep.equal(
      [first, second, third].map((id) => [id, list]),
    );
    const { stdout } = await reader.run(["record", "list", "--under", list, ...purpose]);
    expect(stdout).to.match(new RegExp(`^[-0-9: ]+UTC +laboratory +${laboratory.address} +anchored +${first}$`, "m"));

    const unknown = await reader.fails(["record", "show", first, ...purpose]);
    expect(unknown).to.include({ exit: 43, code: "RECORD_UNKNOWN" });
    expect(await reader.fails(["record", "show", first, "--under", nowhere, ...purpose])).to.include({ exit: 43 });
    expect(unknown.remedy).to.match(/where a list names the record/i);
    const under = ["--under", list, ...purpose];
    const shown = await reader.json("record", "show", first, ...under);
    expect(shown).to.deep.include({ recordId: first, under: list, author: laboratory.address, status: "anchored" });
    expect(shown).to.have.nested.property("stamps[0].proven", true);
    expect((await reader.run(["record", "show", second, ...under])).stdout).to.match(
      new RegExp(`^List +${list}$`, "m"),
    );
    expect(await reader.json("record", "open", second, "--to", at("pictures"), ...under)).to.deep.include({
      recordId: second,
      pictures: [],
    });
    const exported = await reader.json<{ files: string[] }>("record", "export", first, "--to", at("out"), ...under);
    expect(exported.files.map((file) => path.basename(file))).to.deep.equal(["sodium.txt"]);
    expect(await readFile(at("out", "sodium.txt"), "utf8")).to.equal(reports["sodium.txt"]);
  });

  it("opens a patient's own without the list's id", async () => {
    expect(await patient.json("record", "show", third)).to.include({ recordId: third, under: list });
    expect(await patient.json("record", "show", third, "--under", list)).to.include({ under: list });
    const { records } = await patient.json<Listed>("record", "list", "--under", list);
    expect(records).to.have.lengthOf(3);
  });

  it("narrows a request for a compartment to one record that a list names", async () => {
    const asked = ["--scope", compartment, ...purpose, "--role", "laboratory", "--until", "7d"];
    const { id } = await late.json<{ id: number }>("request", patient.address, ...asked);
    const narrowed = await patient.json("requests", "narrow", String(id), "--scope", third);
    expect(narrowed).to.deep.include({ scope: third, records: [third] });
    // it has an anchor of its own now: no list has to be named
    expect(await late.json("record", "show", third, ...purpose)).to.include({ recordId: third });
    expect(await late.fails(["record", "show", first, "--under", list, ...purpose])).to.include({ exit: 23 });
  });

  it("amends one for its author, retracts one for the patient", async () => {
    const better = at("better.txt");
    await writeFile(better, "141 mmol/L");
    const reason = ["--reason", "wrong content"];
    const amend = ["record", "amend", first, better, ...reason, "--role", "laboratory"];
    expect(await laboratory.fails(amend)).to.include({ exit: 43 });
    expect(await laboratory.json(...amend, "--under", list)).to.include({ replaces: first });

    const retract = ["record", "retract", second, "--reason", "wrong patient", "--yes"];
    await reader.fails([...retract, "--under", list]);
    expect(await patient.json(...retract)).to.deep.equal({
      recordId: second,
      reason: "wrong patient",
      retracted: true,
    });
    expect(await reader.fails(["record", "show", second, "--under", list, ...purpose])).to.include({ exit: 44 });
    const { records } = await reader.json<Listed>("record", "list", "--under", list, ...purpose);
    expect(records.map(({ recordId, status }) => [recordId, status])).to.deep.equal([
      [first, "amended"],
      [second, "retracted"],
      [third, "anchored"],
    ]);
  });

  it("rotates and retracts one for its author, by the list", async () => {
    const files = [at("lead.txt"), at("mercury.txt")];
    for (const file of files) await writeFile(file, `none in ${path.basename(file)}`);
    const { recordId: under, records } = await laboratory.json<Added>("record", "add", ...files, ...place);
    const [one, two] = records;
    expect(await laboratory.fails(["record", "rotate", one])).to.include({ exit: 43 });
    const rotated = await laboratory.json("record", "rotate", one, "--under", under);
    expect(rotated).to.deep.include({ recordId: one, parts: 1, delivered: [reader.address] });
    await reader.json("record", "show", one, ...purpose);
    const retract = ["record", "retract", two, "--reason", "duplicate", "--yes"];
    expect(await laboratory.fails(retract)).to.include({ exit: 43 });
    expect(await laboratory.json(...retract, "--under", under)).to.include({ retracted: true });
  });

  it("refuses what makes no sense", async () => {
    expect(await reader.fails(["record", "list", "--under", nowhere, ...purpose])).to.include({ exit: 43 });
    expect(await late.fails(["record", "list", "--under", list, ...purpose])).to.include({ exit: 23 });
    expect(await reader.fails(["record", "list", "--under", list])).to.include({ exit: 2 });
    const noList = await reader.run(["record", "list", "--under", third, ...purpose]);
    expect(noList).to.include({ code: 0, stdout: `Record ${third} is no list: it names no other record.\n` });
    expect(await reader.json<Listed>("record", "list", "--under", third, ...purpose)).to.deep.include({
      ...{ patient: patient.address, under: third, records: [] },
    });
    const twice = await laboratory.fails(["record", "add", files[0]!, files[0]!, ...place]);
    expect(twice).to.include({ exit: 2, code: "INVALID_ARGUMENT" });
    await writeFile(at("empty.txt"), "");
    expect(await laboratory.fails(["record", "add", ...files, at("empty.txt"), ...place])).to.include({ exit: 11 });
    expect(await reader.fails(["record", "add", ...files, ...place])).to.include({ exit: 20 });

    // before anything is unlocked
    const locked = { CAREKEY_PASSPHRASE_FILE: "/nowhere" };
    for (const args of [
      ["show", third, "--under", "0x12"],
      ["open", third, "--under", `0x${"01".repeat(32)}`],
      ["export", third, "--to", at("never"), "--under", "list"],
      ["amend", third, files[0]!, "--reason", "other", "--under", "0x12"],
      ["retract", third, "--reason", "other", "--under", "0x12"],
      ["rotate", third, "--under", ""],
      ["list", "--under", "0x12"],
      ["list", ...purpose],
      ["list", "--under", list, "--patient", patient.address],
    ]) {
      const { code, stdout, stderr } = await patient.run(["record", ...args], locked);
      expect({ code, stdout }, args.join(" ")).to.deep.equal({ code: 2, stdout: "" });
      expect(stderr).not.to.equal("");
    }
    const { what } = await patient.fails(["record", "show", third, "--under", "0x12"], locked);
    expect(what).to.equal('"0x12" is no record id (32 bytes, top bit set)');
  });
});

import { readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { noise } from "../helpers/dags.js";
import { main } from "./helpers/built.js";
import type { Person } from "./helpers/person.js";
import { Screen, ctrlC } from "./helpers/screen.js";
import { type Home, world } from "./helpers/world.js";

const MiB = 1024 * 1024;

describe("the command line in a terminal", function () {
  this.timeout(240_000);
  let home: Home;
  let patient: Person;

  before(async () => {
    home = (await world()).home();
    patient = await home.member("patient");
    await patient.json("compartment", "add", "imaging");
  });

  it("asks a new actor for the node and twice for the passphrase, and never shows it", async () => {
    const { rpc, deployment } = home.world;
    const ida = await home.person("ida");
    const screen = ida.sit("init", "--deployment", deployment, "--i-accept-loss");
    await screen.answer(/JSON-RPC node/, rpc);
    await screen.answer(/Choose a passphrase/, ida.passphrase);
    await screen.answer(/Once more/, ida.passphrase);
    expect(await screen.ended).to.equal(0);
    expect(screen.text).not.to.include(ida.passphrase);
    expect(screen.hasCursor).to.equal(true);
    const { address } = await ida.json<{ address: string }>("whoami");
    expect(screen.text).to.include(address);
  });

  it("makes nothing of two passphrases that differ, nor of one that is short", async () => {
    const { rpc, deployment } = home.world;
    const eve = await home.person("eve");
    const differing = eve.sit("init", "--rpc", rpc, "--deployment", deployment);
    await differing.answer(/Choose a passphrase/, eve.passphrase);
    await differing.answer(/Once more/, "something else entirely");
    expect(await differing.ended).to.equal(2);
    const short = eve.sit("init", "--rpc", rpc, "--deployment", deployment);
    await short.answer(/Choose a passphrase/, "short");
    expect(await short.ended).to.equal(2);
    expect(await readdir(path.dirname(patient.folder))).not.to.include("eve");
    expect((await eve.fails(["whoami"])).exit).to.equal(70);
  });

  it("says so when the passphrase is wrong", async () => {
    const screen = patient.sit("key");
    await screen.answer(/Passphrase of patient/, "not the passphrase");
    expect(await screen.ended).to.equal(34);
    expect(screen.text).not.to.include("not the passphrase");
  });

  it("asks before a lockdown, and No does nothing", async () => {
    const screen = patient.sit("lockdown");
    await screen.shows(/Void every grant/);
    screen.type("n");
    expect(await screen.ended).to.equal(130);
    const { log } = await patient.json<{ log: { what: string }[] }>("log");
    expect(log.map(({ what }) => what)).not.to.include("locked down");

    const yes = patient.sit("lockdown");
    await yes.shows(/Void every grant/);
    yes.type("y");
    await yes.answer(/Passphrase of patient/, patient.passphrase);
    expect(await yes.ended).to.equal(0);
  });

  it("leaves the terminal as it was after Ctrl-C at a question", async () => {
    const env = { PATH: process.env.PATH, CAREKEY_HOME: home.folder, CAREKEY_PROFILE: "patient", TERM: "xterm" };
    const look = '"$0" "$1" key; status=$?; stty -a; echo "cursor row"; exit $status';
    const screen = new Screen("bash", ["-c", look, process.execPath, main], env);
    await screen.shows(/Passphrase of patient/);
    screen.type(ctrlC);
    await screen.shows(/cursor row/);
    expect(await screen.ended).to.equal(130);
    expect(screen.hasCursor).to.equal(true);
    for (const setting of ["icanon", "echo", "isig", "opost"])
      expect(screen.text).to.match(new RegExp(`\\s${setting}\\b`));
  });

  it("ends at once and in order when it is told to, also while it unlocks", async () => {
    const asking = patient.sit("key");
    await asking.shows(/Passphrase of patient/);
    asking.terminate();
    expect(await asking.ended).to.equal(130);
    expect(asking.hasCursor).to.equal(true);

    const unlocking = patient.sit("key");
    await unlocking.answer(/Passphrase of patient/, patient.passphrase);
    await unlocking.shows(/unlocking/);
    unlocking.type(ctrlC);
    expect(await unlocking.ended).to.equal(130);
    expect(unlocking.plain)
      .to.match(/Interrupted\./)
      .and.not.to.include("unlocking");
  });

  it("lets nobody's text play with the terminal", async () => {
    const file = path.join(home.folder, "note.txt");
    await writeFile(file, "a note");
    const red = "\u001b[31mred\u001b[0m";
    const titled = ["--title", red, "--compartment", "imaging"];
    const added = await patient.run(["record", "add", file, ...titled, "--json"]);
    // refused or made harmless: both will do
    if (added.code === 0) {
      const { recordId } = JSON.parse(added.stdout) as { recordId: string };
      const { stdout } = await patient.run(["record", "show", recordId]);
      expect(stdout).to.include("red").and.not.to.include("\u001b");
    } else expect(added.code).to.equal(2);
  });

  it("shows how far a share is; Ctrl-C takes it all back, and doing it again ends in one record", async () => {
    const file = path.join(home.folder, "scan.bin");
    await writeFile(file, noise(192 * MiB, MiB));
    const add = ["record", "add", file, "--compartment", "imaging"];
    const before = await contents(home.blocks);
    const others = (await scans()).length;

    const stopped = patient.sit(...add);
    await stopped.answer(/Passphrase of patient/, patient.passphrase);
    await stopped.shows(/sealing, file 1: [1-9]\d* %/);
    stopped.type(ctrlC);
    expect(await stopped.ended).to.equal(130);
    expect(stopped.plain).to.match(/Interrupted\. *\n.*\[CANCELLED\]/);
    expect(stopped.plain).not.to.include("%");
    expect(stopped.hasCursor).to.equal(true);
    expect(await contents(home.blocks)).to.deep.equal(before);
    expect(await scans()).to.have.lengthOf(others);

    const again = patient.sit(...add);
    await again.answer(/Passphrase of patient/, patient.passphrase);
    await again.shows(/sealing, file 1: [1-9]\d* %/);
    await again.shows(/Record 0x[0-9a-f]{64}/);
    expect(await again.ended).to.equal(0);
    expect(again.plain).not.to.include("%");
    expect(await scans()).to.have.lengthOf(others + 1);

    const { stdout, stderr, code } = await patient.run(add);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(stdout).to.include("nothing was doubled").and.not.to.include("\u001b");
    expect(await scans()).to.have.lengthOf(others + 1);
  });

  it("breaks and cuts no line of a table in a narrow terminal", async () => {
    const screen = patient.sitAt(80, "record", "list");
    await screen.answer(/Passphrase of patient/, patient.passphrase);
    expect(await screen.ended).to.equal(0);
    const records = [...screen.plain.matchAll(/^record {7}0x[0-9a-f]{64}$/gm)];
    const all = await patient.json<{ records: object[] }>("record", "list");
    expect(records).to.have.lengthOf(all.records.length);
  });

  /** Records beside the profile's. */
  async function scans(): Promise<object[]> {
    const { compartments } = await patient.json<{ compartments: { label: string }[] }>("compartment", "list");
    const { records } = await patient.json<{ records: { compartment: string }[] }>("record", "list");
    return records.filter(({ compartment }) => compartment === compartments[0]!.label);
  }
});

/** All files below a store's folder: blocks, pins, and what is being written. */
async function contents(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const stats = await Promise.all(
    names.map(async (name) => ({ name, isFile: (await stat(path.join(folder, name))).isFile() })),
  );
  return stats.flatMap(({ name, isFile }) => (isFile ? [name] : [])).sort();
}

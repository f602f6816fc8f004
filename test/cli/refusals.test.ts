import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import { main } from "./helpers/built.js";
import { type Person, outcomeOf } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** Nothing listens there (the port of discarded bytes). */
const dead = "http://127.0.0.1:9";
const somebody = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe("the command line refuses what it can't do", function () {
  this.timeout(240_000);
  let home: Home;
  let patient: Person;
  let record: string;
  let label: string;
  let file: string;
  let state: string;

  before(async () => {
    home = (await world()).home();
    patient = await home.member("patient");
    ({ label } = await patient.json<{ label: string }>("compartment", "add", "imaging"));
    file = path.join(home.folder, "note.txt");
    await writeFile(file, "a note");
    ({ recordId: record } = await patient.json<{ recordId: string }>(
      "record",
      "add",
      file,
      "--compartment",
      "imaging",
    ));
  });
  beforeEach(async () => {
    state = await digestOf(home.folder);
  });
  afterEach(async () => {
    expect(await digestOf(home.folder), "profiles and store").to.equal(state);
  });

  it("knows no passphrase but the right one, and needs one", async () => {
    const wrong = path.join(home.world.folder, "wrong.passphrase");
    await writeFile(wrong, "something else\n");
    expect(await patient.fails(["key"], { CAREKEY_PASSPHRASE_FILE: wrong })).to.include({ exit: 34 });
    expect(await patient.fails(["key"], { CAREKEY_PASSPHRASE_FILE: "/nowhere" })).to.include({ exit: 10 });
    expect(await patient.fails(["key"], { CAREKEY_PASSPHRASE_FILE: "" })).to.include({ exit: 2 });
  });

  it("says which profile is missing, and replaces none", async () => {
    const nobody = await patient.fails(["--profile", "nobody", "whoami"]);
    expect(nobody).to.deep.include({ exit: 70, code: "PROFILE_MISSING", details: { profile: "nobody" } });
    expect(await patient.fails(["--profile", "../patient", "whoami"])).to.include({ exit: 2 });
    expect(await patient.fails(["init", "--rpc", home.world.rpc])).to.include({ exit: 71 });
  });

  it("says which file of a profile is missing or damaged", async () => {
    const damages: readonly [string, (file: string) => Promise<void>][] = [
      ["removed", (each) => rm(each)],
      ["empty", (each) => truncate(each, 0)],
      ["cut", async (each) => truncate(each, Math.floor((await stat(each)).size * 0.6))],
    ];
    for (const name of ["profile.json", "vault.carekey"]) {
      for (const [how, damage] of damages) {
        const copy = path.join(home.world.folder, "damaged");
        await cp(path.join(home.folder, "profiles"), path.join(copy, "profiles"), { recursive: true });
        await damage(path.join(copy, "profiles", "patient", name));
        const failure = await patient.fails(["key"], { CAREKEY_HOME: copy });
        expect(failure, `${name} ${how}`).to.deep.include({ exit: 72, details: { profile: "patient", file: name } });
        await rm(copy, { recursive: true });
      }
    }
  });

  it("says what is wrong with a node", async () => {
    await withProfile({ rpc: dead }, async (env) => {
      expect(await patient.fails(["record", "list"], env)).to.include({ exit: 60 });
      expect(await patient.fails(["whoami"], env)).to.include({ exit: 60 });
    });
    await withProfile({ rpc: "no address" }, async (env) => {
      expect(await patient.fails(["record", "list"], env)).to.include({ exit: 60 });
    });
    expect(await patient.fails(["--profile", "new", "init", "--rpc", dead])).to.include({ exit: 60 });

    const server = await network.createServer({ network: "node", override: { chainId: 31_338 } }, "127.0.0.1", 0);
    const { port } = await server.listen();
    const rpc = `http://127.0.0.1:${port}`;
    try {
      await withProfile({ rpc }, async (env) => {
        const failure = await patient.fails(["record", "list"], env);
        expect(failure).to.deep.include({ exit: 62, details: { actual: 31_338, expected: 31_337 } });
      });
      const init = ["--profile", "new", "init", "--rpc", rpc];
      expect(await patient.fails([...init, "--deployment", home.world.deployment])).to.include({ exit: 62 });
      expect(await patient.fails(init)).to.include({ exit: 63 });
    } finally {
      await server.close();
    }
  });

  it("says what is wrong with a store", async () => {
    const init = ["--profile", "new", "init", "--rpc", home.world.rpc, "--deployment", home.world.deployment];
    expect(await patient.fails([...init, "--ipfs", dead])).to.include({ exit: 53, code: "STORE_UNREACHABLE" });
    expect(await patient.fails([...init, "--ipfs", "no address"])).to.include({ exit: 2 });
    expect(await patient.fails([...init, "--ipfs", dead, "--store", home.blocks])).to.include({ exit: 2 });
    expect(await patient.fails([...init, "--store", file])).to.include({ exit: 52 });
    await withProfile({ store: { kind: "ipfs", url: dead } }, async (env) => {
      expect(await patient.fails(["record", "show", record], env)).to.include({ exit: 53 });
    });
  });

  it("says what is wrong with a deployment or a private key", async () => {
    const init = ["--profile", "new", "init", "--rpc", home.world.rpc];
    expect(await patient.fails([...init, "--deployment", "/nowhere"])).to.include({ exit: 10 });
    expect(await patient.fails([...init, "--deployment", file])).to.include({ exit: 2 });
    const key = [...init, "--deployment", home.world.deployment, "--private-key-file"];
    expect(await patient.fails([...key, "/nowhere"])).to.include({ exit: 10 });
    expect(await patient.fails([...key, file])).to.include({ exit: 2 });
  });

  it("writes over no file, and all files or none", async () => {
    const to = path.join(home.world.folder, "taken");
    await mkdir(to);
    await writeFile(path.join(to, "note.txt"), "mine");
    expect(await patient.fails(["record", "export", record, "--to", to])).to.include({ exit: 13 });
    expect(await readFile(path.join(to, "note.txt"), "utf8")).to.equal("mine");
    expect(await readdir(to)).to.deep.equal(["note.txt"]);
    expect(await patient.fails(["record", "export", record, "--to", file])).to.include({ exit: 52 });
    const age = ["--age", "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"];
    expect(await patient.fails(["record", "export", record, "--to", `${to}-2`, ...age])).to.include({ exit: 31 });
    expect(await stat(`${to}-2`).catch(() => undefined)).to.equal(undefined);
  });

  it("loses nothing on a full disk", async function () {
    const disk = path.join(home.world.folder, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      // only the administrator of a machine may make a small disk
      this.skip();
    }
    try {
      const big = path.join(home.world.folder, "big.bin");
      await writeFile(big, new Uint8Array(1024 * 1024).fill(7));
      await withProfile({ store: { kind: "fs", directory: path.join(disk, "blocks") } }, async (env) => {
        const add = ["record", "add", big, "--compartment", label];
        expect(await patient.fails(add, env)).to.include({ exit: 50 });
      });
      await cp(path.join(home.folder, "blocks"), path.join(disk, "blocks"), { recursive: true });
      const before = await digestOf(disk);
      await withProfile({ store: { kind: "fs", directory: path.join(disk, "blocks") } }, async (env) => {
        const add = ["record", "add", big, "--compartment", label];
        expect(await patient.fails(add, env)).to.include({ exit: 54, code: "DISK_FULL" });
      });
      expect(await digestOf(disk)).to.equal(before);
      await writeFile(path.join(disk, "filler"), new Uint8Array(1024 * 1024)).catch(() => undefined);
      const full = path.join(disk, "home");
      const init = ["init", "--rpc", home.world.rpc, "--deployment", home.world.deployment, "--store", home.blocks];
      expect(await patient.fails(init, { CAREKEY_HOME: full })).to.include({ exit: 54 });
      expect(await patient.fails(["record", "export", record, "--to", disk])).to.include({ exit: 54 });
      expect(await stat(path.join(disk, "note.txt")).catch(() => undefined)).to.equal(undefined);
    } finally {
      execFileSync("umount", [disk]);
    }
    const env = { ...process.env, CAREKEY_HOME: home.folder };
    const call = ["-c", '"$0" "$@" > /dev/full', process.execPath, main, "completion", "bash"];
    expect((await outcomeOf("bash", call, env)).code).to.equal(54);
    const reader = ["-c", '"$0" "$@" | true; exit ${PIPESTATUS[0]}', process.execPath, main, "completion", "bash"];
    expect((await outcomeOf("bash", reader, env)).code).to.equal(0);
  });

  it("says what a command line lacks, without unlocking anything", async () => {
    for (const args of [
      [],
      ["no-such-command"],
      ["record"],
      ["record", "no-such-command"],
      ["record", "add", file],
      ["whoami", "--no-such-option"],
      ["credential", "issue", somebody, "no-such-role"],
      ["record", "show", record, "--purpose", "CURIOSITY"],
      ["grant", somebody],
      ["grant", "nobody", "--write"],
      ["grant", somebody, "--purpose", "CURIOSITY"],
      ["grant", somebody, "--group", "--write"],
      ["grant", somebody, "--purpose", "TREAT", "--lift", "--for", somebody],
      ["grant", somebody, "--purpose", "TREAT", "--for", "nobody"],
      ["deny", "nobody"],
      ["delegate", somebody],
      ["requests", "approve", "0"],
      ["requests", "narrow", "1", "--purpose", "CURIOSITY"],
      ["requests", "withdraw", "1"],
      ["record", "amend", record, file],
      ["record", "retract", record],
      ["record", "retract", record, "--reason", "other"],
      ["credential", "contest"],
      ["whoami", "--verify", "trust"],
      ["request", somebody, "--purpose", "TREAT"],
      ["compartment", "add", "chart"],
      ["compartment", "add", "0x00"],
      ["lockdown"],
    ]) {
      const { code, stdout, stderr } = await patient.run(args, { CAREKEY_PASSPHRASE_FILE: "/nowhere" });
      expect({ code, stdout }, args.join(" ")).to.deep.equal({ code: 2, stdout: "" });
      expect(stderr).not.to.equal("");
    }
    const version = await patient.run(["--version"]);
    expect(version).to.deep.include({ code: 0, stderr: "" });
    expect(version.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("says what is wrong with a file, a period, a scope or a record", async () => {
    const empty = path.join(home.world.folder, "empty");
    await writeFile(empty, "");
    const place = ["--compartment", "imaging"];
    expect(await patient.fails(["record", "add", "/nowhere", ...place])).to.include({ exit: 10 });
    expect(await patient.fails(["record", "add", home.folder, ...place])).to.include({ exit: 10 });
    expect(await patient.fails(["record", "add", empty, ...place])).to.include({ exit: 11 });
    const grant = ["grant", somebody, "--purpose", "TREAT"];
    expect(await patient.fails([...grant, "--until", "soon"])).to.include({ exit: 14 });
    expect(await patient.fails([...grant, "--until", "2020-01-01"])).to.include({ exit: 14 });
    const delegate = ["delegate", somebody, "--purpose", "TREAT"];
    expect(await patient.fails([...delegate, "--longest", "2027-01-31"])).to.include({ exit: 14 });
    expect(await patient.fails([...delegate, "--until", "2020-01-01"])).to.include({ exit: 14 });
    expect(await patient.fails(grant)).to.include({ exit: 21 });
    const scope = await patient.fails([...grant, "--scope", "imagin"]);
    expect(scope.exit).to.equal(2);
    // which names there are is what the person needs
    expect(scope.what).to.match(/known are: chart, imaging$/);
    expect(await patient.fails(["record", "add", file, "--compartment", "chart"])).to.include({ exit: 2 });
    expect(await patient.fails(["record", "add", file, ...place, "--patient", somebody])).to.include({ exit: 2 });
    expect(await patient.fails(["record", "add", file, ...place, "--role", "insurer"])).to.include({ exit: 20 });
    const unknown = `${record.slice(0, -1)}${record.endsWith("0") ? "1" : "0"}`;
    expect(await patient.fails(["record", "show", unknown])).to.include({ exit: 43 });
    expect(await patient.fails(["record", "show", "0x12"])).to.include({ exit: 2 });
  });

  /** The patient's keys in a home of their own, with other settings. */
  async function withProfile(settings: object, work: (env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
    const copy = path.join(home.world.folder, "other");
    await cp(path.join(home.folder, "profiles"), path.join(copy, "profiles"), { recursive: true });
    const target = path.join(copy, "profiles/patient/profile.json");
    const known = JSON.parse(await readFile(target, "utf8")) as object;
    await writeFile(target, JSON.stringify({ ...known, ...settings }));
    try {
      await work({ CAREKEY_HOME: copy });
    } finally {
      await rm(copy, { recursive: true });
    }
  }
});

/** Of all files below a folder, their names and bytes. */
async function digestOf(folder: string): Promise<string> {
  const digest = createHash("sha256");
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const place = path.join(folder, name);
    if ((await stat(place)).isFile()) digest.update(`${name}\n`).update(await readFile(place));
  }
  return digest.digest("hex");
}

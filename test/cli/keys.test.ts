import { readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** A newer key that waits, as the command tells it. */
interface Held {
  readonly actor: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly until: number;
}

describe("the command line, when keys change", function () {
  this.timeout(240_000);
  let home: Home;
  let patient: Person, reader: Person;
  let recordId: string;

  before(async () => {
    home = (await world()).home();
    patient = await home.member("patient");
    reader = await home.member("reader");
    await patient.json("compartment", "add", "notes");
    const file = path.join(home.folder, "note.txt");
    await writeFile(file, "a note");
    ({ recordId } = await patient.json<{ recordId: string }>("record", "add", file, "--compartment", "notes"));
  });

  const grant = () =>
    patient.json<{ records: string[]; held?: Held }>("grant", reader.address, "--scope", "notes", "--purpose", "TREAT");
  const reads = (): Promise<Record<string, unknown>> => reader.json("record", "show", recordId, "--purpose", "TREAT");

  it("publishes as before, and shows whom it believes and why", async () => {
    const published = await reader.json<{ version: number; fingerprint: string }>("key", "publish");
    expect(published.version).to.equal(1);
    expect((await grant()).records).to.deep.equal([recordId]);
    const { pins } = await patient.json<{ pins: object[] }>("key", "pins");
    const { fingerprint } = published;
    expect(pins).to.deep.equal([{ actor: reader.address, version: 1, fingerprint, because: "first sight" }]);
    const folder = path.join(patient.folder, "pins");
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    for (const name of await readdir(folder))
      expect((await stat(path.join(folder, name))).mode & 0o777).to.equal(0o600);
    await reads();
  });

  it("holds a newer key back until its fingerprint is confirmed, and sends then what waited", async () => {
    const rotated = await reader.json<{ version: number; fingerprint: string; resealed: string[] }>("key", "rotate");
    expect(rotated).to.deep.include({ version: 2, resealed: [] });
    const { held, records } = await grant();
    expect(records).to.be.empty;
    expect(held).to.deep.include({ actor: reader.address, version: 2, fingerprint: rotated.fingerprint });
    const { pins } = await patient.json<{ pins: { held: Held }[] }>("key", "pins");
    const { version, fingerprint, until } = held!;
    expect(pins[0]!.held).to.deep.equal({ version, fingerprint, until });
    expect((await patient.run(["redeliver"])).stdout).to.include(
      `carekey key confirm ${reader.address} ${fingerprint}`,
    );

    const wrong = await patient.fails(["key", "confirm", reader.address, "00".repeat(16)]);
    expect(wrong).to.include({ exit: 28, code: "KEY_MISMATCH" });
    expect((await patient.fails(["key", "confirm", reader.address, "beef"])).exit).to.equal(2);
    await patient.json("key", "confirm", reader.address, ...fingerprint.split(" "));
    const sent = await patient.json<{ delivered: object[] }>("redeliver", reader.address);
    expect(sent.delivered).to.deep.equal([{ grantee: reader.address, records: [recordId] }]);
    expect((await patient.run(["redeliver"])).stdout).to.equal("Nobody lacks a key.\n");
    await reads();
  });

  it("brings one's own chart over to a new key, and keeps the older one", async () => {
    const rotated = await patient.json<{ version: number; resealed: string[] }>("key", "rotate");
    expect(rotated.version).to.equal(2);
    expect(rotated.resealed).to.include(recordId);
    await patient.json("record", "show", recordId);
    await reads();
    const list = await patient.json<{ compartments: { name: string }[] }>("compartment", "list");
    expect(list.compartments.map(({ name }) => name)).to.deep.equal(["notes"]);
    const { keyVersion } = await patient.json<{ keyVersion: number }>("whoami");
    expect(keyVersion).to.equal(2);
  });

  it("encrypts a record anew after a revocation, and reports what that reaches", async () => {
    await patient.json("revoke", reader.address, "--scope", "notes");
    const { stdout } = await patient.run(["record", "rotate", recordId]);
    expect(stdout).to.include(`Held a key: ${reader.address} (grantee), who has no access any more`);
    expect(stdout).to.match(/Old blocks: the store \(own\) dropped all \d+\n/);
    expect(stdout).to.include("What can't be undone: keys and copies that former holders kept;");
    expect((await reader.fails(["record", "show", recordId, "--purpose", "TREAT"])).exit).to.equal(23);
    expect((await reader.fails(["record", "rotate", recordId])).exit).to.equal(22);
    const report = await patient.json<{ parts: number; holders: object[] }>("record", "rotate", recordId);
    expect(report.parts).to.equal(1);
    expect(report.holders).to.deep.include({ actor: reader.address, as: "grantee", stands: false });
    await patient.json("record", "show", recordId);
  });

  it("does not forget a key whose file is damaged", async () => {
    const folder = path.join(patient.folder, "pins");
    const [name] = await readdir(folder);
    const kept = await readFile(path.join(folder, name!));
    await writeFile(path.join(folder, name!), "{");
    const failure = await patient.fails(["grant", reader.address, "--scope", "notes", "--purpose", "TREAT"]);
    expect(failure).to.include({ exit: 73, code: "PINS_DAMAGED" });
    await rm(path.join(folder, name!));
    await writeFile(path.join(folder, name!), kept);
    await grant();
    await reads();
  });
});

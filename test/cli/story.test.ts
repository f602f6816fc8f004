import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { Decrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { expect } from "chai";
import { decode as decodePng } from "fast-png";

import { syntheticEcg } from "../../scripts/ecg.js";
import { brainSeries } from "../helpers/samples.js";
import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** What `record add` says. */
interface Added {
  readonly recordId: string;
  readonly compartment: string;
  readonly transaction?: string;
  readonly delivered: readonly string[];
}

describe("the command line, from the first profile to the last word", function () {
  this.timeout(240_000);
  let home: Home;
  let admin: Person, hospital: Person, doctor: Person, patient: Person, researcher: Person;
  let series: Added, ecg: Added;

  before(async () => {
    home = (await world()).home();
    admin = await home.administrator();
    hospital = await home.member("hospital");
    doctor = await home.member("doctor");
    patient = await home.member("patient");
    researcher = await home.member("researcher");
  });

  it("says who is at work, with the options before or after the command", async () => {
    const before = await patient.run(["--json", "whoami"]);
    const whoami = await patient.json("whoami");
    expect(JSON.parse(before.stdout)).to.deep.equal(whoami);
    expect(whoami).to.include({ profile: "patient", address: patient.address, chainId: 31337, keyVersion: 1 });
    expect(whoami).to.include({ store: home.blocks, home: home.folder });
    const again = await patient.json("key");
    expect(again).to.include({ address: patient.address, version: 1 });
  });

  it("accredits, issues, revokes and lists credentials", async () => {
    await admin.json("credential", "accredit", hospital.address, "practitioner");
    await admin.json("credential", "accredit", hospital.address, "researcher");
    await hospital.json("credential", "issue", doctor.address, "practitioner", "--until", "1y");
    await hospital.json("credential", "issue", researcher.address, "researcher", "--until", "30d");
    await hospital.json("credential", "issue", patient.address, "researcher");
    await hospital.json("credential", "revoke", patient.address, "researcher");
    const { credentials } = await patient.json<{ credentials: { issuer: string; from: number; until: number }[] }>(
      ...["credential", "list", patient.address, "researcher"],
    );
    expect(credentials).to.have.lengthOf(1);
    expect(credentials[0]!.issuer).to.equal(hospital.address);
    const { role, until } = await doctor.json("credential", "list", doctor.address, "practitioner");
    expect({ role, until }).to.deep.equal({ role: "practitioner", until: undefined });
    expect((await doctor.fails(["credential", "issue", patient.address, "insurer"])).exit).to.equal(66);
  });

  it("names compartments and lets a doctor write into one", async () => {
    const imaging = await patient.json<{ name: string; label: string }>("compartment", "add", "imaging");
    await patient.json("compartment", "add", "heart");
    const list = await patient.json<{ compartments: object[] }>("compartment", "list");
    expect(list.compartments).to.have.lengthOf(2);
    expect(list.compartments[0]).to.deep.include({ ...imaging, patient: patient.address });

    const granted = await patient.json("grant", doctor.address, "--scope", "imaging", "--write", "--until", "1y");
    expect(granted).to.deep.include({ scope: imaging.label, permissions: ["WRITE"], purposes: [], records: [] });
    const told = await doctor.json<{ compartments: object[] }>("compartment", "list");
    expect(told.compartments).to.deep.equal([{ ...imaging, patient: patient.address }]);
  });

  it("adds a series of 20 slices for a patient, and an ECG of one's own", async () => {
    const options = ["--compartment", "imaging", "--role", "practitioner", "--title", "Brain MR"];
    series = await doctor.json<Added>("record", "add", ...brainSeries, "--patient", patient.address, ...options);
    expect(series.transaction).to.be.a("string");
    const again = await doctor.json<Added>("record", "add", ...brainSeries, "--patient", patient.address, ...options);
    expect(again).to.include({ recordId: series.recordId });
    expect(again.transaction).to.equal(undefined);

    const file = path.join(home.folder, "ecg.dcm");
    await writeFile(file, syntheticEcg({ seed: 7 }));
    ecg = await patient.json<Added>("record", "add", file, "--compartment", "heart");
  });

  it("lists, shows and draws them; one's own need no purpose, and the profile is called so", async () => {
    const { records } = await patient.json<{ records: { recordId: string; author: string }[] }>("record", "list");
    expect(records.map(({ recordId }) => recordId)).to.include.members([series.recordId, ecg.recordId]);
    const { stdout } = await patient.run(["record", "list"]);
    expect(stdout).to.include("(profile)").and.to.include("imaging");
    expect((await patient.fails(["grant", doctor.address, "--scope", "(profile)", "--write"])).exit).to.equal(2);

    const shown = await patient.json("record", "show", series.recordId);
    expect(shown).to.have.nested.property("stamps[0].proven", true);
    expect(shown).to.have.property("parts").with.lengthOf(20);

    const to = path.join(home.folder, "pictures");
    const slice = await patient.json<{ pictures: string[] }>("record", "open", series.recordId, "--to", to);
    expect(slice.pictures).to.have.lengthOf(1);
    const png = decodePng(await readFile(slice.pictures[0]!));
    expect(png.width * png.height).to.be.greaterThan(10_000);
    const paper = await patient.json<{ pictures: string[] }>("record", "open", ecg.recordId, "--to", to);
    expect(paper.pictures).to.have.lengthOf(1);
    expect(await readFile(paper.pictures[0]!, "utf8")).to.match(/^(<\?xml[^>]*>\s*)?<svg[\s\S]*<\/svg>\s*$/);
  });

  it("writes the very bytes, in the clear and as age files", async () => {
    const to = path.join(home.folder, "export");
    const { files } = await patient.json<{ files: string[] }>("record", "export", series.recordId, "--to", to);
    for (const [index, file] of brainSeries.entries())
      expect((await readFile(files[index]!)).equals(await readFile(file))).to.equal(true);

    const identity = await generateHybridIdentity();
    const age = ["--age", await identityToRecipient(identity)];
    const sealed = await patient.json<{ files: string[] }>("record", "export", ecg.recordId, "--to", to, ...age);
    expect(sealed.files.map((file) => path.basename(file))).to.deep.equal(["ecg.dcm.age"]);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const opened = await decrypter.decrypt(await readFile(sealed.files[0]!));
    expect(Buffer.from(opened).equals(Buffer.from(syntheticEcg({ seed: 7 })))).to.equal(true);
  });

  it("asks for access, is granted and denied, and reads only for the purposes granted", async () => {
    const terms = ["--role", "researcher", "--purpose", "HRESCH", "--until", "90d"];
    const { id } = await researcher.json<{ id: number }>("request", patient.address, ...terms);
    const { requests } = await patient.json<{ requests: object[] }>("requests");
    expect(requests).to.have.lengthOf(1);
    const asked = { id, requester: researcher.address, role: "researcher", permissions: ["READ"] };
    expect(requests[0]).to.deep.include(asked);

    const period = ["--from", "2020-01-01", "--until", "90d"];
    const purposes = ["--purpose", "HRESCH", "PUBHLTH"];
    const granted = await patient.json<{ records: string[]; start: number; end: number }>(
      ...["grant", researcher.address, ...purposes, ...period],
    );
    expect(granted.records).to.include.members([series.recordId, ecg.recordId]);
    expect(granted.start).to.equal(Date.UTC(2020, 0, 1) / 1000);
    // a grant of one's own is no answer
    expect((await patient.json<{ requests: object[] }>("requests")).requests).to.have.lengthOf(1);

    await researcher.json("record", "show", series.recordId, "--purpose", "HRESCH");
    const other = await researcher.fails(["record", "show", series.recordId, "--purpose", "HPAYMT"]);
    expect(other).to.include({ exit: 23, code: "ACCESS_REFUSED" });

    await patient.json("deny", researcher.address, "--scope", "heart");
    const denied = await researcher.fails(["record", "show", ecg.recordId, "--purpose", "HRESCH"]);
    expect(denied).to.include({ exit: 23, code: "ACCESS_REFUSED" });
  });

  it("declines, revokes and locks down, and the log tells all of it", async () => {
    await doctor.json("request", patient.address, "--role", "practitioner", "--purpose", "TREAT", "--scope", "imaging");
    const { requests } = await patient.json<{ requests: { id: number }[] }>("requests");
    expect(requests).to.have.lengthOf(2);
    for (const { id } of requests) await patient.json("requests", "decline", String(id));
    expect((await patient.json<{ requests: object[] }>("requests")).requests).to.have.lengthOf(0);

    await patient.json("revoke", researcher.address);
    const revoked = await researcher.fails(["record", "show", series.recordId, "--purpose", "HRESCH"]);
    expect(revoked.exit).to.equal(23);

    await patient.json("lockdown", "--yes");
    await mkdir(path.join(home.folder, "late"));
    const late = path.join(home.folder, "late/note.txt");
    await writeFile(late, "after the lockdown");
    const place = ["--patient", patient.address, "--compartment", series.compartment, "--role", "practitioner"];
    expect((await doctor.fails(["record", "add", late, ...place])).exit).to.equal(22);

    const { log } = await patient.json<{ log: { what: string; who: string }[] }>("log");
    const told = new Set(log.map(({ what }) => what));
    expect([...told]).to.include.members([
      "requested",
      "granted",
      "declined",
      "denied",
      "revoked",
      "locked down",
      "anchored",
    ]);
  });
});

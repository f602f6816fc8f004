import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import { connectChain, createGroup, parseDeployment } from "../../src/index.js";
import { lyingNode } from "../../scripts/demo/lying-node.js";
import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** Hardhat's second account: public, as worthless as the chain. */
const departmentKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const day = 86_400;

/** What `grants` says. */
interface Grants {
  readonly grants: readonly { grantee: string; scope: string; end: number; holds: string; shutBy: string[] }[];
  readonly denies: readonly { grantee: string; scope: string; byDelegate: boolean; holds: string }[];
  readonly delegations: readonly { delegate: string; permissions: string[]; longest: number; holds: string }[];
  readonly block: { number: number; hash: string };
  readonly checkedBy: string;
}

interface Recorded {
  readonly recordId: string;
}

describe("the command line of consents", function () {
  this.timeout(300_000);
  let home: Home;
  let admin: Person, hospital: Person, patient: Person, doctor: Person, researcher: Person, carer: Person;
  let imaging: string, heart: string;
  let scan: string, ecg: string;

  before(async () => {
    home = (await world()).home();
    admin = await home.administrator();
    hospital = await home.member("hospital");
    patient = await home.member("patient");
    doctor = await home.member("doctor");
    researcher = await home.member("researcher");
    carer = await home.member("carer");
    for (const [role, person] of [
      ["practitioner", doctor],
      ["researcher", researcher],
    ] as const) {
      await admin.json("credential", "accredit", hospital.address, role);
      await hospital.json("credential", "issue", person.address, role);
    }
    ({ label: imaging } = await patient.json<{ label: string }>("compartment", "add", "imaging"));
    ({ label: heart } = await patient.json<{ label: string }>("compartment", "add", "heart"));
    ({ recordId: scan } = await add("scan.txt", "a scan", "imaging"));
    ({ recordId: ecg } = await add("ecg.txt", "an ECG", "heart"));
  });

  it("lists requests by number, grants less than was asked for, and never more", async () => {
    const terms = ["--role", "researcher", "--purpose", "HRESCH", "--until", "90d"];
    const asked = await researcher.json<{ id: number; end: number }>("request", patient.address, ...terms);
    expect(asked).to.deep.include({ id: 1, patient: patient.address, permissions: ["READ"], purposes: ["HRESCH"] });
    const { requests } = await patient.json<{ requests: object[] }>("requests");
    expect(requests).to.have.lengthOf(1);
    expect(requests[0]).to.deep.include({ id: 1, requester: researcher.address, role: "researcher", end: asked.end });

    const narrow = ["requests", "narrow", "1"];
    for (const wider of [[], ["--until", "91d"], ["--purpose", "TREAT"], ["--scope", "nowhere"]])
      expect(await patient.fails([...narrow, ...wider]), wider.join(" ")).to.include({ exit: 2 });
    const less = ["--scope", "imaging", "--until", "30d", "--purpose", "CLINTRCH"];
    const granted = await patient.json<{ records: string[]; end: number }>(...narrow, ...less);
    expect(granted).to.deep.include({ request: 1, grantee: researcher.address, scope: imaging, records: [scan] });
    expect(granted.end).to.be.lessThan(asked.end);
    await researcher.json("record", "show", scan, "--purpose", "CLINTRCH");
    expect(await researcher.fails(["record", "show", scan, "--purpose", "HRESCH"])).to.include({ exit: 23 });
    expect(await researcher.fails(["record", "show", ecg, "--purpose", "CLINTRCH"])).to.include({ exit: 23 });
    expect((await patient.json<{ requests: object[] }>("requests", "list")).requests).to.have.lengthOf(0);
    expect(await patient.fails(["requests", "approve", "1"])).to.include({ exit: 2 });
    expect(await patient.fails(["requests", "approve", "99"])).to.include({ exit: 2 });
  });

  it("approves, declines and takes back, each by who may", async () => {
    const terms = ["--role", "practitioner", "--purpose", "TREAT", "--scope", heart, "--until", "10d"];
    const ids: number[] = [];
    for (const more of [["--write"], [], []])
      ids.push((await doctor.json<{ id: number }>("request", patient.address, ...terms, ...more)).id);
    expect(ids).to.deep.equal([2, 3, 4]);
    const approved = await patient.json("requests", "approve", "2");
    expect(approved).to.deep.include({ request: 2, scope: heart, permissions: ["READ", "WRITE"], records: [ecg] });
    await doctor.json("record", "show", ecg, "--purpose", "TREAT");
    expect(await patient.json("requests", "decline", "3")).to.include({ request: 3, declined: true });
    const withdraw = ["requests", "withdraw", "4", "--patient", patient.address];
    expect(await researcher.fails(withdraw)).to.include({ exit: 66 });
    expect(await doctor.json(...withdraw)).to.include({ request: 4, withdrawn: true });
    expect(await patient.fails(["requests", "approve", "4"])).to.include({ exit: 2 });
    expect(await doctor.fails(["requests", "approve", "2"])).to.include({ exit: 2 });
  });

  it("shuts a scope until it is lifted, whatever is granted, and says what is shut", async () => {
    await patient.json("grant", researcher.address, "--purpose", "HRESCH", "--until", "60d");
    await researcher.json("record", "show", ecg, "--purpose", "HRESCH");
    const denied = await patient.json("deny", researcher.address, "--scope", "heart");
    expect(denied).to.deep.include({ grantee: researcher.address, scope: heart, denied: true });
    expect(await researcher.fails(["record", "show", ecg, "--purpose", "HRESCH"])).to.include({ exit: 23 });
    await researcher.json("record", "show", scan, "--purpose", "HRESCH");

    const grant = ["grant", researcher.address, "--scope", "heart", "--purpose", "HRESCH", "--until", "5d"];
    const refused = await patient.fails(grant);
    expect(refused).to.include({ exit: 66, code: "CONTRACT_REFUSED" });
    expect(refused.details.error).to.equal("DenyStands");
    expect(await patient.fails(["revoke", researcher.address, "--scope", "heart"])).to.include({ exit: 66 });
    const single = await patient.json("grant", researcher.address, "--scope", ecg, "--purpose", "HRESCH");
    expect(single).to.deep.include({ records: [], denied: [heart] });

    const told = await patient.json<Grants>("grants");
    expect(told.denies).to.deep.include.members([
      { ...told.denies[0]!, grantee: researcher.address, scope: heart, byDelegate: false, holds: "now" },
    ]);
    const record = told.grants.find(({ scope }) => scope === ecg);
    expect(record).to.deep.include({ grantee: researcher.address, holds: "shut", shutBy: [heart] });
    const ends = told.grants.map(({ end }) => end);
    expect(ends).to.deep.equal([...ends].sort((a, b) => a - b));

    await patient.json(...grant, "--lift");
    await researcher.json("record", "show", ecg, "--purpose", "HRESCH");
    await patient.json("deny", researcher.address);
    expect(await researcher.fails(["record", "show", scan, "--purpose", "HRESCH"])).to.include({ exit: 23 });
    expect(await patient.json("lift", researcher.address)).to.include({ lifted: true });
    // the DENY took the place of the grant on the same scope; that on the compartment counts again
    await researcher.json("record", "show", scan, "--purpose", "CLINTRCH");
    expect(await researcher.fails(["record", "show", scan, "--purpose", "HRESCH"])).to.include({ exit: 23 });
    const nothing = await patient.fails(["lift", researcher.address]);
    expect(nothing.details.error).to.equal("NoDeny");
  });

  it("lets a carer grant, shut and take back in the patient's place, within limits", async () => {
    const nurse = await home.member("nurse");
    const acting = ["--for", patient.address];
    const grant = ["grant", nurse.address, "--scope", imaging, "--purpose", "TREAT", ...acting];
    expect(await carer.fails(grant)).to.include({ exit: 25, code: "DELEGATION_MISSING" });

    await patient.json("grant", carer.address, "--purpose", "TREAT", "--until", "1y");
    const limits = ["--purpose", "TREAT", "--longest", "30d", "--until", "1y", "--deny"];
    const delegated = await patient.json("delegate", carer.address, "--scope", "imaging", ...limits);
    expect(delegated).to.deep.include({ scope: imaging, permissions: ["READ", "DENY"], longest: 30 * day });
    const granted = await carer.json(...grant, "--until", "7d");
    expect(granted).to.deep.include({ patient: patient.address, grantee: nurse.address, records: [scan] });
    await nurse.json("record", "show", scan, "--purpose", "TREAT");
    const beyond = await carer.fails([...grant, "--until", "60d"]);
    expect(beyond.details.error).to.equal("BeyondDelegation");
    expect(await carer.fails(["grant", nurse.address, "--purpose", "TREAT", ...acting])).to.include({ exit: 25 });
    expect(await nurse.fails(["revoke", carer.address, ...acting])).to.include({ exit: 25 });

    const { delegations } = await patient.json<Grants>("grants");
    expect(delegations).to.have.lengthOf(1);
    expect(delegations[0]).to.deep.include({ delegate: carer.address, longest: 30 * day, holds: "now" });
    await carer.json("revoke", nurse.address, "--scope", imaging, ...acting);
    expect(await nurse.fails(["record", "show", scan, "--purpose", "TREAT"])).to.include({ exit: 23 });
    await carer.json("deny", nurse.address, "--scope", imaging, ...acting);
    const { denies } = await patient.json<Grants>("grants");
    expect(denies.find(({ grantee }) => grantee === nurse.address)).to.include({ byDelegate: true });
    await patient.json("undelegate", carer.address, "--scope", "imaging");
    expect(await carer.fails(grant)).to.include({ exit: 25 });
  });

  it("grants to a group, and to nobody as a group who is to write", async () => {
    const deployment = parseDeployment(JSON.parse(await readFile(home.world.deployment, "utf8")));
    const chain = await connectChain({ signer: new Wallet(departmentKey), provider: home.world.rpc, deployment });
    const department = await createGroup(chain);
    const granted = await patient.json("grant", department, "--scope", "heart", "--purpose", "TREAT", "--group");
    expect(granted).to.deep.include({ grantee: department, group: true, records: [] });
    const { grants } = await patient.json<Grants>("grants");
    expect(grants.find(({ grantee }) => grantee === department)).to.deep.include({ group: true, holds: "now" });
  });

  it("says how it was checked, and refuses a check that can't be made", async () => {
    const { rpc } = home.world;
    const proven = await patient.json<Grants>("grants");
    expect(proven.checkedBy).to.equal("proof");
    const quorum = await patient.json<Grants>("grants", "--verify", "quorum", "--witness", rpc);
    expect(quorum).to.deep.include({ checkedBy: "quorum", grants: proven.grants });
    expect(await patient.fails(["grants", "--verify", "quorum"])).to.include({ exit: 2 });
    expect(await patient.fails(["grants", "--witness", "http://127.0.0.1:9"])).to.include({ exit: 60 });

    const alone = await patient.run(["grants", "--verify", "none"]);
    expect(alone.code).to.equal(0);
    expect(alone.stderr).to.match(/checked by one source/);
    expect(alone.stdout).to.match(/One node's word, at block \d+/);
    const silent = await patient.run(["grants"]);
    expect(silent).to.include({ code: 0, stderr: "" });
    expect(silent.stdout).to.match(/Proven by the state of block \d+, 0x[0-9a-f]{64}/);

    const kept = await home.person("kept");
    const place = ["--rpc", rpc, "--deployment", home.world.deployment, "--i-accept-loss"];
    await kept.init([...place, "--witness", rpc, "--verify", "quorum"]);
    expect(await kept.json("whoami")).to.include({ checkedBy: "quorum" });
    expect(await kept.json("whoami", "--verify", "none")).to.include({ checkedBy: "one source" });
  });

  it("believes neither a node that keeps a grant back nor one that proves nothing", async () => {
    const settings = path.join(patient.folder, "profile.json");
    const known = await readFile(settings, "utf8");
    const behind = async (rpc: string, work: () => Promise<void>): Promise<void> => {
      await writeFile(settings, JSON.stringify({ ...(JSON.parse(known) as object), rpc }));
      try {
        await work();
      } finally {
        await writeFile(settings, known);
      }
    };
    const forgetful = await lyingNode(home.world.rpc, ({ method }, answer) => (method === "eth_getLogs" ? [] : answer));
    await behind(forgetful.url, async () => {
      expect(await patient.fails(["grants"])).to.include({ exit: 69, code: "HISTORY_INCOMPLETE" });
    });
    await forgetful.close();
    const proofless = await lyingNode(home.world.rpc, ({ method }, answer) =>
      method === "eth_getProof" ? { ...(answer as object), accountProof: [] } : answer,
    );
    await behind(proofless.url, async () => {
      const demanded = await patient.fails(["grants", "--verify", "proof"]);
      expect(demanded).to.include({ exit: 91, code: "PROOF_UNAVAILABLE" });
      expect(await patient.json<Grants>("grants")).to.include({ checkedBy: "one source" });
    });
    await proofless.close();
  });

  it("amends and retracts, with a reason in public", async () => {
    const file = path.join(home.folder, "better.txt");
    await writeFile(file, "a better scan");
    const amend = ["record", "amend", scan, file];
    expect(await patient.run(amend)).to.include({ code: 2, stdout: "" });
    expect(await patient.fails([...amend, "--reason", "x".repeat(32)])).to.include({ exit: 2 });
    const outsider = [...amend, "--reason", "other", "--role", "researcher"];
    expect(await researcher.fails(outsider)).to.include({ exit: 22 });
    const amended = await patient.json<Recorded>(...amend, "--reason", "wrong content");
    expect(amended).to.include({ replaces: scan, reason: "wrong content" });
    expect(await researcher.json("record", "show", amended.recordId, "--purpose", "CLINTRCH")).to.include({
      status: "anchored",
    });
    expect(await researcher.json("record", "show", scan, "--purpose", "CLINTRCH")).to.include({ status: "amended" });

    const retract = ["record", "retract", ecg, "--reason", "duplicate"];
    expect(await patient.fails(retract)).to.include({ exit: 2 });
    expect(await researcher.fails([...retract, "--yes"])).to.include({ exit: 22 });
    const asking = patient.sit(...retract);
    await asking.shows(/can't be taken back/);
    asking.type("n");
    expect(await asking.ended).to.equal(130);
    expect(await patient.json(...retract, "--yes")).to.include({ recordId: ecg, retracted: true });
    expect(await researcher.fails(["record", "show", ecg, "--purpose", "HRESCH"])).to.include({ exit: 44 });
  });

  it("contests the end of a credential", async () => {
    const { credentials } = await doctor.json<{ credentials: { from: number }[] }>(
      ...["credential", "list", doctor.address, "practitioner"],
    );
    const contest = ["credential", "contest", "--role", "practitioner"];
    expect(await doctor.fails(contest)).to.include({ exit: 66 });
    const since = new Date((credentials[0]!.from + 1) * 1000).toISOString().replace(".000Z", "Z");
    await hospital.json("credential", "revoke", doctor.address, "practitioner", "--since", since);
    expect(await researcher.fails(contest)).to.include({ exit: 20 });
    expect(await doctor.fails([...contest, "--number", "one"])).to.include({ exit: 2 });
    expect(await doctor.json(...contest, "--number", "0")).to.include({ number: 0, contested: true });
    const after = await doctor.json("credential", "list", doctor.address, "practitioner");
    expect(after).to.have.nested.property("credentials[0].ending", "contested");
  });

  it("tells all of it in the log, and keeps a DENY through a lockdown", async () => {
    await patient.json("deny", doctor.address, "--scope", "heart");
    await patient.json("lockdown", "--yes");
    const held = await patient.json<Grants>("grants");
    expect(held.grants).to.deep.equal([]);
    expect(held.denies.map(({ grantee }) => grantee)).to.deep.equal([doctor.address]);
    const all = await patient.json<Grants>("grants", "--all");
    expect(new Set(all.grants.map(({ holds }) => holds))).to.deep.equal(new Set(["void"]));

    const { log } = await patient.json<{ log: { what: string; request?: number; actedFor?: string; who: string }[] }>(
      "log",
    );
    expect(new Set(log.map(({ what }) => what))).to.include.keys(
      ...["requested", "approved", "declined", "withdrawn", "granted", "revoked", "denied", "lifted"],
      ...["delegated", "undelegated", "locked down", "anchored", "amended", "retracted"],
    );
    expect(log.filter(({ what }) => what === "approved").map(({ request }) => request)).to.deep.equal([1, 2]);
    const acts = log.filter(({ actedFor }) => actedFor === patient.address);
    expect(acts.map(({ who, what }) => `${who} ${what}`)).to.deep.equal(
      ["granted", "revoked", "denied"].map((what) => `${carer.address} ${what}`),
    );
    const { stdout } = await patient.run(["log"]);
    expect(stdout)
      .to.match(/in the place of you/)
      .and.to.match(/request 2/);
    const screen = patient.sitAt(120, "grants");
    await screen.answer(/Passphrase of patient/, patient.passphrase);
    expect(await screen.ended).to.equal(0);
    expect(screen.plain)
      .to.match(/Nobody is granted anything/)
      .and.to.include(doctor.address);
  });

  async function add(name: string, content: string, compartment: string): Promise<Recorded> {
    const file = path.join(home.folder, name);
    await writeFile(file, content);
    return patient.json<Recorded>("record", "add", file, "--compartment", compartment);
  }
});

import { expect } from "chai";

import { type ErrorCode, type Hex32, correctionReasons } from "../../../src/index.js";
import { asActor } from "../../../src/record/identities.js";
import { fetchManifest } from "../../../src/record/own.js";
import { findRecord } from "../../../src/chain/records.js";
import { type Actor, type Chart, Clinic, type Gear, bytesOf, day, refused, sample } from "../../helpers/clinic.js";
import { faulty } from "../../helpers/stores.js";

const purpose = "TREAT";

describe("correcting a record", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let recordId: Hex32;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    ({ recordId } = await clinic.share(chart));
  });
  after(() => clinic.close());

  const options = { reason: correctionReasons[1], role: "practitioner" } as const;

  it("puts a new one in its place, with what it amends in its body, and for the same readers", async () => {
    const [reader, late] = [await clinic.actor(), await clinic.actor()];
    await clinic.grantRead(patient, reader, recordId);
    const source = sample();
    const amended = await clinic.radiologist.amend(recordId, [source], { ...options, title: "Corrected" });
    expect(amended).to.deep.include({ replaces: recordId, delivered: [reader.address] });
    expect(amended.transaction).to.be.a("string");
    const { chain } = patient;
    const [before, after] = [await findRecord(chain, recordId), await findRecord(chain, amended.recordId)];
    expect([before.status, after.status]).to.deep.equal(["amended", "anchored"]);
    expect(after).to.include({ origin: before.content, compartment: before.compartment, index: 2 });
    const { manifest } = await fetchManifest(patient.own, after, asActor(patient.own));
    expect(manifest.body.previous).to.equal(before.content);
    for (const actor of [patient, reader]) {
      const opened = await actor.open(amended.recordId, { purpose });
      expect(await bytesOf(opened.parts[0]!)).to.deep.equal(await bytesOf(source));
      // what was amended stays readable, and says so
      expect((await actor.open(recordId, { purpose })).record.status).to.equal("amended");
    }
    // who is granted the one is granted the other
    const granted = await clinic.grantRead(patient, late, amended.recordId);
    expect(granted.records).to.deep.equal([recordId, amended.recordId]);
    for (const id of [recordId, amended.recordId]) await late.open(id, { purpose });
    expect((await patient.redeliver()).delivered).to.be.empty;
    const [line] = (await patient.log()).filter(({ what }) => what === "amended");
    expect(line).to.deep.include({ scope: recordId, replacement: amended.recordId, reason: options.reason });
  });

  it("is for patient, author and who manages for them, who may write there; before anything is written", async () => {
    const carer = await clinic.professional("practitioner");
    const amend = (by: Actor, more = {}) => by.amend(recordId, [sample()], { ...options, ...more });
    const untouched = async (work: Promise<unknown>, code: ErrorCode): Promise<void> => {
      const before = await clinic.traces();
      await refused(work, code);
      expect(await clinic.traces()).to.deep.equal(before);
    };
    await untouched(amend(clinic.cardiologist), "WRITE_REFUSED");
    await untouched(amend(clinic.radiologist, { reason: "" }), "INVALID_ARGUMENT");
    await untouched(amend(clinic.radiologist, { reason: "x".repeat(32) }), "INVALID_ARGUMENT");
    const end = (await patient.now()) + 30 * day;
    const limits = { permissions: ["MANAGE"], longest: day, end } as const;
    await patient.delegate({ delegate: carer.address, scope: chart.label, ...limits });
    await untouched(amend(carer), "WRITE_REFUSED");
    await untouched(clinic.cardiologist.retract(recordId, "duplicate"), "WRITE_REFUSED");
    await patient.delegate({
      delegate: carer.address,
      scope: chart.label,
      ...limits,
      permissions: ["MANAGE", "WRITE"],
    });
    const first = await amend(carer);
    // the lineage goes on from its newest; what was amended already is not amended again
    await refused(amend(clinic.radiologist), "CONTRACT_REFUSED", { error: "InvalidStatus" });
    const own = await patient.amend(first.recordId, [sample()], { reason: "updated" });
    expect((await patient.open(own.recordId)).stamps[0]).to.include({ selfReported: true, proven: true });
    await patient.revoke(clinic.radiologist.address, chart.label);
    await refused(clinic.radiologist.retract(recordId, "other"), "CONTRACT_REFUSED", { error: "NotWriter" });
    await carer.retract(first.recordId, "duplicate");
    await untouched(carer.amend(first.recordId, [sample()], options), "RECORD_RETRACTED");
    await patient.retract(own.recordId, "wrong patient");
    await refused(patient.open(own.recordId), "RECORD_RETRACTED", { status: "retracted" });
    await refused(patient.open(first.recordId), "RECORD_RETRACTED");
    expect((await patient.chart()).map(({ status }) => status)).to.deep.equal(["amended", "retracted", "retracted"]);
  });

  it("by an erasure shuts it for good: nobody opens, points or corrects it, and its amendments stay", async () => {
    const { recordId: next } = await clinic.radiologist.amend(recordId, [sample()], options);
    await patient.erase(recordId);
    await refused(patient.open(recordId), "RECORD_RETRACTED", { status: "erased" });
    await refused(clinic.radiologist.retract(recordId, "other"), "CONTRACT_REFUSED", { error: "InvalidStatus" });
    await refused(patient.rotateRecord(recordId), "RECORD_RETRACTED");
    const reader = await clinic.actor();
    expect((await clinic.grantRead(patient, reader, chart.label)).records).to.deep.equal([next]);
    await reader.open(next, { purpose });
  });

  it("interrupted ends in one amendment, whatever failed", async () => {
    const failing = async (gear: Gear): Promise<Actor> => clinic.again(clinic.radiologist, gear);
    const source = sample();
    const before = await clinic.traces();
    const broken = await failing({ store: faulty(clinic.store, (deed) => deed === "pin") });
    await refused(broken.amend(recordId, [source], options), "STORE_FAILED");
    expect(await clinic.traces()).to.deep.equal(before);
    let sent = 0;
    const lost = await failing({
      rpc: async ({ method }, pass) => {
        const answer = await pass();
        if (method === "eth_getTransactionReceipt" && ++sent > 0) throw new Error("cable pulled");
        return answer;
      },
    });
    await refused(lost.amend(recordId, [source], options), "CHAIN_UNREACHABLE");
    const done = await clinic.radiologist.amend(recordId, [source], options);
    expect(done.transaction).to.equal(undefined);
    expect(await patient.chart()).to.have.lengthOf(2);
    await bytesOf((await patient.open(done.recordId)).parts[0]!);
  });

  it("shows a stamp whose credential was ended in the past as contested, and refuses it no more", async () => {
    const author = await clinic.professional("practitioner");
    const end = (await patient.now()) + 30 * day;
    await patient.grant({ grantee: author.address, scope: chart.label, permissions: ["WRITE"], end });
    const place = { patient: patient.address, compartment: chart.label, role: "practitioner" } as const;
    const shared = await author.share([sample()], place);
    expect((await patient.open(shared.recordId)).stamps[0]).to.include({ proven: true, contested: false });
    await clinic.pass(100);
    // whoever stole the issuer's key ends it from its first second on
    const [credential] = await author.credentialsOf(author.address, "practitioner");
    await clinic.hospital.revokeCredential(author.address, "practitioner", credential!.from);
    await refused(patient.open(shared.recordId), "STAMP_UNPROVEN");
    await author.contestCredential("practitioner");
    expect((await patient.open(shared.recordId)).stamps[0]).to.include({ proven: false, contested: true });
    await refused(author.share([sample()], place), "NO_CREDENTIAL");
  });
});

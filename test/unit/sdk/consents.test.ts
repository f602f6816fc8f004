import { expect } from "chai";

import {
  type Hex32,
  createGroup,
  grantsBy,
  randomLabel,
  setMembers,
  canAccessAs,
  wholeChart,
} from "../../../src/index.js";
import { type Actor, type Chart, Clinic, bytesOf, day, refused } from "../../helpers/clinic.js";

const purpose = "TREAT";

describe("consents", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
  });
  after(() => clinic.close());

  const opens = async (by: Actor, recordId: Hex32): Promise<void> => {
    await bytesOf((await by.open(recordId, { purpose })).parts[0]!);
  };

  it("are listed whole, with what each does now, for anybody and proven", async () => {
    const [reader, shut, over, taken] = (await clinic.crowd(4)) as [Actor, Actor, Actor, Actor];
    const now = await patient.now();
    await clinic.grantRead(patient, reader, wholeChart);
    await patient.deny(shut.address, chart.label);
    await clinic.grantRead(patient, over, chart.label, { end: now + 100 });
    await clinic.grantRead(patient, taken, chart.label);
    await patient.revoke(taken.address, chart.label);
    const carer = await clinic.actor();
    const limits = { permissions: ["READ"], purposes: [purpose], longest: day, end: now + 30 * day } as const;
    await patient.delegate({ delegate: carer.address, scope: wholeChart, ...limits });
    await clinic.pass(100);
    const { grants, delegations, checkedBy, block } = await clinic.researcher.shares(patient.address);
    expect(grants.map(({ grantee, inForce, denies }) => ({ grantee, inForce, denies }))).to.deep.equal([
      { grantee: clinic.radiologist.address, inForce: true, denies: false },
      { grantee: reader.address, inForce: true, denies: false },
      { grantee: shut.address, inForce: false, denies: true },
      { grantee: over.address, inForce: false, denies: false },
    ]);
    expect(delegations.map(({ delegate, inForce }) => ({ delegate, inForce }))).to.deep.equal([
      { delegate: carer.address, inForce: true },
    ]);
    expect(checkedBy).to.equal("proof");
    expect(block.number).to.be.greaterThan(0);
    await patient.lockdown();
    const after = await patient.shares();
    // the patient's own DENY stays
    expect(after.grants.filter(({ inForce, denies }) => inForce || denies).map(({ grantee }) => grantee)).to.deep.equal(
      [shut.address],
    );
    expect(after.delegations.map(({ inForce }) => inForce)).to.deep.equal([false]);
  });

  it("are refused where the node leaves one out", async () => {
    const reader = await clinic.actor();
    await clinic.grantRead(patient, reader, chart.label);
    const rpc = async ({ method }: { method: string }, pass: () => Promise<unknown>): Promise<unknown> =>
      method === "eth_getLogs" ? [] : pass();
    const other = await clinic.again(clinic.researcher, { rpc });
    await refused(other.shares(patient.address), "HISTORY_INCOMPLETE");
    const author = await clinic.again(clinic.radiologist, { rpc });
    const before = await clinic.traces();
    await refused(
      author.share([], { patient: patient.address, compartment: chart.label, role: "practitioner" }),
      "INVALID_ARGUMENT",
    );
    const { sample } = await import("../../helpers/clinic.js");
    const place = { patient: patient.address, compartment: chart.label, role: "practitioner" } as const;
    await refused(author.share([sample()], place), "HISTORY_INCOMPLETE");
    expect(await clinic.traces()).to.deep.equal(before);
  });

  it("are given by a carer in the patient's place, with the keys that the carer can open, until that is taken back", async () => {
    const [carer, doctor] = [await clinic.actor(), await clinic.actor()];
    const first = await clinic.share(chart);
    await clinic.grantRead(patient, carer, first.recordId);
    const second = await clinic.share(chart);
    const end = (await patient.now()) + 30 * day;
    const limits = { permissions: ["READ"], purposes: [purpose], longest: 7 * day, end } as const;
    await patient.delegate({ delegate: carer.address, scope: chart.label, ...limits });
    const soon = (await patient.now()) + day;
    const grant = { grantee: doctor.address, permissions: ["READ"], purposes: [purpose], end: soon } as const;
    const given = await carer.grant({ ...grant, scope: chart.label, for: patient.address });
    expect(given.records).to.deep.equal([first.recordId]);
    expect(given.unreadable).to.deep.equal([{ recordId: second.recordId, code: "KEY_MISSING" }]);
    await opens(doctor, first.recordId);
    await refused(doctor.open(second.recordId, { purpose }), "KEY_MISSING");
    // the patient makes up for what the carer did not have
    expect((await patient.redeliver({ grantees: [doctor.address] })).delivered).to.deep.equal([
      { grantee: doctor.address, records: [first.recordId, second.recordId] },
    ]);
    await opens(doctor, second.recordId);
    await refused(carer.grant({ ...grant, scope: wholeChart, for: patient.address }), "DELEGATION_MISSING");
    const long = { ...grant, scope: chart.label, for: patient.address, end: soon + 30 * day };
    await refused(carer.grant(long), "CONTRACT_REFUSED", { error: "BeyondDelegation" });
    await refused(
      doctor.grant({ ...grant, grantee: carer.address, scope: chart.label, for: patient.address }),
      "DELEGATION_MISSING",
    );
    expect((await grantsBy(patient.chain, patient.address, carer.address)).map(({ grantee }) => grantee)).to.deep.equal(
      [doctor.address],
    );
    await carer.revoke(doctor.address, chart.label, { for: patient.address });
    await refused(doctor.open(first.recordId, { purpose }), "ACCESS_REFUSED");
    await patient.undelegate(carer.address, chart.label);
    await refused(carer.grant({ ...grant, scope: chart.label, for: patient.address }), "DELEGATION_MISSING");
  });

  it("are asked for, given as asked or narrower, declined, and taken back", async () => {
    const { cardiologist, researcher } = clinic;
    const { recordId } = await clinic.share(chart);
    const end = (await patient.now()) + 30 * day;
    const wish = { patient: patient.address, scope: chart.label, permissions: ["READ"], end } as const;
    const one = await cardiologist.request({ ...wish, role: "practitioner", purposes: [purpose] });
    const two = await researcher.request({ ...wish, role: "researcher", purposes: ["HRESCH"] });
    const three = await researcher.request({ ...wish, scope: wholeChart, role: "researcher", purposes: ["HRESCH"] });
    expect([one, two, three]).to.deep.equal([1, 2, 3]);
    const open = await patient.requests();
    expect(open.map(({ id, requester, scope, role }) => ({ id, requester, scope, role }))).to.deep.equal([
      { id: 1, requester: cardiologist.address, scope: chart.label, role: "practitioner" },
      { id: 2, requester: researcher.address, scope: chart.label, role: "researcher" },
      { id: 3, requester: researcher.address, scope: wholeChart, role: "researcher" },
    ]);
    expect(open[0]).to.deep.include({ permissions: ["READ"], purposes: [purpose], end });
    expect(open[0]!.when).to.be.closeTo(await patient.now(), 3600);

    const approved = await patient.approve(one, { scope: recordId, purposes: ["ETREAT"], end: end - day });
    expect(approved).to.deep.include({ request: one, records: [recordId], unreadable: [] });
    await cardiologist.open(recordId, { purpose: "ETREAT" });
    await refused(cardiologist.open(recordId, { purpose }), "ACCESS_REFUSED");
    await patient.decline(two);
    await refused(cardiologist.withdrawRequest(patient.address, three), "CONTRACT_REFUSED", { error: "NotRequester" });
    await researcher.withdrawRequest(patient.address, three);
    expect(await patient.requests()).to.deep.equal([]);
    for (const [id, status] of [
      [one, "approved"],
      [two, "declined"],
      [three, "withdrawn"],
    ] as const)
      await refused(patient.approve(id), "INVALID_ARGUMENT", { request: id, status });
    await refused(patient.decline(4), "INVALID_ARGUMENT");
    const answers = (await patient.log()).filter(({ request }) => request !== undefined).map(({ what }) => what);
    expect(answers).to.deep.equal(["requested", "requested", "requested", "approved", "declined", "withdrawn"]);
  });

  it("are given to groups for READ alone, and no capsule goes along", async () => {
    const manager = await clinic.actor();
    const group = await createGroup(manager.chain);
    const end = (await patient.now()) + 30 * day;
    await setMembers(manager.chain, group, [clinic.cardiologist.address], end);
    const grant = { grantee: group, scope: chart.label, permissions: ["READ"], purposes: [purpose], end } as const;
    const blocks = (await clinic.traces()).blocks;
    const { records } = await patient.grant({ ...grant, group: true });
    expect(records).to.deep.equal([]);
    expect((await clinic.traces()).blocks).to.equal(blocks);
    const question = { patient: patient.address, group, member: clinic.cardiologist.address, purpose } as const;
    expect(await canAccessAs(patient.chain, { ...question, compartment: chart.label })).to.equal(true);
    // the group's address itself reads nothing, so no later record's key goes there
    expect((await clinic.share(chart)).withoutKey).to.deep.equal([]);
    await refused(patient.grant(grant), "NO_PUBLISHED_KEY", { actor: group });
  });

  it("tell their grantee what came since a checkpoint, and each session reads a block once", async () => {
    const reader = await clinic.actor();
    const { recordId } = await clinic.share(chart);
    await clinic.grantRead(patient, reader, chart.label);
    let logs = 0;
    const rpc = ({ method }: { method: string }, pass: () => Promise<unknown>): Promise<unknown> => {
      if (method === "eth_getLogs") logs++;
      return pass();
    };
    const again = await clinic.again(reader, { rpc });
    const first = await again.inbox();
    expect(first.items.map(({ what, scope }) => ({ what, scope }))).to.deep.equal([
      { what: "granted", scope: chart.label },
    ]);
    expect(first.records.map((key) => key.recordId)).to.deep.equal([recordId]);
    const other = await clinic.chart();
    await other.patient.delegate({
      ...{ delegate: reader.address, scope: other.label, permissions: ["DENY"], longest: 0 },
      end: (await patient.now()) + day,
    });
    const later = await clinic.share(chart);
    const since = await again.inbox(undefined, { since: first.upTo! + 1 });
    expect(since.items.map(({ what }) => what)).to.deep.equal(["delegated", "delivered"]);
    expect(since.records.map((key) => key.recordId)).to.deep.equal([later.recordId]);
    const whole = await again.inbox();
    expect(whole.items.map(({ what }) => what)).to.deep.equal(["granted", "delegated", "delivered"]);
    expect(whole.upTo).to.be.at.least(since.upTo!);
    logs = 0;
    await again.inbox();
    expect(logs).to.be.at.most(2);
    expect((await again.inbox(patient.address)).upTo).to.equal(undefined);
  });

  it("on scopes of records take an amendment for its lineage, and shut records ahead that nobody anchored", async () => {
    const reader = await clinic.actor();
    const ahead = "0x" + "ff".repeat(32);
    await patient.deny(reader.address, ahead);
    await patient.lift(reader.address, ahead);
    await patient.revoke(reader.address, ahead);
    await refused(patient.deny(reader.address, "0x12"), "INVALID_ARGUMENT");
    await refused(patient.deny("nobody", randomLabel()), "INVALID_ARGUMENT");
    await refused(patient.deny(patient.address, randomLabel()), "CONTRACT_REFUSED", { error: "InvalidGrantee" });
  });
});

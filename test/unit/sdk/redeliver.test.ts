import { expect } from "chai";
import { getBytes } from "ethers";

import { findRecord } from "../../../src/chain/records.js";
import { type Hex32, wholeChart } from "../../../src/index.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, day, refused } from "../../helpers/clinic.js";

const purpose = "TREAT";

describe("redelivery", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let reader: Actor;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    reader = await clinic.actor();
  });
  after(() => clinic.close());

  const opens = async (by: Actor, recordId: Hex32): Promise<void> => {
    await bytesOf((await by.open(recordId, { purpose })).parts[0]!);
  };
  const to = ({ address: grantee }: Actor, records: readonly Hex32[]) => ({ grantee, records });

  it("brings a grant that began later the records that were added before it began", async () => {
    const before = await clinic.share(chart);
    await clinic.grantRead(patient, reader, chart.label, { start: (await patient.now()) + day });
    const between = await clinic.share(chart);
    expect(between.delivered).to.be.empty;
    expect((await patient.redeliver()).delivered).to.be.empty;
    await clinic.pass(day);
    await opens(reader, before.recordId);
    await refused(reader.open(between.recordId, { purpose }), "KEY_MISSING", { recordId: between.recordId });
    expect((await patient.redeliver()).delivered).to.deep.equal([to(reader, [between.recordId])]);
    await opens(reader, between.recordId);
    expect((await patient.redeliver()).delivered).to.be.empty;
    // what the author delivers itself counts as sent
    const after = await clinic.share(chart);
    expect(after.delivered).to.deep.equal([reader.address]);
    expect((await patient.redeliver()).delivered).to.be.empty;
  });

  it("sends only what the chain lets each of them read, and nothing to who may not", async () => {
    const second = await clinic.compartment(patient);
    const [a, b] = [await clinic.share(chart), await clinic.share(chart)];
    const c = await clinic.share({ patient, label: second });
    const [wide, narrow, one, denied, revoked, writing] = await clinic.crowd(6);
    await clinic.grantWithoutCapsule(patient, wide!, wholeChart);
    await clinic.grantWithoutCapsule(patient, narrow!, second);
    await clinic.grantWithoutCapsule(patient, one!, a.recordId);
    await clinic.grantWithoutCapsule(patient, denied!, wholeChart);
    const end = (await patient.now()) + day;
    for (const scope of [a.recordId, second]) await patient.deny(denied!.address, scope);
    await clinic.grantWithoutCapsule(patient, revoked!, wholeChart);
    await patient.revoke(revoked!.address, wholeChart);
    await patient.grant({ grantee: writing!.address, scope: second, permissions: ["WRITE"], end });
    const { delivered } = await patient.redeliver();
    expect(delivered).to.have.deep.members([
      to(wide!, [a.recordId, b.recordId, c.recordId]),
      to(narrow!, [c.recordId]),
      to(one!, [a.recordId]),
      to(denied!, [b.recordId]),
    ]);
    for (const id of [a.recordId, b.recordId, c.recordId]) await opens(wide!, id);
    await opens(narrow!, c.recordId);
    await opens(denied!, b.recordId);
    for (const other of [revoked!, writing!]) expect((await other.inbox()).records).to.be.empty;
    expect((await patient.redeliver()).delivered).to.be.empty;
    // nobody but the patient has anything to send on the patient's chart
    expect((await wide!.redeliver({ all: true })).delivered).to.be.empty;
  });

  it("makes one capsule for up to 14 who lack the same", async () => {
    const { recordId } = await clinic.share(chart);
    const people = await clinic.crowd(16);
    for (const each of people) await clinic.grantWithoutCapsule(patient, each, chart.label);
    expect((await patient.redeliver()).delivered).to.have.lengthOf(16);
    const capsules = await Promise.all(people.map((each) => clinic.announced(each)));
    expect(capsules.every(({ length }) => length === 1)).to.equal(true);
    expect(new Set(capsules.flat()).size).to.equal(2);
    for (const each of people) await opens(each, recordId);
  });

  it("sends again what the store lost, what is doubtful, and all of it where that is asked", async () => {
    const { recordId } = await clinic.share(chart);
    await clinic.grantRead(patient, reader, chart.label);
    const [capsule] = await clinic.announced(reader);
    await clinic.store.delete(cidOfDigest(getBytes(capsule!)));
    await refused(reader.open(recordId, { purpose }), "KEY_MISSING");
    expect((await patient.redeliver()).delivered).to.deep.equal([to(reader, [recordId])]);
    await opens(reader, recordId);
    expect((await patient.redeliver()).delivered).to.be.empty;
    // a writer's announcement is no delivery
    const other = await clinic.actor();
    await clinic.grantWithoutCapsule(patient, other, chart.label);
    const { content } = await patient.open(recordId);
    const name = { patient: patient.address, compartment: chart.label, content };
    await clinic.announceKey(clinic.radiologist, [other], name, new Uint8Array(16));
    expect((await patient.redeliver()).delivered).to.deep.equal([to(other, [recordId])]);
    const all = await patient.redeliver({ all: true, grantees: [reader.address] });
    expect(all.delivered).to.deep.equal([to(reader, [recordId])]);
    await refused(patient.redeliver({ grantees: ["nobody"] }), "INVALID_ARGUMENT");
  });

  it("names the records whose keys it could not get, and makes up for them when they are back", async () => {
    const [lost, good] = [await clinic.share(chart), await clinic.share(chart)];
    const { manifest } = await findRecord(patient.own.chain, lost.recordId);
    const cid = cidOfDigest(getBytes(manifest));
    const bytes = await clinic.store.get(cid);
    await clinic.store.delete(cid);
    await clinic.grantWithoutCapsule(patient, reader, chart.label);
    const first = await patient.redeliver();
    expect(first.delivered).to.deep.equal([to(reader, [good.recordId])]);
    expect(first.unreadable).to.deep.equal([{ recordId: lost.recordId, code: "BLOCK_MISSING" }]);
    await clinic.store.put({ cid, bytes });
    const second = await patient.redeliver();
    expect(second.delivered[0]!.records).to.include(lost.recordId);
    for (const { recordId } of [lost, good]) await opens(reader, recordId);
    expect((await patient.redeliver()).delivered).to.be.empty;
  });

  it("brings the names of compartments, also to a writer whose newer key was held", async () => {
    const { label } = await patient.addCompartment("imaging");
    const end = (await patient.now()) + day;
    await clinic.grantWithoutCapsule(patient, reader, label);
    await patient.grant({ grantee: clinic.cardiologist.address, scope: label, permissions: ["WRITE"], end });
    expect((await patient.redeliver()).delivered).to.have.deep.members([to(reader, []), to(clinic.cardiologist, [])]);
    for (const each of [reader, clinic.cardiologist]) {
      const { compartments } = await each.inbox(patient.address);
      expect(compartments).to.deep.equal([{ label, name: "imaging", patient: patient.address }]);
    }
    expect((await patient.redeliver()).delivered).to.be.empty;
  });
});

import { expect } from "chai";

import { deny } from "../../../src/chain/consent.js";
import { canRead } from "../../../src/chain/records.js";
import { type Hex32, wholeChart } from "../../../src/index.js";
import { type Actor, type Chart, Clinic, bytesOf, day, refused, sample } from "../../helpers/clinic.js";

const purpose = "TREAT";

describe("a DENY", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let reader: Actor;
  let recordId: Hex32;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    reader = await clinic.actor();
    ({ recordId } = await clinic.share(chart));
  });
  after(() => clinic.close());

  const opens = async (id = recordId, by = reader): Promise<void> => {
    await bytesOf((await by.open(id, { purpose })).parts[0]!);
  };
  const shut = async (id = recordId): Promise<void> => {
    await refused(reader.open(id, { purpose }), "ACCESS_REFUSED", { recordId: id });
  };
  const scopes = (): Hex32[] => [recordId, chart.label, wholeChart];

  it("always wins: on record, compartment or chart, over a grant on any of them, whichever came first", async () => {
    for (const denied of scopes())
      for (const granted of scopes()) {
        if (denied === granted) continue;
        await clinic.grantRead(patient, reader, granted);
        await opens();
        await patient.deny(reader.address, denied);
        await shut();
        const later = await clinic.grantRead(patient, reader, granted);
        expect(later).to.deep.include({ records: [], denied: [denied] });
        await shut();
        await patient.lift(reader.address, denied);
        // what was granted counts again, and its key is made up for
        const made = await patient.redeliver();
        expect(made.delivered).to.deep.equal([{ grantee: reader.address, records: [recordId] }]);
        await opens();
        await patient.revoke(reader.address, granted);
        await shut();
      }
  });

  it("is not granted over on its own scope unless it is to be lifted, and no revocation or lockdown takes it away", async () => {
    for (const scope of scopes()) {
      await patient.deny(reader.address, scope);
      const before = await clinic.traces();
      const standing = { error: "DenyStands", scope };
      await refused(clinic.grantRead(patient, reader, scope), "CONTRACT_REFUSED", standing);
      expect(await clinic.traces()).to.deep.equal(before);
      await refused(patient.revoke(reader.address, scope), "CONTRACT_REFUSED", standing);
      await patient.lockdown();
      await refused(clinic.grantRead(patient, reader, scope), "CONTRACT_REFUSED", standing);
      const { records } = await clinic.grantRead(patient, reader, scope, { lifts: true });
      expect(records).to.deep.equal([recordId]);
      await opens();
      await patient.revoke(reader.address, scope);
      await shut();
    }
    await refused(patient.lift(reader.address, chart.label), "CONTRACT_REFUSED", { error: "NoDeny" });
    await patient.deny(reader.address, chart.label);
    const outcomes = await patient.liftMany(
      [chart.label, wholeChart].map((scope) => ({ grantee: reader.address, scope })),
    );
    expect(outcomes.map(({ index }) => index)).to.deep.equal([0, 1]);
    expect((await patient.shares()).grants.filter(({ denies }) => denies)).to.be.empty;
  });

  it("withholds no key of what it does not shut: not of other records, not from others, not of what begins later", async () => {
    const other = await clinic.share(chart);
    await patient.deny(reader.address, recordId);
    const start = (await patient.now()) + day;
    const { records, denied } = await clinic.grantRead(patient, reader, chart.label, { start, end: start + day });
    expect({ records, denied }).to.deep.equal({ records: [other.recordId], denied: [recordId] });
    const second = await clinic.actor();
    expect((await clinic.grantRead(patient, second, chart.label)).records).to.have.members([recordId, other.recordId]);
    await opens(recordId, second);
    await clinic.pass(day);
    await opens(other.recordId);
    await shut();
    // nor of a later record, whose readers are looked up anew
    const later = await clinic.share(chart);
    expect(later.delivered).to.have.members([reader.address, second.address]);
    await patient.deny(reader.address, wholeChart);
    expect((await clinic.share(chart)).delivered).to.deep.equal([second.address]);
    await shut(later.recordId);
  });

  it("on a record shuts its amendments, too, however often it is amended; lifted, they open", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    await patient.deny(reader.address, recordId);
    const amend = (id: Hex32) =>
      clinic.radiologist.amend(id, [sample()], { reason: "wrong content", role: "practitioner" });
    const second = await amend(recordId);
    const third = await amend(second.recordId);
    for (const each of [second, third]) {
      expect(each).to.deep.include({ delivered: [], revokedMeanwhile: [] });
      await shut(each.recordId);
    }
    expect(third.replaces).to.equal(second.recordId);
    // the amendment's id stands for its lineage
    await refused(clinic.grantRead(patient, reader, third.recordId), "CONTRACT_REFUSED", {
      error: "DenyStands",
      scope: recordId,
    });
    expect((await clinic.grantRead(patient, reader, chart.label)).records).to.be.empty;
    await patient.lift(reader.address, third.recordId);
    const { delivered } = await patient.redeliver();
    const all = [recordId, second.recordId, third.recordId];
    expect(delivered).to.deep.equal([{ grantee: reader.address, records: all }]);
    for (const id of all) await opens(id);
    expect((await patient.redeliver()).delivered).to.be.empty;
    await patient.deny(reader.address, second.recordId);
    for (const id of all) await shut(id);
  });

  it("on an amendment's own id, where it may have been set ahead, shuts that one, and lifted opens it", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const name = { patient: patient.address, compartment: chart.label };
    const options = { reason: "updated", role: "practitioner" } as const;
    const twin = await clinic.radiologist.amend(recordId, [sample()], options);
    expect(twin.delivered).to.deep.equal([reader.address]);
    await deny(patient.chain, reader.address, twin.recordId);
    await shut(twin.recordId);
    expect(await canRead(patient.chain, { ...name, reader: reader.address, content: twin.content, purpose })).to.equal(
      false,
    );
    await opens();
    const again = await clinic.grantRead(patient, reader, chart.label);
    expect(again).to.deep.include({ records: [recordId], denied: [twin.recordId] });
    await patient.lift(reader.address, twin.recordId);
    await opens(twin.recordId);
    // its author is shut out from correcting it, too
    await deny(patient.chain, clinic.radiologist.address, twin.recordId);
    await refused(clinic.radiologist.amend(twin.recordId, [sample()], options), "WRITE_REFUSED");
    await refused(clinic.radiologist.rotateRecord(twin.recordId), "WRITE_REFUSED");
  });

  it("keeps an author from writing, and a delegate with DENY can set one that the patient lifts", async () => {
    const { radiologist } = clinic;
    const carer = await clinic.actor();
    const end = (await patient.now()) + 30 * day;
    const terms = { permissions: ["READ", "WRITE", "DENY"], purposes: [purpose], longest: day, end } as const;
    await patient.delegate({ delegate: carer.address, scope: chart.label, ...terms });
    await carer.deny(radiologist.address, chart.label, { for: patient.address });
    await refused(clinic.share(chart), "WRITE_REFUSED", { compartment: chart.label });
    await refused(carer.deny(reader.address, wholeChart, { for: patient.address }), "DELEGATION_MISSING");
    await carer.deny(reader.address, recordId, { for: patient.address });
    const given = {
      grantee: reader.address,
      permissions: ["READ"],
      purposes: [purpose],
      for: patient.address,
    } as const;
    const soon = (await patient.now()) + 3600;
    await refused(carer.grant({ ...given, scope: recordId, end: soon }), "CONTRACT_REFUSED", { error: "DenyStands" });
    await refused(carer.grant({ ...given, scope: recordId, end: soon, lifts: true }), "INVALID_ARGUMENT");
    await patient.lift(radiologist.address, chart.label);
    // what stood on that very scope is gone
    await refused(clinic.share(chart), "WRITE_REFUSED");
    await patient.grant({ grantee: radiologist.address, scope: chart.label, permissions: ["WRITE"], end });
    await clinic.share(chart);
    await patient.lift(reader.address, recordId);
    await clinic.grantRead(patient, reader, recordId);
    await opens();
  });
});

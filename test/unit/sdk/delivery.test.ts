import { expect } from "chai";

import { publishedKey } from "../../../src/chain/keys.js";
import { type Hex32, type Progress, wholeChart } from "../../../src/index.js";
import { type Actor, type Chart, Clinic, bytesOf, day, refused, sample } from "../../helpers/clinic.js";

const purpose = "TREAT";

describe("the keys", () => {
  let clinic: Clinic;
  let chart: Chart;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
  });
  after(() => clinic.close());

  const opens = async (reader: Actor, recordId: Hex32): Promise<void> => {
    const { parts } = await reader.open(recordId, { purpose });
    await bytesOf(parts[0]!);
  };
  const inboxOf = async (reader: Actor): Promise<Hex32[]> => {
    const { records } = await reader.inbox(chart.patient.address);
    return [...new Set(records.map(({ recordId }) => recordId))].sort();
  };
  const terms = async () => ({ end: (await chart.patient.now()) + 30 * day });

  describe("of a grant", () => {
    it("hold the keys of the scope, but for what a DENY shuts", async () => {
      const { patient } = chart;
      const second = await clinic.compartment(patient);
      const [a, b] = [await clinic.share(chart), await clinic.share(chart)];
      const c = await clinic.share({ patient, label: second });
      const reader = await clinic.actor();
      for (const scope of [a.recordId, second]) await patient.deny(reader.address, scope);
      const { records, denied } = await clinic.grantRead(patient, reader, wholeChart);
      expect(records).to.deep.equal([b.recordId]);
      expect(denied).to.have.members([a.recordId, second]);
      expect(await inboxOf(reader)).to.deep.equal([b.recordId]);
      for (const { recordId } of [a, c]) await refused(reader.open(recordId, { purpose }), "ACCESS_REFUSED");
      // a narrower grant opens nothing below a DENY, and brings no key
      const one = await clinic.grantRead(patient, reader, c.recordId);
      expect(one).to.deep.include({ records: [], denied: [second] });
      await refused(reader.open(c.recordId, { purpose }), "ACCESS_REFUSED");
      const standing = { error: "DenyStands", scope: a.recordId };
      await refused(clinic.grantRead(patient, reader, a.recordId), "CONTRACT_REFUSED", standing);
      const replaced = await clinic.grantRead(patient, reader, a.recordId, { lifts: true });
      expect(replaced).to.deep.include({ records: [a.recordId], denied: [] });
      await opens(reader, a.recordId);
    });

    it("bring the names of compartments, also to who may only write", async () => {
      const { patient, label } = chart;
      const writer = await clinic.actor();
      const grant = { grantee: writer.address, scope: label, permissions: ["WRITE"] } as const;
      const compartments = [{ label, name: "imaging" }];
      await patient.grant({ ...(await terms()), ...grant, compartments });
      const inbox = await writer.inbox();
      expect(inbox.compartments).to.deep.equal([{ label, name: "imaging", patient: patient.address }]);
      expect(inbox.records).to.be.empty;
    });
  });

  describe("of a later record", () => {
    it("go to those who read the chart or the compartment, and to nobody else", async () => {
      const { patient, label } = chart;
      const people = await clinic.crowd(8);
      const [wide, narrow, writing, elsewhere, past, future, denied, locked] = people as [Actor, ...Actor[]];
      const now = await patient.now();
      await clinic.grantRead(patient, locked!, label);
      await patient.lockdown();
      const write = { end: now + day, permissions: ["WRITE"] } as const;
      for (const writer of [writing!, clinic.radiologist]) {
        await patient.grant({ ...write, grantee: writer.address, scope: label });
      }
      await clinic.grantRead(patient, wide, wholeChart);
      await clinic.grantRead(patient, narrow!, label);
      await clinic.grantRead(patient, elsewhere!, await clinic.compartment(patient));
      await clinic.grantRead(patient, past!, label, { end: (await patient.now()) + 60 });
      await clinic.grantRead(patient, future!, label, { start: now + day });
      await clinic.grantRead(patient, denied!, wholeChart);
      await patient.deny(denied!.address, label);
      await clinic.pass(60);

      const shared = await clinic.share(chart);
      expect([...shared.delivered].sort()).to.deep.equal([wide.address, narrow!.address].sort());
      expect(shared.revokedMeanwhile).to.be.empty;
      for (const reader of people) {
        if (shared.delivered.includes(reader.address)) await opens(reader, shared.recordId);
        else {
          expect(await inboxOf(reader)).to.be.empty;
          await refused(reader.open(shared.recordId, { purpose }), "ACCESS_REFUSED");
        }
      }
    });

    it("do not go to whom the patient revokes while it is being shared, which is reported", async () => {
      const { patient, label } = chart;
      const [revoked, kept] = [await clinic.actor(), await clinic.actor()];
      for (const reader of [revoked, kept]) await clinic.grantRead(patient, reader, label);
      // the revocation is mined just before the anchor
      let done = false;
      const radiologist = await clinic.again(clinic.radiologist, {
        rpc: async ({ method }, pass) => {
          if (method === "eth_sendRawTransaction" && !done) {
            done = true;
            await patient.revoke(revoked.address, label);
          }
          return pass();
        },
      });
      const steps: Progress[] = [];
      const options = { patient: patient.address, compartment: label, role: "practitioner" } as const;
      const shared = await radiologist.share([sample()], { ...options, onProgress: (step) => steps.push(step) });
      expect(shared).to.deep.include({ delivered: [kept.address], revokedMeanwhile: [revoked.address] });
      expect(steps.slice(-2)).to.deep.equal([
        { step: "anchoring", done: 0, total: 1 },
        { step: "delivering", done: 0, total: 1 },
      ]);
      expect(await inboxOf(revoked)).to.be.empty;
      await refused(revoked.open(shared.recordId, { purpose }), "ACCESS_REFUSED");
      await opens(kept, shared.recordId);
    });

    it("reach more than 14 grantees, whatever one of them published as a key", async () => {
      const { patient, label } = chart;
      const people = await clinic.crowd(16);
      for (const reader of people) await clinic.grantRead(patient, reader, label);
      const [garbage, copy, victim] = people as [Actor, Actor, Actor];
      await clinic.publishBytes(garbage, new Uint8Array(1216).fill(255));
      const theirs = await publishedKey(patient.own.chain, victim.address);
      await clinic.publishBytes(copy, theirs!.recipient);
      const { recordId, delivered, withoutKey } = await clinic.share(chart);
      expect(withoutKey).to.deep.equal([garbage.address]);
      const rest = people.filter((reader) => reader !== garbage);
      expect([...delivered].sort()).to.deep.equal(rest.map(({ address }) => address).sort());
      for (const reader of rest) {
        if (reader === copy) await refused(reader.open(recordId, { purpose }), "KEY_MISSING", { recordId });
        else await opens(reader, recordId);
      }
    });
  });
});

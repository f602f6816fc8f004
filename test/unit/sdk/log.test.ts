import { expect } from "chai";

import { point } from "../../../src/chain/records.js";
import { type LogEntry, randomLabel, wholeChart } from "../../../src/index.js";
import { digestOf } from "../../../src/record/manifest.js";
import { Clinic, day } from "../../helpers/clinic.js";
import { forge } from "../../helpers/forge.js";

describe("a patient's access log", () => {
  let clinic: Clinic;

  before(async () => {
    clinic = await Clinic.open();
  });
  after(() => clinic.close());

  it("says who did what, to whom, why and when, for every kind of event and in its order", async () => {
    const { radiologist, cardiologist, researcher } = clinic;
    const patient = await clinic.actor();
    const label = randomLabel();
    const end = (await patient.now()) + 30 * day;
    const wish = { patient: patient.address, permissions: ["READ"], end } as const;

    await radiologist.request({ ...wish, scope: label, role: "practitioner", permissions: ["WRITE"], purposes: [] });
    await patient.grant({ grantee: radiologist.address, scope: label, permissions: ["WRITE"], end });
    const second = await researcher.request({ ...wish, scope: wholeChart, role: "researcher", purposes: ["HRESCH"] });
    await patient.decline(second);
    await clinic.grantRead(patient, cardiologist, label, { end, purposes: ["TREAT", "ETREAT", "HPAYMT"] });
    const { recordId } = await clinic.share({ patient, label });
    const forged = await forge(radiologist, { patient, label });
    await point(radiologist.own.chain, forged.name, digestOf(forged.block));
    await point(patient.own.chain, forged.name, digestOf(forged.block));
    await patient.deny(cardiologist.address, recordId);
    await patient.revoke(cardiologist.address, label);
    await patient.lockdown();

    const log = await patient.log();
    const seen = log.map(({ when: _when, block: _block, transaction: _transaction, ...told }) => told);
    const [me, author, reader] = [patient.address, radiologist.address, cardiologist.address];
    expect(seen).to.deep.equal([
      {
        what: "requested",
        who: author,
        scope: label,
        role: "practitioner",
        request: 1,
        permissions: ["WRITE"],
        purposes: [],
        end,
      },
      { what: "granted", who: me, grantee: author, scope: label, permissions: ["WRITE"], purposes: [], end },
      {
        what: "requested",
        who: researcher.address,
        scope: wholeChart,
        role: "researcher",
        request: 2,
        permissions: ["READ"],
        purposes: ["HRESCH"],
        end,
      },
      { what: "declined", who: me, grantee: researcher.address, scope: wholeChart, request: 2 },
      {
        what: "granted",
        who: me,
        grantee: reader,
        scope: label,
        permissions: ["READ"],
        purposes: ["HPAYMT", "TREAT"],
        end,
      },
      { what: "anchored", who: author, scope: recordId },
      { what: "delivered", who: author, grantee: reader, scope: recordId },
      { what: "anchored", who: author, scope: forged.recordId },
      { what: "pointed", who: author, scope: forged.recordId },
      { what: "pointed", who: me, scope: forged.recordId },
      { what: "denied", who: me, grantee: reader, scope: recordId },
      { what: "revoked", who: me, grantee: reader, scope: label },
      { what: "locked down", who: me },
    ] satisfies Omit<LogEntry, "when" | "block" | "transaction">[]);

    const provider = clinic.provider();
    for (const [index, { block, when, transaction }] of log.entries()) {
      expect((await provider.getTransactionReceipt(transaction))?.blockNumber).to.equal(block);
      expect((await provider.getBlock(block))?.timestamp).to.equal(when);
      expect(block).to.be.at.least(log[index - 1]?.block ?? 0);
    }
    // what others may know as well, and nothing of another patient
    expect(await clinic.cardiologist.log(patient.address)).to.deep.equal(log);
    const other = await clinic.chart();
    expect((await other.patient.log()).map(({ what }) => what)).to.deep.equal(["granted"]);
    expect(await patient.log()).to.deep.equal(log);
  });

  it("keeps the order of what happened within one transaction", async () => {
    const { patient, label } = await clinic.chart();
    const people = await clinic.crowd(3);
    for (const reader of people) await clinic.grantRead(patient, reader, label);
    await clinic.share({ patient, label });
    const delivered = (await patient.log()).filter(({ what }) => what === "delivered");
    expect(delivered.map(({ grantee }) => grantee)).to.deep.equal(people.map(({ address }) => address));
    expect(new Set(delivered.map(({ transaction }) => transaction)).size).to.equal(1);
  });
});

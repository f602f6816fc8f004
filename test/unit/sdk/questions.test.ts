import { expect } from "chai";

import { type Actor, type Call, type Chart, Clinic, day, sample } from "../../helpers/clinic.js";

describe("what is asked of the node, by somebody who knows nothing yet", () => {
  let clinic: Clinic;
  let chart: Chart;
  /** How many calls it takes to send a transaction and to wait for it, whatever it is. */
  let sending: number;

  before(async () => {
    clinic = await Clinic.open();
    chart = await clinic.chart();
    await clinic.grantRead(chart.patient, clinic.cardiologist, chart.label);
    sending = (await asked(await clinic.actor(), (somebody) => somebody.lockdown())).all.length;
  });
  after(() => clinic.close());

  /** Connects anew, does something, and tells what it asked meanwhile: questions, and calls that send transactions. */
  async function asked(actor: Actor, work: (cold: Actor) => Promise<unknown>) {
    const calls: Call[] = [];
    let counting = false;
    const rpc = (call: Call, pass: () => Promise<unknown>): Promise<unknown> => {
      if (counting) calls.push(call);
      return pass();
    };
    const cold = await clinic.again(actor, { rpc });
    counting = true;
    await work(cold);
    const all = calls.map(({ method }) => method);
    const transactions = all.filter((method) => method === "eth_sendRawTransaction").length;
    return { all, questions: all.length - transactions * sending, transactions };
  }

  it("is little for one's own record, and for another's", async () => {
    const { recordId } = await clinic.share(chart);
    const own = await asked(chart.patient, (patient) => patient.open(recordId));
    expect(own.questions, own.all.join()).to.be.at.most(8);
    const theirs = await asked(clinic.cardiologist, (reader) => reader.open(recordId, { purpose: "TREAT" }));
    expect(theirs.questions, theirs.all.join()).to.be.at.most(12);
  });

  it("is no more for what was opened before", async () => {
    const { recordId } = await clinic.share(chart);
    const reader = await clinic.actor();
    await clinic.grantRead(chart.patient, reader, chart.label);
    const calls: string[] = [];
    const rpc = (call: Call, pass: () => Promise<unknown>): Promise<unknown> => {
      calls.push(call.method);
      return pass();
    };
    const again = await clinic.again(reader, { rpc });
    await again.open(recordId, { purpose: "TREAT" });
    calls.length = 0;
    await again.open(recordId, { purpose: "TREAT" });
    // neither the capsule nor how the node can be checked is looked for again
    expect(calls.length, calls.join()).to.be.at.most(7);
  });

  it("is little for a grant", async () => {
    await clinic.share(chart);
    const reader = await clinic.actor();
    const grant = await asked(chart.patient, (patient) => clinic.grantRead(patient, reader, chart.label));
    expect(grant.transactions).to.equal(1);
    expect(grant.questions, grant.all.join()).to.be.at.most(12);
  });

  it("is little for a share with one reader", async () => {
    const other = await clinic.chart();
    await clinic.grantRead(other.patient, clinic.cardiologist, other.label);
    const { radiologist } = clinic;
    const place = { patient: other.patient.address, compartment: other.label, role: "practitioner" } as const;
    const share = await asked(radiologist, async (author) => {
      const { delivered } = await author.share([sample()], place);
      expect(delivered).to.deep.equal([clinic.cardiologist.address]);
    });
    expect(share.transactions).to.equal(2);
    expect(share.questions, share.all.join()).to.be.at.most(12);
  });

  it("grows by no more than what there is to read, not with the age of the chain", async () => {
    const { recordId } = await clinic.share(chart);
    const before = await asked(clinic.cardiologist, (reader) => reader.open(recordId, { purpose: "TREAT" }));
    const other = await clinic.chart();
    for (let block = 0; block < 50; block++) await other.patient.lockdown();
    await clinic.pass(day);
    const after = await asked(clinic.cardiologist, (reader) => reader.open(recordId, { purpose: "TREAT" }));
    expect(after.all).to.deep.equal(before.all);
  });
});

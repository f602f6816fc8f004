import { expect } from "chai";
import { hexlify } from "ethers";

import { verifyStamp, witness } from "../../../src/chain/stamps.js";
import { type Stamp, stampDigest, stampDomain } from "../../../src/crypto/stamp.js";
import type { ErrorCode } from "../../../src/index.js";
import { type Actor, type Chart, Clinic, day, refused } from "../../helpers/clinic.js";
import { type Forgery, altered, forge, malleated, role } from "../../helpers/forge.js";

type Stamping = NonNullable<Forgery["stamps"]>;

describe("the stamps of a record, as its reader judges them", () => {
  let clinic: Clinic;
  let chart: Chart;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
  });
  after(() => clinic.close());

  /** Refused to patient and grantee alike. */
  async function refusedStamps(forgery: Forgery, code: ErrorCode, details = {}, author?: Actor): Promise<void> {
    const { recordId } = await forge(author ?? clinic.radiologist, chart, forgery);
    await clinic.grantRead(chart.patient, clinic.cardiologist, recordId);
    await refused(chart.patient.open(recordId), code, details);
    await refused(clinic.cardiologist.open(recordId, { purpose: "TREAT" }), code, details);
  }

  /** Somebody with WRITE and, where asked for, a credential that ends at a time. */
  async function writer(until?: number): Promise<Actor> {
    const author = await clinic.actor();
    const end = (await author.now()) + 900 * day;
    await chart.patient.grant({ grantee: author.address, scope: chart.label, permissions: ["WRITE"], end });
    if (until !== undefined) await clinic.hospital.issueCredential(author.address, "practitioner", until);
    return author;
  }

  it("there are none", () => refusedStamps({ stamps: () => [] }, "STAMP_MISSING"));

  it("the signature is altered, malleated, of another form, or none at all", async () => {
    const signatures: Stamping[] = [
      (honest) => [{ ...honest, signature: altered(honest, (bytes) => (bytes[5]! ^= 1)) }],
      (honest) => [{ ...honest, signature: altered(honest, (bytes) => (bytes[40]! ^= 1)) }],
      (honest) => [{ ...honest, signature: altered(honest, (bytes) => (bytes[64] = 55 - bytes[64]!)) }],
      (honest) => [{ ...honest, signature: altered(honest, (bytes) => (bytes[64]! -= 27)) }],
      (honest) => [{ ...honest, signature: altered(honest, (bytes) => bytes.fill(0)) }],
      (honest) => [{ ...honest, signature: malleated(honest) }],
    ];
    for (const stamps of signatures) await refusedStamps({ stamps }, "STAMP_INVALID", { index: 0 });
  });

  it("anything that was signed is altered", async () => {
    const { radiologist } = clinic;
    const changes = [
      { role: role("researcher") },
      { statement: "received" },
      { issuedAt: 1 },
      { previous: "0x" + "11".repeat(32) },
      { signer: clinic.cardiologist.address },
    ];
    for (const change of changes) {
      await refusedStamps({ stamps: (honest) => [{ ...honest, ...change }] }, "STAMP_INVALID", { index: 0 });
    }
    // a stamp of something else, signed all right
    const signed = [
      { statement: "received" },
      { content: "0x" + "22".repeat(32) },
      { patient: radiologist.address },
      { previous: "0x" + "11".repeat(32) },
    ];
    for (const change of signed) {
      const stamps: Stamping = async (_, sign) => [await sign(radiologist, change)];
      await refusedStamps({ stamps }, "STAMP_INVALID", { index: 0 });
    }
  });

  it("it is somebody else's than the author's, or that of another record", async () => {
    const { radiologist, cardiologist } = clinic;
    const author = radiologist.address;
    await refusedStamps({ stamps: async (_, sign) => [await sign(cardiologist)] }, "STAMP_INVALID", {
      index: 0,
      author,
    });
    const { stamps } = await forge(radiologist, chart);
    await refusedStamps({ stamps: () => stamps }, "STAMP_INVALID", { index: 0 });
  });

  it("no credential stands behind it: none, of another role, ended before the anchor, issued after the stamp", async () => {
    await refusedStamps({}, "STAMP_UNPROVEN", {}, await writer());
    const researching: Stamping = async (_, sign) => [await sign(clinic.radiologist, { role: role("researcher") })];
    const signer = clinic.radiologist.address;
    await refusedStamps({ stamps: researching }, "STAMP_UNPROVEN", { signer });
    const ended = await writer((await clinic.hospital.now()) + 100);
    await refusedStamps({ meanwhile: () => clinic.pass(100) }, "STAMP_UNPROVEN", {}, ended);
    const early = await writer();
    const meanwhile = async (): Promise<void> => {
      await clinic.hospital.issueCredential(early.address, "practitioner", (await early.now()) + day);
    };
    await refusedStamps({ meanwhile }, "STAMP_UNPROVEN", {}, early);
  });

  it("it is dated after the anchor, or before the credential", async () => {
    const { radiologist } = clinic;
    const issuedAt = (await radiologist.now()) + 1000;
    const late: Stamping = async (_, sign) => [await sign(radiologist, { issuedAt })];
    await refusedStamps({ stamps: late }, "STAMP_UNPROVEN", { issuedAt });
    const early: Stamping = async (_, sign) => [await sign(radiologist, { issuedAt: 1000 })];
    await refusedStamps({ stamps: early }, "STAMP_UNPROVEN", { issuedAt: 1000 });
  });

  it("it was backdated with a stolen key: the credential was set back to before the anchor", async () => {
    const author = await writer((await clinic.hospital.now()) + 900 * day);
    const before = await forge(author, chart);
    const stolenAt = (await author.now()) + 1;
    await clinic.pass(day);
    const issuedAt = stolenAt - 1;
    const backdated = await forge(author, chart, { stamps: async (_, sign) => [await sign(author, { issuedAt })] });
    await chart.patient.open(backdated.recordId);
    await clinic.hospital.revokeCredential(author.address, "practitioner", stolenAt);
    await refused(chart.patient.open(backdated.recordId), "STAMP_UNPROVEN", { signer: author.address, issuedAt });
    await chart.patient.open(before.recordId);
  });

  it("a writer pretends to be the patient", async () => {
    const stamps: Stamping = async (_, sign) => [await sign(clinic.radiologist, { role: role("patient") })];
    await refusedStamps({ stamps }, "STAMP_UNPROVEN", { signer: clinic.radiologist.address });
    const theirs: Stamping = async (_, sign) => [await sign(chart.patient, { role: role("patient") })];
    await refusedStamps({ stamps: theirs }, "STAMP_INVALID", { index: 0 });
  });

  it("further stamps are shown, proven or not, and hold together as a series", async () => {
    const { radiologist, cardiologist, deployment } = clinic;
    const domain = stampDomain(deployment.chainId, deployment.contracts.RecordRegistry.address);
    const outsider = await clinic.actor();
    const stamps: Stamping = async (honest, sign) => {
      const previous = stampDigest(domain, honest);
      const second = await sign(cardiologist, { statement: "second reading", previous });
      return [honest, second, await sign(outsider, { statement: "received", previous: stampDigest(domain, second) })];
    };
    const series = await forge(radiologist, chart, { stamps });
    const opened = await chart.patient.open(series.recordId);
    expect(opened.stamps.map(({ statement, proven }) => ({ statement, proven }))).to.deep.equal([
      { statement: "authored", proven: true },
      { statement: "second reading", proven: false },
      { statement: "received", proven: false },
    ]);
    // with a stolen key it could have been dated back: only a witness shows when it was made
    await witness(cardiologist.own.chain, stampDigest(domain, opened.stamps[1]!));
    await witness(outsider.own.chain, stampDigest(domain, opened.stamps[2]!));
    const witnessed = await chart.patient.open(series.recordId);
    expect(witnessed.stamps.map(({ proven }) => proven)).to.deep.equal([true, true, false]);
    const broken = [
      { index: 0, keep: [1, 2] },
      { index: 1, keep: [0, 2] },
      { index: 1, keep: [0, 0] },
      { index: 2, keep: [0, 1, 1] },
      { index: 0, keep: [1, 0, 2] },
    ];
    for (const { index, keep } of broken) {
      const dropped: Stamping = async (honest, sign) => {
        const whole = await stamps(honest, sign);
        return keep.map((place) => whole[place]!);
      };
      await refusedStamps({ stamps: dropped }, "STAMP_INVALID", { index });
    }
    const forgedSecond: Stamping = async (honest, sign) => {
      const whole = await stamps(honest, sign);
      return [honest, { ...whole[1]!, signer: radiologist.address }];
    };
    await refusedStamps({ stamps: forgedSecond }, "STAMP_INVALID", { index: 1 });
  });

  it("each counts for a reader exactly where it counts for the contract, with a witness and without", async () => {
    const { radiologist, cardiologist, researcher, deployment } = clinic;
    const { patient } = chart;
    const domain = stampDomain(deployment.chainId, deployment.contracts.RecordRegistry.address);
    const late = (await patient.now()) + 900 * day;
    const kinds: [Actor, Partial<Omit<Stamp, "signer" | "signature">>][] = [
      [cardiologist, { role: role("practitioner") }],
      [cardiologist, { role: role("researcher") }],
      [cardiologist, { role: role("practitioner"), issuedAt: late }],
      [cardiologist, { role: role("practitioner"), issuedAt: 1000 }],
      [researcher, { role: role("researcher") }],
      [radiologist, { role: role("practitioner") }],
      [radiologist, { role: role("laboratory") }],
      [patient, { role: role("patient") }],
      [patient, { role: role("practitioner") }],
      [cardiologist, { role: role("patient") }],
    ];
    const stamps: Stamping = async (honest, sign) => {
      const series = [honest];
      for (const [by, more] of kinds) {
        const previous = stampDigest(domain, series.at(-1)!);
        series.push(await sign(by, { statement: "second reading", previous, ...more }));
      }
      return series;
    };
    const { recordId } = await forge(radiologist, chart, { stamps });
    const judge = async (): Promise<boolean[]> => {
      const opened = await patient.open(recordId);
      const byContract = opened.stamps.map(({ signer, signature, ...stamp }) =>
        verifyStamp(patient.own.chain, stamp, { signer, signature: hexlify(signature) }),
      );
      const proven = opened.stamps.map((stamp) => stamp.proven);
      expect(proven).to.deep.equal(await Promise.all(byContract));
      return proven.slice(1);
    };
    expect(await judge()).to.deep.equal([false, false, false, false, false, true, false, true, false, false]);
    const { stamps: series } = await patient.open(recordId);
    for (const [place, [by]] of kinds.entries()) await witness(by.own.chain, stampDigest(domain, series[place + 1]!));
    expect(await judge()).to.deep.equal([true, false, false, false, true, true, false, true, false, false]);
  });
});

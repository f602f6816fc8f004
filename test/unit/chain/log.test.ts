import { expect } from "chai";

import { grantFor, revokeFor } from "../../../src/chain/acting.js";
import type { Chain } from "../../../src/chain/connection.js";
import { announcements, decline, deliver } from "../../../src/chain/announcements.js";
import {
  canAccess,
  grantOf,
  lockdown,
  lockdownAt,
  revoke,
  revokeMany,
  standingGrants,
} from "../../../src/chain/consent.js";
import { delegate, undelegate } from "../../../src/chain/delegations.js";
import { recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { type LogEntry, accessLog, openRequests } from "../../../src/chain/log.js";
import { packTerms } from "../../../src/chain/terms.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, give, label, loadFixture, nodeFor, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const capsule = digest("a capsule");

describe("the log of a chart", () => {
  it("says who delegated, and who acted in the patient's place", async () => {
    const { patient, carer, doctor, now, end } = await loadFixture(registries);
    const [me, them, reader] = [patient.address, carer.address, doctor.address];
    const limits = { longest: 10 * day, end, asOf: 0, permissions: ["READ", "MANAGE"], purposes: ["TREAT"] } as const;
    await delegate(patient, { delegate: them, scope: imaging, terms: limits });
    const place = { patient: me, grantee: reader, compartment: imaging };
    const terms = { start: now, end: now + day, asOf: 0, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await grantFor(carer, { ...place, terms });
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    await revokeFor(carer, place);
    await revoke(patient, reader, imaging);
    await undelegate(patient, them, imaging);
    const log = await accessLog(doctor, me);
    expect(log.map(({ when: _, block: __, transaction: ___, ...line }) => line)).to.deep.equal([
      {
        ...{ what: "delegated", who: me, grantee: them, scope: imaging },
        ...{ permissions: ["READ", "MANAGE"], purposes: ["TREAT"], end, longest: 10 * day },
      },
      {
        ...{ what: "granted", who: them, actedFor: me, grantee: reader, scope: imaging },
        ...{ permissions: ["READ"], purposes: ["TREAT"], end: now + day },
      },
      { what: "granted", who: me, grantee: reader, scope: imaging, permissions: ["WRITE"], purposes: [], end },
      { what: "revoked", who: them, actedFor: me, grantee: reader, scope: imaging },
      { what: "revoked", who: me, grantee: reader, scope: imaging },
      { what: "undelegated", who: me, grantee: them, scope: imaging },
    ]);
    expect(await accessLog(doctor, reader)).to.deep.equal([]);
  });

  it("keeps the order of what happened within one block", async () => {
    const { patient, doctor, end } = await loadFixture(registries);
    const { consentRegistry } = patient;
    const node = nodeFor();
    const nonce = await node.getTransactionCount(patient.address);
    const word = packTerms({ start: 0, end, asOf: 0, permissions: ["WRITE"], purposes: [] });
    const fees = { gasPrice: 0, gasLimit: 200_000 };
    await node.send("evm_setAutomine", [false]);
    try {
      await consentRegistry.undelegate(doctor.address, imaging, { ...fees, nonce });
      await consentRegistry.revoke(doctor.address, imaging, { ...fees, nonce: nonce + 1 });
      await consentRegistry.grant(doctor.address, imaging, word, wholeChart, { ...fees, nonce: nonce + 2 });
      await node.send("evm_mine", []);
    } finally {
      await node.send("evm_setAutomine", [true]);
    }
    const log = await accessLog(doctor, patient.address);
    expect(log.map(({ what }) => what)).to.deep.equal(["undelegated", "revoked", "granted"]);
    expect(new Set(log.map(({ block }) => block)).size).to.equal(1);
  });

  it("says that the node broke off", async () => {
    const { patient, doctor, as, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const cut = await as("nurse", (method, pass) =>
      method === "eth_getBlockByHash" ? Promise.reject(new Error("cable pulled")) : pass(),
    );
    await refused(accessLog(cut, patient.address), "CHAIN_UNREACHABLE");
    const deaf = await as("nurse", (method, pass) =>
      method === "eth_getLogs" ? Promise.reject(new Error("cable pulled")) : pass(),
    );
    await refused(accessLog(deaf, patient.address), "CHAIN_UNREACHABLE");
  });
});

describe("grants", () => {
  it("are taken back many at once", async () => {
    const { patient, doctor, nurse, end, outsider } = await loadFixture(registries);
    const keys = [doctor, nurse].map(({ address }) => ({ grantee: address, scope: imaging }));
    for (const grantee of [doctor, nurse]) await give(patient, grantee, imaging, { permissions: ["WRITE"], end });
    const listed = await standingGrants(outsider, patient.address);
    expect(listed.map(({ grantee, scope, terms }) => [grantee, scope, terms.permissions])).to.deep.equal(
      keys.map(({ grantee, scope }) => [grantee, scope, ["WRITE"]]),
    );
    expect(await standingGrants(outsider, patient.address, [wholeChart])).to.deep.equal([]);
    expect(await standingGrants(outsider, patient.address, [wholeChart, imaging])).to.deep.equal(listed);
    const [hash, ...more] = await revokeMany(patient, keys);
    expect(more).to.be.empty;
    expect((await patient.provider.getTransactionReceipt(hash!))?.status).to.equal(1);
    for (const { grantee } of keys) {
      const { revision, permissions } = await grantOf(outsider, patient.address, grantee, imaging);
      expect([revision, permissions]).to.deep.equal([2, []]);
    }
    expect(await revokeMany(patient, [])).to.deep.equal([]);
    const many = Array.from({ length: 201 }, () => ({ grantee: doctor.address, scope: imaging }));
    expect(await revokeMany(patient, many)).to.have.length(2);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).revision).to.equal(203);
    await refused(revokeMany(patient, [{ grantee: "doctor", scope: imaging }]), "INVALID_ARGUMENT");
    await refused(revokeMany(patient, [{ grantee: doctor.address, scope: "0x12" }]), "INVALID_ARGUMENT");
    await refused(revoke(patient, "doctor", imaging), "INVALID_ARGUMENT");
    // not by the contract, which would name its argument
    expect((await refused(revoke(patient, doctor.address, "0x12"), "INVALID_ARGUMENT")).details).to.deep.equal({});
    const nowhere = give(patient, doctor, "0x12", { permissions: ["WRITE"], end });
    expect((await refused(nowhere, "INVALID_ARGUMENT")).details).to.deep.equal({});
  });

  it("answer for the chart, a compartment and a record, and end with a lockdown", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["READ"], end });
    const question = {
      patient: patient.address,
      grantee: doctor.address,
      permission: "READ",
      purpose: "TREAT",
    } as const;
    expect(await canAccess(outsider, question)).to.equal(false);
    expect(await canAccess(outsider, { ...question, compartment: imaging })).to.equal(true);
    expect(await canAccess(outsider, { ...question, compartment: imaging, content: ecg })).to.equal(true);
    const aimless = { patient: patient.address, grantee: doctor.address, permission: "READ" } as const;
    expect(await canAccess(outsider, { ...aimless, compartment: imaging })).to.equal(false);
    expect(await canAccess(outsider, { ...aimless, permission: "WRITE", compartment: imaging })).to.equal(false);
    expect(await lockdownAt(outsider, patient.address)).to.equal(0);
    await lockdown(patient);
    expect(await lockdownAt(outsider, patient.address)).to.be.greaterThan(0);
    expect(await canAccess(outsider, { ...question, compartment: imaging })).to.equal(false);
    await refused(canAccess(outsider, { ...question, patient: "me" }), "INVALID_ARGUMENT");
    await refused(canAccess(outsider, { ...question, grantee: "doctor" }), "INVALID_ARGUMENT");
  });
});

describe("capsules", () => {
  it("are announced at the place that they are of, and found newest first", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    await give(patient, nurse, imaging, { permissions: ["WRITE"], end });
    const delivery = { patient: patient.address, grantees: [doctor.address] };
    await deliver(patient, { ...delivery, capsule });
    const hash = await deliver(nurse, { ...delivery, compartment: imaging, capsule: digest("two") });
    expect((await nurse.provider.getTransactionReceipt(hash))?.from).to.equal(nurse.address);
    await deliver(nurse, { ...delivery, compartment: imaging, content: ecg, capsule: digest("three") });
    await deliver(outsider, { patient: outsider.address, grantees: [doctor.address], capsule });
    const from = { patient: patient.address };
    const theirs = [
      { ...from, scope: recordIdOf(patient.address, imaging, ecg), capsule: digest("three") },
      { ...from, scope: imaging, capsule: digest("two") },
      { ...from, scope: wholeChart, capsule },
    ];
    expect(await announcements(nurse, doctor.address, patient.address)).to.deep.equal(theirs);
    const other = { patient: outsider.address, scope: wholeChart, capsule };
    expect(await announcements(nurse, doctor.address)).to.deep.equal([other, ...theirs]);
    // a grant without a capsule announces none
    expect(await announcements(doctor, nurse.address)).to.deep.equal([]);
    const details = { error: "NotDeliverer", patient: patient.address, scope: imaging, actor: outsider.address };
    await refused(deliver(outsider, { ...delivery, compartment: imaging, capsule }), "CONTRACT_REFUSED", details);
    await decline(patient, doctor.address, imaging);
    const [line] = (await accessLog(doctor, patient.address)).slice(-1);
    expect(line).to.deep.include({ what: "declined", who: patient.address, grantee: doctor.address, scope: imaging });
    await refused(decline(patient, "doctor", imaging), "INVALID_ARGUMENT");
    await refused(decline(patient, doctor.address, "0x12"), "INVALID_ARGUMENT");
  });

  it("of one block are told with the last one first", async () => {
    const told = (index: number, blockNumber = 7) => ({
      ...{ blockNumber, index },
      args: { patient: "p", scope: imaging, capsule: digest(`${blockNumber} ${index}`) },
    });
    const consentRegistry = {
      filters: { Granted: () => [told(3), told(1)], Delivered: () => [told(2), told(9, 6), told(4)] },
      queryFilter: (events: unknown) => Promise.resolve(events),
    };
    const chain = { consentRegistry, startBlock: 0, provider: { getBlockNumber: () => Promise.resolve(7) } };
    const capsules = (await announcements(chain as unknown as Chain, "g")).map((each) => each.capsule);
    expect(capsules).to.deep.equal(["7 4", "7 3", "7 2", "7 1", "6 9"].map(digest));
  });
});

describe("open requests", () => {
  const request = { what: "requested", who: "doctor", scope: imaging };
  const open = (...log: object[]): number[] =>
    openRequests(log as LogEntry[]).map((each) => (log as LogEntry[]).indexOf(each));

  it("are those that nothing after them answers", () => {
    const granted = { what: "granted", who: "patient", grantee: "doctor", scope: imaging };
    const declined = { ...granted, what: "declined" };
    expect(open()).to.deep.equal([]);
    expect(open(request)).to.deep.equal([0]);
    expect(open(request, granted)).to.deep.equal([]);
    expect(open(request, declined)).to.deep.equal([]);
    expect(open(granted, declined, request)).to.deep.equal([2]);
    expect(open(request, granted, { ...request })).to.deep.equal([2]);
    for (const other of [
      ...[
        { ...granted, grantee: "nurse" },
        { ...granted, scope: ecg },
        { ...granted, what: "revoked" },
      ],
      ...[
        { ...declined, grantee: "nurse" },
        { ...declined, scope: ecg },
        { ...declined, what: "delivered" },
      ],
    ]) {
      expect(open(request, other), JSON.stringify(other)).to.deep.equal([0]);
    }
    // an entry that looks like its own answer is none
    expect(open({ ...request, grantee: "doctor" })).to.deep.equal([0]);
  });
});

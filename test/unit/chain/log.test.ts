import { expect } from "chai";

import { denyFor, grantFor, revokeFor } from "../../../src/chain/acting.js";
import { deliver } from "../../../src/chain/announcements.js";
import { changesOf } from "../../../src/chain/changes.js";
import {
  canAccess,
  cancel,
  deny,
  grantOf,
  lift,
  liftMany,
  lockdown,
  permittingGrant,
  revoke,
  revokeMany,
  sendGrant,
  stateOf,
} from "../../../src/chain/consent.js";
import { delegate, undelegate } from "../../../src/chain/delegations.js";
import { wholeChart } from "../../../src/chain/ids.js";
import { accessLog } from "../../../src/chain/log.js";
import { answerRequest, findRequest, requestAccess, withdrawRequest } from "../../../src/chain/requests.js";
import { sharesOf, standingGrants } from "../../../src/chain/shares.js";
import { packTerms } from "../../../src/chain/terms.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, give, label, loadFixture, nodeFor, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const capsule = digest("a capsule");

describe("the log of a chart", () => {
  it("says who delegated, and who acted in the patient's place", async () => {
    const { patient, carer, doctor, nurse, now, end } = await loadFixture(registries);
    const [me, them, reader] = [patient.address, carer.address, doctor.address];
    const powers = ["READ", "DENY", "MANAGE"] as const;
    const limits = { longest: 10 * day, end, permissions: powers, purposes: ["TREAT"] } as const;
    await delegate(patient, { delegate: them, scope: imaging, terms: limits });
    const place = { patient: me, grantee: reader, compartment: imaging };
    const terms = { start: now, end: now + day, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await grantFor(carer, { ...place, terms });
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    await revokeFor(carer, place);
    await revoke(patient, reader, imaging);
    await denyFor(carer, { ...place, grantee: nurse.address });
    await deny(patient, reader, wholeChart);
    await lift(patient, reader, wholeChart);
    await undelegate(patient, them, imaging);
    await lockdown(patient);
    const log = await accessLog(doctor, me);
    expect(log.map(({ when: _, block: __, transaction: ___, ...line }) => line)).to.deep.equal([
      {
        ...{ what: "delegated", who: me, grantee: them, scope: imaging },
        ...{ permissions: powers, purposes: ["TREAT"], end, longest: 10 * day },
      },
      {
        ...{ what: "granted", who: them, actedFor: me, grantee: reader, scope: imaging },
        ...{ permissions: ["READ"], purposes: ["TREAT"], end: now + day },
      },
      { what: "granted", who: me, grantee: reader, scope: imaging, permissions: ["WRITE"], purposes: [], end },
      { what: "revoked", who: them, actedFor: me, grantee: reader, scope: imaging },
      { what: "denied", who: them, actedFor: me, grantee: nurse.address, scope: imaging },
      { what: "denied", who: me, grantee: reader, scope: wholeChart },
      { what: "lifted", who: me, grantee: reader, scope: wholeChart },
      { what: "undelegated", who: me, grantee: them, scope: imaging },
      { what: "locked down", who: me },
    ]);
    const block = await patient.provider.getBlock("latest");
    expect(log.at(-1)).to.deep.include({ block: block!.number, when: block!.timestamp });
    expect((await patient.provider.getTransactionReceipt(log.at(-1)!.transaction))?.from).to.equal(me);
    expect(await accessLog(doctor, reader)).to.deep.equal([]);
  });

  it("says who asked for what, and what became of it", async () => {
    const { patient, doctor, nurse, now, end } = await loadFixture(registries);
    const me = patient.address;
    const wish = { patient: me, scope: imaging, role: "practitioner", permissions: ["READ"], end } as const;
    const request = { ...wish, purposes: ["TREAT"] } as const;
    for (let count = 0; count < 3; count++) await requestAccess(doctor, request, now + 60);
    await answerRequest(patient, await findRequest(nurse, me, 1), true);
    await answerRequest(patient, await findRequest(nurse, me, 2), false);
    await withdrawRequest(doctor, await findRequest(nurse, me, 3));
    await deliver(patient, { patient: me, grantees: [doctor.address, nurse.address], compartment: imaging, capsule });
    const log = await accessLog(nurse, me);
    const asked = { what: "requested", who: doctor.address, scope: imaging, role: "practitioner", end };
    const wanted = { permissions: ["READ"], purposes: ["TREAT"] };
    const by = { who: me, grantee: doctor.address, scope: imaging };
    expect(log.map(({ when: _, block: __, transaction: ___, ...line }) => line)).to.deep.equal([
      ...[1, 2, 3].map((id) => ({ ...asked, ...wanted, request: id })),
      { what: "approved", ...by, request: 1 },
      { what: "declined", ...by, request: 2 },
      { what: "withdrawn", who: doctor.address, scope: imaging, request: 3 },
      { what: "delivered", ...by },
      { what: "delivered", ...by, grantee: nurse.address },
    ]);
  });

  it("keeps the order of what happened within one block", async () => {
    const { patient, doctor, end } = await loadFixture(registries);
    const { consentRegistry } = patient;
    const node = nodeFor();
    const nonce = await node.getTransactionCount(patient.address);
    const word = packTerms({ start: 0, end, permissions: ["WRITE"], purposes: [] });
    const fees = { gasPrice: 0, gasLimit: 200_000 };
    await node.send("evm_setAutomine", [false]);
    try {
      await consentRegistry.deny(doctor.address, imaging, { ...fees, nonce });
      await consentRegistry.lift(doctor.address, imaging, { ...fees, nonce: nonce + 1 });
      await consentRegistry.grant(doctor.address, imaging, word, wholeChart, { ...fees, nonce: nonce + 2 });
      await consentRegistry.grant(doctor.address, wholeChart, word, wholeChart, { ...fees, nonce: nonce + 3 });
      await node.send("evm_mine", []);
    } finally {
      await node.send("evm_setAutomine", [true]);
    }
    const log = await accessLog(doctor, patient.address);
    expect(log.map(({ what }) => what)).to.deep.equal(["denied", "lifted", "granted", "granted"]);
    expect(new Set(log.map(({ block }) => block)).size).to.equal(1);
    // each slot once, whatever happened to it in its first block
    const { grants } = await sharesOf(doctor, patient.address);
    expect(grants.map(({ scope, terms }) => [scope, terms.index, terms.permissions])).to.deep.equal([
      [imaging, 1, ["WRITE"]],
      [wholeChart, 2, ["WRITE"]],
    ]);
  });

  it("says that the node broke off", async () => {
    const { patient, doctor, as, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    for (const broken of ["eth_getBlockByNumber", "eth_getLogs"]) {
      const cut = await as("nurse", (method, pass) =>
        method === broken ? Promise.reject(new Error("cable pulled")) : pass(),
      );
      await refused(accessLog(cut, patient.address), "CHAIN_UNREACHABLE");
    }
    await refused(accessLog(doctor, "me"), "INVALID_ARGUMENT");
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
    await deny(patient, outsider.address, imaging);
    const shut = { grantee: outsider.address, scope: imaging };
    const outcomes = await revokeMany(patient, [...keys, shut, { ...shut, scope: wholeChart }]);
    expect(outcomes.map(({ done, error }) => error?.details.error ?? done)).to.deep.equal([
      ...[true, true, "DenyStands", "NothingStands"],
    ]);
    expect((await patient.provider.getTransactionReceipt(outcomes[0]!.transaction!))?.status).to.equal(1);
    const tombstone = await grantOf(outsider, patient.address, nurse.address, imaging);
    const block = await patient.provider.getBlockNumber();
    expect(tombstone).to.deep.include({ index: 2, permissions: [], end: 0, writtenAt: block });
    expect((await standingGrants(outsider, patient.address)).map(({ terms }) => terms.permissions)).to.deep.equal([
      ["DENY"],
    ]);
    expect((await sharesOf(outsider, patient.address)).grants).to.have.length(3);
    expect(await revokeMany(patient, [])).to.deep.equal([]);
    const many = Array.from({ length: 201 }, () => ({ grantee: doctor.address, scope: imaging }));
    const height = await patient.provider.getBlockNumber();
    const nothing = await revokeMany(patient, many);
    expect([nothing.length, nothing.every(({ done }) => !done)]).to.deep.equal([201, true]);
    expect(await patient.provider.getBlockNumber()).to.equal(height + 2);
    await refused(revokeMany(patient, [{ grantee: "doctor", scope: imaging }]), "INVALID_ARGUMENT");
    await refused(revokeMany(patient, [{ grantee: doctor.address, scope: "0x12" }]), "INVALID_ARGUMENT");
    await refused(revoke(patient, "doctor", imaging), "INVALID_ARGUMENT");
    // not by the contract, which would name its argument
    expect((await refused(revoke(patient, doctor.address, "0x12"), "INVALID_ARGUMENT")).details).to.deep.equal({});
    const nowhere = give(patient, doctor, "0x12", { permissions: ["WRITE"], end });
    expect((await refused(nowhere, "INVALID_ARGUMENT")).details).to.deep.equal({});
  });

  it("give way to a DENY, which only lifting takes away", async () => {
    const { patient, doctor, nurse, outsider, now, end } = await loadFixture(registries);
    await give(patient, doctor, wholeChart, { permissions: ["READ"], end });
    const place = { patient: patient.address, grantee: doctor.address, compartment: imaging };
    const may = () => canAccess(outsider, { ...place, permission: "READ", purpose: "TREAT" });
    expect(await may()).to.equal(true);
    const hash = await deny(patient, doctor.address, imaging);
    expect((await patient.provider.getTransactionReceipt(hash))?.status).to.equal(1);
    expect(await may()).to.equal(false);
    // shut already: success without effect
    await deny(patient, doctor.address, imaging);
    const denial = { error: "DenyStands", grantee: doctor.address, scope: imaging };
    await refused(revoke(patient, doctor.address, imaging), "CONTRACT_REFUSED", denial);
    await refused(give(patient, doctor, imaging, { permissions: ["READ"], end }), "CONTRACT_REFUSED", denial);
    await lift(patient, doctor.address, imaging);
    const terms = { start: now, end, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await sendGrant(patient, { grantee: doctor.address, scope: imaging, terms });
    expect(await may()).to.equal(true);
    const standing = await grantOf(outsider, patient.address, doctor.address, imaging);
    expect(standing).to.deep.include({ permissions: ["READ"], index: 2 });
    await deny(patient, doctor.address, imaging);
    const outcomes = await liftMany(patient, [
      { grantee: doctor.address, scope: imaging },
      { grantee: nurse.address, scope: imaging },
    ]);
    expect(outcomes.map(({ done, error }) => error?.details.error ?? done)).to.deep.equal([true, "NoDeny"]);
    expect(await may()).to.equal(true);
    const none = { error: "NoDeny", grantee: doctor.address, scope: imaging };
    await refused(lift(patient, doctor.address, imaging), "CONTRACT_REFUSED", none);
    const self = { error: "InvalidGrantee", grantee: patient.address };
    await refused(deny(patient, patient.address, imaging), "CONTRACT_REFUSED", self);
    for (const work of [deny, lift]) await refused(work(patient, "doctor", imaging), "INVALID_ARGUMENT");
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
    const standing = await grantOf(outsider, patient.address, doctor.address, imaging);
    const found = await permittingGrant(outsider, { ...question, compartment: imaging, content: ecg });
    expect(found).to.deep.equal({ scope: imaging, terms: standing });
    expect(await permittingGrant(outsider, question)).to.equal(undefined);
    const before = await stateOf(outsider, patient.address);
    expect([before.era, before.changes.number, before.slots.number]).to.deep.equal([0, 1, 1]);
    await lockdown(patient);
    const after = await stateOf(outsider, patient.address);
    expect([after.era > 0, after.changes.number, after.slots.number]).to.deep.equal([true, 2, 1]);
    expect(await canAccess(outsider, { ...question, compartment: imaging })).to.equal(false);
    await lockdown(patient);
    expect((await stateOf(outsider, patient.address)).era).to.be.greaterThan(after.era);
    const [, , last] = await changesOf(outsider, patient.address);
    expect(last).to.deep.include({ what: "locked down", era: (await stateOf(outsider, patient.address)).era });
    await refused(canAccess(outsider, { ...question, patient: "me" }), "INVALID_ARGUMENT");
    await refused(canAccess(outsider, { ...question, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(stateOf(outsider, "me"), "INVALID_ARGUMENT");
  });

  it("are told as the changes since those that are known", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    for (const grantee of [doctor, nurse, outsider])
      await give(patient, grantee, imaging, { permissions: ["WRITE"], end });
    const all = await changesOf(outsider, patient.address);
    expect(all.map(({ number, grantee, by }) => [number, grantee, by])).to.deep.equal(
      [doctor, nurse, outsider].map(({ address }, place) => [place + 1, address, patient.address]),
    );
    expect(await changesOf(outsider, patient.address, { known: 2 })).to.deep.equal(all.slice(2));
    expect(await changesOf(outsider, patient.address, { known: 3 })).to.deep.equal([]);
  });

  it("leave signatures that are out, until they are cancelled", async () => {
    const { patient, outsider } = await loadFixture(registries);
    const before = await stateOf(outsider, patient.address);
    await cancel(patient, [7n, 8n]);
    expect(await patient.consentRegistry.isUsed(patient.address, 8n)).to.equal(true);
    const after = await stateOf(outsider, patient.address);
    expect(after.stand).to.not.equal(before.stand);
    await cancel(patient);
    expect((await stateOf(outsider, patient.address)).stand).to.not.equal(after.stand);
  });
});

import { expect } from "chai";

import { presentTime } from "../../../src/chain/connection.js";
import { canAccess, deny, grantOf, lockdown, stateOf } from "../../../src/chain/consent.js";
import { delegate, delegationOf } from "../../../src/chain/delegations.js";
import { recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { purposeBits } from "../../../src/chain/purposes.js";
import { prepareDenyFor, prepareGrantFor, prepareRevokeFor } from "../../../src/chain/signed/acting.js";
import { cancelSigned } from "../../../src/chain/signed/cancel.js";
import {
  prepareDeny,
  prepareLockdown,
  prepareRevoke,
  prepareRevokeMany,
  prepareUndelegate,
} from "../../../src/chain/signed/closings.js";
import { prepareDelegate } from "../../../src/chain/signed/consents.js";
import { prepareAnchor } from "../../../src/chain/signed/records.js";
import { drawnOf } from "../../../src/chain/signed/standing-consents.js";
import { refused } from "../../helpers/clinic.js";
import { relay, relayAgain } from "../../helpers/relay.js";
import { day, digest, give, label, loadFixture, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const capsule = digest("a capsule");
const wallet = walletOf("patient");
const hour = 3600;

const near = (actual: number, expected: number): void => {
  expect(actual).to.be.within(expected, expected + 5);
};

describe("what a patient shuts by signature", () => {
  it("is revoked whatever else happened, alone and among many, each id once", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    const key = { patient: patient.address, grantee: doctor.address, scope: imaging };
    const revocation = await prepareRevoke(outsider, key);
    const { deadline, id, ...message } = revocation.message;
    near(deadline, (await presentTime(outsider)) + hour - 5);
    expect(message).to.deep.equal(key);
    expect(BigInt(id)).to.be.greaterThan(2n ** 100n);
    const next = BigInt((await prepareRevoke(outsider, key)).message.id);
    expect(next).to.equal(BigInt(id) + 1n);
    // a signer's ids lie on a lane of their own
    const another = (await prepareRevoke(outsider, { ...key, patient: nurse.address })).message.id;
    expect(BigInt(another) >> 128n).not.to.equal(next >> 128n);

    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    await lockdown(patient);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const done = await relay(outsider, revocation, wallet);
    expect(done.items.map(({ done: isDone }) => isDone)).to.deep.equal([true]);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).permissions).to.deep.equal([]);
    await relayAgain(outsider, revocation, wallet);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const used = { error: "SignatureUsed", signer: patient.address, id: BigInt(id) };
    await refused(relay(outsider, revocation, wallet), "CONTRACT_REFUSED", used);

    await give(patient, nurse, wholeChart, { permissions: ["WRITE"], end });
    await deny(patient, outsider.address, wholeChart);
    const keys = [
      { grantee: doctor.address, scope: imaging },
      { grantee: nurse.address, scope: wholeChart },
      { grantee: outsider.address, scope: wholeChart },
      { grantee: nurse.address, scope: imaging },
    ];
    const many = await prepareRevokeMany(patient, keys, { deadline: end });
    expect(many.message).to.deep.include({ patient: patient.address, grants: keys, deadline: end });
    const { items, transaction } = await relay(outsider, many, wallet);
    expect(
      items.map(({ index, done: isDone, error, transaction: by }) => [index, isDone, error?.details, by]),
    ).to.deep.equal([
      [0, true, undefined, transaction],
      [1, true, undefined, transaction],
      [2, false, { error: "DenyStands", grantee: outsider.address, scope: wholeChart }, transaction],
      [3, false, { error: "NothingStands", grantee: nurse.address, scope: imaging }, transaction],
    ]);
    await refused(relay(outsider, many, wallet), "CONTRACT_REFUSED", { error: "SignatureUsed" });
    for (const count of [0, 201]) {
      await refused(prepareRevokeMany(patient, Array<typeof key>(count).fill(key)), "INVALID_ARGUMENT");
    }
    const most = await prepareRevokeMany(patient, Array<(typeof keys)[0]>(200).fill(keys[0]!));
    expect(most.message.grants).to.have.length(200);
    await refused(prepareRevoke(patient, { ...key, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(prepareRevoke(patient, { ...key, scope: "0x" }), "INVALID_ARGUMENT");
  });

  it("is denied, and a cancelled signature denies nothing", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    const key = { patient: patient.address, grantee: doctor.address, scope: wholeChart };
    const given = await prepareDeny(outsider, { ...key, deadline: end });
    expect(given.message).to.deep.include({ ...key, deadline: end });
    const cancelled = await prepareDeny(outsider, key);
    await refused(cancelSigned(outsider, [cancelled]), "INVALID_ARGUMENT", { expected: patient.address });
    const anchor = await prepareAnchor(patient, { ...key, compartment: imaging, content: ecg, manifest: ecg });
    await refused(cancelSigned(patient, [anchor]), "INVALID_ARGUMENT", { type: "Anchor" });
    await cancelSigned(patient, [cancelled]);
    const used = { error: "SignatureUsed", signer: patient.address, id: BigInt(cancelled.message.id) };
    await refused(relay(outsider, cancelled, wallet), "CONTRACT_REFUSED", used);
    const { items } = await relay(outsider, given, wallet);
    expect(items.map(({ done }) => done)).to.deep.equal([true]);
    expect((await grantOf(outsider, patient.address, doctor.address, wholeChart)).permissions).to.deep.equal(["DENY"]);
    await relayAgain(outsider, given, wallet);
    const again = await relay(outsider, await prepareDeny(outsider, key), wallet);
    expect(again.items.map(({ error }) => error?.details.error)).to.deep.equal(["DenyStands"]);
  });

  it("is all of it, once: a lockdown has a salt of its own", async () => {
    const { patient, outsider } = await loadFixture(registries);
    const action = await prepareLockdown(outsider, { patient: patient.address, deadline: 2 ** 40 - 1 });
    const { salt, id, ...message } = action.message;
    expect(message).to.deep.equal({ patient: patient.address, deadline: 2 ** 40 - 1 });
    expect(id).to.match(/^\d+$/);
    const other = await prepareLockdown(patient);
    near(other.message.deadline, (await presentTime(outsider)) + hour - 5);
    expect(other.message.patient).to.equal(patient.address);
    expect(other.message.salt).not.to.equal(salt);
    await relay(outsider, action, wallet);
    const { era } = await stateOf(outsider, patient.address);
    expect(era).to.equal(2 ** 24 + drawnOf(patient.address, salt));
    await relayAgain(outsider, action, wallet);
    // whatever came before
    await relay(outsider, other, wallet);
    const next = (await stateOf(outsider, patient.address)).era;
    expect(next).to.equal(2 * 2 ** 24 + drawnOf(patient.address, other.message.salt));
    const used = { error: "SignatureUsed", signer: patient.address, id: BigInt(id) };
    await refused(relay(outsider, action, wallet), "CONTRACT_REFUSED", used);
  });
});

describe("a signed delegation", () => {
  it("is given and ended; the delegate grants, denies and takes back by signature, too", async () => {
    const { patient, carer, doctor, outsider, now, end } = await loadFixture(registries);
    const at = { patient: patient.address, delegate: carer.address, scope: imaging };
    const limits = { permissions: ["READ", "DENY", "MANAGE"], purposes: ["TREAT"], longest: 10 * day, end } as const;
    const given = await prepareDelegate(outsider, { ...at, ...limits, deadline: end });
    const { session, ...shown } = given.message;
    expect(shown).to.deep.equal({
      ...{ ...at, longest: 10 * day, end, deadline: end, era: 0, stand: "0", number: 1 },
      ...{ read: true, write: false, deny: true, group: false, manage: true },
      purposes: purposeBits(["TREAT"]).toString(),
    });
    await relay(outsider, given, wallet);
    await relayAgain(outsider, given, wallet);
    const standing = await delegationOf(outsider, patient.address, carer.address, imaging);
    expect(standing).to.deep.include({ ...limits, group: false, era: 0 });

    const place = { patient: patient.address, grantee: doctor.address, compartment: imaging, content: ecg };
    const terms = { start: now, end: now + 5 * day, permissions: ["READ"], purposes: ["TREAT"] } as const;
    const grant = await prepareGrantFor(outsider, { ...place, terms, delegate: carer.address, deadline: end, capsule });
    const { session: own, ...said } = grant.message;
    expect(own).not.to.equal(session);
    expect(said).to.deep.equal({
      ...{ ...place, delegate: carer.address, under: imaging, capsule, delegatedAt: standing.writtenAt, deadline: end },
      ...{ read: true, write: false, group: false, purposes: purposeBits(["TREAT"]).toString() },
      ...{ start: now, end: now + 5 * day, era: 0, stand: "0", number: 1 },
    });
    await relay(outsider, grant, walletOf("carer"));
    await relayAgain(outsider, grant, walletOf("carer"));
    const question = { ...place, permission: "READ", purpose: "TREAT" } as const;
    expect(await canAccess(outsider, question)).to.equal(true);
    const id = recordIdOf(patient.address, imaging, ecg);
    expect((await grantOf(outsider, patient.address, doctor.address, id)).byDelegate).to.equal(true);
    // void once the delegation is given anew
    const held = await prepareGrantFor(carer, { ...place, terms });
    expect(held.message).to.deep.include({ delegate: carer.address, capsule: wholeChart });
    expect(held.message.stand).not.to.equal("0");
    await delegate(patient, { delegate: carer.address, scope: imaging, terms: limits });
    const { writtenAt } = await delegationOf(outsider, patient.address, carer.address, imaging);
    const changed = { error: "StaleDelegation", delegatedAt: BigInt(standing.writtenAt), standing: BigInt(writtenAt) };
    await refused(relay(outsider, held, walletOf("carer")), "CONTRACT_REFUSED", changed);

    const denial = await prepareDenyFor(outsider, { ...place, delegate: carer.address });
    const taken = await prepareRevokeFor(carer, { ...place, deadline: end });
    expect(taken.message).to.deep.include({ ...place, delegate: carer.address, under: imaging, deadline: end });
    await relay(outsider, taken, walletOf("carer"));
    await relayAgain(outsider, taken, walletOf("carer"));
    expect(await canAccess(outsider, question)).to.equal(false);
    await relay(outsider, denial, walletOf("carer"));
    await relayAgain(outsider, denial, walletOf("carer"));
    expect(await grantOf(outsider, patient.address, doctor.address, id)).to.deep.include({
      ...{ byDelegate: true, permissions: ["DENY"] },
    });

    const over = await prepareUndelegate(outsider, { ...at, deadline: end });
    expect(over.message).to.deep.include({ ...at, deadline: end });
    await relay(outsider, over, wallet);
    await relayAgain(outsider, over, wallet);
    expect((await delegationOf(outsider, patient.address, carer.address, imaging)).permissions).to.deep.equal([]);
    await refused(prepareRevokeFor(carer, place), "DELEGATION_MISSING");
  });

  it("is refused when it makes no sense", async () => {
    const { patient, carer, doctor, now, end } = await loadFixture(registries);
    const limits = { permissions: ["READ", "MANAGE"], purposes: ["TREAT"], longest: 10 * day, end } as const;
    const at = { delegate: carer.address, scope: imaging };
    const managing = await prepareDelegate(patient, { ...at, permissions: ["MANAGE"], longest: day, end });
    expect(managing.message).to.deep.include({ read: false, manage: true, purposes: "0", patient: patient.address });
    const mine = { delegate: "carer", scope: imaging };
    await refused(prepareUndelegate(patient, mine), "INVALID_ARGUMENT");
    await refused(prepareDelegate(patient, { ...mine, ...limits }), "INVALID_ARGUMENT");
    await refused(prepareDelegate(patient, { ...at, ...limits, purposes: [] }), "INVALID_ARGUMENT");
    const place = { patient: patient.address, grantee: doctor.address, compartment: imaging };
    const terms = { start: now, end: now + 5 * day, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await refused(prepareGrantFor(carer, { ...place, terms }), "DELEGATION_MISSING");
    await refused(prepareGrantFor(carer, { ...place, terms: { ...terms, end: 1 } }), "PERIOD_INVALID");
    await refused(prepareGrantFor(carer, { ...place, terms, delegate: "carer" }), "INVALID_ARGUMENT");
  });
});

import { expect } from "chai";
import { encodeBytes32String } from "ethers";

import { capsulesFor } from "../../../src/chain/capsules.js";
import type { Chain } from "../../../src/chain/connection.js";
import { createGroup, groupOf, isMember, managerOf, membersOf, setManager } from "../../../src/chain/groups.js";
import { type Hex32, recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { purposeBits } from "../../../src/chain/purposes.js";
import { findRequest, requestsOf } from "../../../src/chain/requests.js";
import { sign } from "../../../src/chain/signed/action.js";
import {
  prepareAnswer,
  prepareDeliver,
  prepareRequest,
  prepareWithdraw,
} from "../../../src/chain/signed/announcements.js";
import { cancelSigned } from "../../../src/chain/signed/cancel.js";
import {
  checkGroup,
  prepareCreateGroup,
  prepareResign,
  prepareSetManager,
  prepareSetMembers,
} from "../../../src/chain/signed/groups.js";
import { submit } from "../../../src/chain/signed/submit.js";
import { refused } from "../../helpers/clinic.js";
import { relay, relayAgain } from "../../helpers/relay.js";
import { digest, give, label, loadFixture, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const capsule = digest("a capsule");
const wallet = walletOf("patient");

async function capsulesOf(chain: Chain, grantee: string): Promise<[Hex32, Hex32][]> {
  const found: [Hex32, Hex32][] = [];
  for await (const each of capsulesFor(chain, wallet.address, grantee)) found.push([each.scope, each.capsule]);
  return found;
}

describe("a signed delivery", () => {
  it("is announced for the patient or a writer, once", async () => {
    const { patient, doctor, nurse, carer, outsider, end } = await loadFixture(registries);
    const delivery = { patient: patient.address, grantees: [doctor.address, nurse.address], capsule };
    const first = await prepareDeliver(outsider, { ...delivery, by: patient.address, deadline: end });
    const { id, ...message } = first.message;
    expect(message).to.deep.equal({
      ...{ ...delivery, by: patient.address, compartment: wholeChart, content: wholeChart, deadline: end },
    });
    const second = await prepareDeliver(patient, { ...delivery, compartment: imaging, content: ecg });
    expect(second.message).to.deep.include({ by: patient.address, compartment: imaging, content: ecg });
    // in any order
    await relay(outsider, second, wallet);
    await relay(outsider, first, wallet);
    await relayAgain(outsider, first, wallet);
    const record: Hex32 = recordIdOf(patient.address, imaging, ecg);
    for (const { address } of [doctor, nurse])
      expect(await capsulesOf(outsider, address)).to.deep.equal([
        [wholeChart, capsule],
        [record, capsule],
      ]);

    const device = walletOf("carer");
    const other = { patient: patient.address, grantees: [doctor.address], compartment: imaging, capsule: digest("b") };
    const written = await prepareDeliver(outsider, { ...other, by: carer.address });
    const nobody = { error: "NotDeliverer", patient: patient.address, scope: imaging, actor: carer.address };
    await refused(relay(outsider, written, device), "CONTRACT_REFUSED", nobody);
    await give(patient, carer, imaging, { permissions: ["WRITE"], end });
    await relay(outsider, written, device);
    expect((await capsulesOf(outsider, doctor.address))[0]).to.deep.equal([imaging, other.capsule]);

    const cancelled = await prepareDeliver(patient, { ...other, capsule: digest("c") });
    await cancelSigned(patient, [cancelled]);
    const used = { error: "SignatureUsed", signer: patient.address, id: BigInt(cancelled.message.id) };
    await refused(relay(outsider, cancelled, wallet), "CONTRACT_REFUSED", used);
    expect(BigInt(id)).not.to.equal(BigInt(cancelled.message.id));
    await refused(prepareDeliver(patient, { ...delivery, patient: "me" }), "INVALID_ARGUMENT");
    await refused(prepareDeliver(patient, { ...delivery, grantees: ["x"] }), "INVALID_ARGUMENT");
  });
});

describe("a signed request", () => {
  it("is asked, answered and withdrawn by signature", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    const asking = walletOf("doctor");
    const wish = { patient: patient.address, scope: imaging, permissions: ["READ"], purposes: ["TREAT"], end } as const;
    const action = await prepareRequest(outsider, {
      ...{ ...wish, requester: doctor.address, role: "practitioner", deadline: end },
    });
    const shown = { read: true, write: false, purposes: purposeBits(["TREAT"]).toString(), end };
    const role = encodeBytes32String("practitioner");
    expect(action.message).to.deep.include({
      ...{ requester: doctor.address, patient: patient.address, scope: imaging, ...shown, role },
      ...{ credential: "0", deadline: end },
    });
    await relay(outsider, action, asking);
    await relayAgain(outsider, action, asking);
    const second = await prepareRequest(doctor, { ...wish, role: "practitioner", scope: wholeChart });
    await relay(outsider, second, asking);
    expect((await requestsOf(outsider, patient.address)).map(({ id, scope }) => [id, scope])).to.deep.equal([
      [1, imaging],
      [2, wholeChart],
    ]);
    await refused(prepareRequest(nurse, { ...wish, role: "practitioner" }), "NO_CREDENTIAL");
    await refused(prepareRequest(doctor, { ...wish, purposes: [], role: "practitioner" }), "INVALID_ARGUMENT");
    await refused(prepareRequest(doctor, { ...wish, patient: "me", role: "practitioner" }), "INVALID_ARGUMENT");

    const request = await findRequest(outsider, patient.address, 1);
    const answer = await prepareAnswer(outsider, request, false, { deadline: end });
    const { id, ...said } = answer.message;
    expect(said).to.deep.equal({
      ...{ patient: patient.address, requester: doctor.address, scope: imaging, role, ...shown },
      ...{ request: 1, approved: false, deadline: end },
    });
    await relay(outsider, answer, wallet);
    await relayAgain(outsider, answer, wallet);
    expect((await findRequest(outsider, patient.address, 1)).status).to.equal("declined");
    const yes = await prepareAnswer(patient, request, true);
    expect(yes.message.id).not.to.equal(id);
    const closed = { error: "RequestClosed", patient: patient.address, id: 1n, status: 3n };
    await refused(relay(outsider, yes, wallet), "CONTRACT_REFUSED", closed);

    const open = await findRequest(outsider, patient.address, 2);
    const withdrawal = await prepareWithdraw(outsider, open, { deadline: end });
    expect(withdrawal.message).to.deep.include({ requester: doctor.address, patient: patient.address, request: 2 });
    expect(withdrawal.attached).to.deep.equal({ scope: wholeChart, role, ...shown });
    const other = { ...withdrawal, attached: { ...withdrawal.attached!, end: end + 1 } };
    const unknown = { error: "UnknownRequest", patient: patient.address, id: 2n };
    await refused(relay(outsider, other, asking), "CONTRACT_REFUSED", unknown);
    await relay(outsider, withdrawal, asking);
    await relayAgain(outsider, withdrawal, asking);
    expect(await requestsOf(outsider, patient.address)).to.deep.equal([]);
    await relay(outsider, await prepareRequest(doctor, { ...wish, role: "practitioner" }), asking);
    await relay(outsider, await prepareAnswer(patient, await findRequest(outsider, patient.address, 3), true), wallet);
    expect((await findRequest(outsider, patient.address, 3)).status).to.equal("approved");
  });
});

describe("a group managed by signature", () => {
  it("is created, gets its members, and is handed over in the order of the numbers", async () => {
    const { patient, doctor, nurse, outsider, end, now } = await loadFixture(registries);
    const creation = await prepareCreateGroup(outsider, { manager: patient.address, deadline: end });
    const { salt } = creation.message;
    expect(creation.message).to.deep.equal({ manager: patient.address, salt, deadline: end });
    const group = await groupOf(outsider, patient.address, salt);
    await refused(checkGroup(outsider, group), "CHAIN_MISMATCH", { contract: group });
    await relay(outsider, creation, wallet);
    await relayAgain(outsider, creation, wallet);
    expect(await checkGroup(outsider, group.toLowerCase())).to.equal(group);
    expect((await prepareCreateGroup(patient, { salt })).message).to.deep.include({ manager: patient.address, salt });

    const members = [doctor.address, nurse.address];
    const setting = await prepareSetMembers(outsider, group, members, end, ["TREAT"], { deadline: end });
    expect(setting).to.deep.include({ type: "SetMembers", contract: group });
    const purposes = purposeBits(["TREAT"]).toString();
    const message = { manager: patient.address, members, until: end, purposes, number: 0, deadline: end };
    expect(setting.message).to.deep.equal(message);
    const held = await prepareSetMembers(outsider, group, [outsider.address], end);
    expect(held.message.purposes).to.equal(purposeBits(["PurposeOfUse"]).toString());
    const handing = await prepareSetManager(outsider, group, doctor.address, { ahead: 1 });
    expect(handing.message).to.deep.include({ manager: patient.address, successor: doctor.address, number: 1 });
    const early = { error: "StaleNumber", number: 1n, standing: 0n };
    await refused(relay(outsider, handing, wallet), "CONTRACT_REFUSED", early);
    await relay(outsider, setting, wallet);
    await relayAgain(outsider, setting, wallet);
    expect(await isMember(outsider, group, doctor.address, "TREAT")).to.equal(true);
    expect(await isMember(outsider, group, doctor.address, "HRESCH")).to.equal(false);
    await refused(relay(outsider, held, wallet), "CONTRACT_REFUSED", {
      error: "StaleNumber",
      number: 0n,
      standing: 1n,
    });
    await relay(outsider, handing, wallet);
    await relayAgain(outsider, handing, wallet);
    expect(await managerOf(outsider, group)).to.equal(doctor.address);
    await setManager(doctor, group, nurse.address);
    await refused(relay(outsider, handing, wallet), "CONTRACT_REFUSED", {
      error: "StaleNumber",
      number: 1n,
      standing: 3n,
    });

    const leaving = await prepareResign(outsider, group, { member: doctor.address, deadline: end });
    expect(leaving.message).to.deep.include({ member: doctor.address, deadline: end });
    const cancelled = await prepareResign(nurse, group);
    await cancelSigned(nurse, [cancelled]);
    await refused(relay(outsider, cancelled, walletOf("nurse")), "CONTRACT_REFUSED", { error: "SignatureUsed" });
    await relay(outsider, leaving, walletOf("doctor"));
    await relayAgain(outsider, leaving, walletOf("doctor"));
    expect(await isMember(outsider, group, doctor.address, "TREAT")).to.equal(false);
    expect((await membersOf(outsider, group)).map(({ member }) => member)).to.have.members(members);
    await refused(prepareSetMembers(patient, group, ["x"], now), "INVALID_ARGUMENT");
    await refused(prepareSetMembers(patient, group, members, -1), "PERIOD_INVALID");
    await refused(prepareSetManager(patient, group, "x"), "INVALID_ARGUMENT");
  });

  it("is none where another contract poses as one", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    const group = await createGroup(patient);
    const setting = await sign(wallet, await prepareSetMembers(outsider, group, [doctor.address], end));
    const { ConsentRegistry: contract } = outsider.addresses;
    await refused(submit(outsider, { ...setting, contract }), "CHAIN_MISMATCH", { chainId: 31_337, contract });
    await refused(submit(outsider, { ...setting, chainId: 1 }), "CHAIN_MISMATCH", { chainId: 1, contract: group });
    await refused(prepareResign(outsider, outsider.address), "CHAIN_MISMATCH", { contract: outsider.address });
    // signed for another group of the manager's
    const other = await createGroup(patient);
    const forged = { error: "InvalidSignature", signer: patient.address };
    await refused(submit(outsider, { ...setting, contract: other }), "CONTRACT_REFUSED", forged);
  });
});

import { expect } from "chai";
import { getAddress, toBeHex } from "ethers";

import { chainTime } from "../../../src/chain/connection.js";
import { canAccess, canAccessAs, deny, isDenied, lift, sendGrant } from "../../../src/chain/consent.js";
import {
  createGroup,
  groupOf,
  groupsBy,
  isMember,
  managerOf,
  membersOf,
  resign,
  setManager,
  setMembers,
} from "../../../src/chain/groups.js";
import { wholeChart } from "../../../src/chain/ids.js";
import { refused } from "../../helpers/clinic.js";
import { type Between, digest, label, loadFixture, nodeFor, registries, time } from "../../helpers/chain.js";

const imaging = label("imaging");

/** A department of the issuer's with two members. */
async function department() {
  const context = await registries();
  const { issuer, doctor, nurse, end } = context;
  const group = await createGroup(issuer, digest("cardiology"));
  await setMembers(issuer, group, [doctor.address, nurse.address], end);
  return { ...context, group };
}

describe("a group", () => {
  it("has an address that is known before, and a manager", async () => {
    const { issuer, doctor, outsider, group } = await loadFixture(department);
    expect(await groupOf(outsider, issuer.address, digest("cardiology"))).to.equal(group);
    expect(await groupOf(outsider, doctor.address, digest("cardiology"))).not.to.equal(group);
    expect(await managerOf(outsider, group)).to.equal(issuer.address);
    const another = await createGroup(issuer);
    expect(await createGroup(issuer)).not.to.equal(another);
    const theirs = await createGroup(doctor, digest("cardiology"));
    expect(await groupsBy(outsider, doctor.address)).to.deep.equal([theirs]);
    const own = await groupsBy(outsider, issuer.address);
    expect([own.length, own.slice(0, 2)]).to.deep.equal([3, [group, another]]);
    const taken = createGroup(issuer, digest("cardiology"));
    await refused(taken, "CONTRACT_REFUSED", { error: "FailedDeployment" });
    await setManager(issuer, group, doctor.address);
    expect(await managerOf(outsider, group)).to.equal(doctor.address);
    const details = { error: "NotManager", caller: issuer.address };
    await refused(setManager(issuer, group, issuer.address), "CONTRACT_REFUSED", details);
    await refused(setMembers(issuer, group, [issuer.address], 1), "CONTRACT_REFUSED", details);
    for (const wrong of [
      () => groupOf(issuer, "issuer", digest("x")),
      () => groupsBy(issuer, "issuer"),
      () => setManager(doctor, group, "doctor"),
      () => setMembers(doctor, group, ["nurse"], 1),
      () => setMembers(doctor, "group", [], 1),
      () => isMember(doctor, group, "nurse", "TREAT"),
      () => membersOf(doctor, "group"),
      () => setMembers(doctor, group, [], 1, ["CURIOSITY" as "TREAT"]),
    ]) {
      await refused(wrong(), "INVALID_ARGUMENT");
    }
    await refused(isMember(doctor, doctor.address, doctor.address, "TREAT"), "NOT_DEPLOYED");
    // an account without storage, and none at all
    for (const nobody of [doctor.address, outsider.address])
      await refused(membersOf(outsider, nobody), "NOT_DEPLOYED", { group: nobody });
    expect(await membersOf(outsider, another)).to.deep.equal([]);
    expect(await groupsBy(outsider, outsider.address)).to.deep.equal([]);
  });

  it("has members until their end, until they resign, or are put out", async () => {
    const { issuer, doctor, nurse, outsider, group, end } = await loadFixture(department);
    const all = ["PurposeOfUse"];
    expect(await membersOf(outsider, group)).to.deep.equal([
      { member: doctor.address, until: end, purposes: all },
      { member: nurse.address, until: end, purposes: all },
    ]);
    const isIn = (member: string, patient?: string) => isMember(outsider, group, member, "TREAT", patient);
    expect(await isIn(doctor.address)).to.equal(true);
    expect(await isIn(doctor.address, outsider.address)).to.equal(true);
    expect(await isIn(outsider.address)).to.equal(false);
    await resign(doctor, group);
    const left = await chainTime(doctor);
    expect(await isIn(doctor.address)).to.equal(false);
    await refused(resign(doctor, group), "CONTRACT_REFUSED", { error: "NotMember", member: doctor.address });
    expect(await membersOf(outsider, group)).to.deep.equal([
      { member: doctor.address, until: left, purposes: [] },
      { member: nurse.address, until: end, purposes: all },
    ]);
    await time.increaseTo(end - 1);
    expect(await isIn(nurse.address)).to.equal(true);
    await time.increaseTo(end);
    expect(await isIn(nurse.address)).to.equal(false);
    await setMembers(issuer, group, [], end);
    const nobody = setMembers(issuer, group, ["0x" + "00".repeat(20)], end);
    await refused(nobody, "CONTRACT_REFUSED", { error: "InvalidMember" });
  });

  it("has members for some purposes", async () => {
    const { issuer, patient, doctor, nurse, outsider, group, now, end } = await loadFixture(department);
    await setMembers(issuer, group, [nurse.address], end, ["HPAYMT"]);
    expect(await isMember(outsider, group, nurse.address, "COVERAGE")).to.equal(true);
    expect(await isMember(outsider, group, nurse.address, "TREAT")).to.equal(false);
    expect((await membersOf(outsider, group))[1]).to.deep.include({ member: nurse.address, purposes: ["HPAYMT"] });
    const terms = { start: now, end, permissions: ["READ"], purposes: ["PurposeOfUse"], group: true } as const;
    await sendGrant(patient, { grantee: group, scope: imaging, terms });
    const question = { patient: patient.address, group, compartment: imaging } as const;
    const may = (member: string, purpose: "TREAT" | "HPAYMT") =>
      canAccessAs(outsider, { ...question, member, purpose });
    expect([await may(nurse.address, "TREAT"), await may(nurse.address, "HPAYMT")]).to.deep.equal([false, true]);
    expect([await may(doctor.address, "TREAT"), await may(doctor.address, "HPAYMT")]).to.deep.equal([true, true]);
    await setMembers(issuer, group, [nurse.address], end, []);
    expect(await may(nurse.address, "HPAYMT")).to.equal(false);
  });

  it("takes members by the hundred", async () => {
    const { issuer, group, end } = await loadFixture(department);
    const height = await issuer.provider.getBlockNumber();
    const crowd = Array.from({ length: 201 }, (_, index) => getAddress(toBeHex(index + 1, 20)));
    await setMembers(issuer, group, crowd, end);
    expect(await issuer.provider.getBlockNumber()).to.equal(height + 2);
    expect((await membersOf(issuer, group)).slice(2).map(({ member }) => member)).to.deep.equal(crowd);
  });

  it("tells its members without a range of blocks, with two nodes as with proofs", async () => {
    const { issuer, nurse, as, group, end } = await loadFixture(department);
    await setMembers(issuer, group, [nurse.address], end, ["TREAT"]);
    for (let block = 0; block < 20; block++) await createGroup(issuer);
    const ranges: number[] = [];
    const watching: Between = (method, pass, params) => {
      const [asked] = (method === "eth_getLogs" ? params : [{}]) as [{ fromBlock?: string; toBlock?: string }];
      if (asked.fromBlock !== undefined) ranges.push(Number(asked.toBlock) - Number(asked.fromBlock));
      return pass();
    };
    const told = await membersOf(await as("outsider", watching), group);
    expect(told.map(({ member, purposes }) => [member === nurse.address, purposes])).to.deep.equal([
      ...[
        [false, ["PurposeOfUse"]],
        [true, ["TREAT"]],
      ],
    ]);
    // what is asked for ahead lies close by
    expect([ranges.length, Math.max(...ranges)]).to.deep.equal([2, 1]);
    const quorum = await as("outsider", watching, { verify: "quorum", witness: nodeFor() });
    expect(await membersOf(quorum, group)).to.deep.equal(told);
    expect(await membersOf(await as("outsider", undefined, { verify: "none" }), group)).to.deep.equal(told);
  });

  it("reads for its members what a patient granted it, but for who is denied in person", async () => {
    const { patient, doctor, nurse, outsider, group, now, end } = await loadFixture(department);
    const terms = { start: now, end, permissions: ["READ"], purposes: ["TREAT"], group: true } as const;
    await sendGrant(patient, { grantee: group, scope: imaging, terms });
    const question = { patient: patient.address, compartment: imaging, purpose: "TREAT" } as const;
    const may = (member: string, more = {}) => canAccessAs(outsider, { ...question, group, member, ...more });
    expect(await may(doctor.address)).to.equal(true);
    expect(await may(nurse.address, { content: digest("an ECG") })).to.equal(true);
    expect(await may(outsider.address)).to.equal(false);
    expect(await may(doctor.address, { purpose: "HRESCH" })).to.equal(false);
    expect(await may(doctor.address, { compartment: wholeChart })).to.equal(false);
    const chart = { patient: patient.address, purpose: "TREAT", group, member: doctor.address } as const;
    expect(await canAccessAs(outsider, chart)).to.equal(false);
    expect(await may(doctor.address, { compartment: label("x") })).to.equal(false);
    expect(await canAccess(outsider, { ...question, permission: "READ", grantee: doctor.address })).to.equal(false);
    // the group itself is nobody
    expect(await canAccess(outsider, { ...question, permission: "READ", grantee: group })).to.equal(false);
    await deny(patient, doctor.address, imaging);
    expect(await may(doctor.address)).to.equal(false);
    expect(await may(nurse.address)).to.equal(true);
    const denied = (who: string, more = {}) => isDenied(outsider, { patient: patient.address, who, ...more });
    expect(await denied(doctor.address, { compartment: imaging })).to.equal(true);
    expect(await denied(doctor.address, { compartment: imaging, content: digest("an ECG") })).to.equal(true);
    expect(await denied(doctor.address, { compartment: label("genetics") })).to.equal(false);
    expect([await denied(doctor.address), await denied(nurse.address, { compartment: imaging })]).to.deep.equal([
      ...[false, false],
    ]);
    await refused(denied("d"), "INVALID_ARGUMENT");
    await refused(denied(doctor.address, { patient: "p" }), "INVALID_ARGUMENT");
    await lift(patient, doctor.address, imaging);
    expect(await denied(doctor.address, { compartment: imaging })).to.equal(false);
    // a grant to the same address that is not for a group gives its members nothing
    await sendGrant(patient, { grantee: group, scope: imaging, terms: { ...terms, group: false } });
    expect(await may(nurse.address)).to.equal(false);
    for (const wrong of [{ group: "g" }, { member: "m" }, { patient: "p" }]) {
      await refused(may(nurse.address, wrong), "INVALID_ARGUMENT");
    }
  });
});

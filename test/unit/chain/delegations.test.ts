import { expect } from "chai";

import {
  type Act,
  denyFor,
  grantFor,
  grantsBy,
  placeOf,
  revokeFor,
  revokeGrantsBy,
} from "../../../src/chain/acting.js";
import type { Chain } from "../../../src/chain/connection.js";
import { canAccess, grantOf, lift, lockdown, revoke, stateOf } from "../../../src/chain/consent.js";
import type { NewDelegation } from "../../../src/chain/delegation-terms.js";
import { canManage, canWrite, delegate, delegationOf, isDelegate, undelegate } from "../../../src/chain/delegations.js";
import { type Hex32, recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { sharesOf, standingDelegations } from "../../../src/chain/shares.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, give, label, loadFixture, registries, time } from "../../helpers/chain.js";

const imaging = label("imaging");
const genetics = label("genetics");
const ecg = digest("an ECG");
const unknown = { longest: 0, end: 0, era: 0, permissions: [], purposes: [], group: false, writtenAt: 0, index: 0 };

/** A carer who may let others read and write in imaging, for ten days each. */
async function caring() {
  const context = await registries();
  const terms: NewDelegation = {
    ...{ longest: 10 * day, end: context.end },
    ...{ permissions: ["READ", "WRITE"], purposes: ["TREAT"] },
  };
  await delegate(context.patient, { delegate: context.carer.address, scope: imaging, terms });
  return { ...context, terms };
}

const reading = (now: number) =>
  ({ start: now, end: now + 5 * day, permissions: ["READ"], purposes: ["TREAT"] }) as const;

/** Terms as they stand in the first era. */
const stood = { era: 0, group: false };

describe("a delegation", () => {
  it("stands with its place, is found by its patient, and ends", async () => {
    const { patient, carer, nurse, terms } = await loadFixture(caring);
    const block = await nurse.provider.getBlockNumber();
    const entry = (scope: Hex32, to: Chain, index: number, writtenAt: number, given: object = terms) => ({
      ...{ patient: patient.address, delegate: to.address, scope },
      terms: { ...given, ...stood, index, writtenAt },
    });
    const hash = await delegate(patient, { delegate: carer.address, scope: imaging, terms });
    expect((await patient.provider.getTransactionReceipt(hash))?.status).to.equal(1);
    await delegate(patient, { delegate: nurse.address, scope: wholeChart, terms });
    await delegate(nurse, { delegate: carer.address, scope: genetics, terms });
    const stands = await delegationOf(nurse, patient.address, carer.address, imaging);
    expect(stands).to.deep.equal({ ...terms, ...stood, index: 1, writtenAt: block + 1 });
    expect(await delegationOf(nurse, patient.address, carer.address, genetics)).to.deep.equal(unknown);
    expect(await standingDelegations(nurse, patient.address)).to.deep.equal([
      entry(imaging, carer, 1, block + 1),
      entry(wholeChart, nurse, 2, block + 2),
    ]);
    expect(await standingDelegations(nurse, nurse.address)).to.deep.equal([
      { ...entry(genetics, carer, 1, block + 3), patient: nurse.address },
    ]);
    await undelegate(patient, carer.address, imaging);
    expect(await standingDelegations(nurse, patient.address)).to.deep.equal([entry(wholeChart, nurse, 2, block + 2)]);
    const { delegations, state } = await sharesOf(nurse, patient.address);
    expect(delegations[0]).to.deep.equal(entry(imaging, carer, 1, block + 4, unknown));
    expect(state.slots).to.deep.equal({ number: 2, lastAt: block + 2 });
    // taken back already: success without effect
    await undelegate(patient, carer.address, imaging);
    expect((await delegationOf(nurse, patient.address, carer.address, imaging)).writtenAt).to.equal(block + 4);
  });

  it("is refused where it makes no sense, by the SDK and by the contract", async () => {
    const { patient, carer, terms, now } = await loadFixture(caring);
    const to = { delegate: carer.address, scope: imaging, terms };
    await refused(delegate(patient, { ...to, delegate: "carer" }), "INVALID_ARGUMENT");
    await refused(delegate(patient, { ...to, terms: { ...terms, permissions: [] } }), "INVALID_ARGUMENT");
    await refused(undelegate(patient, "carer", imaging), "INVALID_ARGUMENT");
    for (const work of [delegate(patient, { ...to, scope: "0x12" }), undelegate(patient, carer.address, "0x12")]) {
      // not by the contract, which would name its argument
      expect((await refused(work, "INVALID_ARGUMENT")).details).to.deep.equal({});
    }
    const own = { error: "InvalidDelegate", delegate: patient.address };
    await refused(delegate(patient, { ...to, delegate: patient.address }), "CONTRACT_REFUSED", own);
    const over = { ...to, terms: { ...terms, end: now } };
    await refused(delegate(patient, over), "CONTRACT_REFUSED", { error: "InvalidPeriod", start: 0n, end: BigInt(now) });
  });

  it("lets a delegate write or manage, on its scope and below", async () => {
    const { patient, carer, nurse, outsider, terms } = await loadFixture(caring);
    const managing: NewDelegation = { ...terms, permissions: ["MANAGE"], purposes: [] };
    await delegate(patient, { delegate: nurse.address, scope: wholeChart, terms: managing });
    const asked = async (compartment?: Hex32, content?: Hex32): Promise<string[]> => {
      const place = { ...(compartment && { compartment }), ...(content && { content }), patient: patient.address };
      const answers: string[] = [];
      for (const [name, { address: actor }] of Object.entries({ patient, carer, nurse, outsider })) {
        if (await canWrite(outsider, { ...place, actor })) answers.push(`${name} writes`);
        if (await canManage(outsider, { ...place, actor })) answers.push(`${name} manages`);
        if (await isDelegate(outsider, { ...place, actor }, ["READ", "MANAGE"])) answers.push(`${name} acts`);
      }
      return answers;
    };
    const own = ["patient writes", "patient manages"];
    expect(await asked()).to.deep.equal([...own, "nurse manages", "nurse acts"]);
    expect(await asked(imaging)).to.deep.equal([...own, "carer writes", "carer acts", "nurse manages", "nurse acts"]);
    expect(await asked(imaging, ecg)).to.deep.equal([
      ...own,
      "carer writes",
      "carer acts",
      "nurse manages",
      "nurse acts",
    ]);
    expect(await asked(genetics, ecg)).to.deep.equal([...own, "nurse manages", "nurse acts"]);
    await refused(canWrite(patient, { patient: "me", actor: carer.address }), "INVALID_ARGUMENT");
    await refused(canManage(patient, { patient: patient.address, actor: "carer" }), "INVALID_ARGUMENT");
  });
});

describe("a delegate", () => {
  it("grants and takes back in the patient's place, and the grant says so", async () => {
    const { patient, carer, doctor, now } = await loadFixture(caring);
    const terms = reading(now);
    const grant = { patient: patient.address, grantee: doctor.address, compartment: imaging };
    const question = { ...grant, permission: "READ", purpose: "TREAT" } as const;
    const hash = await grantFor(carer, { ...grant, terms });
    expect((await patient.provider.getTransactionReceipt(hash))?.status).to.equal(1);
    const standing = await grantOf(doctor, patient.address, doctor.address, imaging);
    const writtenAt = await patient.provider.getBlockNumber();
    expect(standing).to.deep.equal({ ...terms, ...stood, byDelegate: true, index: 2, writtenAt });
    expect(await canAccess(doctor, question)).to.equal(true);
    const capsule = digest("a capsule");
    await grantFor(carer, { ...grant, content: ecg, terms, capsule });
    const { filters } = patient.consentRegistry;
    const events = await patient.consentRegistry.queryFilter(filters.Granted(patient.address));
    expect(events.map(({ args }) => [args.scope, args.capsule])).to.deep.equal([
      [imaging, wholeChart],
      [recordIdOf(patient.address, imaging, ecg), capsule],
    ]);
    const revoked = await revokeFor(carer, grant);
    expect((await patient.provider.getTransactionReceipt(revoked))?.status).to.equal(1);
    expect(await canAccess(doctor, question)).to.equal(false);
    expect(await grantOf(doctor, patient.address, doctor.address, imaging)).to.deep.include({
      permissions: [],
      index: 2,
    });
    await refused(revokeFor(carer, grant), "CONTRACT_REFUSED", { error: "NothingStands", grantee: doctor.address });
  });

  it("shuts a door, until the patient lifts it or locks down", async () => {
    const { patient, carer, doctor, terms, now, end } = await loadFixture(caring);
    const place = { patient: patient.address, grantee: doctor.address, compartment: imaging };
    const question = { ...place, permission: "READ", purpose: "TREAT" } as const;
    const named = { error: "NotDelegate", patient: patient.address, under: imaging, actor: carer.address };
    await refused(denyFor(carer, place), "CONTRACT_REFUSED", named);
    const shutting = { ...terms, permissions: ["READ", "DENY"] } as const;
    await delegate(patient, { delegate: carer.address, scope: imaging, terms: shutting });
    const hash = await denyFor(carer, place);
    expect((await patient.provider.getTransactionReceipt(hash))?.status).to.equal(1);
    const standing = await grantOf(doctor, patient.address, doctor.address, imaging);
    expect(standing).to.deep.include({ permissions: ["DENY"], byDelegate: true });
    await refused(denyFor(carer, place), "CONTRACT_REFUSED", { error: "DenyStands", grantee: doctor.address });
    await refused(grantFor(carer, { ...place, terms: reading(now) }), "CONTRACT_REFUSED", { error: "DenyStands" });
    await give(patient, doctor, wholeChart, { permissions: ["READ"], end });
    expect(await canAccess(doctor, question)).to.equal(false);
    await lift(patient, doctor.address, imaging);
    expect(await canAccess(doctor, question)).to.equal(true);
    await denyFor(carer, place);
    expect(await canAccess(doctor, question)).to.equal(false);
    await lockdown(patient);
    await give(patient, doctor, wholeChart, { permissions: ["READ"], end });
    expect(await canAccess(doctor, question)).to.equal(true);
  });

  it("is refused beyond the delegation, and what the patient granted", async () => {
    const { patient, carer, doctor, outsider, now, end } = await loadFixture(caring);
    const grant = { patient: patient.address, grantee: doctor.address, compartment: imaging, terms: reading(now) };
    const missing = { patient: patient.address, delegate: outsider.address };
    await refused(grantFor(outsider, grant), "DELEGATION_MISSING", missing);
    await refused(revokeFor(outsider, grant), "DELEGATION_MISSING", missing);
    await refused(grantFor(carer, { ...grant, compartment: genetics }), "DELEGATION_MISSING");
    const wide = { ...grant, terms: { ...grant.terms, purposes: ["HRESCH"] } } as const;
    await refused(grantFor(carer, wide), "CONTRACT_REFUSED", { error: "BeyondDelegation" });
    const elsewhere = { ...grant, compartment: genetics, under: imaging };
    const details = { error: "OutsideDelegation", scope: genetics, under: imaging };
    await refused(grantFor(carer, elsewhere), "CONTRACT_REFUSED", details);
    await refused(revokeFor(carer, elsewhere), "CONTRACT_REFUSED", details);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    await refused(grantFor(carer, grant), "CONTRACT_REFUSED", { error: "GrantReserved", grantee: doctor.address });
    await refused(revokeFor(carer, grant), "CONTRACT_REFUSED", { error: "GrantReserved", scope: imaging });
    await refused(grantFor(carer, { ...grant, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(grantFor(carer, { ...grant, patient: "me" }), "INVALID_ARGUMENT");
    await refused(grantFor(carer, { ...grant, terms: { ...grant.terms, end: now } }), "PERIOD_INVALID");
  });

  it("acts under the narrowest delegation that suits, or under the one named", async () => {
    const { patient, carer, doctor, terms, now, end } = await loadFixture(caring);
    const id = recordIdOf(patient.address, imaging, ecg);
    const at = { patient: patient.address, grantee: doctor.address };
    const under = async (place: object, act: Act = "revoke"): Promise<Hex32> =>
      (await placeOf(patient, { ...at, ...place }, carer.address, act)).under;
    const wish = { terms: reading(now) };
    expect(await placeOf(patient, { ...at, compartment: imaging }, carer.address, wish)).to.deep.equal({
      ...{ ...at, compartment: imaging, content: wholeChart, under: imaging },
    });
    const give = (scope: Hex32, more: Partial<NewDelegation> = {}) =>
      delegate(patient, { delegate: carer.address, scope, terms: { ...terms, ...more } });
    await give(wholeChart, { permissions: ["READ", "WRITE", "MANAGE"] });
    await give(id, { permissions: ["DENY"], purposes: [] });
    expect(await under({ compartment: imaging, content: ecg }, wish)).to.equal(imaging);
    expect(await under({ compartment: imaging, content: ecg })).to.equal(wholeChart);
    expect(await under({ compartment: genetics }, wish)).to.equal(wholeChart);
    expect(await under({}, wish)).to.equal(wholeChart);
    expect(await under({ compartment: imaging, content: ecg }, "deny")).to.equal(id);
    // none suits: the narrowest, and the contract says why not
    expect(
      await under({ compartment: imaging, content: ecg }, { terms: { ...reading(now), end: now + 11 * day } }),
    ).to.equal(id);
    expect(await under({ compartment: imaging, under: genetics }, wish)).to.equal(genetics);
    await undelegate(patient, carer.address, imaging);
    expect(await under({ compartment: imaging }, wish)).to.equal(wholeChart);
    await time.increaseTo(end);
    await refused(under({ compartment: imaging }, wish), "DELEGATION_MISSING");
  });

  it("may no longer act after a lockdown", async () => {
    const { patient, carer, doctor, now } = await loadFixture(caring);
    await lockdown(patient);
    expect((await stateOf(patient, patient.address)).era).to.be.greaterThan(0);
    const grant = { patient: patient.address, grantee: doctor.address, compartment: imaging };
    await refused(grantFor(carer, { ...grant, terms: reading(now) }), "DELEGATION_MISSING");
    const named = grantFor(carer, { ...grant, terms: reading(now), under: imaging });
    const details = { error: "NotDelegate", patient: patient.address, under: imaging, actor: carer.address };
    await refused(named, "CONTRACT_REFUSED", details);
  });

  it("leaves grants behind, all of which the patient takes back at once", async () => {
    const { patient, carer, nurse, doctor, outsider, operator, terms, now, end } = await loadFixture(caring);
    await delegate(patient, { delegate: nurse.address, scope: wholeChart, terms });
    const grant = { patient: patient.address, compartment: imaging, terms: reading(now) };
    for (const { address: grantee } of [doctor, outsider, operator, nurse]) {
      await grantFor(carer, { ...grant, grantee });
    }
    await revoke(patient, outsider.address, imaging);
    await give(patient, operator, imaging, { permissions: ["WRITE"], end });
    await grantFor(nurse, { ...grant, grantee: doctor.address });
    await grantFor(carer, { ...grant, grantee: outsider.address, content: ecg });
    const id = recordIdOf(patient.address, imaging, ecg);
    const left = [
      { grantee: nurse.address, scope: imaging },
      { grantee: outsider.address, scope: id },
    ];
    const given = await grantsBy(doctor, patient.address, carer.address);
    expect(given.map(({ grantee, scope }) => ({ grantee, scope }))).to.deep.equal(left);
    for (const { terms: standing } of given) expect(standing).to.deep.include({ ...reading(now), byDelegate: true });
    await undelegate(patient, carer.address, imaging);
    expect(await revokeGrantsBy(patient, carer.address)).to.deep.equal(left);
    expect(await grantsBy(doctor, patient.address, carer.address)).to.deep.equal([]);
    expect(await revokeGrantsBy(patient, carer.address)).to.deep.equal([]);
    expect((await grantsBy(doctor, patient.address, nurse.address)).map(({ grantee }) => grantee)).to.deep.equal([
      doctor.address,
    ]);
    expect((await grantOf(patient, patient.address, operator.address, imaging)).permissions).to.deep.equal(["WRITE"]);
  });
});

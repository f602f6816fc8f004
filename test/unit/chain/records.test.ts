import { expect } from "chai";

import { chainTime } from "../../../src/chain/connection.js";
import { deny, sendGrant } from "../../../src/chain/consent.js";
import { amend, attestErasure, erasureAttestedAt, requestErasure, retract } from "../../../src/chain/corrections.js";
import { contestCredential, requireCredential, revokeCredential } from "../../../src/chain/credentials.js";
import { createGroup, setMembers } from "../../../src/chain/groups.js";
import { type Hex32, reasonId, recordIdOf, roleId, scopeOf, wholeChart } from "../../../src/chain/ids.js";
import { accessLog } from "../../../src/chain/log.js";
import { placeOf } from "../../../src/chain/logs.js";
import {
  anchor,
  anchorMany,
  anchorOf,
  canRead,
  canReadAs,
  consentPlaceOf,
  consentScopeOf,
  findRecord,
  findRecords,
  manifestsOf,
  originOf,
  point,
  pointMany,
} from "../../../src/chain/records.js";
import {
  type Leaf,
  anchorIndex,
  anchorRoot,
  claimLeaf,
  claimLeaves,
  recordTree,
  rootAnchoredAt,
  verifyAnchored,
} from "../../../src/chain/roots.js";
import { stampDigestOf, stampStatus, verifyStamp, witness, witnessedAt } from "../../../src/chain/stamps.js";
import { noStamp, signStamp, stampDomain } from "../../../src/crypto/stamp.js";
import { toHex } from "../../../src/bytes.js";
import { refused } from "../../helpers/clinic.js";
import { digest, give, label, loadFixture, registries, time, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const manifest = digest("a manifest");
const newer = digest("a newer manifest");

/** A doctor who writes in imaging, and an ECG of theirs. */
async function writing() {
  const context = await registries();
  const { patient, doctor, end } = context;
  await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
  const name = { patient: patient.address, compartment: imaging, content: ecg };
  await anchor(doctor, name, manifest);
  const recordId = recordIdOf(patient.address, imaging, ecg);
  const block = await doctor.provider.getBlockNumber();
  return { ...context, name, recordId, anchoredAt: await chainTime(doctor), block };
}

describe("records on chain", () => {
  it("are found by id, patient and compartment, with their newest pointer", async () => {
    const { patient, doctor, nurse, name, recordId, anchoredAt, block } = await loadFixture(writing);
    const record = { recordId, ...name, origin: ecg, author: doctor.address, anchoredAt, index: 1, block };
    const first = { manifest, pointers: 0, place: placeOf({ block, index: 0 }) };
    const whole = { ...record, status: "anchored", ...first };
    expect(await findRecord(nurse, recordId)).to.deep.equal(whole);
    expect(await findRecord(nurse, recordId.toUpperCase().replace("0X", "0x"))).to.deep.equal(whole);
    expect(await findRecords(nurse, patient.address)).to.deep.equal([whole]);
    expect(await findRecords(nurse, patient.address, imaging)).to.deep.equal([whole]);
    expect(await findRecords(nurse, patient.address, label("another"))).to.deep.equal([]);
    expect(await findRecords(nurse, doctor.address)).to.deep.equal([]);
    await point(doctor, name, digest("in between"));
    await point(patient, name, newer);
    const pointed = { manifest: newer, pointers: 2, place: placeOf({ block: block + 2, index: 0 }) };
    expect(await findRecord(nurse, recordId)).to.deep.equal({ ...whole, ...pointed });
    expect(await findRecords(nurse, patient.address)).to.deep.equal([{ ...whole, ...pointed }]);
    const told = { recordId, by: undefined, block };
    expect(await manifestsOf(nurse, { recordId })).to.deep.equal([
      { ...told, manifest, place: first.place },
      ...[
        { ...told, by: doctor.address, manifest: digest("in between"), block: block + 1 },
        { ...told, by: patient.address, manifest: newer, block: block + 2 },
      ].map((each) => ({ ...each, place: placeOf({ block: each.block, index: 0 }) })),
    ]);
    expect(await manifestsOf(nurse, { recordId: "0x" + "ff".repeat(32) })).to.deep.equal([]);
    // anchored already by the same author: nothing is sent
    expect(await anchor(doctor, name, newer)).to.equal(undefined);
    await refused(anchor(patient, name, newer), "CONTRACT_REFUSED", { error: "AlreadyAnchored", recordId });
    const nothing = { author: "0x" + "00".repeat(20), anchoredAt: 0, status: "none", index: 0, block: 0 };
    expect(await anchorOf(nurse, "0x" + "ff".repeat(32))).to.deep.equal(nothing);
    await refused(findRecord(nurse, "0x" + "ff".repeat(32)), "RECORD_UNKNOWN", { recordId: "0x" + "ff".repeat(32) });
    await refused(findRecord(nurse, imaging), "INVALID_ARGUMENT");
  });

  it("are anchored by the hundred, and what is bad is left out", async () => {
    const { patient, doctor, outsider, recordId, name } = await loadFixture(writing);
    const entries = [1, 2, 3].map((number) => ({ content: digest(`record ${number}`), manifest }));
    const list = [entries[0]!, { content: ecg, manifest }, entries[1]!, { content: wholeChart, manifest }, entries[2]!];
    const outcomes = await anchorMany(doctor, name, list, 2);
    expect(outcomes.map(({ index, done, error }) => [index, done, error?.details])).to.deep.equal([
      [0, true, undefined],
      [1, false, { error: "AlreadyAnchored", recordId }],
      [2, true, undefined],
      [3, false, { error: "InvalidContent" }],
      [4, true, undefined],
    ]);
    const transactions = outcomes.map(({ transaction }) => transaction);
    expect(new Set(transactions).size).to.equal(3);
    expect(transactions[0]).to.equal(transactions[1]);
    expect((await doctor.provider.getTransactionReceipt(transactions[4]!))?.status).to.equal(1);
    const records = await findRecords(doctor, patient.address, imaging);
    expect(records.map(({ recordId: id }) => id)).to.deep.equal([
      recordId,
      ...entries.map(({ content }) => recordIdOf(patient.address, imaging, content)),
    ]);
    expect(await anchorMany(doctor, name, [])).to.deep.equal([]);
    const details = { error: "NotWriter", patient: patient.address, compartment: imaging, actor: outsider.address };
    await refused(anchorMany(outsider, name, entries), "CONTRACT_REFUSED", details);
  });

  it("are pointed at by the hundred, and what is bad is left out", async () => {
    const { patient, doctor, nurse, name, recordId } = await loadFixture(writing);
    const two = { ...name, content: digest("two") };
    await anchor(doctor, two, manifest);
    const unknown = digest("unknown");
    const pointers = [
      { ...name, manifest: newer },
      { ...two, manifest: newer },
      { ...two, content: unknown, manifest: newer },
      { ...name, manifest: digest("newest") },
    ].map(({ compartment, content, manifest: to }) => ({ compartment, content, manifest: to }));
    const outcomes = await pointMany(doctor, patient.address, pointers, 3);
    expect(outcomes.map(({ index, done, error }) => [index, done, error?.details.error])).to.deep.equal([
      [0, true, undefined],
      [1, true, undefined],
      [2, false, "UnknownRecord"],
      [3, true, undefined],
    ]);
    const records = await findRecords(nurse, patient.address);
    expect(records.map(({ manifest: at, pointers: count }) => [at, count])).to.deep.equal([
      [digest("newest"), 2],
      [newer, 1],
    ]);
    expect(await findRecord(nurse, recordId)).to.deep.equal(records[0]);
    await refused(pointMany(doctor, patient.address, pointers, 101), "INVALID_ARGUMENT", { size: 101 });
  });

  it("keep their consents when they are amended", async () => {
    const { patient, doctor, nurse, carer, name, recordId, end } = await loadFixture(writing);
    const amended = async (content: Hex32, from: Hex32) => {
      const id = await amend(doctor, { ...name, content: from }, { content, manifest: newer, reason: "wrong unit" });
      return findRecord(nurse, id);
    };
    const second = await amended(digest("second"), ecg);
    const third = await amended(digest("third"), digest("second"));
    expect([second.origin, third.origin]).to.deep.equal([ecg, ecg]);
    expect([consentScopeOf(third), consentPlaceOf(third)]).to.deep.equal([recordId, name]);
    expect(await findRecords(nurse, patient.address)).to.deep.equal([
      ...[await findRecord(nurse, recordId), await findRecord(nurse, second.recordId), third],
    ]);
    expect(await originOf(nurse, { ...name, content: digest("third") })).to.equal(ecg);
    expect(await originOf(nurse, name)).to.equal(ecg);
    const question = { ...name, content: digest("third"), reader: nurse.address, purpose: "TREAT" } as const;
    expect(await canRead(nurse, question)).to.equal(false);
    await give(patient, nurse, recordId, { permissions: ["READ"], end });
    expect(await canRead(nurse, question)).to.equal(true);
    expect(await canRead(nurse, { ...question, content: digest("fourth") })).to.equal(false);
    const group = await createGroup(doctor);
    await setMembers(doctor, group, [carer.address], end);
    const ofGroup = { ...question, group, member: carer.address };
    expect(await canReadAs(nurse, ofGroup)).to.equal(false);
    const terms = { start: 0, end, permissions: ["READ"], purposes: ["TREAT"], group: true } as const;
    await sendGrant(patient, { grantee: group, scope: recordId, terms });
    expect(await canReadAs(nurse, ofGroup)).to.equal(true);
    expect(await canReadAs(nurse, { ...ofGroup, member: nurse.address })).to.equal(false);
    expect(await canReadAs(nurse, { ...ofGroup, purpose: "HRESCH" })).to.equal(false);
    expect(await canReadAs(nurse, { ...ofGroup, content: digest("fourth") })).to.equal(false);
    // a door that is shut for the amendment alone
    await deny(patient, carer.address, recordIdOf(patient.address, imaging, digest("third")));
    expect(await canReadAs(nurse, ofGroup)).to.equal(false);
    expect(await canReadAs(nurse, { ...ofGroup, content: ecg })).to.equal(true);
    for (const wrong of [{ group: "g" }, { member: "m" }, { patient: "p" }])
      await refused(canReadAs(nurse, { ...ofGroup, ...wrong }), "INVALID_ARGUMENT");
    await requestErasure(patient, imaging, digest("third"));
    expect(await canRead(nurse, question)).to.equal(false);
  });

  it("are amended once and retracted, with a reason", async () => {
    const { patient, doctor, nurse, name, recordId } = await loadFixture(writing);
    const corrected = digest("the corrected ECG");
    const replacement = { content: corrected, manifest: newer, reason: "wrong unit" };
    const newId = recordIdOf(patient.address, imaging, corrected);
    expect(await amend(doctor, name, replacement)).to.equal(newId);
    expect((await findRecord(nurse, recordId)).status).to.equal("amended");
    expect(await findRecord(nurse, newId)).to.deep.include({ status: "anchored", manifest: newer });
    const again = { error: "InvalidStatus", recordId, status: 2n };
    await refused(amend(doctor, name, { ...replacement, content: digest("more") }), "CONTRACT_REFUSED", again);
    await refused(retract(nurse, name, "no"), "CONTRACT_REFUSED", { error: "NotAuthor", actor: nurse.address });
    await retract(patient, name, "wrong patient");
    expect((await findRecord(nurse, recordId)).status).to.equal("retracted");
    for (const reason of ["", "a".repeat(32)]) {
      await refused(retract(doctor, name, reason), "INVALID_ARGUMENT");
      await refused(amend(doctor, name, { ...replacement, reason }), "INVALID_ARGUMENT");
    }
    const log = (await accessLog(nurse, patient.address)).slice(2);
    expect(
      log.map(({ what, who, scope, reason, replacement: by }) => ({ what, who, scope, reason, by })),
    ).to.deep.equal([
      { what: "anchored", who: doctor.address, scope: newId, reason: undefined, by: undefined },
      { what: "amended", who: doctor.address, scope: recordId, reason: "wrong unit", by: newId },
      { what: "retracted", who: patient.address, scope: recordId, reason: "wrong patient", by: undefined },
    ]);
  });

  it("are erased on the patient's demand, and operators attest it", async () => {
    const { patient, doctor, operator, issuer, name, recordId, now, until } = await loadFixture(writing);
    const early = attestErasure(operator, name, "storage", now + 100);
    await refused(early, "CONTRACT_REFUSED", { error: "InvalidStatus", recordId, status: 1n });
    const unknown = recordIdOf(doctor.address, imaging, ecg);
    await refused(requestErasure(doctor, imaging, ecg), "CONTRACT_REFUSED", {
      error: "UnknownRecord",
      recordId: unknown,
    });
    await requestErasure(patient, imaging, ecg);
    expect((await anchorOf(doctor, recordId)).status).to.equal("erased");
    const missing = { actor: doctor.address, role: "storage" };
    await refused(attestErasure(doctor, name, "storage", now), "NO_CREDENTIAL", missing);
    await refused(attestErasure(operator, name, "keeper", now), "NO_CREDENTIAL", { role: "keeper" });
    expect(await requireCredential(doctor, "storage", now + 100, operator.address)).to.equal(0);
    await refused(requireCredential(operator, "storage", until), "NO_CREDENTIAL", { actor: operator.address });
    expect(await erasureAttestedAt(doctor, recordId, operator.address)).to.equal(undefined);
    await attestErasure(operator, name, "storage", now + 100);
    expect(await erasureAttestedAt(doctor, recordId, operator.address)).to.equal(await chainTime(doctor));
    expect(await erasureAttestedAt(doctor, recordId, issuer.address)).to.equal(undefined);
    const twice = attestErasure(operator, name, "storage", now + 100);
    await refused(twice, "CONTRACT_REFUSED", { error: "AlreadyAttested", recordId, operator: operator.address });
    const log = (await accessLog(doctor, patient.address)).slice(2);
    expect(log.map(({ what, who, scope, role }) => ({ what, who, scope, role }))).to.deep.equal([
      { what: "erasure requested", who: patient.address, scope: recordId, role: undefined },
      { what: "erasure attested", who: operator.address, scope: recordId, role: "storage" },
    ]);
    expect((await findRecords(doctor, patient.address))[0]).to.deep.include({ status: "erased" });
  });
});

describe("a tree of records", () => {
  const contents = ["one", "two", "three"].map(digest);
  const idsOf = (patient: string): Hex32[] => contents.map((content) => recordIdOf(patient, imaging, content));

  it("has the same root whatever the order, and a proof of each record", async () => {
    const ids = idsOf("0x" + "11".repeat(20));
    const tree = recordTree(ids);
    expect(tree.count).to.equal(3);
    expect(recordTree([...ids].reverse()).root).to.equal(tree.root);
    expect(recordTree(ids.map((id) => id.toUpperCase().replace("0X", "0x"))).root).to.equal(tree.root);
    expect(recordTree(ids.slice(1)).root).not.to.equal(tree.root);
    expect(tree.proofOf(ids[0]!.toUpperCase().replace("0X", "0x"))).to.deep.equal(tree.proofOf(ids[0]!));
    expect(recordTree([ids[0]!]).proofOf(ids[0]!)).to.deep.equal([]);
    const now = (work: () => unknown): Promise<unknown> => Promise.resolve().then(work);
    for (const wrong of [[], [ids[0]!, ids[0]!], [ids[0]!, imaging], ["0x12"]]) {
      await refused(
        now(() => recordTree(wrong)),
        "INVALID_ARGUMENT",
      );
    }
    const other = "0x" + "ff".repeat(32);
    await refused(
      now(() => tree.proofOf(other)),
      "RECORD_UNKNOWN",
      { recordId: other },
    );
  });

  it("is anchored once, proves author and time, and its leaves become records of that time", async () => {
    const { patient, doctor, outsider } = await loadFixture(writing);
    const tree = recordTree(idsOf(patient.address));
    expect(await rootAnchoredAt(patient, doctor.address, tree.root)).to.equal(undefined);
    await anchorRoot(doctor, tree, digest("the list"));
    const at = await chainTime(doctor);
    expect(await rootAnchoredAt(patient, doctor.address, tree.root)).to.equal(at);
    expect(await rootAnchoredAt(patient, patient.address, tree.root)).to.equal(undefined);
    const again = { error: "RootAlreadyAnchored", author: doctor.address, root: tree.root };
    await refused(anchorRoot(doctor, tree, digest("the list")), "CONTRACT_REFUSED", again);
    const { recordRegistry: registry } = doctor;
    const [told] = await registry.queryFilter(registry.filters.RootAnchored(doctor.address));
    expect([...told!.args]).to.deep.equal([doctor.address, tree.root, 3n, digest("the list")]);

    const [first, second] = idsOf(patient.address);
    const leafOf = (place: number, id: Hex32): Leaf => ({
      ...{ root: tree.root, proof: tree.proofOf(id), patient: patient.address },
      ...{ compartment: imaging, content: contents[place]! },
    });
    const leaf = leafOf(0, first!);
    expect(await verifyAnchored(outsider, doctor.address, leaf)).to.equal(at);
    expect(await verifyAnchored(outsider, patient.address, leaf)).to.equal(undefined);
    expect(await verifyAnchored(outsider, doctor.address, { ...leaf, content: ecg })).to.equal(undefined);
    expect(await verifyAnchored(outsider, doctor.address, leafOf(0, second!))).to.equal(undefined);
    await point(doctor, { patient: patient.address, compartment: imaging, content: ecg }, newer);
    expect(await claimLeaf(doctor, leaf, manifest)).to.equal(first);
    expect(await findRecord(patient, first!)).to.deep.include({ author: doctor.address, anchoredAt: at, manifest });
    const wrong = { error: "InvalidProof", root: tree.root, recordId: second };
    await refused(claimLeaf(doctor, { ...leafOf(1, first!) }, manifest), "CONTRACT_REFUSED", wrong);
    await refused(claimLeaf(outsider, leaf, manifest), "CONTRACT_REFUSED", { error: "NotWriter" });
  });

  it("is anchored beside the record that lists it", async () => {
    const { patient, doctor, outsider, name } = await loadFixture(writing);
    const tree = recordTree(idsOf(patient.address));
    const index = { ...name, content: digest("an index") };
    const id = recordIdOf(patient.address, imaging, index.content);
    await anchorIndex(doctor, index, manifest, tree);
    const at = await chainTime(doctor);
    expect(await findRecord(outsider, id)).to.deep.include({
      author: doctor.address,
      anchoredAt: at,
      manifest,
      index: 2,
    });
    expect(await rootAnchoredAt(outsider, doctor.address, tree.root)).to.equal(at);
    const again = anchorIndex(doctor, { ...index, content: digest("another index") }, manifest, tree);
    await refused(again, "CONTRACT_REFUSED", { error: "RootAlreadyAnchored", root: tree.root });
    await refused(anchorIndex(outsider, index, manifest, tree), "CONTRACT_REFUSED", { error: "NotWriter" });
  });

  it("has its leaves claimed by the hundred, in any order", async () => {
    const { patient, doctor, name } = await loadFixture(writing);
    const ids = idsOf(patient.address);
    const tree = recordTree(ids);
    await anchorRoot(doctor, tree, digest("the list"));
    const at = await chainTime(doctor);
    const entries = contents.map((content) => ({ content, manifest: digest(`manifest of ${content}`) }));
    await anchor(doctor, { ...name, content: contents[1]! }, manifest);
    const outcomes = await claimLeaves(doctor, tree, name, entries);
    expect(outcomes.map(({ index, done, error }) => [index, done, error?.details.error])).to.deep.equal([
      [0, true, undefined],
      [1, false, "AlreadyAnchored"],
      [2, true, undefined],
    ]);
    for (const place of [0, 2])
      expect(await findRecord(doctor, ids[place]!)).to.deep.include({ anchoredAt: at, ...entries[place] });
    const alone = { content: ecg, manifest };
    await refused(claimLeaves(doctor, tree, name, [alone]), "RECORD_UNKNOWN");
    await refused(claimLeaves(doctor, tree, name, entries, 101), "INVALID_ARGUMENT", { size: 101 });
    const other = recordTree([recordIdOf(patient.address, imaging, digest("other"))]);
    const foreign = claimLeaves(doctor, other, name, [{ content: digest("other"), manifest }]);
    await refused(foreign, "CONTRACT_REFUSED", { error: "InvalidProof", root: other.root });
  });
});

describe("a stamp, as contracts see it", () => {
  it("counts when it was signed or witnessed by somebody credentialed then", async () => {
    const { patient, doctor, nurse, recordId, name, anchoredAt } = await loadFixture(writing);
    const domain = stampDomain(doctor.chainId, doctor.addresses.RecordRegistry);
    const statement = { ...name, role: roleId("practitioner"), statement: "authored", previous: noStamp };
    const stamp = { ...statement, issuedAt: anchoredAt };
    const signature = toHex((await signStamp(walletOf("doctor"), domain, stamp)).signature);
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address, signature })).to.equal(true);
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address })).to.equal(false);
    expect(await stampStatus(nurse, stamp, { signer: doctor.address, signature })).to.equal("counts");
    expect(await stampStatus(nurse, stamp, { signer: doctor.address })).to.equal("none");
    expect(await verifyStamp(nurse, stamp, { signer: nurse.address, signature })).to.equal(false);
    // a self-report needs no credential
    const own = { ...stamp, role: roleId("patient") };
    const signed = toHex((await signStamp(walletOf("patient"), domain, own)).signature);
    expect(await verifyStamp(nurse, own, { signer: patient.address, signature: signed })).to.equal(true);
    // dated after the anchor: proven only by a witness that came later still
    const late = { ...stamp, statement: "second reading", issuedAt: anchoredAt + 1 };
    const lateSignature = toHex((await signStamp(walletOf("doctor"), domain, late)).signature);
    expect(await verifyStamp(nurse, late, { signer: doctor.address, signature: lateSignature })).to.equal(false);
    const seen = await stampDigestOf(doctor, late);
    expect(await witnessedAt(nurse, doctor.address, seen)).to.equal(undefined);
    await witness(doctor, seen);
    const at = await chainTime(nurse);
    expect(await witnessedAt(nurse, doctor.address, seen)).to.equal(at);
    expect(await witnessedAt(nurse, nurse.address, seen)).to.equal(undefined);
    expect(await verifyStamp(nurse, late, { signer: doctor.address })).to.equal(true);
    // witnessed before: nothing is sent
    const height = await nurse.provider.getBlockNumber();
    await witness(doctor, seen);
    expect(await nurse.provider.getBlockNumber()).to.equal(height);
    expect(recordId).to.equal(recordIdOf(patient.address, imaging, ecg));
  });

  it("by the author counts on for its signature where it was witnessed after the credential's end", async () => {
    const { doctor, nurse, name, anchoredAt, until } = await loadFixture(writing);
    const domain = stampDomain(doctor.chainId, doctor.addresses.RecordRegistry);
    const statement = { ...name, role: roleId("practitioner"), statement: "authored", previous: noStamp };
    const stamp = { ...statement, issuedAt: anchoredAt };
    const signature = toHex((await signStamp(walletOf("doctor"), domain, stamp)).signature);
    await time.increaseTo(until);
    await witness(doctor, await stampDigestOf(doctor, stamp));
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address, signature })).to.equal(true);
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address })).to.equal(false);
  });

  it("is contested while the end of its signer's credential is", async () => {
    const { doctor, issuer, nurse, name, anchoredAt } = await loadFixture(writing);
    const domain = stampDomain(doctor.chainId, doctor.addresses.RecordRegistry);
    const statement = { ...name, role: roleId("practitioner"), statement: "authored", previous: noStamp };
    const stamp = { ...statement, issuedAt: anchoredAt };
    const signature = toHex((await signStamp(walletOf("doctor"), domain, stamp)).signature);
    const status = () => stampStatus(nurse, stamp, { signer: doctor.address, signature });
    await revokeCredential(issuer, doctor.address, "practitioner", anchoredAt);
    expect(await status()).to.equal("none");
    await contestCredential(doctor, "practitioner");
    expect(await status()).to.equal("contested");
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address, signature })).to.equal(false);
  });

  it("of a patient on their own record needs no signature", async () => {
    const { patient, nurse, name } = await loadFixture(writing);
    const own = { ...name, content: digest("a diary") };
    await anchor(patient, own, manifest);
    const statement = { ...own, role: roleId("patient"), statement: "authored", previous: noStamp };
    const stamp = { ...statement, issuedAt: await chainTime(patient) };
    expect(await stampStatus(nurse, stamp, { signer: patient.address })).to.equal("counts");
    expect(await stampStatus(nurse, stamp, { signer: nurse.address })).to.equal("none");
  });

  it("does not count where no one credential covers both its time and the anchor's", async () => {
    const { doctor, issuer, nurse, name, anchoredAt } = await loadFixture(writing);
    const stamp = { ...name, role: roleId("practitioner"), statement: "authored", previous: noStamp, issuedAt: 1000 };
    const domain = stampDomain(doctor.chainId, doctor.addresses.RecordRegistry);
    const signature = toHex((await signStamp(walletOf("doctor"), domain, stamp)).signature);
    expect(await verifyStamp(nurse, stamp, { signer: doctor.address, signature })).to.equal(false);
    const researcher = { ...stamp, role: roleId("researcher"), issuedAt: anchoredAt };
    expect(await verifyStamp(nurse, researcher, { signer: issuer.address, signature })).to.equal(false);
  });
});

describe("identifiers", () => {
  it("of scopes, roles and reasons", async () => {
    const patient = "0x" + "11".repeat(20);
    expect(scopeOf(patient)).to.equal(wholeChart);
    expect(scopeOf(patient, imaging)).to.equal(imaging);
    expect(scopeOf(patient, imaging, ecg)).to.equal(recordIdOf(patient, imaging, ecg));
    expect(reasonId("a".repeat(31))).to.equal("0x" + "61".repeat(31) + "00");
    await refused(
      Promise.resolve().then(() => reasonId("ä".repeat(16))),
      "INVALID_ARGUMENT",
    );
  });
});

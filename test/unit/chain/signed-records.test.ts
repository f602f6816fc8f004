import { expect } from "chai";
import { encodeBytes32String } from "ethers";

import { publishKey, publishedKey, vaultOf } from "../../../src/chain/keys.js";
import { lockdown, stateOf } from "../../../src/chain/consent.js";
import { requestErasure } from "../../../src/chain/corrections.js";
import { type Hex32, recordIdOf, roleId, wholeChart } from "../../../src/chain/ids.js";
import { anchor, anchorOf, findRecord, point } from "../../../src/chain/records.js";
import { recordTree, rootAnchoredAt } from "../../../src/chain/roots.js";
import { sign } from "../../../src/chain/signed/action.js";
import { preparePointVault, preparePublish } from "../../../src/chain/signed/keys.js";
import { prepareAnchorRoot, prepareClaimLeaf, prepareWitness } from "../../../src/chain/signed/proofs.js";
import {
  prepareAmend,
  prepareAnchor,
  prepareErasure,
  prepareErasureReceipt,
  preparePoint,
  prepareRetract,
} from "../../../src/chain/signed/records.js";
import { submit } from "../../../src/chain/signed/submit.js";
import { witnessedAt } from "../../../src/chain/stamps.js";
import { refused } from "../../helpers/clinic.js";
import { relay, relayAgain } from "../../helpers/relay.js";
import { digest, give, label, loadFixture, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const manifest = digest("a manifest");
const newer = digest("a newer manifest");

/** A doctor who may write, and a record of theirs. */
async function recorded() {
  const context = await registries();
  const { patient, doctor, end } = context;
  await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
  const name = { patient: patient.address, compartment: imaging, content: ecg };
  await anchor(doctor, name, manifest);
  const recordId: Hex32 = recordIdOf(patient.address, imaging, ecg);
  return { ...context, name, recordId, wallet: walletOf("doctor"), own: walletOf("patient") };
}

describe("signed records", () => {
  it("are anchored for their author", async () => {
    const { patient, doctor, outsider, end, wallet } = await loadFixture(recorded);
    const name = { patient: patient.address, compartment: imaging, content: digest("another") };
    const action = await prepareAnchor(outsider, { ...name, manifest, author: doctor.address, deadline: end });
    expect(action).to.deep.equal({
      ...{ type: "Anchor", chainId: 31_337, contract: outsider.addresses.RecordRegistry },
      message: { ...name, manifest, author: doctor.address, deadline: end },
    });
    await relay(outsider, action, wallet);
    const recordId = recordIdOf(patient.address, imaging, name.content);
    expect(await findRecord(outsider, recordId)).to.deep.include({ author: doctor.address, manifest });
    await relay(outsider, action, wallet);
    expect((await prepareAnchor(doctor, { ...name, manifest })).message.author).to.equal(doctor.address);
    await refused(prepareAnchor(doctor, { ...name, manifest, compartment: wholeChart }), "INVALID_ARGUMENT");
    await refused(prepareAnchor(doctor, { ...name, manifest: "0x12" }), "INVALID_ARGUMENT", { path: "manifest" });
    await requestErasure(patient, imaging, name.content);
    const erased = { error: "InvalidStatus", recordId, status: 4n };
    await refused(relay(outsider, action, wallet), "CONTRACT_REFUSED", erased);
  });

  it("are pointed to by number", async () => {
    const { doctor, outsider, end, name, recordId, wallet } = await loadFixture(recorded);
    const action = await preparePoint(outsider, { ...name, manifest: newer, by: doctor.address, deadline: end });
    expect(action.message).to.deep.equal({ ...name, manifest: newer, by: doctor.address, number: 1, deadline: end });
    const other = await preparePoint(doctor, { ...name, manifest: digest("a third") });
    await relay(outsider, action, wallet);
    expect((await findRecord(outsider, recordId)).manifest).to.equal(newer);
    await relayAgain(outsider, action, wallet);
    const stale = { error: "StalePointer", recordId, number: 1n, standing: 1n };
    await refused(relay(outsider, other, wallet), "CONTRACT_REFUSED", stale);
    await point(doctor, name, manifest);
    await refused(relay(outsider, action, wallet), "CONTRACT_REFUSED", { ...stale, standing: 2n });
    expect((await preparePoint(doctor, { ...name, manifest })).message.number).to.equal(3);
  });

  it("are amended and retracted", async () => {
    const { doctor, outsider, end, name, recordId, wallet } = await loadFixture(recorded);
    const corrected = digest("corrected");
    const given = { content: corrected, manifest: newer, reason: "wrong unit" };
    const action = await prepareAmend(outsider, { ...name, by: doctor.address, deadline: end }, given);
    const reason = encodeBytes32String("wrong unit");
    expect(action.message).to.deep.equal({
      ...{ ...name, by: doctor.address, newContent: corrected, manifest: newer, reason, deadline: end },
    });
    await relay(outsider, action, wallet);
    expect((await anchorOf(outsider, recordId)).status).to.equal("amended");
    await relayAgain(outsider, action, wallet);
    const again = { ...action, message: { ...action.message, newContent: digest("corrected anew") } };
    await refused(relay(outsider, again, wallet), "CONTRACT_REFUSED", { error: "InvalidStatus", recordId, status: 2n });

    const withdrawn = { ...name, content: corrected };
    const retraction = await prepareRetract(doctor, withdrawn, "wrong patient");
    const code = encodeBytes32String("wrong patient");
    expect(retraction.message).to.deep.include({ ...withdrawn, by: doctor.address, reason: code });
    await relay(outsider, retraction, wallet);
    await relayAgain(outsider, retraction, wallet);
    const id = recordIdOf(name.patient, imaging, corrected);
    expect((await anchorOf(outsider, id)).status).to.equal("retracted");
    await refused(prepareRetract(doctor, name, ""), "INVALID_ARGUMENT");
    await refused(prepareAmend(doctor, name, { ...given, reason: "x".repeat(32) }), "INVALID_ARGUMENT");
  });

  it("are erased for their patient in the era that they name, with the operator's receipt", async () => {
    const { patient, operator, outsider, end, name, recordId, own } = await loadFixture(recorded);
    const early = await prepareErasure(outsider, name);
    await lockdown(patient);
    const { era } = await stateOf(outsider, patient.address);
    const former = { error: "StaleEra", era: 0n, standing: BigInt(era) };
    const error = await refused(relay(outsider, early, own), "CONTRACT_REFUSED", former);
    expect(error.message).to.include("sign it anew");
    const demand = await prepareErasure(outsider, { ...name, deadline: end });
    expect(demand.message).to.deep.equal({ ...name, era, deadline: end });
    await relay(outsider, demand, own);
    expect((await anchorOf(outsider, recordId)).status).to.equal("erased");
    await relayAgain(outsider, demand, own);
    await refused(prepareErasure(outsider, { ...name, compartment: recordId }), "INVALID_ARGUMENT");
    const receipt = { operator: operator.address, ...name, role: "storage", deadline: end } as const;
    const told = await prepareErasureReceipt(outsider, receipt);
    expect(told.message).to.deep.equal({ ...receipt, role: roleId("storage"), credential: "0" });
    await relay(outsider, told, walletOf("operator"));
    await relayAgain(outsider, told, walletOf("operator"));
    const bare = await prepareErasureReceipt(operator, { ...name, role: "storage" });
    expect(bare.message.operator).to.equal(operator.address);
    const details = { actor: operator.address, role: "keeper" };
    await refused(prepareErasureReceipt(operator, { ...name, role: "keeper" }), "NO_CREDENTIAL", details);
  });

  it("are proven by a root, and claimed from it", async () => {
    const { patient, doctor, outsider, end, wallet } = await loadFixture(recorded);
    const contents = ["a", "b", "c"].map(digest);
    const ids = contents.map((content) => recordIdOf(patient.address, imaging, content));
    const tree = recordTree(ids);
    const leaves = digest("the leaves");
    const action = await prepareAnchorRoot(outsider, tree, leaves, { author: doctor.address, deadline: end });
    const named = { author: doctor.address, root: tree.root, count: 3, leaves, deadline: end };
    expect(action.message).to.deep.equal(named);
    await relay(outsider, action, wallet);
    await relayAgain(outsider, action, wallet);
    expect(await rootAnchoredAt(outsider, doctor.address, tree.root)).to.be.greaterThan(0);
    const name = { patient: patient.address, compartment: imaging, content: contents[1]! };
    const leaf = { ...name, root: tree.root, proof: tree.proofOf(ids[1]!) };
    const claim = await prepareClaimLeaf(outsider, leaf, manifest, { author: doctor.address, deadline: end });
    expect(claim.message).to.deep.equal({ ...name, author: doctor.address, root: tree.root, manifest, deadline: end });
    const signed = await sign(wallet, claim);
    const without = { ...signed, attached: { proof: [] } };
    const invalid = { error: "InvalidProof", root: tree.root, recordId: ids[1] };
    await refused(submit(outsider, without), "CONTRACT_REFUSED", invalid);
    await relay(outsider, claim, wallet);
    await relayAgain(outsider, claim, wallet);
    expect((await findRecord(outsider, ids[1]!)).author).to.equal(doctor.address);
    await refused(prepareClaimLeaf(doctor, { ...leaf, patient: "me" }, manifest), "INVALID_ARGUMENT");
  });

  it("have their stamps witnessed", async () => {
    const { doctor, outsider, end, wallet } = await loadFixture(recorded);
    const stamp = digest("a stamp");
    const action = await prepareWitness(outsider, stamp, { signer: doctor.address, deadline: end });
    expect(action.message).to.deep.equal({ signer: doctor.address, digest: stamp, deadline: end });
    await relay(outsider, action, wallet);
    await relayAgain(outsider, action, wallet);
    expect(await witnessedAt(outsider, doctor.address, stamp)).to.be.greaterThan(0);
  });
});

describe("signed keys and vaults", () => {
  const recipient = (fill: number) => new Uint8Array(1216).fill(fill);

  it("are published for a wallet that sends nothing, by their number", async () => {
    const { patient, outsider, end } = await loadFixture(registries);
    const wallet = walletOf("patient");
    const action = await preparePublish(outsider, recipient(1), { actor: patient.address, deadline: end });
    expect(action.message).to.deep.include({ actor: patient.address, version: 1, deadline: end });
    const other = await preparePublish(patient, recipient(2));
    await relay(outsider, action, wallet);
    await relayAgain(outsider, action, wallet);
    expect((await publishedKey(outsider, patient.address))?.recipient).to.deep.equal(recipient(1));
    const stale = { error: "StaleVersion", version: 1n, standing: 1n };
    await refused(relay(outsider, other, wallet), "CONTRACT_REFUSED", stale);
    await publishKey(patient, recipient(3));
    await refused(relay(outsider, action, wallet), "CONTRACT_REFUSED", { ...stale, standing: 2n });
    expect((await preparePublish(patient, recipient(2))).message.version).to.equal(3);

    const vault = digest("a vault");
    const pointer = await preparePointVault(outsider, vault, { actor: patient.address, deadline: end });
    expect(pointer.message).to.deep.equal({ actor: patient.address, vault, number: 1, deadline: end });
    await relay(outsider, pointer, wallet);
    await relayAgain(outsider, pointer, wallet);
    expect(await vaultOf(outsider, patient.address)).to.equal(vault);
    const next = await preparePointVault(patient, digest("a newer vault"));
    expect(next.message.number).to.equal(2);
    await relay(outsider, next, wallet);
    const former = { error: "StaleVault", number: 1n, standing: 2n };
    await refused(relay(outsider, pointer, wallet), "CONTRACT_REFUSED", former);
  });
});

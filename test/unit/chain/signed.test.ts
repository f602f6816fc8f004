import { expect } from "chai";
import type { Signer } from "ethers";

import { type Chain, chainTime, presentTime } from "../../../src/chain/connection.js";
import { canAccess, grantOf, lockdown, lockdownAt } from "../../../src/chain/consent.js";
import { delegate, delegationOf } from "../../../src/chain/delegations.js";
import { type Hex32, recordIdOf, roleId, wholeChart } from "../../../src/chain/ids.js";
import { anchor, anchorOf, findRecord } from "../../../src/chain/records.js";
import { prepareGrantFor, prepareRevokeFor } from "../../../src/chain/signed/acting.js";
import {
  type Action,
  type SignedAction,
  digestOf,
  parseSignedAction,
  sign,
  signerOf,
  withSignature,
} from "../../../src/chain/signed/action.js";
import { bitsOf, flagsOf, nextRevision, reachFrom } from "../../../src/chain/signed/basis.js";
import {
  nonceOf,
  prepareDecline,
  prepareDelegate,
  prepareDeliver,
  prepareGrant,
  prepareLockdown,
  prepareRevoke,
  prepareRevokeMany,
  prepareUndelegate,
} from "../../../src/chain/signed/consents.js";
import { prepareAnchor, prepareErasure, prepareErasureReceipt } from "../../../src/chain/signed/records.js";
import { submit } from "../../../src/chain/signed/submit.js";
import { purposeBits } from "../../../src/chain/purposes.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, give, label, loadFixture, registries, time, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");
const capsule = digest("a capsule");
const manifest = digest("a manifest");
const wallet = walletOf("patient");
const hour = 3600;

/** Signs, sends it through JSON as between two machines, and submits it as somebody else. */
async function relay(chain: Chain, action: Action, signer: Signer = wallet) {
  const signed = await sign(signer, action);
  const carried = parseSignedAction(JSON.parse(JSON.stringify(signed)));
  expect(carried).to.deep.equal(signed);
  return submit(chain, carried);
}

const near = (actual: number, expected: number): void => {
  expect(actual).to.be.within(expected, expected + 5);
};

describe("a signed grant", () => {
  it("names what stands, and is carried by anyone, once or more often", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    const wish = { patient: patient.address, grantee: doctor.address, scope: imaging, end } as const;
    const given = { ...wish, permissions: ["READ", "WRITE"], purposes: ["HPAYMT"] } as const;
    const action = await prepareGrant(outsider, given);
    const { deadline, ...message } = action.message;
    near(deadline, (await presentTime(outsider)) + hour - 5);
    expect(message).to.deep.equal({
      ...{ patient: patient.address, grantee: doctor.address, scope: imaging },
      ...{ read: true, write: true, deny: false, purposes: purposeBits(["HPAYMT"]).toString() },
      ...{ start: await chainTime(outsider), end, asOf: 0, capsule: wholeChart, revision: 1 },
    });
    expect(action).to.deep.include({ type: "Grant", chainId: 31_337, contract: outsider.addresses.ConsentRegistry });
    const { transaction, items } = await relay(outsider, action);
    expect((await outsider.provider.getTransactionReceipt(transaction))?.from).to.equal(outsider.address);
    expect(items).to.deep.equal([]);
    const standing = await grantOf(outsider, patient.address, doctor.address, imaging);
    expect(standing).to.deep.equal({
      ...{ start: message.start, end, asOf: 0, permissions: ["READ", "WRITE"], purposes: ["HPAYMT"] },
      ...{ byDelegate: false, revision: 1 },
    });
    await relay(doctor, action);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).revision).to.equal(1);

    await lockdown(patient);
    const asOf = await lockdownAt(patient, patient.address);
    const second = await prepareGrant(patient, {
      ...{ grantee: doctor.address, scope: imaging, permissions: ["DENY"], end, start: end - 1, capsule },
      deadline: end + 7,
    });
    expect(second.message).to.deep.equal({
      ...{ patient: patient.address, grantee: doctor.address, scope: imaging, capsule, revision: 2, deadline: end + 7 },
      ...{ read: false, write: false, deny: true, purposes: "0", start: end - 1, end, asOf },
    });
  });

  it("is refused when it makes no sense, is late, stale or another's", async () => {
    const { patient, doctor, outsider, end, now } = await loadFixture(registries);
    const given = { patient: patient.address, grantee: doctor.address, scope: imaging, end } as const;
    const read = { ...given, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await refused(prepareGrant(outsider, { ...read, purposes: [] }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...given, permissions: ["READ"] }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, patient: "me" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, scope: "0x12" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, end: 1 }), "PERIOD_INVALID");
    await refused(prepareGrant(outsider, { ...read, deadline: -1 }), "PERIOD_INVALID", { time: -1 });
    const other = await prepareGrant(outsider, read);
    const mismatch = { actual: doctor.address, expected: patient.address };
    await refused(sign(walletOf("doctor"), other), "INVALID_ARGUMENT", mismatch);
    const no = new Error("no");
    const declining = {
      getAddress: () => Promise.resolve(wallet.address),
      signTypedData: () => Promise.reject(no),
    };
    const { cause } = await refused(sign(declining as unknown as Signer, other), "CANCELLED");
    expect(cause).to.equal(no);
    const foreign = await walletOf("doctor").signMessage("something else");
    const forged = submit(outsider, withSignature(other, foreign));
    await refused(forged, "CONTRACT_REFUSED", { error: "InvalidSignature", signer: patient.address });
    const signed = await sign(wallet, await prepareGrant(outsider, { ...read, deadline: now + hour }));
    await time.increaseTo(now + hour + 1);
    const late = { error: "SignatureExpired", deadline: BigInt(now + hour) };
    await refused(submit(outsider, signed), "CONTRACT_REFUSED", late);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    await relay(outsider, await prepareGrant(outsider, read));
    const stale = { error: "StaleRevision", revision: 1n, standing: 2n };
    await refused(submit(outsider, await sign(wallet, other)), "CONTRACT_REFUSED", stale);
    for (const change of [{ chainId: 1 }, { contract: outsider.addresses.RecordRegistry }]) {
      const elsewhere = { ...signed, ...change };
      const details = { chainId: elsewhere.chainId, contract: elsewhere.contract };
      await refused(submit(outsider, elsewhere), "CHAIN_MISMATCH", details);
    }
    const altered = { ...signed, message: { ...signed.message, revision: -1 } };
    await refused(submit(outsider, altered), "INVALID_ARGUMENT", { path: "revision" });
  });
});

describe("a signed revocation", () => {
  it("kills what stands and what is held back, alone and among many", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    const read = { patient: patient.address, scope: imaging, permissions: ["READ"], purposes: ["TREAT"], end } as const;
    const held = await sign(wallet, await prepareGrant(outsider, { ...read, grantee: doctor.address }));
    const key = { patient: patient.address, grantee: doctor.address, scope: imaging };
    const revocation = await prepareRevoke(outsider, key);
    const { deadline, ...message } = revocation.message;
    near(deadline, (await presentTime(outsider)) + hour - 5);
    expect(message).to.deep.equal({ ...key, revision: 16, asOf: 0 });
    expect((await relay(outsider, revocation)).items).to.deep.equal([]);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).revision).to.equal(17);
    await refused(submit(outsider, held), "CONTRACT_REFUSED", { error: "StaleRevision", revision: 1n, standing: 17n });

    await give(patient, nurse, wholeChart, { permissions: ["WRITE"], end });
    const keys = [
      { grantee: doctor.address, scope: imaging },
      { grantee: nurse.address, scope: wholeChart },
    ];
    const many = await prepareRevokeMany(patient, keys, { deadline: end });
    expect(many.message).to.deep.equal({
      ...{ patient: patient.address, asOf: 0, deadline: end },
      grants: [
        { ...keys[0], revision: 33 },
        { ...keys[1], revision: 17 },
      ],
    });
    // one of them goes beyond what is named before it comes
    for (let i = 0; i < 17; i++) await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const { items, transaction } = await relay(outsider, many);
    expect(items.map(({ index, done, error, transaction: by }) => [index, done, error?.details, by])).to.deep.equal([
      [0, false, { error: "StaleRevision", revision: 33n, standing: 34n }, transaction],
      [1, true, undefined, transaction],
    ]);
    expect((await grantOf(outsider, patient.address, nurse.address, wholeChart)).permissions).to.deep.equal([]);

    // a DENY is named itself, and what was signed before it does not lift it
    const early = await sign(wallet, await prepareRevoke(outsider, key));
    await give(patient, doctor, imaging, { permissions: ["DENY"], end });
    await refused(submit(outsider, early), "CONTRACT_REFUSED", { error: "InvalidRevision", revision: 50n, limit: 35n });
    const lifting = await prepareRevoke(outsider, key);
    expect(lifting.message.revision).to.equal(35);
    await relay(outsider, lifting);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).permissions).to.deep.equal([]);
    for (const count of [0, 201]) {
      await refused(prepareRevokeMany(patient, Array<typeof key>(count).fill(key)), "INVALID_ARGUMENT");
    }
    expect((await prepareRevokeMany(patient, Array<typeof key>(200).fill(key))).message.grants).to.have.length(200);
    await refused(prepareRevoke(patient, { ...key, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(prepareRevoke(patient, { ...key, scope: "0x" }), "INVALID_ARGUMENT");
  });

  it("of everything works once", async () => {
    const { patient, outsider } = await loadFixture(registries);
    const action = await prepareLockdown(outsider, { patient: patient.address, deadline: 2 ** 40 - 1 });
    expect(action.message).to.deep.equal({ patient: patient.address, asOf: 0, deadline: 2 ** 40 - 1 });
    await relay(outsider, action);
    const asOf = await lockdownAt(outsider, patient.address);
    expect(asOf).to.equal((await chainTime(outsider)) + 1);
    const details = { error: "StaleAsOf", asOf: 0n, lockdownAt: BigInt(asOf) };
    await refused(submit(outsider, await sign(wallet, action)), "CONTRACT_REFUSED", details);
    const next = await prepareLockdown(patient);
    expect(next.message).to.deep.include({ patient: patient.address, asOf });
    near(next.message.deadline, (await presentTime(outsider)) + hour - 5);
  });
});

describe("a signed delegation", () => {
  it("is given and ended; the delegate grants and takes back by signature, too", async () => {
    const { patient, carer, doctor, outsider, now, end } = await loadFixture(registries);
    const at = { patient: patient.address, delegate: carer.address, scope: imaging };
    const limits = { permissions: ["READ", "MANAGE"], purposes: ["TREAT"], longest: 10 * day, end } as const;
    const given = await prepareDelegate(outsider, { ...at, ...limits, deadline: end });
    expect(given.message).to.deep.equal({
      ...{ ...at, longest: 10 * day, end, asOf: 0, revision: 1, deadline: end },
      ...{ read: true, write: false, deny: false, manage: true, purposes: purposeBits(["TREAT"]).toString() },
    });
    await relay(outsider, given);
    const standing = await delegationOf(outsider, patient.address, carer.address, imaging);
    expect(standing).to.deep.equal({ ...limits, asOf: 0, revision: 1 });

    const place = { patient: patient.address, grantee: doctor.address, compartment: imaging, content: ecg };
    const terms = { start: now, end: now + 5 * day, permissions: ["READ"], purposes: ["TREAT"] } as const;
    const grant = await prepareGrantFor(outsider, { ...place, terms, delegate: carer.address, deadline: end, capsule });
    expect(grant.message).to.deep.equal({
      ...{ ...place, delegate: carer.address, under: imaging, capsule, revision: 1, deadline: end },
      ...{ read: true, write: false, deny: false, purposes: purposeBits(["TREAT"]).toString() },
      ...{ start: now, end: now + 5 * day, asOf: 0 },
    });
    await relay(outsider, grant, walletOf("carer"));
    const question = { ...place, permission: "READ", purpose: "TREAT" } as const;
    expect(await canAccess(outsider, question)).to.equal(true);
    const id = recordIdOf(patient.address, imaging, ecg);
    expect(await grantOf(outsider, patient.address, doctor.address, id)).to.deep.include({
      byDelegate: true,
      revision: 1,
    });
    const taken = await prepareRevokeFor(carer, { ...place, deadline: end });
    expect(taken.message).to.deep.equal({
      ...{ ...place, delegate: carer.address, under: imaging, revision: 17, asOf: 0, deadline: end },
    });
    await relay(outsider, taken, walletOf("carer"));
    expect(await canAccess(outsider, question)).to.equal(false);
    expect((await grantOf(outsider, patient.address, doctor.address, id)).revision).to.equal(18);
    const bare = await prepareGrantFor(carer, { ...place, terms });
    expect(bare.message).to.deep.include({ delegate: carer.address, capsule: wholeChart, revision: 19 });

    const over = await prepareUndelegate(outsider, { ...at, deadline: end });
    expect(over.message).to.deep.equal({ ...at, revision: 17, asOf: 0, deadline: end });
    await relay(outsider, over);
    expect((await delegationOf(outsider, patient.address, carer.address, imaging)).revision).to.equal(18);
    await refused(prepareRevokeFor(carer, place), "DELEGATION_MISSING");
    const next = await prepareDelegate(patient, { delegate: carer.address, scope: imaging, ...limits });
    expect(next.message).to.deep.include({ patient: patient.address, revision: 19 });
    const managing = await prepareDelegate(patient, { ...at, permissions: ["MANAGE"], longest: day, end });
    expect(managing.message).to.deep.include({ read: false, manage: true, purposes: "0" });
    const mine = { delegate: "carer", scope: imaging };
    await refused(prepareUndelegate(patient, mine), "INVALID_ARGUMENT");
    await refused(prepareDelegate(patient, { ...mine, ...limits }), "INVALID_ARGUMENT");
    await refused(prepareDelegate(patient, { ...at, ...limits, purposes: [] }), "INVALID_ARGUMENT");
    await refused(prepareGrantFor(carer, { ...place, terms: { ...terms, end: 1 } }), "PERIOD_INVALID");
    await refused(prepareGrantFor(carer, { ...place, terms, delegate: "carer" }), "INVALID_ARGUMENT");
  });
});

describe("signed announcements", () => {
  it("are counted by the patient's nonce", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    const delivery = { patient: patient.address, grantees: [doctor.address, nurse.address], capsule };
    const first = await prepareDeliver(outsider, { ...delivery, deadline: end });
    expect(first.message).to.deep.equal({
      ...{ ...delivery, compartment: wholeChart, content: wholeChart, nonce: 0, asOf: 0, deadline: end },
    });
    const second = await prepareDeliver(outsider, { ...delivery, compartment: imaging, content: ecg, nonce: 1 });
    expect(second.message).to.deep.include({ compartment: imaging, content: ecg, nonce: 1 });
    const early = submit(outsider, await sign(wallet, second));
    await refused(early, "CONTRACT_REFUSED", { error: "StaleNonce", nonce: 1n, expected: 0n });
    await relay(outsider, first);
    expect(await nonceOf(outsider, patient.address)).to.equal(1);
    await relay(outsider, second);
    const { filters } = outsider.consentRegistry;
    const told = await outsider.consentRegistry.queryFilter(filters.Delivered(patient.address));
    const id: Hex32 = recordIdOf(patient.address, imaging, ecg);
    expect(told.map(({ args }) => [args.grantee, args.scope, args.capsule])).to.deep.equal(
      [wholeChart, id].flatMap((scope) => [doctor, nurse].map(({ address }) => [address, scope, capsule])),
    );
    const refusal = { requester: doctor.address, scope: imaging };
    const third = await prepareDecline(outsider, { ...refusal, patient: patient.address, deadline: end });
    const message = { ...refusal, patient: patient.address, nonce: 2, asOf: 0, deadline: end };
    expect(third.message).to.deep.equal(message);
    await relay(outsider, third);
    const [declined] = await outsider.consentRegistry.queryFilter(filters.Declined());
    expect([...declined!.args]).to.deep.equal([patient.address, doctor.address, imaging]);
    expect((await prepareDecline(patient, { ...refusal, nonce: 9 })).message).to.deep.include({ nonce: 9 });
    expect((await prepareDecline(patient, refusal)).message).to.deep.include({ nonce: 3, patient: patient.address });
    await refused(prepareDecline(patient, { ...refusal, requester: "doctor" }), "INVALID_ARGUMENT");
    await refused(prepareDeliver(patient, { ...delivery, patient: "me" }), "INVALID_ARGUMENT");
    await refused(prepareDeliver(patient, { ...delivery, grantees: ["x"] }), "INVALID_ARGUMENT");
  });
});

describe("signed records", () => {
  it("are anchored for their author, and erased for their patient, with the operator's receipt", async () => {
    const { patient, doctor, operator, outsider, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const name = { patient: patient.address, compartment: imaging, content: ecg };
    const action = await prepareAnchor(outsider, { ...name, manifest, author: doctor.address, deadline: end });
    expect(action).to.deep.equal({
      ...{ type: "Anchor", chainId: 31_337, contract: outsider.addresses.RecordRegistry },
      message: { ...name, manifest, author: doctor.address, deadline: end },
    });
    await relay(outsider, action, walletOf("doctor"));
    const recordId = recordIdOf(patient.address, imaging, ecg);
    expect(await findRecord(outsider, recordId)).to.deep.include({ author: doctor.address, manifest });
    expect((await prepareAnchor(doctor, { ...name, manifest })).message.author).to.equal(doctor.address);
    await refused(prepareAnchor(doctor, { ...name, manifest, compartment: wholeChart }), "INVALID_ARGUMENT");
    await refused(prepareAnchor(doctor, { ...name, manifest: "0x12" }), "INVALID_ARGUMENT", { path: "manifest" });

    const demand = await prepareErasure(outsider, { ...name, deadline: end });
    expect(demand.message).to.deep.equal({ ...name, asOf: 0, deadline: end });
    await relay(outsider, demand);
    expect((await anchorOf(outsider, recordId)).status).to.equal("erased");
    await refused(prepareErasure(outsider, { ...name, compartment: recordId }), "INVALID_ARGUMENT");
    const receipt = { operator: operator.address, recordId, role: "storage", deadline: end } as const;
    const told = await prepareErasureReceipt(outsider, receipt);
    expect(told.message).to.deep.equal({ ...receipt, role: roleId("storage"), credential: "0" });
    await relay(outsider, told, walletOf("operator"));
    const bare = await prepareErasureReceipt(operator, { recordId, role: "storage" });
    expect(bare.message.operator).to.equal(operator.address);
    const details = { actor: operator.address, role: "keeper" };
    await refused(prepareErasureReceipt(operator, { recordId, role: "keeper" }), "NO_CREDENTIAL", details);
    await refused(anchor(doctor, { ...name, content: wholeChart }, manifest), "CONTRACT_REFUSED", {
      error: "InvalidContent",
    });
  });
});

describe("a signed action as JSON", () => {
  it("is refused where a field is missing, wrong, or one too many", async () => {
    const { patient, doctor, end } = await loadFixture(registries);
    const action = await prepareGrant(patient, {
      ...{ grantee: doctor.address, scope: imaging, permissions: ["WRITE"], end },
    });
    const signed = await sign(wallet, action);
    const parse = (change: object, message?: object): Promise<SignedAction> =>
      Promise.resolve().then(() =>
        parseSignedAction({ ...signed, ...change, message: { ...signed.message, ...message } }),
      );
    expect(await parse({})).to.deep.equal(signed);
    expect(await parse({ chainId: 1 })).to.deep.equal({ ...signed, chainId: 1 });
    for (const message of [undefined, null, "a grant"]) {
      await refused(
        Promise.resolve().then(() => parseSignedAction({ ...signed, message })),
        "INVALID_ARGUMENT",
        { path: "" },
      );
    }
    const lower = { contract: signed.contract.toLowerCase() };
    expect(await parse(lower, { grantee: doctor.address.toLowerCase() })).to.deep.equal(signed);
    for (const value of [undefined, null, 5, "grant", {}]) {
      await refused(
        Promise.resolve().then(() => parseSignedAction(value)),
        "INVALID_ARGUMENT",
      );
    }
    for (const change of [
      ...[{ type: "Gift" }, { chainId: 0 }, { chainId: 1.5 }, { chainId: "31337" }, { contract: "0x12" }],
      ...[{ contract: undefined }, { signature: "0x1" }, { signature: "0xzz" }, { signature: undefined }],
    ]) {
      await refused(parse(change), "INVALID_ARGUMENT");
    }
    const wrong: Record<string, unknown[]> = {
      grantee: ["0x12", 5, null, undefined],
      scope: ["0x12", `${imaging}00`, 5, undefined],
      read: [0, 1, "true", undefined],
      purposes: ["-1", "01", "", "1.5", 5, (2n ** 64n).toString(), imaging, undefined],
      end: [-1, 2 ** 40, 1.5, "5", true, undefined],
      revision: [2 ** 32, -1],
      memo: ["hello"],
    };
    for (const [path, values] of Object.entries(wrong)) {
      for (const value of values) {
        const details = path === "grantee" && typeof value === "string" ? {} : { path };
        await refused(parse({}, { [path]: value }), "INVALID_ARGUMENT", details);
      }
    }
    const widest = {
      purposes: (2n ** 64n - 1n).toString(),
      end: 2 ** 40 - 1,
      revision: 2 ** 32 - 1,
      scope: imaging.toUpperCase().replace("0X", "0x"),
    };
    expect((await parse({}, widest)).message).to.deep.include({ ...widest, scope: imaging });
    const many = await sign(wallet, await prepareRevokeMany(patient, [{ grantee: doctor.address, scope: imaging }]));
    const list = (grants: unknown) =>
      Promise.resolve().then(() => parseSignedAction({ ...many, message: { ...many.message, grants } }));
    await refused(list("all"), "INVALID_ARGUMENT", { path: "grants" });
    await refused(list([5]), "INVALID_ARGUMENT", { path: "grants.0" });
    const [one] = many.message.grants;
    await refused(list([one, { ...one, revision: -1 }]), "INVALID_ARGUMENT", { path: "grants.1.revision" });
    await refused(list([{ ...one, memo: 1 }]), "INVALID_ARGUMENT", { path: "grants.0.memo" });
    expect(digestOf(many)).to.have.length(66);
  });

  it("tells who has to sign", async () => {
    const of = (type: string, message: object): string => signerOf({ type, message } as Action);
    const message = { patient: "p", delegate: "d" };
    expect(["Grant", "Delegate", "Undelegate"].map((type) => of(type, message))).to.deep.equal(["p", "p", "p"]);
    expect(["GrantFor", "RevokeFor"].map((type) => of(type, message))).to.deep.equal(["d", "d"]);
    expect(of("Anchor", { patient: "p", author: "a" })).to.equal("a");
    expect(of("ErasureReceipt", { operator: "o" })).to.equal("o");
    // as far as a revision goes
    expect([reachFrom(0), reachFrom(7)]).to.deep.equal([16, 23]);
    expect([reachFrom(2 ** 32 - 17), reachFrom(2 ** 32 - 1)]).to.deep.equal([2 ** 32 - 2, 2 ** 32 - 2]);
    expect(nextRevision(2 ** 32 - 2)).to.equal(2 ** 32 - 1);
    await refused(
      Promise.resolve().then(() => nextRevision(2 ** 32 - 1)),
      "INVALID_ARGUMENT",
    );
    for (let bits = 0; bits < 8; bits++) {
      const flags = { read: (bits & 1) !== 0, write: (bits & 2) !== 0, deny: (bits & 4) !== 0 };
      expect([bitsOf(flags), bitsOf({ ...flags, manage: true })]).to.deep.equal([bits, bits + 16]);
    }
    expect(flagsOf(["WRITE", "MANAGE"])).to.deep.equal({ read: false, write: true, deny: false });
  });

  it("of a delegate without a delegation is refused", async () => {
    const { patient, carer, doctor, end } = await loadFixture(registries);
    const limits = { longest: day, end, asOf: 0, permissions: ["WRITE"], purposes: [] } as const;
    await delegate(patient, { delegate: carer.address, scope: imaging, terms: limits });
    const place = { patient: patient.address, grantee: doctor.address };
    await refused(prepareRevokeFor(carer, place), "DELEGATION_MISSING");
  });
});

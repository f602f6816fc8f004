import { expect } from "chai";
import type { Signer } from "ethers";

import { type Chain, chainTime, presentTime } from "../../../src/chain/connection.js";
import { deny, grantOf, lockdown, revoke, stateOf } from "../../../src/chain/consent.js";
import { wholeChart } from "../../../src/chain/ids.js";
import { purposeBits } from "../../../src/chain/purposes.js";
import { type Action, type SignedAction, sign, withSignature } from "../../../src/chain/signed/action.js";
import { cancelSigned } from "../../../src/chain/signed/cancel.js";
import { prepareRevoke } from "../../../src/chain/signed/closings.js";
import { prepareGrant, prepareLift } from "../../../src/chain/signed/consents.js";
import { beginSession } from "../../../src/chain/signed/session.js";
import { submit } from "../../../src/chain/signed/submit.js";
import { refused } from "../../helpers/clinic.js";
import { relay, relayAgain } from "../../helpers/relay.js";
import { digest, give, label, loadFixture, registries, time, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const capsule = digest("a capsule");
const wallet = walletOf("patient");
const hour = 3600;

const near = (actual: number, expected: number): void => {
  expect(actual).to.be.within(expected, expected + 5);
};

/** Where the patient stands, as a message names it. */
async function standOf(chain: Chain) {
  const { era, stand } = await stateOf(chain, wallet.address);
  return { era, stand: stand.toString() };
}

const stale = ({ message: { stand, session, number } }: Action<"Grant"> | Action<"Lift">) => ({
  ...{ error: "StaleOpening", signer: wallet.address },
  ...{ stand: BigInt(stand), session: BigInt(session), number: BigInt(number) },
});

describe("a signed grant", () => {
  it("names era, stand and number, and is carried by anyone; what stands already is not sent again", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    await lockdown(patient);
    const wish = { patient: patient.address, grantee: doctor.address, scope: imaging, end } as const;
    const given = { ...wish, permissions: ["READ", "WRITE"], purposes: ["HPAYMT"], capsule } as const;
    const action = await prepareGrant(outsider, given);
    const { deadline, session, ...message } = action.message;
    near(deadline, (await presentTime(outsider)) + hour - 5);
    expect(message).to.deep.equal({
      ...{ patient: patient.address, grantee: doctor.address, scope: imaging },
      ...{ read: true, write: true, group: false, lifts: 0, purposes: purposeBits(["HPAYMT"]).toString() },
      ...{ start: await chainTime(outsider), end, capsule, ...(await standOf(outsider)), number: 1 },
    });
    expect(session).to.be.within(0, 2 ** 40 - 1);
    expect(message.era).to.be.greaterThan(2 ** 24 - 1);
    expect(action).to.deep.include({ type: "Grant", chainId: 31_337, contract: outsider.addresses.ConsentRegistry });
    const { transaction, items } = await relay(outsider, action, wallet);
    expect((await outsider.provider.getTransactionReceipt(transaction!))?.from).to.equal(outsider.address);
    expect(items).to.deep.equal([]);
    const standing = await grantOf(outsider, patient.address, doctor.address, imaging);
    expect(standing).to.deep.include({
      ...{ start: message.start, end, era: message.era, permissions: ["READ", "WRITE"], purposes: ["HPAYMT"] },
      ...{ byDelegate: false, group: false, index: 1 },
    });
    await relayAgain(doctor, action, wallet);

    // the same terms with another capsule are not what stands
    const other = { ...action, message: { ...action.message, capsule: digest("another") } };
    await refused(relay(doctor, other, wallet), "CONTRACT_REFUSED", stale(other));
    const bare = { ...action, message: { ...action.message, capsule: wholeChart } };
    await relayAgain(doctor, bare, wallet);

    const group = await prepareGrant(patient, {
      ...{ grantee: doctor.address, scope: wholeChart, permissions: ["READ"], purposes: ["TREAT"] },
      ...{ start: end - 1, end, deadline: end + 7, group: true },
    });
    expect(group.message).to.deep.include({ patient: patient.address, group: true, start: end - 1, deadline: end + 7 });
    expect(group.message).to.deep.include({ capsule: wholeChart, number: 1 });
    expect(group.message.session).not.to.equal(session);
    await relay(outsider, group, wallet);
    expect(await grantOf(outsider, patient.address, doctor.address, wholeChart)).to.deep.include({ group: true });
  });

  it("is void once the patient did anything else, and says so", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    const write = { patient: patient.address, scope: imaging, permissions: ["WRITE"], end } as const;
    const prepared = () => prepareGrant(outsider, { ...write, grantee: doctor.address });
    const acts = [
      () => give(patient, nurse, imaging, { permissions: ["WRITE"], end }),
      () => revoke(patient, nurse.address, imaging),
      async () => relay(outsider, await prepareRevoke(outsider, { ...write, grantee: nurse.address }), wallet),
      async () => relay(outsider, await prepareGrant(outsider, { ...write, grantee: nurse.address }), wallet),
      () => cancelSigned(patient, []).then(async () => cancelSigned(patient, [await prepared()])),
    ];
    for (const act of acts) {
      const held = await prepared();
      await act();
      const error = await refused(relay(outsider, held, wallet), "CONTRACT_REFUSED", stale(held));
      expect(error.message).to.include("sign it anew");
    }
    // a lockdown leads to another stand, too: which is looked at first; what it voids does not stand any more
    const carried = await prepareGrant(outsider, { ...write, grantee: nurse.address });
    await relay(outsider, carried, wallet);
    const held = await prepared();
    await lockdown(patient);
    await refused(relay(outsider, carried, wallet), "CONTRACT_REFUSED", stale(carried));
    await refused(relay(outsider, held, wallet), "CONTRACT_REFUSED", stale(held));
    // and one that names the present stand and the former era opens nothing
    const { era } = held.message;
    const present = await standOf(outsider);
    const mixed = { ...held, message: { ...held.message, ...present, era } };
    const details = { error: "StaleEra", era: BigInt(era), standing: BigInt(present.era) };
    await refused(relay(outsider, mixed, wallet), "CONTRACT_REFUSED", details);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).permissions).to.deep.equal([]);
  });

  it("can be one of several that are signed in one go, and are carried in that order", async () => {
    const { patient, doctor, nurse, carer, outsider, end } = await loadFixture(registries);
    const write = { patient: patient.address, scope: imaging, permissions: ["WRITE"], end } as const;
    const session = await beginSession(outsider, patient.address);
    const grants: Action<"Grant">[] = [];
    for (const { address } of [doctor, nurse, carer]) {
      grants.push(await prepareGrant(outsider, { ...write, grantee: address, session }));
    }
    expect(grants.map(({ message }) => message.number)).to.deep.equal([1, 2, 3]);
    expect(new Set(grants.map(({ message }) => message.session)).size).to.equal(1);
    const [first, second, third] = grants as [Action<"Grant">, Action<"Grant">, Action<"Grant">];
    const other = await prepareGrant(outsider, { ...write, grantee: nurse.address });
    await relay(outsider, first, wallet);
    // of two that begin at one stand the first that is carried counts
    await refused(relay(outsider, other, wallet), "CONTRACT_REFUSED", stale(other));
    await relay(outsider, third, wallet);
    await refused(relay(outsider, second, wallet), "CONTRACT_REFUSED", stale(second));
    // what was carried before the newest stands, too
    await relayAgain(outsider, first, wallet);
    // another session's number and this one's stand are none
    const far = { ...second, message: { ...second.message, number: 9, session: 1 } };
    await refused(relay(outsider, far, wallet), "CONTRACT_REFUSED", stale(far));
    const more = await prepareGrant(outsider, { ...write, grantee: nurse.address, session });
    expect(more.message.number).to.equal(4);
    await relay(outsider, more, wallet);
    const foreign = { actual: patient.address, expected: doctor.address };
    const doctors = { ...write, patient: doctor.address, grantee: nurse.address, session };
    await refused(prepareGrant(outsider, doctors), "INVALID_ARGUMENT", foreign);
    for (let number = 5; number < 2 ** 16; number++) session.next(patient.address);
    await refused(prepareGrant(outsider, { ...write, grantee: nurse.address, session }), "INVALID_ARGUMENT");
    await refused(beginSession(outsider, "me"), "INVALID_ARGUMENT");
    expect((await beginSession(outsider)).signer).to.equal(outsider.address);
  });

  it("is refused when it makes no sense, is late, another's, or for another chain, contract or form", async () => {
    const { patient, doctor, outsider, end, now } = await loadFixture(registries);
    const given = { patient: patient.address, grantee: doctor.address, scope: imaging, end } as const;
    const read = { ...given, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await refused(prepareGrant(outsider, { ...read, purposes: [] }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...given, permissions: ["READ"] }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...given, permissions: ["WRITE"], group: true }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, grantee: "doctor" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, patient: "me" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, scope: "0x12" }), "INVALID_ARGUMENT");
    await refused(prepareGrant(outsider, { ...read, end: 1 }), "PERIOD_INVALID");
    await refused(prepareGrant(outsider, { ...read, deadline: -1 }), "PERIOD_INVALID", { time: -1 });
    const action = await prepareGrant(outsider, { ...read, deadline: now + hour });
    const mismatch = { actual: doctor.address, expected: patient.address };
    await refused(sign(walletOf("doctor"), action), "INVALID_ARGUMENT", mismatch);
    const no = new Error("no");
    const declining = {
      getAddress: () => Promise.resolve(wallet.address),
      signTypedData: () => Promise.reject(no),
    };
    const { cause } = await refused(sign(declining as unknown as Signer, action), "CANCELLED");
    expect(cause).to.equal(no);
    const forged = { error: "InvalidSignature", signer: patient.address };
    const foreign = await walletOf("doctor").signMessage("something else");
    await refused(submit(outsider, withSignature(action, foreign)), "CONTRACT_REFUSED", forged);
    const signed = await sign(wallet, action);
    // the same message in another form: what was signed was a grant
    const { signature } = await sign(wallet, await prepareLift(outsider, given));
    await refused(submit(outsider, { ...signed, signature }), "CONTRACT_REFUSED", forged);
    const wrongForm = { ...signed, type: "Lift" } as unknown as SignedAction;
    await refused(submit(outsider, wrongForm), "INVALID_ARGUMENT", { path: "read" });
    for (const change of [{ chainId: 1 }, { contract: outsider.addresses.RecordRegistry }]) {
      const { chainId, contract } = { ...signed, ...change };
      const expected = { expectedChainId: 31_337, expected: outsider.addresses.ConsentRegistry };
      await refused(submit(outsider, { ...signed, ...change }), "CHAIN_MISMATCH", { chainId, contract, ...expected });
    }
    // signed for another chain, and told to be for this one
    const elsewhere = await sign(wallet, { ...action, chainId: 1 });
    await refused(submit(outsider, { ...elsewhere, chainId: 31_337 }), "CONTRACT_REFUSED", forged);
    const altered = { ...signed, message: { ...signed.message, number: -1 } };
    await refused(submit(outsider, altered), "INVALID_ARGUMENT", { path: "number" });
    await time.increaseTo(now + hour + 1);
    const late = { error: "SignatureExpired", deadline: BigInt(now + hour) };
    await refused(submit(outsider, signed), "CONTRACT_REFUSED", late);
  });

  it("lifts just the DENY that stood when it was prepared; so does a signed lift", async () => {
    const { patient, doctor, outsider, end } = await loadFixture(registries);
    const key = { patient: patient.address, grantee: doctor.address, scope: imaging };
    const write = { ...key, permissions: ["WRITE"], end } as const;
    expect((await prepareGrant(outsider, { ...write, lifts: true })).message.lifts).to.equal(0);
    await deny(patient, doctor.address, imaging);
    const denied = { error: "DenyStands", grantee: doctor.address, scope: imaging };
    const plain = await prepareGrant(outsider, write);
    expect(plain.message.lifts).to.equal(0);
    await refused(relay(outsider, plain, wallet), "CONTRACT_REFUSED", denied);
    const lifting = await prepareGrant(outsider, { ...write, lifts: true });
    const { writtenAt } = await grantOf(outsider, patient.address, doctor.address, imaging);
    expect(lifting.message.lifts).to.equal(writtenAt);
    const another = { ...lifting, message: { ...lifting.message, lifts: writtenAt - 1 } };
    await refused(relay(outsider, another, wallet), "CONTRACT_REFUSED", denied);
    await relay(outsider, lifting, wallet);
    await relayAgain(outsider, lifting, wallet);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).permissions).to.deep.equal(["WRITE"]);

    // nothing to lift is no success, as the signature still could lift a later one
    const early = await prepareLift(outsider, key);
    await refused(relay(outsider, early, wallet), "CONTRACT_REFUSED", { error: "NoDeny", grantee: doctor.address });
    await deny(patient, doctor.address, imaging);
    const lift = await prepareLift(outsider, { ...key, deadline: end });
    expect(lift.message).to.deep.include({ ...key, ...(await standOf(outsider)), number: 1, deadline: end });
    await relay(outsider, lift, wallet);
    await relayAgain(outsider, lift, wallet);
    expect((await grantOf(outsider, patient.address, doctor.address, imaging)).permissions).to.deep.equal([]);
    await deny(patient, doctor.address, imaging);
    await refused(relay(outsider, lift, wallet), "CONTRACT_REFUSED", stale(lift));
    await refused(prepareLift(outsider, { ...key, grantee: "doctor" }), "INVALID_ARGUMENT");
  });
});

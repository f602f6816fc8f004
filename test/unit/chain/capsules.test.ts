import { expect } from "chai";

import { grantFor } from "../../../src/chain/acting.js";
import { announcementsOf, deliver } from "../../../src/chain/announcements.js";
import { type Capsule, capsulesFor, capsulesOf } from "../../../src/chain/capsules.js";
import { chainTime } from "../../../src/chain/connection.js";
import { deny, revoke, sendGrant } from "../../../src/chain/consent.js";
import { delegate } from "../../../src/chain/delegations.js";
import { type Hex32, recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { inboxSince } from "../../../src/chain/inbox.js";
import { accessLog } from "../../../src/chain/log.js";
import { inWindows } from "../../../src/chain/ranges.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, give, label, loadFixture, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");

/** A doctor with capsules of one patient, by grants and by themselves. */
async function delivered() {
  const context = await registries();
  const { patient, doctor, nurse, carer, now, end } = context;
  const me = patient.address;
  const terms = { start: now, end, permissions: ["READ"], purposes: ["TREAT"] } as const;
  const grantTo = (scope: Hex32, of: string, grantee = doctor.address) =>
    sendGrant(patient, { grantee, scope, terms, capsule: digest(of) });
  await grantTo(imaging, "an older grant");
  await give(patient, nurse, imaging, { permissions: ["WRITE"], end });
  const place = { patient: me, compartment: imaging };
  await deliver(nurse, { ...place, content: ecg, grantees: [doctor.address, carer.address], capsule: digest("first") });
  await grantTo(imaging, "a newer grant");
  await grantTo(wholeChart, "of the chart");
  await deliver(patient, { patient: me, grantees: [doctor.address], capsule: digest("second") });
  await grantTo(imaging, "another's", carer.address);
  return { ...context, terms, recordId: recordIdOf(me, imaging, ecg) };
}

async function all(capsules: AsyncGenerator<Capsule>): Promise<Hex32[]> {
  const found: Hex32[] = [];
  for await (const { capsule } of capsules) found.push(capsule);
  return found;
}

describe("capsules", () => {
  it("of one patient are found newest first, and those that were replaced last", async () => {
    const { patient, doctor, outsider, recordId } = await loadFixture(delivered);
    const found = (scopes?: Hex32[]) => all(capsulesFor(outsider, patient.address, doctor.address, scopes));
    const everything = ["second", "of the chart", "a newer grant", "first", "an older grant"].map(digest);
    expect(await found()).to.deep.equal(everything);
    expect(await found([recordId, imaging, wholeChart])).to.deep.equal(everything);
    expect(await found([imaging])).to.deep.equal(["a newer grant", "an older grant"].map(digest));
    expect(await found([recordId])).to.deep.equal(["first"].map(digest));
    expect(await all(capsulesFor(outsider, patient.address, outsider.address))).to.deep.equal([]);
    expect(await all(capsulesFor(outsider, doctor.address, doctor.address))).to.deep.equal([]);
    await refused(all(capsulesFor(outsider, "me", doctor.address)), "INVALID_ARGUMENT");
    await refused(all(capsulesFor(outsider, patient.address, "doctor")), "INVALID_ARGUMENT");
  });

  it("of a grant that was taken back are still told, by the history", async () => {
    const { patient, doctor, outsider } = await loadFixture(delivered);
    await revoke(patient, doctor.address, imaging);
    await deny(patient, doctor.address, wholeChart);
    const found = await all(capsulesFor(outsider, patient.address, doctor.address));
    expect(found).to.deep.equal(["second", "first", "of the chart", "a newer grant", "an older grant"].map(digest));
  });

  it("cost who stops early no more questions", async () => {
    const { patient, doctor, as, recordId } = await loadFixture(delivered);
    let logs = 0;
    const reader = await as("outsider", (method, pass) => {
      if (method === "eth_getLogs") logs++;
      return pass();
    });
    const scopes = [recordId, imaging, wholeChart];
    for await (const { capsule } of capsulesFor(reader, patient.address, doctor.address, scopes)) {
      expect(capsule).to.equal(digest("second"));
      break;
    }
    // of the two grants that stand, and of the newest delivery
    expect(logs).to.equal(3);
  });

  it("of a chart are told oldest first, with who announced them, whatever carried them", async () => {
    const { patient, doctor, nurse, carer, outsider, terms, recordId, end } = await loadFixture(delivered);
    const limits = { longest: 100 * day, end, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await delegate(patient, { delegate: carer.address, scope: imaging, terms: limits });
    const given = { patient: patient.address, grantee: nurse.address, compartment: imaging, content: ecg };
    await grantFor(carer, { ...given, terms, capsule: digest("by the carer") });
    const announced = await capsulesOf(outsider, patient.address);
    const me = patient.address;
    const line = (to: string, scope: Hex32, of: string, by = me) => [to, scope, digest(of), by];
    expect(announced.map(({ grantee, scope, capsule, by }) => [grantee, scope, capsule, by])).to.deep.equal([
      line(doctor.address, imaging, "an older grant"),
      line(doctor.address, recordId, "first", nurse.address),
      line(carer.address, recordId, "first", nurse.address),
      line(doctor.address, imaging, "a newer grant"),
      line(doctor.address, wholeChart, "of the chart"),
      line(doctor.address, wholeChart, "second"),
      line(carer.address, imaging, "another's"),
      line(nurse.address, recordId, "by the carer"),
    ]);
    const places = announced.map(({ place }) => place);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(await capsulesOf(outsider, doctor.address)).to.deep.equal([]);
  });

  it("are announced by who may, and by nobody else", async () => {
    const { patient, doctor, nurse, outsider } = await loadFixture(delivered);
    const delivery = { patient: patient.address, grantees: [doctor.address], compartment: imaging };
    const hash = await deliver(nurse, { ...delivery, capsule: digest("third") });
    expect((await nurse.provider.getTransactionReceipt(hash))?.from).to.equal(nurse.address);
    const details = { error: "NotDeliverer", patient: patient.address, scope: imaging, actor: outsider.address };
    await refused(deliver(outsider, { ...delivery, capsule: ecg }), "CONTRACT_REFUSED", details);
    await refused(deliver(nurse, { ...delivery, capsule: wholeChart }), "CONTRACT_REFUSED", {
      error: "InvalidCapsule",
    });
    const [newest] = (await announcementsOf(outsider, patient.address)).slice(-1);
    expect(newest).to.deep.include({ what: "delivered", actor: doctor.address, by: nurse.address, number: 4 });
    expect(newest!.delivery?.number).to.equal(3);
    const [line] = (await accessLog(outsider, patient.address)).slice(-1);
    expect(line).to.deep.include({ what: "delivered", who: nurse.address, grantee: doctor.address, scope: imaging });
  });
});

describe("an inbox", () => {
  it("has what anybody gave or announced to an actor, since the last time", async () => {
    const { patient, doctor, nurse, outsider, terms, end } = await loadFixture(delivered);
    const { items, upTo } = await inboxSince(outsider, doctor.address);
    expect(items.map(({ what, patient: from, capsule }) => [what, from, capsule])).to.deep.equal(
      [
        ["granted", "an older grant"],
        ["delivered", "first"],
        ["granted", "a newer grant"],
        ["granted", "of the chart"],
        ["delivered", "second"],
      ].map(([what, of]) => [what, patient.address, digest(of!)]),
    );
    expect(upTo).to.equal(await patient.provider.getBlockNumber());
    expect(await inboxSince(outsider, doctor.address, upTo + 1)).to.deep.equal({ items: [], upTo });
    await sendGrant(nurse, { grantee: doctor.address, scope: imaging, terms });
    const limits = { longest: day, end, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await delegate(nurse, { delegate: doctor.address, scope: wholeChart, terms: limits });
    const later = await inboxSince(outsider, doctor.address, upTo + 1);
    const from = { patient: nurse.address, grantee: doctor.address, capsule: undefined };
    expect(later.items.map(({ block: _, place: __, ...item }) => item)).to.deep.equal([
      { what: "granted", ...from, scope: imaging },
      { what: "delegated", ...from, scope: wholeChart },
    ]);
    expect(later.upTo).to.equal(upTo + 2);
    await refused(inboxSince(outsider, "doctor"), "INVALID_ARGUMENT");
    expect(await chainTime(outsider)).to.be.greaterThan(0);
  });
});

describe("windows of blocks", () => {
  /** Asks for a range of a node that takes no more than so many blocks at once. */
  const read = async (first: number, last: number, limit: number) => {
    const asked: number[][] = [];
    const found = await inWindows(first, last, (from, to) => {
      asked.push([from, to]);
      if (to - from >= limit) return Promise.reject(new Error("range too large"));
      return Promise.resolve(Array.from({ length: to - from + 1 }, (_, place) => from + place));
    });
    return { asked, found };
  };
  const range = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, place) => first + place);

  it("are as wide as nodes usually take, and cover every block once", async () => {
    expect((await read(5, 4, 10_000)).asked).to.deep.equal([]);
    expect((await read(5, 5, 10_000)).asked).to.deep.equal([[5, 5]]);
    expect((await read(5, 20_005, 10_000)).asked).to.deep.equal([
      ...[
        [5, 10_004],
        [10_005, 20_004],
        [20_005, 20_005],
      ],
    ]);
    expect((await read(5, 20_005, 10_000)).found).to.deep.equal(range(5, 20_005));
  });

  it("are halved where a node refuses them, and grow again", async () => {
    for (const limit of [1, 7, 1000]) {
      const { asked, found } = await read(0, 3000, limit);
      expect(found).to.deep.equal(range(0, 3000));
      expect(asked.length).to.be.lessThan(3 * Math.ceil(3001 / limit) + 40);
    }
  });

  it("end where not even one block is told", async () => {
    const thrown = await read(0, 100, 0).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(Error).with.property("message", "range too large");
  });
});

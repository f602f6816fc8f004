import { expect } from "chai";

import {
  accreditIssuer,
  accreditationDelay,
  accreditationOf,
  setAccreditationDelay,
  withdrawAccreditation,
} from "../../../src/chain/accreditation.js";
import { chainTime } from "../../../src/chain/connection.js";
import {
  contestCredential,
  credentialCount,
  credentialFor,
  credentialsIn,
  credentialsOf,
  dismissContest,
  issueCredential,
  revokeCredential,
  standForCredential,
  statusOf,
  standingAt,
} from "../../../src/chain/credentials.js";
import { roleId } from "../../../src/chain/ids.js";
import { refused } from "../../helpers/clinic.js";
import { day, loadFixture, registries, time } from "../../helpers/chain.js";

const role = "practitioner";

describe("credentials", () => {
  it("are issued, counted, told by number, and shortened", async () => {
    const { issuer, nurse, outsider, now } = await loadFixture(registries);
    expect(await credentialCount(outsider, nurse.address, role)).to.equal(0);
    expect(await credentialsOf(outsider, nurse.address, role)).to.deep.equal([]);
    const ends = [1, 2, 3].map((number) => now + number * day);
    const from: number[] = [];
    for (const end of ends) {
      await issueCredential(issuer, nurse.address, role, end);
      from.push(await chainTime(issuer));
    }
    const all = ends.map((until, index) => ({ issuer: issuer.address, from: from[index]!, until, ending: "plain" }));
    expect(await credentialCount(outsider, nurse.address, role)).to.equal(3);
    expect(await credentialsOf(outsider, nurse.address, role)).to.deep.equal(all);
    expect(await credentialsOf(outsider, nurse.address, role, { first: 1 })).to.deep.equal(all.slice(1));
    expect(await credentialsOf(outsider, nurse.address, role, { count: 2 })).to.deep.equal(all.slice(0, 2));
    expect(await credentialsOf(outsider, nurse.address, role, { first: 1, count: 1 })).to.deep.equal([all[1]]);
    expect(await credentialsOf(outsider, nurse.address, role, { count: 0 })).to.deep.equal([]);
    await revokeCredential(issuer, nurse.address, role, ends[2]! - 1);
    await revokeCredential(issuer, nurse.address, role, ends[0]! - 2, 0);
    expect((await credentialsOf(outsider, nurse.address, role)).map(({ until }) => until)).to.deep.equal([
      ends[0]! - 2,
      ends[1]!,
      ends[2]! - 1,
    ]);
    const none = { actor: outsider.address, role };
    await refused(revokeCredential(issuer, outsider.address, role, now), "NO_CREDENTIAL", none);
    const beyond = { error: "UnknownCredential", actor: nurse.address, role: roleId(role), index: 3n };
    await refused(revokeCredential(issuer, nurse.address, role, now, 3), "CONTRACT_REFUSED", beyond);
    const over = { error: "InvalidPeriod", until: BigInt(now) };
    await refused(issueCredential(issuer, nurse.address, role, now), "CONTRACT_REFUSED", over);
    await refused(issueCredential(issuer, "nurse", role, now), "INVALID_ARGUMENT");
    await refused(credentialCount(issuer, "nurse", role), "INVALID_ARGUMENT");
    await refused(credentialsOf(issuer, "nurse", role), "INVALID_ARGUMENT");
  });

  it("are found by the times that they cover, the newest first, however long the history is", async () => {
    const { issuer, nurse, doctor, until } = await loadFixture(registries);
    const id = roleId(role);
    const [first] = await credentialsOf(issuer, doctor.address, role);
    const { from } = first!;
    const find = (...times: number[]) => credentialFor(nurse, doctor.address, id, times);
    expect(await find(from)).to.equal(0);
    expect(await find(from - 1)).to.equal(undefined);
    expect(await find(until - 1)).to.equal(0);
    expect(await find(until)).to.equal(undefined);
    expect(await find(from, until - 1)).to.equal(0);
    expect(await find(from, until)).to.equal(undefined);
    expect(await credentialFor(nurse, nurse.address, id, [from])).to.equal(undefined);
    expect(await credentialFor(nurse, doctor.address, roleId("storage"), [from])).to.equal(undefined);
    await issueCredential(issuer, doctor.address, role, until);
    const second = await chainTime(issuer);
    expect(await find(second)).to.equal(1);
    expect(await find(from, second)).to.equal(0);
    const nonce = await issuer.provider.getTransactionCount(issuer.address);
    for (let number = 0; number < 100; number++) {
      const overrides = { nonce: nonce + number, gasPrice: 0, gasLimit: 200_000 };
      await issuer.credentialRegistry.issue(doctor.address, id, until + number, overrides);
    }
    expect(await credentialsOf(nurse, doctor.address, role)).to.have.length(102);
    expect(await credentialsOf(nurse, doctor.address, role, { first: 1, count: 101 })).to.have.length(101);
    expect(await credentialsOf(nurse, doctor.address, role, { count: 101 })).to.have.length(101);
    const counted = await credentialsOf(nurse, doctor.address, role, { first: 2, count: 100 });
    expect(counted.at(-1)?.until).to.equal(until + 99);
    expect(await find(from)).to.equal(0);
    expect(await find(second)).to.equal(1);
    expect(await find(await chainTime(issuer))).to.equal(101);
    expect(await find(await chainTime(issuer), until + 99)).to.equal(undefined);
    expect(await find(await chainTime(issuer), until + 98)).to.equal(101);
  });

  it("whose end was set into the past are contested by their holder, and stood for by a second issuer", async () => {
    const { admin, issuer, doctor, nurse, outsider, until } = await loadFixture(registries);
    const id = roleId(role);
    const [issued] = await credentialsOf(outsider, doctor.address, role);
    const { from } = issued!;
    await time.increaseTo(from + 10 * day);
    await revokeCredential(issuer, doctor.address, role, from + day);
    const filedAt = await chainTime(issuer);
    const told = async () => (await credentialsOf(outsider, doctor.address, role))[0]!;
    expect(await told()).to.deep.equal({ ...issued, until: from + day, ending: "retroactive" });
    const find = (at: number, isContested?: boolean) =>
      credentialFor(outsider, doctor.address, id, [from, at], { ...(isContested !== undefined && { isContested }) });
    expect([await find(from + day - 1), await find(from + day), await find(from + day, true)]).to.deep.equal([
      ...[0, undefined, undefined],
    ]);
    const holder = { error: "InvalidEnding", actor: doctor.address, role: id, index: 0n, ending: 1n };
    await accreditIssuer(admin, nurse.address, role);
    await refused(standForCredential(nurse, doctor.address, role), "CONTRACT_REFUSED", holder);
    await refused(contestCredential(outsider, role), "NO_CREDENTIAL", { actor: outsider.address });
    await contestCredential(doctor, role);
    expect(await told()).to.deep.equal({
      ...{ ...issued, until: from + day, ending: "contested", contestedUntil: filedAt },
    });
    expect([await find(from + day), await find(from + day, true)]).to.deep.equal([undefined, 0]);
    expect([await find(filedAt - 1, true), await find(filedAt, true)]).to.deep.equal([0, undefined]);
    const standings = [from - 1, from, from + day - 1, from + day, filedAt - 1, filedAt];
    const contested = await told();
    expect(standings.map((at) => standingAt(contested, at))).to.deep.equal([
      ...["none", "holds", "holds", "contested", "contested", "none"],
    ]);
    await refused(standForCredential(issuer, doctor.address, role), "CONTRACT_REFUSED", { error: "NotSecondIssuer" });
    await standForCredential(nurse, doctor.address, role);
    expect(await told()).to.deep.equal({ ...issued, until: filedAt, ending: "upheld" });
    expect(await find(filedAt - 1)).to.equal(0);
    const again = { error: "InvalidEnding", ending: 3n };
    await refused(revokeCredential(issuer, doctor.address, role, from + day), "CONTRACT_REFUSED", again);
    expect(await credentialsIn(outsider, doctor.address, id, 1, 5)).to.deep.equal([]);
    expect(until).to.be.greaterThan(filedAt);
  });

  it("whose contest is dismissed stay ended, and say at each time what the registry says", async () => {
    const { admin, issuer, doctor, nurse, outsider } = await loadFixture(registries);
    const id = roleId(role);
    const [issued] = await credentialsOf(outsider, doctor.address, role);
    const { from } = issued!;
    await time.increaseTo(from + 10 * day);
    await revokeCredential(issuer, doctor.address, role, from + day);
    const filedAt = await chainTime(issuer);
    const times = [from - 1, from, from + day - 1, from + day, filedAt - 1, filedAt];
    const agreed = async () => {
      const said: string[] = [];
      for (const at of times) {
        const standing = await statusOf(outsider, doctor.address, role, 0, at);
        const number = await outsider.credentialRegistry.statusOf(doctor.address, id, 0, at);
        expect(standing).to.equal(["none", "holds", "contested"][Number(number)]);
        said.push(standing);
      }
      return said;
    };
    await contestCredential(doctor, role);
    expect(await agreed()).to.deep.equal(["none", "holds", "holds", "contested", "contested", "none"]);
    await accreditIssuer(admin, nurse.address, role);
    await refused(dismissContest(issuer, doctor.address, role), "CONTRACT_REFUSED", { error: "NotSecondIssuer" });
    await refused(dismissContest(outsider, doctor.address, role), "CONTRACT_REFUSED", { error: "NotSecondIssuer" });
    await refused(dismissContest(nurse, "doctor", role, 0), "INVALID_ARGUMENT");
    await refused(dismissContest(nurse, outsider.address, role), "NO_CREDENTIAL", { actor: outsider.address });
    await dismissContest(nurse, doctor.address, role);
    expect(await credentialsOf(outsider, doctor.address, role)).to.deep.equal([
      { ...issued, until: from + day, ending: "dismissed" },
    ]);
    expect(await agreed()).to.deep.equal(["none", "holds", "holds", "none", "none", "none"]);
    expect(await statusOf(outsider, doctor.address, role, 1, from)).to.equal("none");
    const settled = { error: "InvalidEnding", ending: 4n };
    await refused(standForCredential(nurse, doctor.address, role, 0), "CONTRACT_REFUSED", settled);
    await refused(contestCredential(doctor, role), "CONTRACT_REFUSED", settled);
  });
});

describe("the accreditation of issuers", () => {
  it("holds at once, until it is withdrawn", async () => {
    const { admin, nurse, outsider, now } = await loadFixture(registries);
    expect(await accreditationOf(outsider, nurse.address, role)).to.equal(undefined);
    const accreditation = await accreditIssuer(admin, nurse.address, role);
    expect(accreditation).to.deep.equal({ since: await chainTime(admin) });
    expect(await accreditationOf(outsider, nurse.address, role)).to.deep.equal(accreditation);
    expect(await accreditationOf(outsider, nurse.address, "storage")).to.equal(undefined);
    await issueCredential(nurse, outsider.address, role, now + day);
    await withdrawAccreditation(admin, nurse.address, role);
    expect(await accreditationOf(outsider, nurse.address, role)).to.equal(undefined);
    const details = { error: "NotIssuer", caller: nurse.address, role: roleId(role) };
    await refused(issueCredential(nurse, outsider.address, role, now + day), "CONTRACT_REFUSED", details);
    const unauthorised = { error: "AccessManagerUnauthorizedAccount", roleId: 0n };
    for (const attempt of [
      () => accreditIssuer(nurse, nurse.address, role),
      () => withdrawAccreditation(nurse, nurse.address, role),
      () => setAccreditationDelay(nurse, role, 1),
    ]) {
      await refused(attempt(), "CONTRACT_REFUSED", unauthorised);
    }
    await refused(accreditIssuer(admin, "nurse", role), "INVALID_ARGUMENT");
    await refused(withdrawAccreditation(admin, "nurse", role), "INVALID_ARGUMENT");
    await refused(accreditationOf(admin, "nurse", role), "INVALID_ARGUMENT");
  });

  it("waits as long as the role's delay says, which itself waits for five days", async () => {
    const { admin, nurse, outsider } = await loadFixture(registries);
    expect(await accreditationDelay(outsider, role)).to.equal(0);
    await setAccreditationDelay(admin, role, 3600);
    expect(await accreditationDelay(outsider, role)).to.equal(0);
    await time.increase(5 * day);
    expect(await accreditationDelay(outsider, role)).to.equal(3600);
    expect(await accreditationDelay(outsider, "storage")).to.equal(0);
    const { since } = await accreditIssuer(admin, nurse.address, role);
    expect(since).to.equal((await chainTime(admin)) + 3600);
    const until = since + day;
    await refused(issueCredential(nurse, outsider.address, role, until), "CONTRACT_REFUSED", { error: "NotIssuer" });
    await time.increaseTo(since);
    await issueCredential(nurse, outsider.address, role, until);
  });
});

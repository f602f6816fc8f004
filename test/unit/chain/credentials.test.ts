import { expect } from "chai";

import {
  accreditIssuer,
  accreditationDelay,
  accreditationOf,
  setAccreditationDelay,
  withdrawAccreditation,
} from "../../../src/chain/accreditation.js";
import { decline, requestAccess } from "../../../src/chain/announcements.js";
import { chainTime } from "../../../src/chain/connection.js";
import {
  credentialCount,
  credentialFor,
  credentialsOf,
  issueCredential,
  revokeCredential,
} from "../../../src/chain/credentials.js";
import { roleId, wholeChart } from "../../../src/chain/ids.js";
import { keyVersion, pointVault, publishKey, publishedKey, vaultOf } from "../../../src/chain/keys.js";
import { refused } from "../../helpers/clinic.js";
import { day, digest, loadFixture, registries, time } from "../../helpers/chain.js";

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
    const all = ends.map((until, index) => ({ issuer: issuer.address, from: from[index]!, until }));
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

  it("let their holder ask a patient", async () => {
    const { patient, doctor, nurse, now, until, end } = await loadFixture(registries);
    const wish = { patient: patient.address, scope: wholeChart, role, permissions: ["READ"], end } as const;
    const request = { ...wish, purposes: ["TREAT"] } as const;
    await requestAccess(doctor, request, now + 60);
    const { consentRegistry } = patient;
    const [asked] = await consentRegistry.queryFilter(consentRegistry.filters.Requested());
    expect([...asked!.args.slice(0, 5)]).to.deep.equal([patient.address, doctor.address, wholeChart, roleId(role), 1n]);
    await refused(requestAccess(nurse, request, now + 60), "NO_CREDENTIAL", { actor: nurse.address, role });
    const late = requestAccess(doctor, { ...request, end: until + day }, until);
    await refused(late, "NO_CREDENTIAL", { actor: doctor.address, role });
    const { details } = await refused(decline(patient, doctor.address, "0x12"), "INVALID_ARGUMENT");
    expect(details).to.deep.equal({});
    await refused(requestAccess(doctor, { ...request, purposes: [] }, now), "INVALID_ARGUMENT");
    await refused(requestAccess(doctor, request, end), "PERIOD_INVALID", { start: end, end });
    await refused(requestAccess(doctor, { ...request, scope: "0x" }, now), "INVALID_ARGUMENT");
    await refused(requestAccess(doctor, { ...request, patient: "me" }, now), "INVALID_ARGUMENT");
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

describe("keys", () => {
  const key = (fill: number): Uint8Array => new Uint8Array(1216).fill(fill);

  it("are published, rotated, and not published twice", async () => {
    const { nurse, outsider } = await loadFixture(registries);
    expect(await keyVersion(outsider, nurse.address)).to.equal(0);
    expect(await publishedKey(outsider, nurse.address)).to.equal(undefined);
    await publishKey(nurse, key(1));
    await publishKey(nurse, key(2));
    const height = await nurse.provider.getBlockNumber();
    await publishKey(nurse, key(2));
    expect(await nurse.provider.getBlockNumber()).to.equal(height);
    expect(await keyVersion(outsider, nurse.address)).to.equal(2);
    const { digest: told, since, ...published } = (await publishedKey(outsider, nurse.address))!;
    expect(published).to.deep.equal({ actor: nurse.address, version: 2, recipient: key(2) });
    const slot = await nurse.keyRegistry.keyOf(nurse.address);
    expect([told, BigInt(since)]).to.deep.equal([slot.digest, slot.since]);
    // an older key never takes the newest one's place again
    await refused(publishKey(nurse, key(1)), "KEY_SUPERSEDED", { actor: nurse.address, version: 2 });
    const details = { error: "InvalidRecipientLength", length: 1215n, expected: 1216n };
    await refused(publishKey(nurse, key(1).slice(1)), "CONTRACT_REFUSED", details);
  });

  it("are not believed where a node's event is false or missing", async () => {
    const { nurse, as } = await loadFixture(registries);
    await publishKey(nurse, key(1));
    const lying = await as("outsider", async (method, pass) => {
      const answer = await pass();
      if (method !== "eth_getLogs") return answer;
      return (answer as { data: string }[]).map((log) => ({ ...log, data: log.data.replace("0101", "0201") }));
    });
    const hiding = await as("outsider", async (method, pass) => (method === "eth_getLogs" ? [] : pass()));
    for (const chain of [lying, hiding]) {
      await refused(publishedKey(chain, nurse.address), "CHAIN_INCONSISTENT", { actor: nurse.address });
    }
  });

  it("lie in a vault that their owner points to", async () => {
    const { nurse, outsider } = await loadFixture(registries);
    expect(await vaultOf(outsider, nurse.address)).to.equal(undefined);
    await pointVault(nurse, digest("a vault"));
    await pointVault(nurse, digest("a new vault"));
    await pointVault(nurse, digest("a newer vault"));
    await pointVault(outsider, digest("another's"));
    expect(await vaultOf(outsider, nurse.address)).to.equal(digest("a newer vault"));
    await refused(pointVault(nurse, wholeChart), "CONTRACT_REFUSED", { error: "InvalidVault" });
    await refused(vaultOf(nurse, "nurse"), "INVALID_ARGUMENT");
  });
});

// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import { fixture, LABORATORY, loadFixture, now, PRACTITIONER, time, YEAR } from "../../helpers/contracts.js";

/** A practitioner with one credential that ran for a while. */
async function yearsLater() {
  const context = await fixture();
  const [credential] = await context.credentials.credentialsOf(context.practitioner, PRACTITIONER, 0, 10);
  await time.increase(YEAR / 2n);
  return { ...context, from: credential!.from, until: credential!.until };
}

describe("CredentialRegistry.revoke", () => {
  it("sets the end back into the past, where a key was stolen then", async () => {
    const { credentials, issuer, practitioner, from, until } = await loadFixture(yearsLater);
    const stolen = from + 1000n;
    await expect(credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, stolen))
      .to.emit(credentials, "CredentialRevoked")
      .withArgs(practitioner, PRACTITIONER, issuer, 0n, stolen);
    expect(await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10)).to.deep.equal([
      [issuer.address, from, stolen],
    ]);
    for (const [at, held] of [
      [from, true],
      [stolen - 1n, true],
      [stolen, false],
      [stolen + 1n, false],
      [until - 1n, false],
    ] as const) {
      expect(await credentials.holds(practitioner, PRACTITIONER, 0, at), `at ${at}`).to.equal(held);
    }
  });

  it("may void a credential from its first second", async () => {
    const { credentials, issuer, practitioner, from } = await loadFixture(yearsLater);
    await credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, from);
    expect(await credentials.holds(practitioner, PRACTITIONER, 0, from)).to.equal(false);
  });

  it("may shorten more than once, in the future too, and never lengthens", async () => {
    const { credentials, issuer, practitioner, from, until } = await loadFixture(yearsLater);
    const revoke = async (end: bigint) => await credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, end);
    await revoke(until - 1n);
    await revoke(until - 2n);
    for (const end of [until - 2n, until - 1n, until]) {
      await expect(revoke(end)).to.be.revertedWithCustomError(credentials, "InvalidPeriod").withArgs(from, end);
    }
    expect((await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10))[0]!.until).to.equal(until - 2n);
  });

  it("refuses an end before the beginning", async () => {
    const { credentials, issuer, practitioner, from } = await loadFixture(yearsLater);
    await expect(credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, from - 1n))
      .to.be.revertedWithCustomError(credentials, "InvalidPeriod")
      .withArgs(from, from - 1n);
  });

  it("refuses a credential that is not there", async () => {
    const { credentials, issuer, practitioner, outsider } = await loadFixture(yearsLater);
    const end = await now();
    for (const [actor, role, index] of [
      [practitioner, PRACTITIONER, 1n],
      [practitioner, LABORATORY, 0n],
      [outsider, PRACTITIONER, 0n],
    ] as const) {
      await expect(credentials.connect(issuer).revoke(actor, role, index, end))
        .to.be.revertedWithCustomError(credentials, "UnknownCredential")
        .withArgs(actor, role, index);
    }
  });

  it("refuses an outsider: the holder, the admin, another accredited issuer of the same role", async () => {
    const { credentials, accessManager, admin, practitioner, outsider, until } = await loadFixture(yearsLater);
    await accessManager.grantRole(await credentials.issuerRoleOf(PRACTITIONER), outsider, 0);
    for (const caller of [practitioner, admin, outsider]) {
      await expect(credentials.connect(caller).revoke(practitioner, PRACTITIONER, 0, await now()))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(caller, PRACTITIONER);
    }
    expect((await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10))[0]!.until).to.equal(until);
  });

  it("touches one credential of several", async () => {
    const { credentials, issuer, practitioner, until } = await loadFixture(yearsLater);
    await credentials.connect(issuer).issue(practitioner, PRACTITIONER, until + YEAR);
    const end = await now();
    await credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, end);
    const list = await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10);
    expect(list.map((credential) => credential.until)).to.deep.equal([end, until + YEAR]);
    // the newer one began at that very second, so entitlement has no gap
    expect(await credentials.holds(practitioner, PRACTITIONER, 0, end)).to.equal(false);
    expect(await credentials.holds(practitioner, PRACTITIONER, 1, end)).to.equal(true);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  DENY,
  ethers,
  fixture,
  label,
  loadFixture,
  networkHelpers,
  now,
  pack,
  provider,
  READ,
  READ_WRITE,
  time,
  TREATMENT,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";
import type { GrantTerms } from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const IMAGING = label(2);
const terms = { permissions: READ_WRITE, purposes: TREATMENT };

/** The practitioner reads and writes the whole chart. */
async function open() {
  const context = await fixture();
  const { consent, patient, practitioner } = context;
  const end = (await now()) + 100_000n;
  const give = async (scope: string, given: Partial<GrantTerms>) =>
    await consent.connect(patient).grant(practitioner, scope, pack({ end, ...given }), ethers.ZeroHash);
  const may = async (compartment = CARDIOLOGY, permission = READ) =>
    await consent.canAccess(patient, practitioner, compartment, ethers.ZeroHash, permission, TREATMENT);
  await give(WHOLE_CHART, terms);
  return { ...context, end, give, may };
}

describe("ConsentRegistry.lockdown", () => {
  it("is zero for who never locked down", async () => {
    const { consent, patient } = await loadFixture(open);
    expect(await consent.lockdownAt(patient)).to.equal(0n);
  });

  it("voids every grant at once, one past now, and leaves the slots as they are", async () => {
    const { consent, patient, practitioner, give, may } = await loadFixture(open);
    await give(CARDIOLOGY, terms);
    expect([await may(), await may(CARDIOLOGY, WRITE), await may(IMAGING)]).to.deep.equal([true, true, true]);
    const before = await consent.grantOf(patient, practitioner, CARDIOLOGY);

    const at = (await now()) + 100n;
    await time.setNextBlockTimestamp(at);
    await expect(consent.connect(patient).lockdown())
      .to.emit(consent, "LockedDown")
      .withArgs(patient, at + 1n);
    expect(await consent.lockdownAt(patient)).to.equal(at + 1n);
    expect([await may(), await may(CARDIOLOGY, WRITE), await may(IMAGING)]).to.deep.equal([false, false, false]);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(before);
  });

  it("lets an outsider lock nobody but themselves down", async () => {
    const { consent, patient, practitioner, outsider, may } = await loadFixture(open);
    for (const caller of [outsider, practitioner]) {
      await consent.connect(caller).lockdown();
      expect(await consent.lockdownAt(caller)).to.equal((await now()) + 1n);
    }
    expect(await consent.lockdownAt(patient)).to.equal(0n);
    expect(await may()).to.equal(true);
  });

  it("keeps a DENY, also one made as of an older lockdown", async () => {
    const { consent, patient, give, may } = await loadFixture(open);
    const { lockdown } = consent.connect(patient);
    await give(CARDIOLOGY, { permissions: DENY });
    await lockdown();
    await time.increase(10n);
    const asOf = await consent.lockdownAt(patient);
    await give(WHOLE_CHART, { ...terms, asOf });
    expect([await may(CARDIOLOGY), await may(CARDIOLOGY, WRITE), await may(IMAGING)]).to.deep.equal([
      false,
      false,
      true,
    ]);
    // one made as of a time that never was a lockdown holds just as well
    await give(IMAGING, { permissions: DENY, asOf: asOf - 1n });
    expect(await may(IMAGING)).to.equal(false);
  });

  it("takes new grants as of the new time, and keeps older and newer ones shut", async () => {
    const { consent, patient, give, may } = await loadFixture(open);
    await consent.connect(patient).lockdown();
    await time.increase(10n);
    const asOf = await consent.lockdownAt(patient);
    for (const [seen, allowed] of [
      [0n, false],
      [asOf - 1n, false],
      [asOf, true],
      [asOf + 1n, false],
      [await now(), false],
    ] as const) {
      await give(WHOLE_CHART, { ...terms, asOf: seen });
      expect(await may(), `as of ${seen - asOf}`).to.equal(allowed);
    }
  });

  it("keeps a grant shut that was made as of a time later than no lockdown", async () => {
    const { give, may } = await loadFixture(open);
    await give(WHOLE_CHART, { ...terms, asOf: 1n });
    expect(await may()).to.equal(false);
  });

  it("can't be granted past in its own second, but from the next on", async () => {
    const { consent, patient, researcher, give, may } = await loadFixture(open);
    const at = (await now()) + 100n;
    const asOf = at + 1n;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    await time.setNextBlockTimestamp(at);
    const gas = { gasLimit: 200_000 };
    const word = pack({ ...terms, end: at + 1000n, asOf });
    const byPatient = consent.connect(patient);
    const locked = await byPatient.lockdown(gas);
    const early = await byPatient.grant(researcher, WHOLE_CHART, word, ethers.ZeroHash, gas);
    await networkHelpers.mine();
    await provider.request({ method: "evm_setAutomine", params: [true] });
    expect((await locked.wait())?.blockNumber).to.equal(await time.latestBlock());
    await expect(early).to.be.revertedWithCustomError(consent, "InvalidAsOf").withArgs(asOf);

    await time.setNextBlockTimestamp(asOf);
    await give(WHOLE_CHART, { ...terms, asOf });
    expect(await may()).to.equal(true);
  });

  it("twice in one block moves on, and voids what was granted in between", async () => {
    const { consent, patient, practitioner, may } = await loadFixture(open);
    const at = (await now()) + 100n;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    await time.setNextBlockTimestamp(at);
    const gas = { gasLimit: 200_000 };
    const byPatient = consent.connect(patient);
    const word = pack({ ...terms, end: at + 1000n, asOf: at });
    const first = await byPatient.lockdown(gas);
    await byPatient.grant(practitioner, CARDIOLOGY, word, ethers.ZeroHash, gas);
    const second = await byPatient.lockdown(gas);
    await networkHelpers.mine();
    await provider.request({ method: "evm_setAutomine", params: [true] });

    await expect(first)
      .to.emit(consent, "LockedDown")
      .withArgs(patient, at + 1n);
    await expect(second)
      .to.emit(consent, "LockedDown")
      .withArgs(patient, at + 2n);
    expect(await consent.lockdownAt(patient)).to.equal(at + 2n);
    expect(await may()).to.equal(false);
  });

  it("always rises, also when called again before its own time has come", async () => {
    const { consent, patient, give, may } = await loadFixture(open);
    const { lockdown } = consent.connect(patient);
    const at = (await now()) + 100n;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    await time.setNextBlockTimestamp(at);
    for (let i = 0; i < 3; ++i) await lockdown({ gasLimit: 100_000 });
    await networkHelpers.mine();
    await provider.request({ method: "evm_setAutomine", params: [true] });
    expect(await consent.lockdownAt(patient)).to.equal(at + 3n);

    await time.setNextBlockTimestamp(at + 1n);
    await expect(lockdown())
      .to.emit(consent, "LockedDown")
      .withArgs(patient, at + 4n);
    // what was granted as of any time before stays shut
    for (const asOf of [at, at + 1n, at + 2n, at + 3n]) {
      await time.setNextBlockTimestamp((await now()) + 10n);
      await give(WHOLE_CHART, { ...terms, asOf });
      expect(await may()).to.equal(false);
    }
  });
});

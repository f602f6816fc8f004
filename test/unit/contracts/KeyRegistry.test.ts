// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import { ethers, fixture, loadFixture, now, time } from "../../helpers/contracts.js";

const LENGTH = 1216;
const recipient = (fill: number, length = LENGTH) => ethers.hexlify(new Uint8Array(length).fill(fill));

describe("KeyRegistry", () => {
  it("knows the length of a hybrid recipient", async () => {
    const { keys } = await loadFixture(fixture);
    expect(await keys.RECIPIENT_LENGTH()).to.equal(LENGTH);
  });

  it("has no key of somebody who never published", async () => {
    const { keys, patient } = await loadFixture(fixture);
    expect(await keys.keyOf(patient)).to.deep.equal([ethers.ZeroHash, 0n, 0n]);
  });

  it("publishes a key, keeping its digest, version and time", async () => {
    const { keys, patient } = await loadFixture(fixture);
    const since = (await now()) + 10n;
    await time.setNextBlockTimestamp(since);
    await expect(keys.connect(patient).publish(recipient(1)))
      .to.emit(keys, "KeyPublished")
      .withArgs(patient, 1n, recipient(1));
    expect(await keys.keyOf(patient)).to.deep.equal([ethers.keccak256(recipient(1)), 1n, since]);
  });

  it("rotates a key, counting versions", async () => {
    const { keys, patient } = await loadFixture(fixture);
    await keys.connect(patient).publish(recipient(1));
    const since = (await now()) + 10n;
    await time.setNextBlockTimestamp(since);
    await expect(keys.connect(patient).publish(recipient(2)))
      .to.emit(keys, "KeyPublished")
      .withArgs(patient, 2n, recipient(2));
    expect(await keys.keyOf(patient)).to.deep.equal([ethers.keccak256(recipient(2)), 2n, since]);
  });

  it("refuses the key that is published already, and takes it again after another", async () => {
    const { keys, patient } = await loadFixture(fixture);
    await keys.connect(patient).publish(recipient(1));
    await expect(keys.connect(patient).publish(recipient(1)))
      .to.be.revertedWithCustomError(keys, "KeyUnchanged")
      .withArgs(ethers.keccak256(recipient(1)));
    await keys.connect(patient).publish(recipient(2));
    await expect(keys.connect(patient).publish(recipient(1)))
      .to.emit(keys, "KeyPublished")
      .withArgs(patient, 3n, recipient(1));
  });

  it("lets an outsider publish nothing but their own key", async () => {
    const { keys, patient, outsider } = await loadFixture(fixture);
    await keys.connect(patient).publish(recipient(1));
    const before = await keys.keyOf(patient);
    await expect(keys.connect(outsider).publish(recipient(9)))
      .to.emit(keys, "KeyPublished")
      .withArgs(outsider, 1n, recipient(9));
    expect(await keys.keyOf(patient)).to.deep.equal(before);
  });

  for (const length of [0, LENGTH - 1, LENGTH + 1]) {
    it(`refuses a key of ${length} bytes`, async () => {
      const { keys, patient } = await loadFixture(fixture);
      await expect(keys.connect(patient).publish(recipient(1, length)))
        .to.be.revertedWithCustomError(keys, "InvalidRecipientLength")
        .withArgs(length, LENGTH);
      expect(await keys.keyOf(patient)).to.deep.equal([ethers.ZeroHash, 0n, 0n]);
    });
  }
});

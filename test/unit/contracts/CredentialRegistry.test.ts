// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  ethers,
  fixture,
  LABORATORY,
  loadFixture,
  now,
  PRACTITIONER,
  RESEARCHER,
  time,
  YEAR,
} from "../../helpers/contracts.js";

describe("CredentialRegistry", () => {
  describe("accreditation of issuers", () => {
    it("names the AccessManager that knows the issuers", async () => {
      const { credentials, accessManager } = await loadFixture(fixture);
      expect(await credentials.authority()).to.equal(await accessManager.getAddress());
    });

    it("derives the manager's role from the credential's role", async () => {
      const { credentials } = await loadFixture(fixture);
      const expected = ((BigInt(ethers.keccak256(PRACTITIONER)) & ((1n << 64n) - 1n)) >> 1n) | 1n;
      expect(await credentials.issuerRoleOf(PRACTITIONER)).to.equal(expected);
      expect(await credentials.issuerRoleOf(RESEARCHER)).not.to.equal(expected);
    });

    it("refuses an outsider, even the admin, until accredited", async () => {
      const { credentials, accessManager, admin, outsider, patient, until } = await loadFixture(fixture);
      for (const caller of [outsider, admin]) {
        await expect(credentials.connect(caller).issue(patient, PRACTITIONER, until))
          .to.be.revertedWithCustomError(credentials, "NotIssuer")
          .withArgs(caller, PRACTITIONER);
      }
      await accessManager.grantRole(await credentials.issuerRoleOf(PRACTITIONER), outsider, 0);
      await credentials.connect(outsider).issue(patient, PRACTITIONER, until);
    });

    it("refuses an issuer for a role they are not accredited for", async () => {
      const { credentials, issuer, patient, until } = await loadFixture(fixture);
      await expect(credentials.connect(issuer).issue(patient, LABORATORY, until))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(issuer, LABORATORY);
    });

    it("lets no issuer accredit others or themselves", async () => {
      const { credentials, accessManager, issuer, outsider } = await loadFixture(fixture);
      for (const [role, account] of [
        [PRACTITIONER, outsider],
        [LABORATORY, issuer],
      ] as const) {
        await expect(accessManager.connect(issuer).grantRole(await credentials.issuerRoleOf(role), account, 0))
          .to.be.revertedWithCustomError(accessManager, "AccessManagerUnauthorizedAccount")
          .withArgs(issuer, 0n);
      }
    });

    it("refuses an issuer whose accreditation was withdrawn; what they issued stands and they can't shorten it any more", async () => {
      const { credentials, accessManager, issuer, practitioner, patient, until } = await loadFixture(fixture);
      await accessManager.revokeRole(await credentials.issuerRoleOf(PRACTITIONER), issuer);
      await expect(credentials.connect(issuer).issue(patient, PRACTITIONER, until))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(issuer, PRACTITIONER);
      const end = await now();
      expect(await credentials.holds(practitioner, PRACTITIONER, 0, end)).to.equal(true);
      await expect(credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, end))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(issuer, PRACTITIONER);
      expect(await credentials.holds(practitioner, PRACTITIONER, 0, end)).to.equal(true);
    });

    it("refuses an issuer before the manager's grant delay has passed", async () => {
      const { credentials, accessManager, outsider, patient, until } = await loadFixture(fixture);
      const role = await credentials.issuerRoleOf(PRACTITIONER);
      const delay = 3600n;
      await accessManager.setGrantDelay(role, delay);
      await time.increase(5n * 24n * 3600n); // the manager lets a new delay wait
      await accessManager.grantRole(role, outsider, 0);
      const effective = (await now()) + delay;
      await time.setNextBlockTimestamp(effective - 1n);
      await expect(credentials.connect(outsider).issue(patient, PRACTITIONER, until))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(outsider, PRACTITIONER);
      await time.setNextBlockTimestamp(effective);
      await credentials.connect(outsider).issue(patient, PRACTITIONER, until);
    });

    it("refuses an issuer who may act only after a delay, which could be passed over here", async () => {
      const { credentials, accessManager, outsider, patient, until } = await loadFixture(fixture);
      await accessManager.grantRole(await credentials.issuerRoleOf(PRACTITIONER), outsider, 3600);
      await expect(credentials.connect(outsider).issue(patient, PRACTITIONER, until))
        .to.be.revertedWithCustomError(credentials, "NotIssuer")
        .withArgs(outsider, PRACTITIONER);
    });
  });

  describe("issue", () => {
    it("gives a credential from now until its end", async () => {
      const { credentials, issuer, patient } = await loadFixture(fixture);
      const from = (await now()) + 10n;
      await time.setNextBlockTimestamp(from);
      await expect(credentials.connect(issuer).issue(patient, RESEARCHER, from + YEAR))
        .to.emit(credentials, "CredentialIssued")
        .withArgs(patient, RESEARCHER, issuer, 0n, from, from + YEAR);
      expect(await credentials.credentialsOf(patient, RESEARCHER, 0, 10)).to.deep.equal([
        [issuer.address, from, from + YEAR],
      ]);
    });

    it("appends to the list of that actor and role, and returns the number", async () => {
      const { credentials, issuer, practitioner, researcher, until } = await loadFixture(fixture);
      const others = await credentials.credentialsOf(researcher, RESEARCHER, 0, 10);
      expect(await credentials.connect(issuer).issue.staticCall(practitioner, PRACTITIONER, until + 1n)).to.equal(1n);
      const from = (await now()) + 10n;
      await time.setNextBlockTimestamp(from);
      await expect(credentials.connect(issuer).issue(practitioner, PRACTITIONER, until + 1n))
        .to.emit(credentials, "CredentialIssued")
        .withArgs(practitioner, PRACTITIONER, issuer, 1n, from, until + 1n);
      const list = await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10);
      expect(list.map((credential) => credential.until)).to.deep.equal([until, until + 1n]);
      expect(await credentials.credentialsOf(practitioner, RESEARCHER, 0, 10)).to.deep.equal([]);
      expect(await credentials.credentialsOf(researcher, RESEARCHER, 0, 10)).to.deep.equal(others);
    });

    it("refuses nobody as actor", async () => {
      const { credentials, issuer, until } = await loadFixture(fixture);
      await expect(credentials.connect(issuer).issue(ethers.ZeroAddress, PRACTITIONER, until))
        .to.be.revertedWithCustomError(credentials, "InvalidActor")
        .withArgs(ethers.ZeroAddress);
    });

    it("refuses an end that does not lie after now", async () => {
      const { credentials, issuer, patient } = await loadFixture(fixture);
      const from = (await now()) + 10n;
      for (const [at, end] of [
        [from, from - 1n],
        [from + 1n, from + 1n],
      ] as const) {
        await time.setNextBlockTimestamp(at);
        await expect(credentials.connect(issuer).issue(patient, PRACTITIONER, end))
          .to.be.revertedWithCustomError(credentials, "InvalidPeriod")
          .withArgs(at, end);
      }
      await time.setNextBlockTimestamp(from + 2n);
      await credentials.connect(issuer).issue(patient, PRACTITIONER, from + 3n);
    });

    it("counts the list of one actor and role, and tells it by pages", async () => {
      const { credentials, issuer, patient, until } = await loadFixture(fixture);
      for (let i = 0n; i < 5n; ++i) await credentials.connect(issuer).issue(patient, PRACTITIONER, until + i);
      expect(await credentials.credentialCount(patient, PRACTITIONER)).to.equal(5n);
      expect(await credentials.credentialCount(patient, RESEARCHER)).to.equal(0n);
      for (const [first, count, numbers] of [
        [0, 5, [0n, 1n, 2n, 3n, 4n]],
        [1, 2, [1n, 2n]],
        [4, 5, [4n]],
        [5, 1, []],
        [0, 0, []],
      ] as const) {
        const page = await credentials.credentialsOf(patient, PRACTITIONER, first, count);
        expect(page.map((credential) => credential.until - until)).to.deep.equal(numbers);
      }
    });

    it("refuses more than ten years", async () => {
      const { credentials, issuer, patient } = await loadFixture(fixture);
      const longest = await credentials.MAX_PERIOD();
      expect(longest).to.equal(3653n * 24n * 3600n);
      const from = (await now()) + 10n;
      await time.setNextBlockTimestamp(from);
      await expect(credentials.connect(issuer).issue(patient, PRACTITIONER, from + longest + 1n))
        .to.be.revertedWithCustomError(credentials, "InvalidPeriod")
        .withArgs(from, from + longest + 1n);
      await time.setNextBlockTimestamp(from + 1n);
      await credentials.connect(issuer).issue(patient, PRACTITIONER, from + 1n + longest);
    });
  });

  describe("holds", () => {
    it("is half-open: from the first second until just before the end", async () => {
      const { credentials, practitioner } = await loadFixture(fixture);
      const [credential] = await credentials.credentialsOf(practitioner, PRACTITIONER, 0, 10);
      const { from, until } = credential!;
      for (const [at, held] of [
        [from - 1n, false],
        [from, true],
        [until - 1n, true],
        [until, false],
        [until + 1n, false],
      ] as const) {
        expect(await credentials.holds(practitioner, PRACTITIONER, 0, at), `at ${at}`).to.equal(held);
      }
    });

    it("is false for another role, another actor, and somebody without credentials", async () => {
      const { credentials, practitioner, researcher, outsider } = await loadFixture(fixture);
      const at = await now();
      expect(await credentials.holds(practitioner, RESEARCHER, 0, at)).to.equal(false);
      expect(await credentials.holds(researcher, PRACTITIONER, 0, at)).to.equal(false);
      expect(await credentials.holds(outsider, PRACTITIONER, 0, at)).to.equal(false);
    });

    it("asks about one credential of the history", async () => {
      const { credentials, issuer, patient } = await loadFixture(fixture);
      const first = (await now()) + 100n;
      const second = first + 1000n;
      for (const from of [first, second]) {
        await time.setNextBlockTimestamp(from);
        await credentials.connect(issuer).issue(patient, PRACTITIONER, from + 100n);
      }
      for (const [at, ...held] of [
        [first - 1n, false, false, false],
        [first, true, false, false],
        [first + 99n, true, false, false],
        [first + 100n, false, false, false],
        [second - 1n, false, false, false],
        [second, false, true, false],
        [second + 99n, false, true, false],
        [second + 100n, false, false, false],
      ] as const) {
        for (const [index, expected] of held.entries()) {
          expect(await credentials.holds(patient, PRACTITIONER, index, at), `${index} at ${at}`).to.equal(expected);
        }
      }
    });
  });
});

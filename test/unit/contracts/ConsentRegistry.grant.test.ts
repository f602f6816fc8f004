// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  ALL_PURPOSES,
  BY_DELEGATE,
  DENY,
  digest,
  ethers,
  fixture,
  label,
  loadFixture,
  now,
  pack,
  READ,
  READ_WRITE,
  recordId,
  RESEARCH,
  time,
  TREATMENT,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const CAPSULE = digest("a capsule");
const NO_CAPSULE = ethers.ZeroHash;

/** A time that no block has reached, with terms that are in order at it. */
async function granting() {
  const context = await fixture();
  const at = (await now()) + 1000n;
  const terms = { start: at, end: at + 1000n, permissions: READ, purposes: TREATMENT };
  return { ...context, at, terms };
}

describe("ConsentRegistry.grant", () => {
  it("knows the credentials of who asks for access", async () => {
    const { consent, credentials } = await loadFixture(fixture);
    expect(await consent.CREDENTIALS()).to.equal(await credentials.getAddress());
  });

  it("stores and announces the terms with revision 1, on each kind of scope", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const standing = pack({ ...terms, revision: 1n });
    for (const scope of [WHOLE_CHART, CARDIOLOGY, recordId(patient, CARDIOLOGY, digest("an ECG"))]) {
      await expect(consent.connect(patient).grant(practitioner, scope, pack(terms), CAPSULE))
        .to.emit(consent, "Granted")
        .withArgs(patient, practitioner, scope, standing, CAPSULE);
      expect(await consent.grantOf(patient, practitioner, scope)).to.equal(standing);
    }
  });

  it("needs no capsule", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    await expect(consent.connect(patient).grant(practitioner, CARDIOLOGY, pack(terms), NO_CAPSULE))
      .to.emit(consent, "Granted")
      .withArgs(patient, practitioner, CARDIOLOGY, pack({ ...terms, revision: 1n }), NO_CAPSULE);
  });

  it("replaces what stood there as a whole and counts the change, the same terms too", async () => {
    const { consent, patient, practitioner, at, terms } = await loadFixture(granting);
    const { grant } = consent.connect(patient);
    const changes = [
      { ...terms, permissions: READ_WRITE, purposes: ALL_PURPOSES },
      { end: at + 1n, permissions: DENY },
      terms,
      terms,
    ];
    for (const [i, change] of changes.entries()) {
      const standing = pack({ ...change, revision: BigInt(i + 1) });
      await expect(grant(practitioner, CARDIOLOGY, pack(change), NO_CAPSULE))
        .to.emit(consent, "Granted")
        .withArgs(patient, practitioner, CARDIOLOGY, standing, NO_CAPSULE);
      expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(standing);
    }
  });

  it("keeps patients, grantees and scopes apart", async () => {
    const { consent, patient, practitioner, researcher, outsider, terms } = await loadFixture(granting);
    await consent.connect(patient).grant(practitioner, CARDIOLOGY, pack(terms), NO_CAPSULE);
    for (const [whose, grantee, scope] of [
      [outsider, practitioner, CARDIOLOGY],
      [practitioner, patient, CARDIOLOGY],
      [patient, researcher, CARDIOLOGY],
      [patient, practitioner, label(2)],
      [patient, practitioner, WHOLE_CHART],
    ] as const) {
      expect(await consent.grantOf(whose, grantee, scope)).to.equal(0n);
    }
  });

  it("lets an outsider grant nothing but their own chart", async () => {
    const { consent, patient, practitioner, outsider, terms } = await loadFixture(granting);
    await expect(consent.connect(outsider).grant(practitioner, CARDIOLOGY, pack(terms), NO_CAPSULE))
      .to.emit(consent, "Granted")
      .withArgs(outsider, practitioner, CARDIOLOGY, pack({ ...terms, revision: 1n }), NO_CAPSULE);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(0n);
  });

  it("refuses nobody and the patient as grantee", async () => {
    const { consent, patient, terms } = await loadFixture(granting);
    for (const grantee of [ethers.ZeroAddress, patient.address]) {
      await expect(consent.connect(patient).grant(grantee, CARDIOLOGY, pack(terms), NO_CAPSULE))
        .to.be.revertedWithCustomError(consent, "InvalidGrantee")
        .withArgs(grantee);
    }
  });

  it("refuses a period that is empty, turned round, or over", async () => {
    const { consent, patient, practitioner, at, terms } = await loadFixture(granting);
    const { grant } = consent.connect(patient);
    let block = at;
    for (const [start, end] of [
      [10n, 10n], // each counted from the block's time
      [11n, 10n],
      [-10n, -1n],
      [-10n, 0n],
    ] as const) {
      await time.setNextBlockTimestamp(++block);
      await expect(
        grant(practitioner, CARDIOLOGY, pack({ ...terms, start: block + start, end: block + end }), NO_CAPSULE),
      )
        .to.be.revertedWithCustomError(consent, "InvalidPeriod")
        .withArgs(block + start, block + end);
    }
    await expect(grant(practitioner, CARDIOLOGY, pack({ ...terms, start: 0n, end: 0n }), NO_CAPSULE))
      .to.be.revertedWithCustomError(consent, "InvalidPeriod")
      .withArgs(0n, 0n);
    await time.setNextBlockTimestamp(at + 100n);
    await grant(practitioner, CARDIOLOGY, pack({ ...terms, start: at + 100n, end: at + 101n }), NO_CAPSULE);
  });

  it("takes the longest period that there is", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const forever = { ...terms, start: 0n, end: (1n << 40n) - 1n };
    await consent.connect(patient).grant(practitioner, CARDIOLOGY, pack(forever), NO_CAPSULE);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ ...forever, revision: 1n }));
  });

  it("refuses terms as of a time to come, a DENY too", async () => {
    const { consent, patient, practitioner, at, terms } = await loadFixture(granting);
    const { grant } = consent.connect(patient);
    let block = at;
    for (const permissions of [READ, DENY]) {
      for (const ahead of [1n, 1n << 39n]) {
        const asOf = ++block + ahead;
        await time.setNextBlockTimestamp(block);
        await expect(grant(practitioner, CARDIOLOGY, pack({ ...terms, permissions, asOf }), NO_CAPSULE))
          .to.be.revertedWithCustomError(consent, "InvalidAsOf")
          .withArgs(asOf);
      }
    }
    await time.setNextBlockTimestamp(++block);
    await grant(practitioner, CARDIOLOGY, pack({ ...terms, asOf: block }), NO_CAPSULE);
  });

  for (const permissions of [READ, WRITE, READ_WRITE, DENY]) {
    it(`takes permissions ${permissions} with purposes`, async () => {
      const { consent, patient, practitioner, terms } = await loadFixture(granting);
      const given = { ...terms, permissions, purposes: TREATMENT | RESEARCH };
      await consent.connect(patient).grant(practitioner, CARDIOLOGY, pack(given), NO_CAPSULE);
      expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ ...given, revision: 1n }));
    });
  }

  it("needs a purpose for READ alone", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const { grant } = consent.connect(patient);
    for (const permissions of [WRITE, DENY]) {
      await grant(practitioner, CARDIOLOGY, pack({ ...terms, permissions, purposes: 0n }), NO_CAPSULE);
    }
    for (const permissions of [READ, READ_WRITE]) {
      const word = pack({ ...terms, permissions, purposes: 0n });
      await expect(grant(practitioner, CARDIOLOGY, word, NO_CAPSULE))
        .to.be.revertedWithCustomError(consent, "InvalidTerms")
        .withArgs(word);
    }
  });

  it("refuses every other set of permissions", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const known = [READ, WRITE, READ_WRITE, DENY];
    const others = Array.from({ length: 16 }, (_, i) => BigInt(i)).filter((each) => !known.includes(each));
    for (const permissions of [...others, BY_DELEGATE << 1n, 0xffn]) {
      const word = pack({ ...terms, permissions });
      await expect(consent.connect(patient).grant(practitioner, CARDIOLOGY, word, NO_CAPSULE))
        .to.be.revertedWithCustomError(consent, "InvalidTerms")
        .withArgs(word);
    }
  });

  it("refuses the 64th purpose, a revision, and each bit above", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const reserved = [183n, ...Array.from({ length: 64 }, (_, i) => 192n + BigInt(i))];
    for (const permissions of [READ, DENY]) {
      for (const bit of reserved) {
        const word = pack({ ...terms, permissions }) | (1n << bit);
        await expect(consent.connect(patient).grant.staticCall(practitioner, CARDIOLOGY, word, NO_CAPSULE))
          .to.be.revertedWithCustomError(consent, "InvalidTerms")
          .withArgs(word);
      }
    }
  });
});

describe("ConsentRegistry.revoke", () => {
  it("clears the terms and keeps counting: a tombstone", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const byPatient = consent.connect(patient);
    await byPatient.grant(practitioner, CARDIOLOGY, pack(terms), NO_CAPSULE);
    await expect(byPatient.revoke(practitioner, CARDIOLOGY))
      .to.emit(consent, "Revoked")
      .withArgs(patient, practitioner, CARDIOLOGY, 2n);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ revision: 2n }));
    await byPatient.grant(practitioner, CARDIOLOGY, pack(terms), NO_CAPSULE);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ ...terms, revision: 3n }));
  });

  it("counts on an empty slot too, again and again", async () => {
    const { consent, patient, practitioner } = await loadFixture(fixture);
    for (const revision of [1n, 2n]) {
      await expect(consent.connect(patient).revoke(practitioner, CARDIOLOGY))
        .to.emit(consent, "Revoked")
        .withArgs(patient, practitioner, CARDIOLOGY, revision);
      expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ revision }));
    }
  });

  it("takes a DENY back", async () => {
    const { consent, patient, practitioner, terms } = await loadFixture(granting);
    const byPatient = consent.connect(patient);
    await byPatient.grant(practitioner, CARDIOLOGY, pack({ ...terms, permissions: DENY }), NO_CAPSULE);
    await byPatient.revoke(practitioner, CARDIOLOGY);
    expect(await consent.grantOf(patient, practitioner, CARDIOLOGY)).to.equal(pack({ revision: 2n }));
  });

  it("touches no other scope, grantee or patient: an outsider's call only their own slot", async () => {
    const { consent, patient, practitioner, researcher, outsider, terms } = await loadFixture(granting);
    const byPatient = consent.connect(patient);
    const kept = [
      [practitioner, CARDIOLOGY],
      [practitioner, WHOLE_CHART],
      [researcher, label(2)],
    ] as const;
    for (const [grantee, scope] of kept) await byPatient.grant(grantee, scope, pack(terms), NO_CAPSULE);
    await byPatient.revoke(practitioner, label(2));
    for (const caller of [outsider, practitioner]) {
      await expect(consent.connect(caller).revoke(practitioner, CARDIOLOGY))
        .to.emit(consent, "Revoked")
        .withArgs(caller, practitioner, CARDIOLOGY, 1n);
    }
    for (const [grantee, scope] of kept) {
      expect(await consent.grantOf(patient, grantee, scope)).to.equal(pack({ ...terms, revision: 1n }));
    }
  });
});

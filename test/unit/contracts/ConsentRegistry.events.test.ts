// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  BY_DELEGATE,
  DENY,
  digest,
  ethers,
  fixture,
  label,
  loadFixture,
  now,
  pack,
  PRACTITIONER,
  READ,
  READ_WRITE,
  recordId,
  RESEARCH,
  RESEARCHER,
  time,
  TREATMENT,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const IMAGING = label(2);
const CAPSULE = digest("a capsule");
const ECG = digest("an ECG");
const MAX_GRANTEES = 14;

/** A capsule for grantees of a compartment, or of one record of it. */
const delivery = (
  patient: { address: string },
  grantees: readonly ({ address: string } | string)[],
  compartment: string,
  capsule = CAPSULE,
  content = ethers.ZeroHash,
) => ({
  patient: patient.address,
  grantees: grantees.map((grantee) => (typeof grantee === "string" ? grantee : grantee.address)),
  compartment,
  content,
  capsule,
});

/** A practitioner who writes in cardiology, until `end`. */
async function writing() {
  const context = await fixture();
  const end = (await now()) + 1000n;
  const word = pack({ end, permissions: WRITE });
  await context.consent.connect(context.patient).grant(context.practitioner, CARDIOLOGY, word, ethers.ZeroHash);
  return { ...context, end };
}

describe("ConsentRegistry.deliver", () => {
  it("announces a capsule to each grantee, by the patient and by a writer", async () => {
    const { consent, patient, practitioner, researcher, outsider } = await loadFixture(writing);
    for (const by of [patient, practitioner]) {
      const call = consent.connect(by).deliver(delivery(patient, [researcher, outsider], CARDIOLOGY));
      await expect(call).to.emit(consent, "Delivered").withArgs(patient, researcher, CARDIOLOGY, CAPSULE, by);
      await expect(call).to.emit(consent, "Delivered").withArgs(patient, outsider, CARDIOLOGY, CAPSULE, by);
    }
  });

  it("takes up to 14 grantees, and at least one", async () => {
    const { consent, patient, practitioner } = await loadFixture(writing);
    expect(await consent.MAX_GRANTEES()).to.equal(MAX_GRANTEES);
    const grantees = (count: number) =>
      Array.from({ length: count }, (_, i) => ethers.getAddress(ethers.toBeHex(i + 1, 20)));
    for (const by of [patient, practitioner]) {
      const { deliver } = consent.connect(by);
      const receipt = await (await deliver(delivery(patient, grantees(MAX_GRANTEES), CARDIOLOGY))).wait();
      const told = receipt?.logs.map((log) => consent.interface.parseLog(log)?.args.getValue("grantee") as string);
      expect(told).to.deep.equal(grantees(MAX_GRANTEES));
      for (const count of [0, MAX_GRANTEES + 1]) {
        await expect(deliver(delivery(patient, grantees(count), CARDIOLOGY)))
          .to.be.revertedWithCustomError(consent, "InvalidBatchSize")
          .withArgs(count, MAX_GRANTEES);
      }
    }
  });

  it("refuses an empty pointer", async () => {
    const { consent, patient, practitioner } = await loadFixture(writing);
    await expect(consent.connect(patient).deliver(delivery(patient, [practitioner], CARDIOLOGY, ethers.ZeroHash)))
      .to.be.revertedWithCustomError(consent, "InvalidCapsule")
      .withArgs();
  });

  it("refuses an outsider, a reader, and a writer of elsewhere", async () => {
    const { consent, patient, practitioner, researcher, outsider, end } = await loadFixture(writing);
    const read = pack({ end, permissions: READ, purposes: TREATMENT });
    await consent.connect(patient).grant(researcher, CARDIOLOGY, read, ethers.ZeroHash);
    for (const [by, whose, scope] of [
      [outsider, patient, CARDIOLOGY],
      [researcher, patient, CARDIOLOGY],
      [practitioner, patient, IMAGING],
      [practitioner, patient, WHOLE_CHART],
      [practitioner, outsider, CARDIOLOGY],
    ] as const) {
      await expect(consent.connect(by).deliver(delivery(whose, [by], scope)))
        .to.be.revertedWithCustomError(consent, "NotDeliverer")
        .withArgs(whose, scope, by);
    }
    const record = delivery(patient, [researcher], CARDIOLOGY, CAPSULE, ECG);
    await expect(consent.connect(researcher).deliver(record))
      .to.be.revertedWithCustomError(consent, "NotDeliverer")
      .withArgs(patient, recordId(patient, CARDIOLOGY, ECG), researcher);
  });

  it("refuses a record without its compartment, and a record id in its place", async () => {
    const { consent, patient, practitioner } = await loadFixture(writing);
    const id = recordId(patient, CARDIOLOGY, ECG);
    for (const [compartment, content] of [
      [WHOLE_CHART, ECG],
      [id, ECG],
      [id, ethers.ZeroHash],
    ] as const) {
      for (const by of [patient, practitioner]) {
        await expect(consent.connect(by).deliver(delivery(patient, [by], compartment, CAPSULE, content)))
          .to.be.revertedWithCustomError(consent, "InvalidPlace")
          .withArgs(compartment, content);
      }
    }
  });

  it("asks a writer for the whole chart to deliver keys of the whole chart", async () => {
    const { consent, patient, practitioner, end } = await loadFixture(writing);
    const word = pack({ end, permissions: WRITE });
    await consent.connect(patient).grant(practitioner, WHOLE_CHART, word, ethers.ZeroHash);
    for (const scope of [WHOLE_CHART, IMAGING]) {
      await expect(consent.connect(practitioner).deliver(delivery(patient, [practitioner], scope)))
        .to.emit(consent, "Delivered")
        .withArgs(patient, practitioner, scope, CAPSULE, practitioner);
    }
  });

  it("takes any place from the patient", async () => {
    const { consent, patient, practitioner } = await loadFixture(writing);
    for (const [compartment, content, scope] of [
      [WHOLE_CHART, ethers.ZeroHash, WHOLE_CHART],
      [IMAGING, ethers.ZeroHash, IMAGING],
      [CARDIOLOGY, ECG, recordId(patient, CARDIOLOGY, ECG)],
    ] as const) {
      await expect(consent.connect(patient).deliver(delivery(patient, [practitioner], compartment, CAPSULE, content)))
        .to.emit(consent, "Delivered")
        .withArgs(patient, practitioner, scope, CAPSULE, patient);
    }
  });

  it("refuses a writer from the end of WRITE on, after a revoke and after a lockdown", async () => {
    for (const withdraw of ["expire", "revoke", "lockdown"] as const) {
      const { consent, patient, practitioner, end } = await loadFixture(writing);
      if (withdraw === "revoke") await consent.connect(patient).revoke(practitioner, CARDIOLOGY);
      if (withdraw === "lockdown") await consent.connect(patient).lockdown();
      if (withdraw === "expire") {
        await time.setNextBlockTimestamp(end - 1n);
        await consent.connect(practitioner).deliver(delivery(patient, [practitioner], CARDIOLOGY));
        await time.setNextBlockTimestamp(end);
      }
      await expect(consent.connect(practitioner).deliver(delivery(patient, [practitioner], CARDIOLOGY)), withdraw)
        .to.be.revertedWithCustomError(consent, "NotDeliverer")
        .withArgs(patient, CARDIOLOGY, practitioner);
    }
  });
});

describe("ConsentRegistry.request", () => {
  it("asks a patient, and changes nothing", async () => {
    const { consent, patient, researcher, until } = await loadFixture(fixture);
    for (const [scope, permissions, purposes] of [
      [WHOLE_CHART, READ, RESEARCH],
      [CARDIOLOGY, READ_WRITE, RESEARCH | TREATMENT],
      [recordId(patient, CARDIOLOGY, digest("an ECG")), WRITE, 0n],
    ] as const) {
      await expect(consent.connect(researcher).request(patient, scope, RESEARCHER, 0, permissions, purposes, until))
        .to.emit(consent, "Requested")
        .withArgs(patient, researcher, scope, RESEARCHER, permissions, purposes, until);
      expect(await consent.grantOf(patient, researcher, scope)).to.equal(0n);
    }
  });

  it("refuses an outsider, and a credential for another role", async () => {
    const { consent, patient, outsider, researcher, until } = await loadFixture(fixture);
    for (const [by, role] of [
      [outsider, RESEARCHER],
      [researcher, PRACTITIONER],
      [researcher, ethers.ZeroHash],
    ] as const) {
      await expect(consent.connect(by).request(patient, CARDIOLOGY, role, 0, READ, RESEARCH, until))
        .to.be.revertedWithCustomError(consent, "NotCredentialed")
        .withArgs(by, role, 0n);
    }
  });

  it("refuses from the end of the credential on, and after its revocation", async () => {
    const { consent, credentials, issuer, patient, practitioner, researcher, until } = await loadFixture(fixture);
    const ask = async () =>
      await consent.connect(researcher).request(patient, CARDIOLOGY, RESEARCHER, 0, READ, RESEARCH, until + 1000n);
    await time.setNextBlockTimestamp(until - 2n);
    await credentials.connect(issuer).revoke(practitioner, PRACTITIONER, 0, until - 2n);
    await time.setNextBlockTimestamp(until - 1n);
    await ask();
    await time.setNextBlockTimestamp(until);
    await expect(ask()).to.be.revertedWithCustomError(consent, "NotCredentialed").withArgs(researcher, RESEARCHER, 0n);
    await expect(consent.connect(practitioner).request(patient, CARDIOLOGY, PRACTITIONER, 0, WRITE, 0n, until + 1000n))
      .to.be.revertedWithCustomError(consent, "NotCredentialed")
      .withArgs(practitioner, PRACTITIONER, 0n);
  });

  it("refuses nobody and the requester as patient", async () => {
    const { consent, researcher, until } = await loadFixture(fixture);
    for (const patient of [ethers.ZeroAddress, researcher.address]) {
      await expect(consent.connect(researcher).request(patient, CARDIOLOGY, RESEARCHER, 0, READ, RESEARCH, until))
        .to.be.revertedWithCustomError(consent, "InvalidPatient")
        .withArgs(patient);
    }
  });

  it("refuses what could not be granted, and a wish for DENY", async () => {
    const { consent, patient, researcher, until } = await loadFixture(fixture);
    for (const [permissions, purposes] of [
      [0n, RESEARCH],
      [DENY, RESEARCH],
      [READ | DENY, RESEARCH],
      [BY_DELEGATE, RESEARCH],
      [READ | BY_DELEGATE, RESEARCH],
      [READ, 0n],
      [READ_WRITE, 0n],
      [READ, 1n << 63n],
      [WRITE, (1n << 63n) | RESEARCH],
    ] as const) {
      const word = pack({ end: until, permissions, purposes });
      await expect(
        consent.connect(researcher).request(patient, CARDIOLOGY, RESEARCHER, 0, permissions, purposes, until),
      )
        .to.be.revertedWithCustomError(consent, "InvalidTerms")
        .withArgs(word);
    }
  });

  it("refuses an end that does not lie after now", async () => {
    const { consent, patient, researcher } = await loadFixture(fixture);
    const { request } = consent.connect(researcher);
    const at = (await now()) + 100n;
    await time.setNextBlockTimestamp(at);
    await expect(request(patient, CARDIOLOGY, RESEARCHER, 0, READ, RESEARCH, at))
      .to.be.revertedWithCustomError(consent, "InvalidPeriod")
      .withArgs(0n, at);
    await time.setNextBlockTimestamp(at + 1n);
    await expect(request(patient, CARDIOLOGY, RESEARCHER, 0, READ, RESEARCH, at + 2n)).to.emit(consent, "Requested");
  });
});

describe("ConsentRegistry.decline", () => {
  it("says no, in the caller's own name and nobody else's", async () => {
    const { consent, patient, researcher, outsider } = await loadFixture(fixture);
    for (const caller of [patient, outsider]) {
      await expect(consent.connect(caller).decline(researcher, CARDIOLOGY))
        .to.emit(consent, "Declined")
        .withArgs(caller, researcher, CARDIOLOGY);
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  DENY,
  digest,
  ethers,
  fixture,
  label,
  loadFixture,
  now,
  pack,
  READ,
  recordId,
  time,
  TREATMENT,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const IMAGING = label(2);
const CONTENT = digest("an ECG");
const MANIFEST = digest("its manifest");
const NEWER = digest("its manifest, sealed anew");
const enum Status {
  None,
  Anchored,
}

/** A practitioner who may write in cardiology from `start` until `end`. */
async function writing() {
  const context = await fixture();
  const { consent, patient, practitioner } = context;
  const start = (await now()) + 1000n;
  const end = start + 1000n;
  await consent
    .connect(patient)
    .grant(practitioner, CARDIOLOGY, pack({ start, end, permissions: WRITE }), ethers.ZeroHash);
  return { ...context, start, end };
}

/** And who anchored a record. */
async function anchored() {
  const context = await writing();
  await time.setNextBlockTimestamp(context.start);
  await context.records.connect(context.practitioner).anchor(context.patient, CARDIOLOGY, CONTENT, MANIFEST);
  return { ...context, id: recordId(context.patient, CARDIOLOGY, CONTENT) };
}

describe("RecordRegistry", () => {
  it("asks the ConsentRegistry, and has the domain of e-stamps", async () => {
    const { records, consent } = await loadFixture(fixture);
    expect(await records.CONSENT()).to.equal(await consent.getAddress());
    const { name, version, chainId, verifyingContract, salt } = await records.eip712Domain();
    expect([name, version, chainId]).to.deep.equal(["CareKey RecordRegistry", "1", 31337n]);
    expect([verifyingContract, salt]).to.deep.equal([await records.getAddress(), ethers.ZeroHash]);
  });

  describe("anchor", () => {
    it("anchors a record for a writer", async () => {
      const { records, patient, practitioner, start } = await loadFixture(writing);
      const id = recordId(patient, CARDIOLOGY, CONTENT);
      await time.setNextBlockTimestamp(start);
      await expect(records.connect(practitioner).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST))
        .to.emit(records, "Anchored")
        .withArgs(patient, id, CARDIOLOGY, MANIFEST);
      expect(await records.anchorOf(id)).to.deep.equal([practitioner.address, start, BigInt(Status.Anchored)]);
    });

    it("anchors a record for the patient, without any grant", async () => {
      const { records, patient } = await loadFixture(fixture);
      const id = recordId(patient, CARDIOLOGY, CONTENT);
      expect(await records.connect(patient).anchor.staticCall(patient, CARDIOLOGY, CONTENT, MANIFEST)).to.equal(id);
      await expect(records.connect(patient).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST))
        .to.emit(records, "Anchored")
        .withArgs(patient, id, CARDIOLOGY, MANIFEST);
      expect((await records.anchorOf(id)).author).to.equal(patient.address);
    });

    it("keeps the window of WRITE half-open", async () => {
      const { records, patient, practitioner, start, end } = await loadFixture(writing);
      for (const [at, allowed] of [
        [start - 1n, false],
        [start, true],
        [end - 1n, true],
        [end, false],
        [end + 1n, false],
      ] as const) {
        await time.setNextBlockTimestamp(at);
        const call = records.connect(practitioner).anchor(patient, CARDIOLOGY, digest(`at ${at}`), MANIFEST);
        if (allowed) await expect(call, `at ${at}`).to.emit(records, "Anchored");
        else {
          await expect(call, `at ${at}`)
            .to.be.revertedWithCustomError(records, "NotWriter")
            .withArgs(patient, CARDIOLOGY, practitioner);
        }
      }
    });

    it("takes WRITE on the whole chart, and refuses where the compartment is denied", async () => {
      const { records, consent, patient, outsider } = await loadFixture(fixture);
      const end = (await now()) + 1000n;
      const grant = async (scope: string, permissions: bigint) =>
        await consent.connect(patient).grant(outsider, scope, pack({ end, permissions }), ethers.ZeroHash);
      await grant(WHOLE_CHART, WRITE);
      await grant(IMAGING, DENY);
      await records.connect(outsider).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST);
      await expect(records.connect(outsider).anchor(patient, IMAGING, CONTENT, MANIFEST))
        .to.be.revertedWithCustomError(records, "NotWriter")
        .withArgs(patient, IMAGING, outsider);
    });

    it("refuses an outsider, a reader, and a writer of another compartment or patient", async () => {
      const { records, consent, patient, practitioner, researcher, outsider, start, end } = await loadFixture(writing);
      const read = pack({ end, permissions: READ, purposes: TREATMENT });
      await consent.connect(patient).grant(researcher, CARDIOLOGY, read, ethers.ZeroHash);
      await time.increaseTo(start);
      for (const [caller, whose, compartment] of [
        [outsider, patient, CARDIOLOGY],
        [researcher, patient, CARDIOLOGY],
        [practitioner, patient, IMAGING],
        [practitioner, outsider, CARDIOLOGY],
      ] as const) {
        await expect(records.connect(caller).anchor(whose, compartment, CONTENT, MANIFEST))
          .to.be.revertedWithCustomError(records, "NotWriter")
          .withArgs(whose, compartment, caller);
        expect((await records.anchorOf(recordId(whose, compartment, CONTENT))).status).to.equal(Status.None);
      }
    });

    it("refuses a writer whose grant was revoked or locked down", async () => {
      for (const withdraw of ["revoke", "lockdown"] as const) {
        const { records, consent, patient, practitioner, start } = await loadFixture(writing);
        await time.increaseTo(start);
        if (withdraw === "revoke") await consent.connect(patient).revoke(practitioner, CARDIOLOGY);
        else await consent.connect(patient).lockdown();
        await expect(records.connect(practitioner).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST), withdraw)
          .to.be.revertedWithCustomError(records, "NotWriter")
          .withArgs(patient, CARDIOLOGY, practitioner);
      }
    });

    it("does not take WRITE on the record itself: that is for amending", async () => {
      const { records, consent, patient, outsider } = await loadFixture(fixture);
      const terms = pack({ end: (await now()) + 1000n, permissions: WRITE });
      await consent.connect(patient).grant(outsider, recordId(patient, CARDIOLOGY, CONTENT), terms, ethers.ZeroHash);
      await expect(records.connect(outsider).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST))
        .to.be.revertedWithCustomError(records, "NotWriter")
        .withArgs(patient, CARDIOLOGY, outsider);
    });

    it("refuses what is no compartment: the whole chart, or a record id", async () => {
      const { records, patient, practitioner, id } = await loadFixture(anchored);
      const lowest = ethers.toBeHex(1n << 255n, 32);
      for (const compartment of [WHOLE_CHART, id, lowest, ethers.toBeHex(ethers.MaxUint256, 32)]) {
        for (const caller of [patient, practitioner]) {
          await expect(records.connect(caller).anchor(patient, compartment, CONTENT, MANIFEST))
            .to.be.revertedWithCustomError(records, "InvalidCompartment")
            .withArgs(compartment);
        }
      }
      const highestLabel = ethers.toBeHex((1n << 255n) - 1n, 32);
      await records.connect(patient).anchor(patient, highestLabel, CONTENT, MANIFEST);
    });

    it("refuses an empty content and an empty manifest", async () => {
      const { records, patient } = await loadFixture(fixture);
      const { anchor } = records.connect(patient);
      await expect(anchor(patient, CARDIOLOGY, ethers.ZeroHash, MANIFEST))
        .to.be.revertedWithCustomError(records, "InvalidContent")
        .withArgs();
      await expect(anchor(patient, CARDIOLOGY, CONTENT, ethers.ZeroHash))
        .to.be.revertedWithCustomError(records, "InvalidManifest")
        .withArgs();
    });

    it("anchors a record once; its author stays", async () => {
      const { records, patient, practitioner, id } = await loadFixture(anchored);
      const before = await records.anchorOf(id);
      for (const caller of [practitioner, patient]) {
        await expect(records.connect(caller).anchor(patient, CARDIOLOGY, CONTENT, NEWER))
          .to.be.revertedWithCustomError(records, "AlreadyAnchored")
          .withArgs(id);
      }
      expect(await records.anchorOf(id)).to.deep.equal(before);
    });

    it("anchors the same content for another patient or compartment as another record", async () => {
      const { records, patient, outsider, id } = await loadFixture(anchored);
      await records.connect(patient).anchor(patient, IMAGING, CONTENT, MANIFEST);
      await records.connect(outsider).anchor(outsider, CARDIOLOGY, CONTENT, MANIFEST);
      const ids = [id, recordId(patient, IMAGING, CONTENT), recordId(outsider, CARDIOLOGY, CONTENT)];
      expect(new Set(ids).size).to.equal(3);
      const authors = await Promise.all(ids.map(async (each) => (await records.anchorOf(each)).author));
      expect(authors.slice(1)).to.deep.equal([patient.address, outsider.address]);
    });
  });
});

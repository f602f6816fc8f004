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
  recordId,
  time,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const IMAGING = label(2);
const CONTENT = digest("an ECG");
const OTHER_CONTENT = digest("an MRI");
const MANIFEST = digest("its manifest");
const NEWER = digest("its manifest, sealed anew");

/** A record in cardiology by a practitioner, whose WRITE ends at `end`, and one in imaging by the patient. */
async function anchored() {
  const context = await fixture();
  const { consent, records, patient, practitioner } = context;
  const end = (await now()) + 1000n;
  await consent.connect(patient).grant(practitioner, CARDIOLOGY, pack({ end, permissions: WRITE }), ethers.ZeroHash);
  await records.connect(practitioner).anchor(patient, CARDIOLOGY, CONTENT, MANIFEST);
  await records.connect(patient).anchor(patient, IMAGING, OTHER_CONTENT, MANIFEST);
  return { ...context, end, id: recordId(patient, CARDIOLOGY, CONTENT) };
}

describe("RecordRegistry.point", () => {
  it("announces a newer manifest, by the author and by the patient, and stores nothing", async () => {
    const { records, patient, practitioner, id } = await loadFixture(anchored);
    const before = await records.anchorOf(id);
    for (const caller of [practitioner, patient]) {
      await expect(records.connect(caller).point(patient, CARDIOLOGY, CONTENT, NEWER))
        .to.emit(records, "Pointed")
        .withArgs(patient, id, CARDIOLOGY, NEWER, caller);
    }
    expect(await records.anchorOf(id)).to.deep.equal(before);
  });

  it("refuses an outsider, and a writer who is not the author", async () => {
    const { records, consent, patient, researcher, outsider, end, id } = await loadFixture(anchored);
    const terms = pack({ end, permissions: WRITE });
    await consent.connect(patient).grant(researcher, CARDIOLOGY, terms, ethers.ZeroHash);
    for (const caller of [outsider, researcher]) {
      await expect(records.connect(caller).point(patient, CARDIOLOGY, CONTENT, NEWER))
        .to.be.revertedWithCustomError(records, "NotAuthor")
        .withArgs(id, caller);
    }
  });

  it("refuses the author once WRITE has ended", async () => {
    const { records, patient, practitioner, end } = await loadFixture(anchored);
    const { point } = records.connect(practitioner);
    await time.setNextBlockTimestamp(end - 1n);
    await expect(point(patient, CARDIOLOGY, CONTENT, NEWER)).to.emit(records, "Pointed");
    for (const at of [end, end + 1n]) {
      await time.setNextBlockTimestamp(at);
      await expect(point(patient, CARDIOLOGY, CONTENT, NEWER))
        .to.be.revertedWithCustomError(records, "NotWriter")
        .withArgs(patient, CARDIOLOGY, practitioner);
    }
  });

  it("refuses the author after a revoke, a lockdown, and a DENY on the record", async () => {
    for (const withdraw of ["revoke", "lockdown", "deny"] as const) {
      const { records, consent, patient, practitioner, end, id } = await loadFixture(anchored);
      const byPatient = consent.connect(patient);
      if (withdraw === "revoke") await byPatient.revoke(practitioner, CARDIOLOGY);
      else if (withdraw === "lockdown") await byPatient.lockdown();
      else await byPatient.grant(practitioner, id, pack({ end, permissions: DENY }), ethers.ZeroHash);
      await expect(records.connect(practitioner).point(patient, CARDIOLOGY, CONTENT, NEWER), withdraw)
        .to.be.revertedWithCustomError(records, "NotWriter")
        .withArgs(patient, CARDIOLOGY, practitioner);
    }
  });

  it("takes the author's WRITE on the record itself or on the whole chart", async () => {
    for (const wide of [false, true]) {
      const { records, consent, patient, practitioner, end, id } = await loadFixture(anchored);
      await consent.connect(patient).revoke(practitioner, CARDIOLOGY);
      const terms = pack({ end, permissions: WRITE });
      await consent.connect(patient).grant(practitioner, wide ? WHOLE_CHART : id, terms, ethers.ZeroHash);
      await expect(records.connect(practitioner).point(patient, CARDIOLOGY, CONTENT, NEWER)).to.emit(
        records,
        "Pointed",
      );
    }
  });

  it("refuses an empty manifest", async () => {
    const { records, patient } = await loadFixture(anchored);
    await expect(records.connect(patient).point(patient, CARDIOLOGY, CONTENT, ethers.ZeroHash))
      .to.be.revertedWithCustomError(records, "InvalidManifest")
      .withArgs();
  });

  it("knows a record only by its own patient, compartment and content", async () => {
    const { records, patient, outsider, id } = await loadFixture(anchored);
    for (const [whose, compartment, content] of [
      [patient, IMAGING, CONTENT],
      [patient, CARDIOLOGY, OTHER_CONTENT],
      [outsider, CARDIOLOGY, CONTENT],
      [patient, id, CONTENT],
      [patient, CARDIOLOGY, id],
      [patient, WHOLE_CHART, CONTENT],
      [patient, CARDIOLOGY, ethers.ZeroHash],
      [patient, CONTENT, CARDIOLOGY],
    ] as const) {
      await expect(records.connect(whose).point(whose, compartment, content, NEWER))
        .to.be.revertedWithCustomError(records, "UnknownRecord")
        .withArgs(recordId(whose, compartment, content));
    }
  });
});

describe("RecordRegistry.recordIdOf", () => {
  it("is the hash of patient, compartment and content with the top bit set, for every pair", async () => {
    const { records, patient, outsider } = await loadFixture(anchored);
    const ids = new Set<string>();
    for (const whose of [patient, outsider]) {
      for (const compartment of [CARDIOLOGY, IMAGING, WHOLE_CHART]) {
        for (const content of [CONTENT, OTHER_CONTENT, ethers.ZeroHash]) {
          const id = await records.recordIdOf(whose, compartment, content);
          expect(id).to.equal(recordId(whose, compartment, content));
          expect(BigInt(id) >> 255n).to.equal(1n);
          ids.add(id);
        }
      }
    }
    expect(ids.size).to.equal(18);
  });

  it("leads to nothing where no record is anchored", async () => {
    const { records } = await loadFixture(anchored);
    expect(await records.anchorOf(digest("unknown"))).to.deep.equal([ethers.ZeroAddress, 0n, 0n]);
  });
});

import { expect } from "chai";

import { announcementsOf, deliver } from "../../../src/chain/announcements.js";
import { chainTime } from "../../../src/chain/connection.js";
import { lastChanges, lockdown, revoke, sendGrant } from "../../../src/chain/consent.js";
import { recordIdOf, wholeChart } from "../../../src/chain/ids.js";
import { newestKeyPlace, publishKey } from "../../../src/chain/keys.js";
import { anchor, manifestsOf, point } from "../../../src/chain/records.js";
import { placeOf } from "../../../src/chain/scan.js";
import { digest, give, label, loadFixture, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const ecg = digest("an ECG");

/** A doctor who writes in imaging, and an ECG of theirs. */
async function writing() {
  const context = await registries();
  const { patient, doctor, end } = context;
  await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
  const name = { patient: patient.address, compartment: imaging, content: ecg };
  await anchor(doctor, name, digest("first"));
  const recordId = recordIdOf(patient.address, imaging, ecg);
  /** Where the newest event of a block without others lies. */
  const here = async () => placeOf({ blockNumber: await patient.provider.getBlockNumber(), index: 0 });
  return { ...context, name, recordId, here };
}

describe("places on the chain", () => {
  it("grow with blocks, and within a block with its logs", () => {
    const places = [
      { blockNumber: 0, index: 0 },
      { blockNumber: 0, index: 7 },
      { blockNumber: 1, index: 0 },
      { blockNumber: 1, index: 1_000_000 },
      { blockNumber: 2, index: 0 },
      { blockNumber: 4_000_000_000, index: 3 },
    ].map(placeOf);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(new Set(places).size).to.equal(places.length);
    expect(places.every(Number.isSafeInteger)).to.equal(true);
  });

  it("tell a record's manifests in their order, with who pointed to them", async () => {
    const { patient, doctor, nurse, name, recordId, here } = await loadFixture(writing);
    const anchoredHere = await here();
    await point(doctor, name, digest("second"));
    const pointedHere = await here();
    await point(patient, name, digest("first"));
    const other = { ...name, content: digest("another ECG") };
    await anchor(doctor, other, digest("other"));
    expect(await manifestsOf(nurse, { recordId })).to.deep.equal([
      { recordId, manifest: digest("first"), by: undefined, place: anchoredHere },
      { recordId, manifest: digest("second"), by: doctor.address, place: pointedHere },
      {
        recordId,
        manifest: digest("first"),
        by: patient.address,
        place: pointedHere + placeOf({ blockNumber: 1, index: 0 }),
      },
    ]);
    const chart = await manifestsOf(nurse, { patient: patient.address });
    expect(chart.map(({ manifest }) => manifest)).to.deep.equal(["first", "other", "second", "first"].map(digest));
    expect(await manifestsOf(nurse, { patient: doctor.address })).to.deep.equal([]);
    expect(await manifestsOf(nurse, { recordId: "0x" + "ff".repeat(32) })).to.deep.equal([]);
  });

  it("tell who announced which capsule to whom, whatever carried it", async () => {
    const { patient, doctor, nurse, outsider, name, recordId, end } = await loadFixture(writing);
    const start = await chainTime(patient);
    const terms = { start, end, asOf: 0, permissions: ["READ"], purposes: ["TREAT"] } as const;
    await deliver(doctor, { ...name, grantees: [nurse.address, outsider.address], capsule: digest("of the doctor") });
    await sendGrant(patient, { grantee: nurse.address, scope: wholeChart, terms, capsule: digest("of the grant") });
    await sendGrant(patient, { grantee: outsider.address, scope: imaging, terms });
    await give(nurse, patient, imaging, { permissions: ["WRITE"], end });
    const announced = await announcementsOf(outsider, patient.address);
    expect(announced.map(({ place: _, ...each }) => each)).to.deep.equal([
      ...[nurse, outsider].map(({ address }) => ({
        ...{ patient: patient.address, grantee: address, scope: recordId },
        ...{ capsule: digest("of the doctor"), by: doctor.address },
      })),
      {
        ...{ patient: patient.address, grantee: nurse.address, scope: wholeChart },
        ...{ capsule: digest("of the grant"), by: patient.address },
      },
    ]);
    const places = announced.map(({ place }) => place);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(new Set(places).size).to.equal(3);
  });

  it("tell where something changed last for each grantee: by grant, revocation or lockdown", async () => {
    const { patient, doctor, nurse, outsider, end, here } = await loadFixture(writing);
    const changed = async () => {
      const last = await lastChanges(outsider, patient.address);
      return [doctor, nurse, outsider].map(({ address }) => last(address));
    };
    const [granted, ...nothing] = await changed();
    expect(granted).to.be.greaterThan(0);
    expect(nothing).to.deep.equal([0, 0]);
    await give(patient, nurse, imaging, { permissions: ["READ"], end });
    const nurseHere = await here();
    expect(await changed()).to.deep.equal([granted, nurseHere, 0]);
    await revoke(patient, doctor.address, imaging);
    const doctorHere = await here();
    expect(await changed()).to.deep.equal([doctorHere, nurseHere, 0]);
    await lockdown(patient);
    const all = await here();
    expect(await changed()).to.deep.equal([all, all, all]);
  });

  it("tell where an actor's newest key is", async () => {
    const { nurse, doctor, outsider, here } = await loadFixture(writing);
    expect(await newestKeyPlace(outsider, nurse.address)).to.equal(undefined);
    const key = (fill: number): Uint8Array => new Uint8Array(1216).fill(fill);
    await publishKey(nurse, key(1));
    await publishKey(nurse, key(2));
    const newest = await here();
    await publishKey(doctor, key(3));
    expect(await newestKeyPlace(outsider, nurse.address)).to.equal(newest);
  });
});

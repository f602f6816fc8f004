import { expect } from "chai";
import { getBytes } from "ethers";

import { findRecord, manifestsOf, point } from "../../../src/chain/records.js";
import { open as openSealed } from "../../../src/crypto/age.js";
import { type Hex32, type Progress, generateIdentity, wholeChart } from "../../../src/index.js";
import { asActor } from "../../../src/record/identities.js";
import { digestOf, sealManifest } from "../../../src/record/manifest.js";
import { fetchManifest } from "../../../src/record/own.js";
import { cidOfDigest, rawBlock } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, codeOf, refused, sample } from "../../helpers/clinic.js";
import { faulty } from "../../helpers/stores.js";

const purpose = "TREAT";

describe("rotating an actor's key", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
  });
  after(() => clinic.close());

  /** The same patient with a newer identity, which is not published yet. */
  const newer = async (actor: Actor): Promise<Actor> =>
    clinic.again(actor, { identities: [await generateIdentity(), ...actor.own.identities] });
  /** The patient with their newest identity alone. */
  const alone = ({ own: { identities } }: Actor): Promise<Actor> =>
    clinic.again(patient, { identities: [identities[0]] });
  const opens = async (by: Actor, recordId: Hex32): Promise<void> => {
    const { parts, stamps } = await by.open(recordId, { purpose });
    expect(stamps[0]).to.include({ proven: true });
    await bytesOf(parts[0]!);
  };
  const manifestOf = async (recordId: Hex32): Promise<Hex32> =>
    (await findRecord(patient.own.chain, recordId)).manifest;
  const blockOf = async (digest: Hex32): Promise<Uint8Array> => clinic.store.get(cidOfDigest(getBytes(digest)));

  it("brings the chart over: the newest identity alone opens it, the old one no longer, and nothing else changes", async () => {
    const { label } = chart;
    const theirs = await clinic.share(chart);
    const own = await patient.share([sample()], { patient: patient.address, compartment: label });
    await patient.addCompartment("imaging");
    const reader = await clinic.actor();
    await clinic.grantRead(patient, reader, label);
    const before = { theirs: await manifestOf(theirs.recordId), own: await manifestOf(own.recordId) };
    const payload = (await blockOf(before.theirs)).slice(-100);
    const [, { records }] = [await clinic.grantRead(patient, clinic.radiologist, label), await patient.inbox()];
    expect(records).to.be.empty;

    const rotated = await newer(patient);
    const steps: Progress[] = [];
    const report = await rotated.rotateKey({ onProgress: (step) => steps.push(step) });
    expect(report.key.version).to.equal(2);
    expect(report).to.deep.include({ current: 0, unreadable: [] });
    expect(report.resealed).to.have.lengthOf(3).and.to.include.members([theirs.recordId, own.recordId]);
    expect(steps.filter(({ step }) => step === "sealing anew").map(({ done }) => done)).to.deep.equal([0, 1, 2]);

    const newest = await alone(rotated);
    for (const { recordId } of [theirs, own]) {
      await opens(newest, recordId);
      await refused(patient.open(recordId), "NOT_A_RECIPIENT");
    }
    // file key, payload and others' stanzas stayed: author and grantee open it as they did
    await opens(reader, theirs.recordId);
    await opens(clinic.radiologist, theirs.recordId);
    const resealed = await blockOf(await manifestOf(theirs.recordId));
    expect(Buffer.compare(resealed.slice(-100), payload)).to.equal(0);
    for (const digest of Object.values(before)) {
      expect(await clinic.store.has(cidOfDigest(getBytes(digest)))).to.equal(false);
    }
    // the names of compartments stay where they were
    expect((await rotated.compartments()).map(({ name }) => name)).to.deep.equal(["imaging"]);
  });

  it("points to a whole chart in one transaction", async () => {
    for (let index = 0; index < 5; index++) await clinic.share(chart);
    const rotated = await newer(patient);
    const { height } = await clinic.traces();
    expect((await rotated.rotateKey()).resealed).to.have.lengthOf(5);
    expect((await clinic.traces()).height).to.equal(height + 2);
  });

  it("does nothing where all is done, and publishes nothing twice", async () => {
    await clinic.share(chart);
    const rotated = await newer(patient);
    await rotated.rotateKey();
    const before = await clinic.traces();
    expect(await rotated.rotateKey()).to.deep.include({ resealed: [], current: 1, unreadable: [] });
    expect(await clinic.traces()).to.deep.equal(before);
  });

  it("goes on where it was interrupted, at any step, and leaves no block behind", async () => {
    const shared = [await clinic.share(chart), await clinic.share(chart), await clinic.share(chart)];
    const ids = shared.map(({ recordId }) => recordId);
    const { blocks, pins } = await clinic.traces();
    let rotated = await newer(patient);
    const { identities } = rotated.own;
    // each attempt comes one call of the store further before it fails
    for (let lasts = 0; lasts < 100; lasts++) {
      let calls = 0;
      const store = faulty(clinic.store, () => ++calls > lasts);
      rotated = await clinic.again(patient, { identities, store });
      const failed = await codeOf(rotated.rotateKey());
      for (const id of ids) await opens(await clinic.again(patient, { identities }), id);
      if (failed === undefined) break;
      expect(failed).to.equal("STORE_FAILED");
    }
    const [again, newest] = [await clinic.again(patient, { identities }), await alone(rotated)];
    expect((await again.rotateKey()).resealed).to.be.empty;
    for (const id of ids) await opens(newest, id);
    const after = await clinic.traces();
    expect([after.blocks, after.pins]).to.deep.equal([blocks, pins]);
  });

  it("stops at a signal between two records, and goes on", async () => {
    for (let index = 0; index < 3; index++) await clinic.share(chart);
    const rotated = await newer(patient);
    const stop = new AbortController();
    const onProgress = ({ done }: Progress): void => {
      if (done === 1) stop.abort();
    };
    await refused(rotated.rotateKey({ signal: stop.signal, onProgress }), "CANCELLED");
    expect(await rotated.rotateKey()).to.deep.include({ current: 1, unreadable: [] });
  });

  it("removes the new manifest again where its transaction certainly failed", async () => {
    await clinic.share(chart);
    const { identities } = await newer(patient).then(({ own }) => own);
    let sent = 0;
    const rotated = await clinic.again(patient, {
      identities,
      rpc: async ({ method }, pass) => {
        if (method === "eth_sendRawTransaction" && ++sent === 2) throw new Error("insufficient funds for gas");
        return pass();
      },
    });
    const before = await clinic.traces();
    await refused(rotated.rotateKey(), "FUNDS_MISSING");
    const after = await clinic.traces();
    expect([after.blocks, after.pins]).to.deep.equal([before.blocks, before.pins]);
    const whole = await clinic.again(patient, { identities });
    expect((await whole.rotateKey()).resealed).to.have.lengthOf(1);
  });

  it("goes past a record that is lost or spoiled, and tells it", async () => {
    const [lost, spoiled, good] = [await clinic.share(chart), await clinic.share(chart), await clinic.share(chart)];
    const digest = await manifestOf(lost.recordId);
    const bytes = await blockOf(digest);
    await clinic.store.delete(cidOfDigest(getBytes(digest)));
    const garbage = await rawBlock(new Uint8Array(300).fill(3));
    await clinic.store.put(garbage);
    const { content } = spoiled;
    const name = { patient: patient.address, compartment: chart.label, content };
    await point(clinic.radiologist.own.chain, name, digestOf(garbage));
    const rotated = await newer(patient);
    const report = await rotated.rotateKey();
    expect(report.resealed).to.deep.equal([good.recordId]);
    expect(report.unreadable).to.deep.equal([
      { recordId: lost.recordId, code: "BLOCK_MISSING" },
      { recordId: spoiled.recordId, code: "SEALED_INVALID" },
    ]);
    // its block is back, and the pointer too
    await clinic.store.put(await rawBlock(bytes));
    const [first] = await manifestsOf(patient.own.chain, { recordId: spoiled.recordId });
    await point(clinic.radiologist.own.chain, name, first!.manifest);
    expect((await rotated.rotateKey()).resealed).to.deep.equal([lost.recordId, spoiled.recordId]);
  });

  it("removes nothing that a writer pointed away from", async () => {
    const { recordId, content } = await clinic.share(chart);
    const record = await findRecord(patient.own.chain, recordId);
    const { manifest, fileKey } = await fetchManifest(patient.own, record, asActor(patient.own));
    const bogus = await clinic.share(chart);
    const other = await findRecord(patient.own.chain, bogus.recordId);
    const { parts } = (await fetchManifest(patient.own, other, asActor(patient.own))).manifest;
    const { recipient } = patient.own;
    const { block } = await sealManifest({ ...manifest, parts }, [recipient], fileKey);
    await clinic.store.put(block);
    const name = { patient: patient.address, compartment: chart.label, content };
    await point(clinic.radiologist.own.chain, name, digestOf(block));
    const rotated = await newer(patient);
    expect((await rotated.rotateKey()).resealed).to.have.lengthOf(2);
    const { parts: shown } = await rotated.open(recordId);
    await refused(bytesOf(shown[0]!), "RECORD_INVALID", { what: "part" });
    // the true one is still there to point to
    await point(patient.own.chain, name, record.manifest);
    await opens(rotated, recordId);
    await opens(rotated, bogus.recordId);
  });

  it("lets a grantee read on with the older identity, and with the newer once the patient delivers anew", async () => {
    const { label } = chart;
    const { recordId } = await clinic.share(chart);
    const reader = await clinic.actor();
    await clinic.grantRead(patient, reader, label);
    const both = await newer(reader);
    await both.rotateKey();
    await opens(both, recordId);
    const only = await clinic.again(reader, { identities: [both.own.identities[0]] });
    await refused(only.open(recordId, { purpose }), "KEY_MISSING", { recordId });
    await patient.confirmKey(reader.address, (await both.publishedKey())!.digest);
    const { delivered } = await patient.redeliver();
    expect(delivered).to.deep.equal([{ grantee: reader.address, records: [recordId] }]);
    await opens(only, recordId);
    // the old version still opens what was theirs
    await opens(reader, recordId);
  });

  it("lets an author read on with the older identity, whose stanza nobody touches", async () => {
    const { recordId } = await clinic.share(chart);
    await clinic.grantRead(patient, clinic.radiologist, wholeChart, { permissions: ["READ", "WRITE"] });
    await (await newer(patient)).rotateKey();
    const record = await findRecord(patient.own.chain, recordId);
    const author = asActor(clinic.radiologist.own);
    const { fileKey, block } = await fetchManifest(clinic.radiologist.own, record, author);
    expect((await openSealed([block], { fileKey })).header.stanzas).to.have.lengthOf(2);
  });

  it("is nobody else's to do: a stranger's rotation touches no record of the patient's", async () => {
    const { recordId } = await clinic.share(chart);
    const before = await manifestOf(recordId);
    for (const other of [clinic.radiologist, await clinic.actor()]) {
      const rotated = await newer(other);
      expect(await rotated.rotateKey()).to.deep.include({ resealed: [], current: 0 });
      if (other === clinic.radiologist) clinic.radiologist = rotated;
    }
    expect(await manifestOf(recordId)).to.equal(before);
  });
});

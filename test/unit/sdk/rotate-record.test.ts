import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { getBytes } from "ethers";

import { collect } from "../../../src/bytes.js";
import { findRecord, manifestsOf, point } from "../../../src/chain/records.js";
import { open as openSealed } from "../../../src/crypto/age.js";
import {
  type Progress,
  type RecordRotated,
  type Shared,
  fsStore,
  generateIdentity,
  memoryStore,
  wholeChart,
} from "../../../src/index.js";
import { asActor } from "../../../src/record/identities.js";
import { digestOf, sealManifest } from "../../../src/record/manifest.js";
import { fetchManifest, manifestKey } from "../../../src/record/own.js";
import { stampDigest, stampDomain } from "../../../src/crypto/stamp.js";
import { readFile } from "../../../src/storage/unixfs/read.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, codeOf, day, refused, sample } from "../../helpers/clinic.js";
import { peakOfBuffers } from "../../helpers/dags.js";
import { forge } from "../../helpers/forge.js";
import { faulty } from "../../helpers/stores.js";

const purpose = "TREAT";
const MiB = 1024 * 1024;

describe("rotating a record after a revocation", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let [kept, gone]: Actor[] = [];
  let shared: Shared;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    [kept, gone] = await clinic.crowd(2);
    for (const reader of [kept!, gone!]) await clinic.grantRead(patient, reader, chart.label);
    shared = await clinic.share(chart, [sample(3 * MiB), sample()]);
  });
  after(() => clinic.close());

  const opens = async (by: Actor, recordId = shared.recordId): Promise<Uint8Array[]> => {
    const { parts, stamps, content } = await by.open(recordId, { purpose });
    expect(stamps[0]).to.include({ proven: true });
    if (recordId === shared.recordId) expect(content).to.equal(shared.content);
    return Promise.all(parts.map(bytesOf));
  };
  const stateOf = async (actor = patient) =>
    fetchManifest(actor.own, await findRecord(actor.own.chain, shared.recordId), asActor(actor.own));
  const blocksOf = async (): Promise<string[]> => {
    const { manifest } = await stateOf();
    const parts = await Promise.all(manifest.parts.map(({ cid }) => clinic.blocksOf(cid)));
    const { manifest: digest } = await findRecord(patient.own.chain, shared.recordId);
    return [...parts.flat(), cidOfDigest(getBytes(digest))].map(String);
  };

  it("opens with no old key, takes the old blocks out of the store, and leaves id, content and stamps", async () => {
    const [before, blocks, plaintexts] = [await stateOf(), await blocksOf(), await opens(gone!)];
    const { stamps } = await patient.open(shared.recordId);
    const old = await Promise.all(
      before.manifest.parts.map(({ cid }) => collect(readFile(cid, clinic.store), 4 * MiB)),
    );
    await patient.revoke(gone!.address, chart.label);
    const steps: Progress[] = [];
    const report = await patient.rotateRecord(shared.recordId, { onProgress: (step) => steps.push(step) });

    const after = await stateOf();
    await refused(openSealed([after.block], { fileKey: before.fileKey }), "SEALED_INVALID", { reason: "header-mac" });
    for (const [part, { key }] of before.manifest.parts.entries()) {
      const { cid } = after.manifest.parts[part]!;
      await refused(openSealed(readFile(cid, clinic.store), { fileKey: key }), "SEALED_INVALID", {
        reason: "header-mac",
      });
      // nor does a new key open what somebody kept of the old
      const { key: fresh } = after.manifest.parts[part]!;
      await refused(openSealed([old[part]!], { fileKey: fresh }), "SEALED_INVALID", { reason: "header-mac" });
    }
    const held = new Set((await clinic.store.content()).blocks);
    expect(blocks.filter((cid) => held.has(cid))).to.be.empty;
    expect((await patient.open(shared.recordId)).stamps).to.deep.equal(stamps);
    for (const reader of [patient, kept!]) expect(await opens(reader)).to.deep.equal(plaintexts);

    expect(report).to.deep.include({
      recordId: shared.recordId,
      parts: 2,
      delivered: [kept!.address],
      authorKept: true,
    });
    expect(report.manifest).to.equal((await findRecord(patient.own.chain, shared.recordId)).manifest);
    expect(report.transaction).to.be.a("string");
    expect(report.holders).to.deep.equal([
      { actor: patient.address, as: "patient", stands: true },
      { actor: clinic.radiologist.address, as: "author", stands: true },
      { actor: kept!.address, as: "grantee", stands: true },
      { actor: gone!.address, as: "grantee", stands: false },
    ]);
    expect(report.removal).to.deep.equal([{ store: "own", blocks: blocks.length, left: [] }]);
    expect(report.irrevocable).to.have.lengthOf(3);
    const size = 3 * MiB + 1000;
    expect(steps.filter(({ step }) => step === "sealing anew").at(-1)).to.deep.include({ done: size, total: size });
    expect(steps.map(({ step }) => step)).to.include.members(["delivering", "removing"]);
  });

  it("leaves the revoked grantee's program with its old capsule at the right refusals", async () => {
    const stale = await manifestKey(patient.own, await findRecord(patient.own.chain, shared.recordId));
    await patient.revoke(gone!.address, chart.label);
    await patient.rotateRecord(shared.recordId);
    await refused(gone!.open(shared.recordId, { purpose }), "ACCESS_REFUSED", { recordId: shared.recordId });
    // and where the chain's word is set aside: the key that it still has opens nothing
    const record = await findRecord(patient.own.chain, shared.recordId);
    const { records } = await gone!.inbox(patient.address);
    expect(records.map(({ key }) => Buffer.from(key).toString("hex"))).to.deep.equal([
      Buffer.from(stale).toString("hex"),
    ]);
    await refused(fetchManifest(gone!.own, record, { fileKey: stale }), "SEALED_INVALID", { reason: "header-mac" });
    await refused(fetchManifest(gone!.own, record, asActor(gone!.own)), "NOT_A_RECIPIENT");
    // granted again without a capsule: the old key is told from a missing one
    await clinic.grantWithoutCapsule(patient, gone!, chart.label);
    await refused(gone!.open(shared.recordId, { purpose }), "RECORD_MISMATCH", { recordId: shared.recordId });
    await patient.redeliver({ grantees: [gone!.address] });
    await opens(gone!);
  });

  it("shuts the author out once they may neither read nor write there", async () => {
    const { radiologist } = clinic;
    await patient.revoke(radiologist.address, chart.label);
    const report = await patient.rotateRecord(shared.recordId);
    expect(report).to.deep.include({ authorKept: false });
    expect(report.holders[1]).to.deep.equal({ actor: radiologist.address, as: "author", stands: false });
    await refused(stateOf(radiologist), "NOT_A_RECIPIENT");
    await refused(radiologist.open(shared.recordId, { purpose }), "ACCESS_REFUSED", { recordId: shared.recordId });
    await clinic.grantWithoutCapsule(patient, radiologist, chart.label);
    await refused(radiologist.open(shared.recordId, { purpose }), "KEY_MISSING", { recordId: shared.recordId });
    await patient.redeliver({ grantees: [radiologist.address] });
    await opens(radiologist);
    await patient.revoke(radiologist.address, chart.label);
    const { manifest } = await stateOf();
    expect(
      (await openSealed(readFile(manifest.parts[0]!.cid, clinic.store), asActor(patient.own))).header.stanzas,
    ).to.have.lengthOf(1);
    await refused(
      openSealed(readFile(manifest.parts[0]!.cid, clinic.store), asActor(radiologist.own)),
      "NOT_A_RECIPIENT",
    );
    await opens(kept!);
  });

  it("is the patient's or, while WRITE is active, the author's; others are refused before anything is written", async () => {
    const { radiologist, cardiologist } = clinic;
    await patient.revoke(gone!.address, chart.label);
    const end = (await patient.now()) + day;
    await patient.grant({ grantee: cardiologist.address, scope: chart.label, permissions: ["WRITE"], end });
    const before = await clinic.traces();
    for (const other of [cardiologist, gone!, kept!, await clinic.stranger()]) {
      await refused(other.rotateRecord(shared.recordId), "WRITE_REFUSED", { patient: patient.address });
    }
    await refused(patient.rotateRecord(wholeChart), "INVALID_ARGUMENT");
    await refused(patient.rotateRecord("0x" + "ff".repeat(32)), "RECORD_UNKNOWN");
    expect((await clinic.traces()).blocks).to.equal(before.blocks);
    const report = await radiologist.rotateRecord(shared.recordId);
    expect(report).to.deep.include({ delivered: [kept!.address], removal: [{ ...report.removal[0]!, left: [] }] });
    for (const reader of [patient, kept!]) await opens(reader);
    await patient.revoke(radiologist.address, chart.label);
    await refused(radiologist.rotateRecord(shared.recordId), "WRITE_REFUSED", { patient: patient.address });
  });

  it("waits where the author would seal to a newer key of the patient's that is not confirmed", async () => {
    const identities = [await generateIdentity(), ...patient.own.identities] as const;
    const newer = await clinic.again(patient, { identities });
    await newer.rotateKey();
    const before = await clinic.traces();
    await refused(clinic.radiologist.rotateRecord(shared.recordId), "KEY_HELD", { actor: patient.address });
    expect((await clinic.traces()).blocks).to.equal(before.blocks);
    await clinic.radiologist.confirmKey(patient.address, (await newer.publishedKey())!.digest);
    await clinic.radiologist.rotateRecord(shared.recordId);
    await opens(newer);
  });

  it("loses nothing wherever it is interrupted, and goes on when it is repeated", async () => {
    shared = await clinic.share(chart, [sample(), sample()]);
    const plaintexts = await opens(kept!);
    const small = await clinic.traces();
    await patient.revoke(gone!.address, chart.label);
    const reports: RecordRotated[] = [];
    const isDone = (): boolean => reports.length > 0;
    for (let lasts = 0; lasts < 200 && !isDone(); lasts++) {
      let calls = 0;
      const failing = await clinic.again(patient, { store: faulty(clinic.store, () => ++calls > lasts) });
      const failed = await codeOf(failing.rotateRecord(shared.recordId).then((report) => reports.push(report)));
      // nobody who stands loses anything, and whoever does not gains nothing
      expect(await opens(patient)).to.deep.equal(plaintexts);
      await refused(gone!.open(shared.recordId, { purpose }), "ACCESS_REFUSED");
      if (!isDone()) expect(failed).to.equal("STORE_FAILED");
    }
    expect(await opens(kept!)).to.deep.equal(plaintexts);
    // it was encrypted anew once: the last attempt had only to deliver and to clean up
    const [report] = reports;
    expect(report).to.deep.include({ transaction: undefined, parts: 0 });
    expect(report!.removal.every(({ left }) => left.length === 0)).to.equal(true);
    expect(await manifestsOf(patient.own.chain, { recordId: shared.recordId })).to.have.lengthOf(2);
    const after = await clinic.traces();
    // capsules of the deliveries are all that is more
    expect(after.pins - small.pins).to.equal(after.blocks - small.blocks);
  });

  it("goes on where a transaction, or the node's answer to it, got lost", async () => {
    const plaintexts = await opens(kept!);
    await patient.revoke(gone!.address, chart.label);
    // the pointer's and the delivery's
    for (const place of [1, 2]) {
      for (const isMined of [false, true]) {
        let sent = 0;
        const cut = await clinic.again(patient, {
          rpc: async ({ method }, pass) => {
            if (method !== "eth_sendRawTransaction" || ++sent !== place) return pass();
            if (isMined) await pass();
            throw new Error("cable pulled");
          },
        });
        await refused(cut.rotateRecord(shared.recordId), "CHAIN_UNREACHABLE");
        expect(await opens(patient)).to.deep.equal(plaintexts);
        const before = (await manifestsOf(patient.own.chain, { recordId: shared.recordId })).length;
        const { transaction, removal } = await patient.rotateRecord(shared.recordId);
        const isReached = place === 2 || isMined;
        expect(transaction === undefined).to.equal(isReached);
        expect(await manifestsOf(patient.own.chain, { recordId: shared.recordId })).to.have.lengthOf(
          before + (isReached ? 0 : 1),
        );
        expect(removal[0]).to.deep.include({ left: [] });
        expect(await opens(kept!)).to.deep.equal(plaintexts);
      }
    }
  });

  it("goes on only while nobody lost access since: else it begins anew", async () => {
    await patient.revoke(gone!.address, chart.label);
    const failing = (last: { pins: number }) => faulty(clinic.store, (deed) => deed === "pin" && --last.pins < 0);
    // parts and manifest are pinned and pointed to; the capsule is not
    const halfway = await clinic.again(patient, { store: failing({ pins: 3 }) });
    await refused(halfway.rotateRecord(shared.recordId), "STORE_FAILED");
    const reached = await stateOf();
    await patient.revoke(kept!.address, chart.label);
    const report = await patient.rotateRecord(shared.recordId);
    expect(report.transaction).to.be.a("string");
    expect(report.holders.filter(({ stands }) => !stands).map(({ actor }) => actor)).to.have.members([
      kept!.address,
      gone!.address,
    ]);
    await refused(openSealed([(await stateOf()).block], { fileKey: reached.fileKey }), "SEALED_INVALID");
    expect(report.removal[0]).to.deep.include({ left: [] });
  });

  it("lets a long part through in constant memory", async function () {
    this.timeout(120_000);
    const directory = await mkdtemp(path.join(tmpdir(), "carekey-rotate-"));
    try {
      const store = await fsStore(directory, { fsync: false });
      const size = 128 * MiB;
      const own = { patient: patient.address, compartment: chart.label };
      const pieces = function* (): Generator<Uint8Array> {
        for (let piece = 0; piece < 128; piece++) yield new Uint8Array(MiB).fill(piece);
      };
      const owner = await clinic.again(patient, { store });
      const { recordId } = await owner.share([{ name: "long.bin", size, stream: pieces }], own);
      let looked = 0;
      const peak = await peakOfBuffers(size * 0.75, async (look) => {
        const onProgress = ({ step, done }: Progress): void => {
          if (step !== "sealing anew" || done % (16 * MiB) !== 0) return;
          looked++;
          look();
        };
        await owner.rotateRecord(recordId, { onProgress });
      });
      expect(looked).to.equal(8);
      // far less than the part, whatever the machine is busy with
      expect(peak).to.be.below(size * 0.75);
      const [part] = (await owner.open(recordId)).parts;
      expect(part!.size).to.equal(size);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("is cancelled without a trace before the pointer moves", async () => {
    const before = await clinic.traces();
    const stop = new AbortController();
    const onProgress = ({ step, done }: Progress): void => {
      if (step === "sealing anew" && done > MiB) stop.abort();
    };
    await refused(patient.rotateRecord(shared.recordId, { signal: stop.signal, onProgress }), "CANCELLED");
    expect(await clinic.traces()).to.deep.equal(before);
    await opens(kept!);
  });

  it("carries every stamp over, also one that a writer pointed away from", async () => {
    const { radiologist, cardiologist } = clinic;
    const domain = stampDomain(clinic.deployment.chainId, clinic.deployment.contracts.RecordRegistry.address);
    const { recordId } = await forge(radiologist, chart, {
      stamps: async (honest, sign) => [
        honest,
        await sign(cardiologist, { statement: "second reading", previous: stampDigest(domain, honest) }),
      ],
    });
    const record = await findRecord(patient.own.chain, recordId);
    const { manifest, fileKey } = await fetchManifest(patient.own, record, asActor(patient.own));
    const { stamps } = await patient.open(recordId);
    expect(stamps).to.have.lengthOf(2);
    // the author drops the second reading
    const shorter = { ...manifest, stamps: manifest.stamps.slice(0, 1) };
    const { block } = await sealManifest(shorter, [patient.own.recipient, radiologist.own.recipient], fileKey);
    await clinic.store.put(block);
    const name = { patient: patient.address, compartment: chart.label, content: manifest.content };
    await point(radiologist.own.chain, name, digestOf(block));
    expect((await patient.open(recordId)).stamps).to.have.lengthOf(1);
    await patient.rotateRecord(recordId);
    expect((await patient.open(recordId)).stamps).to.deep.equal(stamps);
  });

  it("keeps a record as it was where a part is not what was stamped", async () => {
    const { manifest } = await stateOf();
    const [first, second] = manifest.parts;
    const { block } = await sealManifest({ ...manifest, parts: [second!, first!] }, [patient.own.recipient]);
    await clinic.store.put(block);
    const name = { patient: patient.address, compartment: chart.label, content: shared.content };
    await point(clinic.radiologist.own.chain, name, digestOf(block));
    const before = await clinic.store.content();
    await refused(patient.rotateRecord(shared.recordId), "RECORD_INVALID", { what: "part", part: 0 });
    expect(await clinic.store.content()).to.deep.equal(before);
  });

  it("removes nothing that another record refers to, whatever a writer lists as this one's", async () => {
    const victim = await clinic.share(chart);
    const theirs = await fetchManifest(
      patient.own,
      await findRecord(patient.own.chain, victim.recordId),
      asActor(patient.own),
    );
    const { manifest } = await stateOf();
    const { block } = await sealManifest({ ...manifest, parts: [theirs.manifest.parts[0]!, manifest.parts[1]!] }, [
      patient.own.recipient,
    ]);
    await clinic.store.put(block);
    const name = { patient: patient.address, compartment: chart.label, content: shared.content };
    const { chain } = clinic.radiologist.own;
    const [first] = await manifestsOf(chain, { recordId: shared.recordId });
    // pointed away and back again; and at the other record's very manifest
    for (const digest of [digestOf(block), (await findRecord(chain, victim.recordId)).manifest, first!.manifest])
      await point(chain, name, digest);
    const { removal } = await patient.rotateRecord(shared.recordId);
    expect(removal[0]!.left).to.be.empty;
    expect(await clinic.store.has(block.cid)).to.equal(false);
    await opens(patient, victim.recordId);
    await opens(patient);
  });

  it("says of each store what it still has, and asks again when it is repeated", async () => {
    const mirror = memoryStore();
    const blocks = await blocksOf();
    const { manifest } = await stateOf();
    for (const { cid } of manifest.parts)
      for (const each of await clinic.blocksOf(cid))
        await mirror.put({ cid: each, bytes: await clinic.store.get(each) });
    const stubborn = { ...faulty(clinic.store, () => false), delete: () => Promise.resolve() };
    const dead = faulty(memoryStore(), () => true);
    const report = await (
      await clinic.again(patient, { store: stubborn })
    ).rotateRecord(shared.recordId, { stores: { mirror, dead } });
    const [own, second, third] = report.removal;
    expect(own).to.deep.include({ store: "own", blocks: blocks.length });
    expect([...own!.left].sort()).to.deep.equal([...blocks].sort());
    expect(second).to.deep.equal({ store: "mirror", blocks: blocks.length, left: [] });
    expect(third!.left).to.have.lengthOf(blocks.length);
    const again = await patient.rotateRecord(shared.recordId);
    expect(again).to.deep.include({
      transaction: undefined,
      removal: [{ store: "own", blocks: blocks.length, left: [] }],
    });
  });
});

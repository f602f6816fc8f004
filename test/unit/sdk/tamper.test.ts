import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { base32upper } from "multiformats/bases/base32";
import type { CID } from "multiformats/cid";

import { sealBytes } from "../../../src/crypto/age.js";
import { point } from "../../../src/chain/records.js";
import { type CareKey, type ErrorCode, fsStore, randomLabel, savePart } from "../../../src/index.js";
import { asActor } from "../../../src/record/identities.js";
import { fetchManifest } from "../../../src/record/own.js";
import { digestOf } from "../../../src/record/manifest.js";
import { rawBlock } from "../../../src/storage/verify.js";
import { type Chart, Clinic, bytesOf, day, refused, sample } from "../../helpers/clinic.js";
import { type Forged, type Forgery, forge } from "../../helpers/forge.js";

const MiB = 1024 * 1024;

describe("what a dishonest author or store puts before a reader", () => {
  let clinic: Clinic;
  let chart: Chart;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-tamper-"));
    clinic = await Clinic.open(await fsStore(join(directory, "store"), { fsync: false }));
  });
  beforeEach(async () => {
    chart = await clinic.chart();
  });
  after(async () => {
    await clinic.close();
    await rm(directory, { recursive: true });
  });

  /** A forged record of the radiologist whose key the cardiologist gets where the patient can find it. */
  async function forged(forgery: Forgery): Promise<Forged> {
    return forge(clinic.radiologist, chart, forgery);
  }

  /** Refused to the patient, who holds a stanza, and to a grantee, who holds a capsule. */
  async function refusedToAll({ recordId, name, key }: Forged, code: ErrorCode, details = {}): Promise<void> {
    await refused(chart.patient.open(recordId), code, details);
    const grantee = await clinic.professional("practitioner");
    await clinic.grantRead(chart.patient, grantee, chart.label);
    await clinic.announceKey(clinic.radiologist, [grantee], name, key);
    await refused(grantee.open(recordId, { purpose: "TREAT" }), code, details);
  }

  /** Opens for `reader`, but its first part is not given. */
  async function partRefused(reader: CareKey, recordId: string, code: ErrorCode, details = {}): Promise<void> {
    const [part] = (await reader.open(recordId, { purpose: "TREAT" })).parts;
    await refused(bytesOf(part!), code, details);
    const path = join(directory, "saved");
    await refused(savePart(part!, path), code, details);
    expect(await readdir(directory)).to.deep.equal(["store"]);
  }

  function fileOf(cid: CID): string {
    const key = base32upper.encoder.baseEncode(cid.multihash.bytes);
    return join(directory, "store", "blocks", key.slice(-3, -1), `${key}.data`);
  }

  async function flip(cid: CID, position: number): Promise<void> {
    const bytes = await readFile(fileOf(cid));
    bytes[position]! ^= 1;
    await writeFile(fileOf(cid), bytes);
  }

  it("the forger of these tests can also make an honest record", async () => {
    const { recordId } = await forged({});
    expect((await chart.patient.open(recordId)).stamps[0]).to.include({ proven: true });
  });

  it("a body of another chain, registry, patient or compartment", async () => {
    const other = await clinic.chart();
    const { address } = other.patient;
    const own = { patient: chart.patient.address, compartment: chart.label };
    const mismatches: [string, Forgery][] = [
      ["chainId", { body: { chainId: 1 } }],
      ["registry", { body: { registry: clinic.deployment.contracts.ConsentRegistry.address } }],
      ["patient", { body: { patient: address }, name: own }],
      ["compartment", { body: { compartment: randomLabel() }, name: own }],
      ["content", { name: { content: "0x" + "11".repeat(32) } }],
    ];
    for (const [field, forgery] of mismatches) {
      const record = await forged(forgery);
      await refusedToAll(record, "RECORD_MISMATCH", { field, recordId: record.recordId });
    }
  });

  it("a pointer to another record's manifest, also one that comes later", async () => {
    const one = await forged({});
    const two = await forged({});
    await point(clinic.radiologist.own.chain, two.name, digestOf(one.block));
    await refused(chart.patient.open(two.recordId), "RECORD_MISMATCH", { field: "content", recordId: two.recordId });
    const { cardiologist, radiologist } = clinic;
    const { records, unreadable } = await clinic.grantRead(chart.patient, cardiologist, chart.label);
    expect(records).to.deep.equal([one.recordId]);
    expect(unreadable).to.deep.equal([{ recordId: two.recordId, code: "RECORD_MISMATCH" }]);
    await refused(cardiologist.open(two.recordId, { purpose: "TREAT" }), "KEY_MISSING", { recordId: two.recordId });
    // with the key that belonged to it the manifest does not open, with the other's it is another record
    await clinic.announceKey(radiologist, [cardiologist], two.name, two.key);
    await refused(cardiologist.open(two.recordId, { purpose: "TREAT" }), "RECORD_MISMATCH");
    await clinic.announceKey(radiologist, [cardiologist], two.name, one.key);
    await refused(cardiologist.open(two.recordId, { purpose: "TREAT" }), "RECORD_MISMATCH", { field: "content" });
    // and back again
    await point(radiologist.own.chain, two.name, digestOf(two.block));
    await chart.patient.open(two.recordId);
    await cardiologist.open(two.recordId, { purpose: "TREAT" });
  });

  it("a pointer to nothing, to garbage, or to a block that is too long", async () => {
    await refusedToAll(await forged({ pointer: "0x" + "22".repeat(32) }), "BLOCK_MISSING");
    const garbage = await rawBlock(new Uint8Array(300).fill(3));
    const { bytes } = await sealBytes(new Uint8Array(1.5 * MiB), [chart.patient.own.recipient]);
    const long = await rawBlock(bytes);
    for (const block of [garbage, long]) await clinic.store.put(block);
    await refusedToAll(await forged({ pointer: digestOf(garbage) }), "SEALED_INVALID");
    await refusedToAll(await forged({ pointer: digestOf(long) }), "RECORD_INVALID", { what: "manifest" });
    // none of them keeps the patient from granting the rest
    const good = await forged({});
    const { records, unreadable } = await clinic.grantRead(chart.patient, clinic.cardiologist, chart.label);
    expect(records).to.deep.equal([good.recordId]);
    expect(unreadable.map(({ code }) => code)).to.deep.equal(["BLOCK_MISSING", "SEALED_INVALID", "RECORD_INVALID"]);
  });

  it("a manifest whose sealed content is longer than a block", async () => {
    const filler = JSON.stringify({ resourceType: "DocumentReference", filler: "x".repeat(1_200_000) });
    const failure = await refused(forged({ body: { description: filler } }), "RECORD_TOO_LARGE");
    expect(failure.details.size).to.be.greaterThan(MiB);
  });

  it("a body or manifest that does not follow the format", async () => {
    const broken: [object, Forgery][] = [
      [{ field: "parts" }, { parts: () => [] }],
      [{ field: "parts" }, { parts: ([only]) => [only!, only!] }],
      [{ field: "parts.0.key" }, { parts: ([only]) => [{ cid: only!.cid, key: new Uint8Array(15) }] }],
      [{ field: "parts" }, { body: { parts: [] }, parts: () => [] }],
      [{ field: "parts.0.name" }, { sources: [{ ...sample(), name: "../../etc/passwd" }] }],
      [{ field: "version" }, { body: { version: 2 as 1 } }],
      [{ field: "salt" }, { body: { salt: "0x00" } }],
      [{ field: "description" }, { body: { description: "no JSON" } }],
      [{ field: "description" }, { body: { description: '"text"' } }],
      [{ field: "description" }, { body: { description: "{}" } }],
      [{ field: "stamps.0.signature" }, { stamps: (honest) => [{ ...honest, signature: new Uint8Array(64) }] }],
      [{ field: "stamps" }, { stamps: (honest) => Array.from({ length: 65 }, () => honest) }],
    ];
    for (const [details, forgery] of broken) await refusedToAll(await forged(forgery), "RECORD_INVALID", details);
  });

  it("a missing block of manifest or part", async () => {
    const { recordId, block, locations } = await forged({ sources: [sample(3 * MiB)] });
    await clinic.grantRead(chart.patient, clinic.cardiologist, chart.label);
    const [leaf] = await clinic.blocksOf(locations[0]!.cid);
    const bytes = await readFile(fileOf(leaf!));
    await rm(fileOf(leaf!));
    await partRefused(clinic.cardiologist, recordId, "BLOCK_MISSING", { cid: leaf!.toString() });
    await writeFile(fileOf(leaf!), bytes);
    await rm(fileOf(block.cid));
    for (const reader of [chart.patient, clinic.cardiologist]) {
      const missing = { cid: block.cid.toString() };
      await refused(reader.open(recordId, { purpose: "TREAT" }), "BLOCK_MISSING", missing);
    }
  });

  it("a flipped bit in any block", async () => {
    const { recordId, block, locations } = await forged({ sources: [sample(3 * MiB)] });
    await clinic.grantRead(chart.patient, clinic.cardiologist, chart.label);
    for (const cid of await clinic.blocksOf(locations[0]!.cid)) {
      await flip(cid, 40);
      await partRefused(clinic.cardiologist, recordId, "BLOCK_INVALID", { cid: cid.toString(), reason: "hash" });
      await flip(cid, 40);
    }
    for (const position of [0, 100, block.bytes.length - 1]) {
      await flip(block.cid, position);
      const false_ = { cid: block.cid.toString(), reason: "hash" };
      await refused(chart.patient.open(recordId), "BLOCK_INVALID", false_);
      await flip(block.cid, position);
    }
    await truncate(fileOf(block.cid), block.bytes.length - 1);
    await refused(chart.patient.open(recordId), "BLOCK_INVALID", { reason: "hash" });
  });

  it("a part that is cut short, has bytes behind it, or was altered before it was stored", async () => {
    const sealed = async ({ cid }: { cid: CID }): Promise<Uint8Array> => clinic.store.get(cid);
    const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.subarray(0, -1),
      (bytes) => bytes.subarray(0, -16 - 100),
      (bytes) => Uint8Array.from([...bytes, 0]),
      (bytes) => bytes.map((byte, index) => (index === bytes.length - 20 ? byte ^ 1 : byte)),
      (bytes) => bytes.subarray(0, 100),
      () => new Uint8Array(),
    ];
    for (const change of changes) {
      const honest = await forged({});
      const block = await rawBlock(change(await sealed(honest.locations[0]!)));
      await clinic.store.put(block);
      const { key } = honest.locations[0]!;
      const { recordId } = await forged({ parts: () => [{ cid: block.cid, key }] });
      await partRefused(chart.patient, recordId, "SEALED_INVALID");
    }
  });

  it("parts that are another record's, that changed places, or that have another size or hash", async () => {
    const theirs = await forged({});
    const swapped = await forged({ parts: () => theirs.locations });
    const invalid = { what: "part", part: 0 };
    await partRefused(chart.patient, swapped.recordId, "RECORD_INVALID", invalid);
    const key = await forged({ parts: ([own]) => [{ cid: theirs.locations[0]!.cid, key: own!.key }] });
    await partRefused(chart.patient, key.recordId, "SEALED_INVALID", { reason: "header-mac" });
    const places = await forged({ sources: [sample(), sample()], parts: ([one, two]) => [two!, one!] });
    await partRefused(chart.patient, places.recordId, "RECORD_INVALID", invalid);

    const { manifest } = await fetchManifest(
      chart.patient.own,
      (await chart.patient.open(theirs.recordId)).record,
      asActor(chart.patient.own),
    );
    const [honest] = manifest.body.parts;
    for (const lie of [{ size: honest!.size - 1 }, { size: honest!.size + 1 }, { sha256: "0x" + "00".repeat(32) }]) {
      const { recordId } = await forged({ body: { parts: [{ ...honest!, ...lie }] }, parts: () => theirs.locations });
      await partRefused(chart.patient, recordId, "RECORD_INVALID", invalid);
    }
    // a part that claims to be small must not make its reader fetch what is large
    const large = await forged({ sources: [sample(3 * MiB)] });
    const small = await forged({ body: { parts: [{ ...honest!, size: 1000 }] }, parts: () => large.locations });
    await partRefused(chart.patient, small.recordId, "RECORD_TOO_LARGE", { limit: 66_568 });
  });

  it("a record that the patient was never asked about: anchored without WRITE, or after it ended", async () => {
    const outsider = await clinic.professional("practitioner");
    const details = { error: "NotWriter", patient: chart.patient.address };
    await refused(forge(outsider, chart), "CONTRACT_REFUSED", details);
    const end = (await chart.patient.now()) + day;
    await chart.patient.grant({ grantee: outsider.address, scope: chart.label, permissions: ["WRITE"], end });
    await forge(outsider, chart);
    await clinic.pass(day);
    await refused(forge(outsider, chart), "CONTRACT_REFUSED", details);
  });
});

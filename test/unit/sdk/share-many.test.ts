import { expect } from "chai";
import { getBytes } from "ethers";

import { findRecord } from "../../../src/chain/records.js";
import { rootAnchoredAt } from "../../../src/chain/roots.js";
import { type Hex32, type SharedMany, type Source, bytesSource, generateIdentity } from "../../../src/index.js";
import { decodeIndex, indexType } from "../../../src/record/index-file.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, codeOf, day, refused, sample } from "../../helpers/clinic.js";
import { faulty } from "../../helpers/stores.js";

const purpose = "TREAT";

describe("many records at once", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let author: Actor;
  let reader: Actor;

  before(async () => {
    clinic = await Clinic.open();
    author = clinic.radiologist;
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    reader = await clinic.actor();
  });
  after(() => clinic.close());

  const reports = (count: number): Source[] => Array.from({ length: count }, () => sample());
  const place = () => ({ patient: patient.address, compartment: chart.label, role: "practitioner" as const });
  const shareMany = (sources = reports(3), by = author): Promise<SharedMany> => clinic.shareMany(chart, sources, by);
  const opens = async (by: Actor, recordId: Hex32, under?: Hex32, source?: Source): Promise<void> => {
    const { parts, stamps, record } = await by.open(recordId, { purpose, under });
    expect(stamps[0]).to.include({ proven: true, signer: author.address });
    expect(record.author).to.equal(author.address);
    const bytes = await bytesOf(parts[0]!);
    if (source) expect(Buffer.compare(bytes, await bytesOf(source))).to.equal(0);
  };
  /** A session that has read nothing yet. */
  const cold = (actor: Actor): Promise<Actor> => clinic.again(actor, {});

  it("anchors them in one transaction and sends their keys in one capsule", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const records = reports(5);
    const before = await clinic.traces();
    const shared = await shareMany(records);
    expect((await clinic.traces()).height).to.equal(before.height + 2);
    expect(shared).to.deep.include({ delivered: [reader.address], withoutKey: [], held: [] });
    expect(shared.records).to.have.lengthOf(5);
    expect(await clinic.announced(reader)).to.have.lengthOf(1);
    const chain = await patient.chart();
    expect(chain.map(({ recordId }) => recordId)).to.deep.equal([shared.recordId]);
    for (const [number, id] of shared.records.entries()) {
      await opens(patient, id, undefined, records[number]);
      await opens(reader, id, shared.recordId);
    }
  });

  it("says what it lists, to whoever may open it, in the order of the share", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const { recordId, records } = await shareMany();
    const { parts, content, record } = await patient.open(recordId);
    expect(parts).to.have.lengthOf(1);
    expect(parts[0]).to.include({ name: "index.cbor", mediaType: indexType });
    const file = decodeIndex(await bytesOf(parts[0]!));
    expect(await rootAnchoredAt(patient.own.chain, author.address, file.root)).to.equal(record.anchoredAt);
    for (const by of [patient, reader]) {
      const listed = await by.listed(recordId, { purpose });
      expect(listed.map((each) => each.recordId)).to.deep.equal(records);
      for (const each of listed)
        expect(each).to.include({ under: recordId, author: author.address, anchoredAt: record.anchoredAt });
    }
    expect(content).to.equal(record.content);
    const stranger = await clinic.actor();
    await refused(stranger.listed(recordId, { purpose }), "ACCESS_REFUSED");
    expect(await patient.listed((await clinic.share(chart)).recordId)).to.deep.equal([]);
  });

  it("is on the patient's list, with titles, on a blank machine too", async () => {
    const single = await clinic.share(chart);
    const { recordId, records } = await shareMany();
    const listed = await (await cold(patient)).list();
    expect(listed.map((each) => each.recordId)).to.deep.equal([single.recordId, recordId, ...records]);
    expect(listed.slice(2).map(({ summary }) => summary?.title)).to.deep.equal(["Report 0", "Report 1", "Report 2"]);
    expect(listed.slice(2).every(({ under }) => under === recordId)).to.equal(true);
    expect(listed[1]?.summary).to.include({ title: "3 records" });
  });

  it("is found by a reader who opened the inbox, or names the index record", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const { recordId, records } = await shareMany();
    const [first] = records;
    const blank = await cold(reader);
    await refused(blank.open(first!, { purpose }), "RECORD_UNKNOWN", { recordId: first! });
    await bytesOf((await blank.open(first!, { purpose, under: recordId })).parts[0]!);
    const other = await cold(reader);
    expect((await other.inbox()).records.map((each) => each.recordId)).to.have.members([recordId, ...records]);
    await opens(other, first!);
    await refused(
      (await cold(reader)).open(first!, { purpose, under: (await clinic.share(chart)).recordId }),
      "RECORD_UNKNOWN",
    );
  });

  it("goes along with a later grant on the compartment, but not what a DENY shuts", async () => {
    const { recordId, records } = await shareMany();
    const [first, second, third] = records;
    await patient.deny(reader.address, second!);
    const granted = await clinic.grantRead(await cold(patient), reader, chart.label);
    expect(granted.records).to.have.members([recordId, first, third]);
    expect(granted.denied).to.deep.equal([second]);
    await opens(reader, first!, recordId);
    await opens(reader, third!, recordId);
    await refused(reader.open(second!, { purpose, under: recordId }), "ACCESS_REFUSED", { recordId: second! });
    // who may not see the list gets nothing by it
    await patient.deny(reader.address, recordId);
    await refused(reader.open(first!, { purpose, under: recordId }), "ACCESS_REFUSED", { recordId });
  });

  it("gets an anchor of its own where one record is granted", async () => {
    const { recordId, records } = await shareMany();
    const [first, second] = records;
    const { records: sent } = await clinic.grantRead(patient, reader, first!);
    expect(sent).to.deep.equal([first]);
    expect(await findRecord(patient.own.chain, first!)).to.include({ author: author.address, status: "anchored" });
    await opens(await cold(reader), first!);
    await refused(reader.open(second!, { purpose, under: recordId }), "ACCESS_REFUSED", { recordId });
    // it is listed once
    const ids = (await patient.list()).map((each) => each.recordId);
    expect(ids)
      .to.have.members([recordId, ...records])
      .and.to.have.lengthOf(4);
  });

  it("is still opened by those who got its key in the list's capsule when it has an anchor of its own", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const { records } = await shareMany();
    const [first] = records;
    await clinic.grantRead(patient, clinic.cardiologist, first!);
    await opens(await cold(reader), first!);
    // and counts as lacking, so that it is sent as that of any other record
    const { delivered } = await (await cold(patient)).redeliver();
    expect(delivered).to.deep.equal([{ grantee: reader.address, records: [first] }]);
    expect((await patient.redeliver()).delivered).to.be.empty;
  });

  it("sends to grants that begin later what they lack, by redelivery", async () => {
    await clinic.grantRead(patient, reader, chart.label, { start: (await patient.now()) + day });
    const { recordId, records, delivered } = await shareMany();
    expect(delivered).to.be.empty;
    await clinic.pass(day + 1);
    expect((await patient.redeliver()).delivered).to.deep.equal([
      { grantee: reader.address, records: [recordId, ...records] },
    ]);
    await reader.inbox(patient.address);
    for (const id of records) await opens(reader, id);
    expect((await patient.redeliver()).delivered).to.be.empty;
  });

  it("is amended, retracted and sealed anew one by one", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const { recordId, records } = await shareMany(reports(4));
    const [first, second, third, fourth] = records;
    const amended = await author.amend(first!, [sample()], {
      reason: "wrong content",
      role: "practitioner",
      under: recordId,
    });
    await opens(reader, amended.recordId);
    await patient.retract(second!, "wrong patient");
    await refused(reader.open(second!, { purpose }), "RECORD_RETRACTED", { recordId: second! });
    await patient.revoke(reader.address, chart.label);
    const { holders, parts } = await patient.rotateRecord(third!);
    expect(parts).to.equal(1);
    expect(holders.map(({ actor, as, stands }) => [actor, as, stands])).to.deep.include([
      reader.address,
      "grantee",
      false,
    ]);
    await opens(patient, third!);
    await refused(reader.open(third!, { purpose }), "ACCESS_REFUSED");
    await opens(patient, fourth!);
    expect((await findRecord(patient.own.chain, first!)).status).to.equal("amended");
    const outsider = await clinic.professional("practitioner");
    await refused(outsider.retract(fourth!, "wrong patient"), "RECORD_UNKNOWN");
  });

  it("is erased one by one, without its author", async () => {
    const { recordId, records } = await shareMany();
    const [first, second] = records;
    await patient.revoke(author.address, chart.label);
    const { manifest } = (await patient.listed(recordId)).find((each) => each.recordId === first)!;
    const { removal } = await patient.erase(first!);
    expect(removal.every(({ left }) => left.length === 0)).to.equal(true);
    expect(await clinic.store.has(cidOfDigest(getBytes(manifest)))).to.equal(false);
    await refused(patient.open(first!), "RECORD_RETRACTED", { status: "erased" });
    await opens(patient, second!);
  });

  it("is erased with the list, but not what has an anchor of its own by then", async () => {
    const before = await clinic.traces();
    await clinic.grantRead(patient, reader, chart.label);
    const { recordId, records } = await shareMany();
    const [first, second, third] = records;
    await clinic.grantRead(patient, clinic.cardiologist, first!);
    await patient.erase(recordId);
    await refused(patient.open(second!), "RECORD_UNKNOWN");
    const gone = reader.open(third!, { purpose, under: recordId });
    await refused(gone, "RECORD_RETRACTED", { recordId, status: "erased" });
    await opens(patient, first!);
    await opens(await cold(reader), first!);
    expect((await patient.list()).map((each) => [each.recordId, each.status])).to.deep.equal([
      [recordId, "erased"],
      [first, "anchored"],
    ]);
    await patient.erase(first!);
    // capsules of grants, and of the list, stay: they hold keys alone
    expect((await clinic.traces()).blocks - before.blocks).to.be.lessThan(5);
  });

  it("is retracted with the list", async () => {
    const { recordId, records } = await shareMany();
    await author.retract(recordId, "wrong patient");
    await refused(author.open(records[0]!, { purpose, under: recordId }), "RECORD_RETRACTED");
    await refused(
      author.amend(records[0]!, [sample()], { reason: "x", role: "practitioner", under: recordId }),
      "RECORD_RETRACTED",
    );
    expect((await patient.list()).map(({ status }) => status)).to.deep.equal(Array(4).fill("retracted"));
  });

  it("comes over to a patient's newer key, in two transactions for a hundred", async () => {
    await shareMany();
    const { records } = await shareMany();
    const identities = [await generateIdentity(), ...patient.own.identities] as const;
    const newer = await clinic.again(patient, { identities: [...identities] });
    const { height } = await clinic.traces();
    const { resealed, unreadable, current } = await newer.rotateKey();
    expect([resealed.length, unreadable.length, current]).to.deep.equal([8, 0, 0]);
    // the key, the lists, what they list: a claim for each root, and their pointers
    expect((await clinic.traces()).height).to.equal(height + 5);
    const alone = await clinic.again(patient, { identities: [identities[0]] });
    for (const id of records) await opens(alone, id);
    expect(await newer.rotateKey()).to.deep.include({ resealed: [], current: 8 });
  });

  it("lies in the storage report, each record by itself", async () => {
    const { recordId, records } = await shareMany();
    const found: Hex32[] = [];
    for await (const entry of patient.storageReport()) {
      expect(entry).to.deep.include({ missing: 0 });
      found.push(entry.recordId);
    }
    expect(found).to.deep.equal([recordId, ...records]);
    const { summary, records: checked } = await patient.checkStorage();
    expect(summary.lost).to.equal(0);
    expect(checked.map((each) => each.recordId)).to.include.members([...records]);
  });

  it("ends in the same records when it is repeated after any interruption, and leaves no block behind", async () => {
    await clinic.grantRead(patient, reader, chart.label);
    const records = reports(2);
    const before = await clinic.traces();
    let shared: SharedMany | undefined;
    for (let lasts = 0; lasts < 200 && !shared; lasts++) {
      let calls = 0;
      const by = await clinic.again(author, { store: faulty(clinic.store, () => ++calls > lasts) });
      const attempt = shareMany(records, by);
      const code = await codeOf(attempt);
      if (code === undefined) shared = await attempt;
      else expect(code).to.equal("STORE_FAILED");
    }
    expect((await patient.chart()).map(({ recordId }) => recordId)).to.deep.equal([shared!.recordId]);
    const again = await shareMany(records);
    expect(again).to.deep.include({ recordId: shared!.recordId, records: shared!.records, transaction: undefined });
    for (const id of shared!.records) await opens(reader, id, shared!.recordId);
    // two parts, two manifests, the list and its manifest, and a capsule for each delivery
    const after = await clinic.traces();
    expect(after.pins - before.pins).to.be.within(7, 12);
  });

  it("takes the one that is anchored already as it is", async () => {
    const [one, two] = [sample(), sample()];
    const before = await clinic.share(chart, [one]);
    const { recordId, records } = await author.shareMany([{ sources: [one] }, { sources: [two] }], place());
    expect(records[0]).to.equal(before.recordId);
    const ids = (await patient.list()).map((each) => each.recordId);
    expect(ids).to.deep.equal([before.recordId, recordId, records[1]]);
    await opens(patient, before.recordId, undefined, one);
  });

  it("refuses none, too many, the same one twice and an empty file, before anything is written", async () => {
    const before = await clinic.traces();
    await refused(shareMany([]), "INVALID_ARGUMENT");
    await refused(shareMany(Array.from({ length: 4097 }, () => sample(8))), "INVALID_ARGUMENT");
    const twice = sample();
    await refused(author.shareMany([{ sources: [twice] }, { sources: [twice] }], place()), "INVALID_ARGUMENT", {
      before: 0,
      place: 1,
    });
    await refused(author.shareMany([{ sources: [sample()] }, { sources: [] }], place()), "INVALID_ARGUMENT");
    await refused(shareMany([bytesSource("empty.bin", new Uint8Array(0))]), "FILE_EMPTY");
    await refused(shareMany(reports(1), clinic.cardiologist), "WRITE_REFUSED");
    expect(await clinic.traces()).to.deep.equal(before);
  });

  it("is not misled by a list that is none, or names a root that nobody anchored", async () => {
    const fake = async (bytes: Uint8Array): Promise<Hex32> =>
      (await clinic.share(chart, [bytesSource("index.cbor", bytes, indexType)])).recordId;
    const { recordId, records } = await shareMany();
    const real = await bytesOf((await patient.open(recordId)).parts[0]!);
    const copied = await fake(real);
    const broken = await fake(real.slice(1));
    const other = await fake(Buffer.concat([real.slice(0, -1), Buffer.of((real.at(-1) ?? 0) ^ 1)]));
    for (const id of [copied, broken, other]) await refused(patient.listed(id), "RECORD_INVALID", { what: "index" });
    const listed = await patient.list();
    expect(listed.map((each) => each.recordId)).to.deep.equal([recordId, ...records, copied, broken, other]);
    for (const id of [copied, broken, other])
      expect(listed.find((each) => each.recordId === id)).to.include({ code: "RECORD_INVALID" });
    await opens(patient, records[0]!);
    // the others' keys go all the same
    const { unreadable, records: sent } = await clinic.grantRead(patient, reader, chart.label);
    expect(unreadable.map(({ recordId: id }) => id)).to.have.members([copied, broken, other]);
    expect(sent).to.have.members([recordId, ...records]);
  });
});

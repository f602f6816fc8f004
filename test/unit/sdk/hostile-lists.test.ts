import { expect } from "chai";

import { recordIdOf } from "../../../src/chain/ids.js";
import { anchorIndex, recordTree } from "../../../src/chain/roots.js";
import { type Hex32, bytesSource, generateIdentity } from "../../../src/index.js";
import { authorise } from "../../../src/record/authority.js";
import { type IndexEntry, encodeIndex, indexType } from "../../../src/record/index-file.js";
import { identify, sealParts, stampAndSeal } from "../../../src/record/make.js";
import { digestOf } from "../../../src/record/manifest.js";
import { type Actor, type Chart, Clinic, bytesOf, day, refused, sample } from "../../helpers/clinic.js";

const purpose = "TREAT";
const junk = "0x" + "77".repeat(32);

describe("lists that somebody made to do harm", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let reader: Actor;
  let other: Actor;

  before(async () => {
    clinic = await Clinic.open();
    other = clinic.cardiologist;
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    reader = await clinic.actor();
    const end = (await patient.now()) + 900 * day;
    const both = { permissions: ["READ", "WRITE"], purposes: ["TREAT"], end } as const;
    await patient.grant({ grantee: other.address, scope: chart.label, ...both });
  });
  after(() => clinic.close());

  const place = () => ({ patient: patient.address, compartment: chart.label, role: "practitioner" as const });
  const opens = async (by: Actor, id: Hex32, under?: Hex32): Promise<void> => {
    const { record, parts } = await by.open(id, { purpose, under });
    expect(record.author).to.equal(clinic.radiologist.address);
    await bytesOf(parts[0]!);
  };
  const entriesOf = async (by: Actor, id: Hex32): Promise<IndexEntry[]> =>
    (await by.listed(id, { purpose })).map(({ content, manifest }) => ({ content, manifest }));

  /** A list with what `by` puts into it; its body may lie about its size. */
  const list = async (by: Actor, entries: readonly IndexEntry[], size?: number, bytes?: Uint8Array): Promise<Hex32> => {
    const { own } = by;
    const authority = await authorise(own, place(), undefined);
    const tree = recordTree(entries.map(({ content }) => recordIdOf(patient.address, chart.label, content)));
    const file = bytes ?? encodeIndex({ root: tree.root, records: entries });
    const sealed = await sealParts(own.store, [bytesSource("index.cbor", file, indexType)], authority, {}, []);
    const parts = sealed.map((part) => ({ ...part, body: { ...part.body, ...(size !== undefined && { size }) } }));
    const identified = identify(own, parts, authority, {});
    const { block } = await stampAndSeal(own, { ...identified, parts }, authority);
    await own.store.putMany([block]);
    await anchorIndex(own.chain, identified.name, digestOf(block), tree);
    return identified.recordId;
  };

  it("stop nothing that they are not about, however long they say they are", async () => {
    const good = await clinic.share(chart);
    const gone = await clinic.share(chart);
    const ids = [
      await list(other, [{ content: junk, manifest: junk }], 512 * 1024, new Uint8Array(512 * 1024 + 20)),
      await list(clinic.radiologist, [{ content: junk, manifest: junk }], 100, new Uint8Array(300 * 1024)),
    ];
    expect((await patient.list()).map(({ code }) => code)).to.deep.equal([
      ...[undefined, undefined],
      ...["RECORD_INVALID", "RECORD_INVALID"],
    ]);
    const { records, unreadable } = await clinic.grantRead(patient, reader, chart.label);
    expect(records).to.have.members([good.recordId, gone.recordId]);
    expect(unreadable.map(({ recordId }) => recordId)).to.have.members(ids);
    await patient.redeliver();
    await patient.erase(gone.recordId);
    await patient.checkStorage();
    const identities = [await generateIdentity(), ...patient.own.identities] as const;
    const newer = await clinic.again(patient, { identities: [...identities] });
    expect((await newer.rotateKey()).resealed).to.include(good.recordId);
  });

  it("take nothing of an older list along when they are erased", async () => {
    const { recordId, records } = await clinic.shareMany(chart);
    const copy = await list(other, await entriesOf(patient, recordId));
    await patient.erase(copy);
    for (const id of records) await opens(patient, id);
  });

  it("do not displace an older list, nor make anybody the author of what it names", async () => {
    const { recordId, records } = await clinic.shareMany(chart);
    const entries = await entriesOf(patient, recordId);
    const copy = await list(
      other,
      entries.map(({ content }) => ({ content, manifest: junk })),
    );
    for (const id of records) await opens(patient, id);
    const listed = (await patient.list()).filter(({ under }) => under !== undefined);
    expect(listed.every(({ under, code }) => under === recordId && code === undefined)).to.equal(true);
    await clinic.grantRead(patient, reader, records[0]!);
    await opens(await clinic.again(reader, {}), records[0]!);
    // nor by name: what does not open is not claimed
    await refused(patient.retract(records[1]!, "x", { under: copy }), "BLOCK_MISSING");
    await opens(patient, records[1]!);
  });

  it("are not carried by a repeated share to who is shut out of one record", async () => {
    const sources = [sample(), sample()];
    const { recordId, records } = await clinic.shareMany(chart, sources);
    await patient.deny(reader.address, records[0]!);
    await clinic.grantRead(patient, reader, chart.label);
    await clinic.shareMany(chart, sources);
    const inbox = await reader.inbox();
    expect(new Set(inbox.records.map((each) => each.recordId))).to.deep.equal(new Set([recordId, records[1]]));
  });
});

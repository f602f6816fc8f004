import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { getBytes } from "ethers";
import type { Bundle, DocumentReference } from "fhir/r4.js";

import {
  type ExportReport,
  type Hex32,
  type Progress,
  type SharedMany,
  type Source,
  bytesSource,
} from "../../../src/index.js";
import { type VerifyOptions, verifyExport } from "../../../src/index.js";
import type { ExportIndex, ListedEntry } from "../../../src/record/export/layout.js";
import { parseSums, sumsText } from "../../../src/record/export/sums.js";
import { decodeIndex, encodeIndex, indexType } from "../../../src/record/index-file.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, bytesOf, sample } from "../../helpers/clinic.js";
import { lacking } from "../../helpers/stores.js";

const claims = ["files", "stamps", "credentials", "anchor", "pointer"] as const;

describe("an export of what index records list", function () {
  this.timeout(120_000);
  let clinic: Clinic;
  let chart: Chart;
  let author: Actor;
  let patient: Actor;
  let folder: string;
  const at = (...names: string[]): string => path.join(folder, ...names);

  before(async () => {
    clinic = await Clinic.open();
    author = clinic.radiologist;
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    folder = await mkdtemp(path.join(tmpdir(), "carekey-export-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(() => clinic.close());

  const shareMany = (sources?: readonly Source[]): Promise<SharedMany> => clinic.shareMany(chart, sources);
  const indexOf = async (name: string): Promise<ExportIndex> =>
    JSON.parse(await readFile(at(name, "export.json"), "utf8")) as ExportIndex;
  const filesOf = (name: string, recordId: Hex32): string => at(name, "records", recordId.slice(2), "files");
  const verified = async (name: string, options?: VerifyOptions): Promise<ExportReport> => {
    const report = await verifyExport(at(name), options);
    expect(report.problems).to.deep.equal([]);
    return report;
  };
  /** A session that has read nothing yet, with a store that lacks some blocks. */
  const without = (lacks: (cid: string) => boolean): Promise<Actor> =>
    clinic.again(patient, { store: lacking(clinic.store, (cid) => lacks(cid.toString())) });
  /** The CIDs of a record's parts, as an export names them. */
  const cidsOf = async (name: string, recordId: Hex32): Promise<string[]> =>
    (JSON.parse(await readFile(at(name, "records", recordId.slice(2), "record.json"), "utf8")) as { cids: string[] })
      .cids;
  /** Exports, changes the entries, and mends the sums: what the check says of it. */
  async function altered(
    change: (records: ExportIndex["records"]) => ExportIndex["records"],
    options?: VerifyOptions,
  ): Promise<ExportReport> {
    await cp(at("out"), at("altered"), { recursive: true });
    const index = await indexOf("altered");
    const text = `${JSON.stringify({ ...index, records: change(index.records) }, null, 2)}\n`;
    await writeFile(at("altered", "export.json"), text);
    const sums = parseSums(await readFile(at("altered", "SHA256SUMS"), "utf8"))!;
    sums.set("export.json", createHash("sha256").update(text).digest("hex"));
    await writeFile(at("altered", "SHA256SUMS"), sumsText(sums));
    const report = await verifyExport(at("altered"), options);
    await rm(at("altered"), { recursive: true });
    return report;
  }
  const faultsOf = ({ problems }: ExportReport): string[] =>
    problems.filter(({ file, code }) => file === "export.json" && code === "EXPORT_INVALID").map(({ what }) => what);

  it("in the clear holds each of them as it was shared, proven up to a block", async () => {
    const sources = [sample(), sample(), sample()];
    const single = await clinic.share(chart);
    const { recordId, records } = await shareMany(sources);
    const later = await clinic.share(chart);
    const ids = [single.recordId, recordId, ...records, later.recordId];
    const exported = await patient.export(at("out"));
    expect(exported).to.deep.include({ records: ids, missing: [], unproven: undefined });
    for (const [place, id] of records.entries()) {
      const file = path.join(filesOf("out", id), sources[place]!.name);
      expect(Buffer.compare(await readFile(file), await bytesOf(sources[place]!))).to.equal(0);
    }
    const index = await indexOf("out");
    const list = index.records[1]!;
    for (const entry of index.records.slice(2, 5)) {
      expect(entry).to.include({ under: recordId, author: author.address, anchoredAt: list.anchoredAt });
      expect(entry).to.include({ status: "anchored" }).and.not.have.property("index");
    }
    const report = await verified("out", { blockHash: exported.block.hash });
    expect(report).to.include({ blockTrusted: true, complete: true });
    expect(report.records.map((each) => each.recordId)).to.deep.equal(ids);
    for (const { proven, word } of report.records.slice(2, 5)) {
      expect(proven).to.have.members(claims);
      expect(word).to.deep.equal([]);
    }
    expect(await readFile(at("out", "README.txt"), "utf8")).to.match(/^Records {8}6$/m);
    const bundle = JSON.parse(await readFile(at("out", "bundle.json"), "utf8")) as Bundle<DocumentReference>;
    expect(bundle.entry!.map(({ fullUrl }) => fullUrl)).to.deep.equal(ids.map((id) => `urn:carekey:record:${id}`));
    expect(bundle.entry![2]!.resource).to.include({ description: "Report 0" });
  });

  it("sealed opens with the identity alone", async () => {
    const { records } = await shareMany();
    await patient.export(at("out"), { sealed: true });
    expect(await readdir(filesOf("out", records[0]!))).to.deep.equal(["0.age"]);
    const [identity] = patient.own.identities;
    for (const { proven } of (await verified("out", { identity })).records.slice(1))
      expect(proven).to.have.members(claims);
    for (const { proven, unread } of (await verified("out")).records.slice(1)) {
      expect(proven).to.deep.equal([]);
      expect(unread).to.have.members(claims);
    }
    const stranger = await clinic.stranger();
    expect((await verifyExport(at("out"), { identity: stranger.own.identities[0] })).ok).to.equal(false);
  });

  it("shows each entry that is not what the list makes it", async () => {
    const { recordId, records } = await shareMany();
    const second = await shareMany();
    const { recordId: single } = await clinic.share(chart);
    await patient.export(at("out"));
    const [first] = records;
    const change = (more: Partial<ListedEntry>) => (all: ExportIndex["records"]) =>
      all.map((entry) => (entry.recordId === first ? { ...entry, ...more } : entry));
    const unknown = `0x${"ff".repeat(32)}`;
    const cases: [string, (all: ExportIndex["records"]) => ExportIndex["records"], string][] = [
      ["unknown", change({ under: unknown }), `The index record ${unknown} is not in the export`],
      ["listed itself", change({ under: records[1]! }), `The index record ${records[1]} is not in the export`],
      ["no list", change({ under: single }), `${single} holds no list that can be read`],
      ["another list", change({ under: second.recordId }), `${second.recordId} does not list ${first}`],
      ["another record", change({ recordId: unknown }), `${recordId} does not list ${unknown}`],
      ["author", change({ author: clinic.cardiologist.address }), `${first} has another author than its`],
      ["time", change({ anchoredAt: 1 }), `${first} has another anchoredAt than its`],
      ["status", change({ status: "retracted" }), `${first} has another status than its`],
      ["compartment", change({ compartment: unknown }), `${first} has another compartment than its`],
      ["manifest", change({ manifest: unknown }), `${first} has another manifest than its`],
      ["twice", (all) => [...all, all.find((entry) => entry.recordId === first)!], `${first} is in the export twice`],
      [
        "left out",
        (all) => all.filter((entry) => entry.recordId !== first),
        `${first} is not in it, which ${recordId}`,
      ],
    ];
    for (const [what, by, fault] of cases) {
      const report = await altered(by);
      expect(report.ok, what).to.equal(false);
      expect(
        faultsOf(report).some((each) => each.startsWith(fault)),
        `${what}: ${JSON.stringify(report.problems)}`,
      ).to.equal(true);
    }
    const numbered = await altered((all) =>
      all.map((entry) => {
        if (entry.recordId !== first || !("under" in entry)) return entry;
        const { under: list, ...rest } = entry;
        return { ...rest, index: list.length };
      }),
    );
    expect(numbered).to.include({ ok: false, complete: false });
    const lacks = await altered((all) => all.filter((entry) => entry.recordId !== first));
    expect(lacks.complete).to.equal(false);
    const claimed = (await altered(change({ anchoredAt: 1 }))).records.find((each) => each.recordId === first)!;
    expect(claimed.proven).to.deep.equal(["files"]);
  });

  it("sealed shows entries that disagree with their index record's, to anybody", async () => {
    const { records } = await shareMany();
    await patient.export(at("out"), { sealed: true });
    const changes: Partial<ListedEntry>[] = [
      { anchoredAt: 1 },
      { author: clinic.cardiologist.address },
      { under: `0x${"ff".repeat(32)}` },
    ];
    for (const more of changes) {
      const report = await altered((all) =>
        all.map((entry) => (entry.recordId === records[1] ? { ...entry, ...more } : entry)),
      );
      expect(faultsOf(report), JSON.stringify(more)).to.have.lengthOf(1);
    }
  });

  it("shows a list that was altered, and believes nothing of it", async () => {
    const { recordId, records } = await shareMany();
    await patient.export(at("out"));
    const file = path.join(filesOf("out", recordId), "index.cbor");
    const { root, records: named } = decodeIndex(await readFile(file));
    await writeFile(file, encodeIndex({ root, records: named.slice(1) }));
    const { problems, records: judged } = await verifyExport(at("out"));
    expect(problems.map(({ what }) => what)).to.include(`${recordId} holds no list that can be read`);
    for (const { proven } of judged.filter((each) => records.includes(each.recordId)))
      expect(proven).to.not.include.members(["anchor"]).and.not.include("stamps");
  });

  it("has the one that could not be opened with its code, and leaves out what is listed in a lost list", async () => {
    const { recordId, records } = await shareMany();
    const { manifest } = (await patient.listed(recordId)).find((each) => each.recordId === records[1])!;
    const lost = cidOfDigest(getBytes(manifest)).toString();
    const exported = await (await without((cid) => cid === lost)).export(at("out"));
    expect(exported.records).to.deep.equal([recordId, records[0], records[2]]);
    expect(exported.missing).to.deep.equal([{ recordId: records[1], code: "BLOCK_MISSING" }]);
    const report = await verified("out");
    expect(report.records[2]).to.deep.include({ missing: "BLOCK_MISSING", proven: ["anchor", "pointer"] });
    const [list] = await cidsOf("out", recordId);
    const blind = await (await without((cid) => cid === list)).export(at("blind"));
    expect(blind).to.deep.include({ records: [], missing: [{ recordId, code: "BLOCK_MISSING" }] });
    expect((await verified("blind")).records).to.have.lengthOf(1);
  });

  it("has what got an anchor of its own once, with that anchor", async () => {
    const { recordId, records } = await shareMany();
    await clinic.grantRead(patient, clinic.cardiologist, records[1]!);
    await patient.export(at("out"));
    const index = await indexOf("out");
    const ids = index.records.map((each) => each.recordId);
    expect(ids).to.deep.equal([recordId, records[0], records[2], records[1]]);
    expect(index.records[3]).to.include({ index: 2 }).and.not.have.property("under");
    expect((await verified("out")).complete).to.equal(true);
  });

  it("has what two lists name once, under the older one", async () => {
    const shared = sample();
    const first = await shareMany([shared, sample()]);
    const second = await shareMany([shared, sample()]);
    expect(second.records[0]).to.equal(first.records[0]);
    const { records } = await patient.export(at("out"));
    expect(records).to.deep.equal([first.recordId, ...first.records, second.recordId, second.records[1]]);
    await verified("out");
    const report = await altered((all) =>
      all.map((entry) => (entry.recordId === first.records[0] ? { ...entry, under: second.recordId } : entry)),
    );
    expect(faultsOf(report)).to.deep.equal([
      `${second.recordId} does not list ${first.records[0]}, or an older list does`,
    ]);
  });

  it("is not misled by a list that is none, or names a root that nobody anchored", async () => {
    const { recordId, records } = await shareMany();
    const real = await bytesOf((await patient.open(recordId)).parts[0]!);
    const fake = async (bytes: Uint8Array): Promise<Hex32> =>
      (await clinic.share(chart, [bytesSource("index.cbor", bytes, indexType)])).recordId;
    const copied = await fake(real);
    const broken = await fake(real.slice(1));
    const exported = await patient.export(at("out"));
    expect(exported).to.deep.include({ records: [recordId, ...records, copied, broken], missing: [] });
    expect((await verified("out")).complete).to.equal(true);
    for (const [under, fault] of [
      [copied, `The author of ${copied} did not anchor the root of its list with it`],
      [broken, `${broken} holds no list that can be read`],
    ] as const) {
      const report = await altered((all) =>
        all.map((entry) => (entry.recordId === records[0] ? { ...entry, under } : entry)),
      );
      expect(faultsOf(report)).to.include(fault);
    }
  });

  it("tells what was retracted with its list, and has nothing of what was erased with it", async () => {
    const amended = await shareMany([sample()]);
    const retracted = await shareMany([sample()]);
    const erased = await shareMany([sample()]);
    await author.amend(amended.recordId, [sample()], { reason: "title", role: "practitioner" });
    await author.retract(retracted.recordId, "wrong patient");
    await patient.erase(erased.recordId);
    const { missing } = await patient.export(at("out"));
    expect(missing).to.deep.equal([]);
    const { records, complete } = await verified("out");
    expect(complete).to.equal(true);
    expect(records.slice(0, 5).map((each) => [each.recordId, each.status])).to.deep.equal([
      [amended.recordId, "amended"],
      [amended.records[0], "anchored"],
      [retracted.recordId, "retracted"],
      [retracted.records[0], "retracted"],
      [erased.recordId, "erased"],
    ]);
    expect(records).to.have.lengthOf(6);
    expect(await readdir(at("out", "records"))).to.not.include(erased.records[0]!.slice(2));
  });

  it("rests on the word of the node where that gives no proofs", async () => {
    await shareMany();
    const unproven = await clinic.again(patient, {
      rpc: ({ method }, pass) => (method === "eth_getProof" ? Promise.reject(new Error("no such method")) : pass()),
    });
    expect((await unproven.export(at("out"))).unproven).to.be.a("string");
    for (const { proven, word } of (await verified("out")).records.slice(1)) {
      expect(proven).to.have.members(["files", "stamps"]);
      expect(word).to.have.members(["anchor", "pointer", "credentials"]);
    }
  });

  it("goes on after an interruption with what is there already", async () => {
    const { recordId, records } = await shareMany();
    const asked = new Set<string>();
    const again = await without((cid) => {
      asked.add(cid);
      return false;
    });
    const stop = new AbortController();
    const onProgress = ({ step, done, part }: Progress): void => {
      if (step === "exporting" && part === undefined && done === 2) stop.abort();
    };
    await again.export(at("out"), { signal: stop.signal, onProgress }).catch(() => undefined);
    expect(await readdir(at("out.partial", "records"))).to.have.members(
      [recordId, records[0]].map((id) => id!.slice(2)),
    );
    asked.clear();
    await again.export(at("out"));
    const isAsked = async (id: Hex32): Promise<boolean> => (await cidsOf("out", id)).every((cid) => asked.has(cid));
    expect(await Promise.all([recordId, ...records].map(isAsked))).to.deep.equal([false, false, true, true]);
    expect((await verified("out")).records).to.have.lengthOf(4);
  });

  it("holds what was listed, and what got an anchor, while it was written", async () => {
    const { recordId, records } = await shareMany();
    let later: SharedMany | undefined;
    let pending: Promise<unknown> | undefined;
    const store: BlockStore = lacking(clinic.store, () => false);
    const slow = await clinic.again(patient, {
      store: {
        ...store,
        get: async (...all) => {
          await pending;
          return store.get(...all);
        },
      },
    });
    const onProgress = ({ step, done }: Progress): void => {
      if (step !== "exporting" || done !== 2) return;
      pending ??= (async () => {
        await clinic.grantRead(patient, clinic.cardiologist, records[2]!);
        later = await shareMany();
      })();
    };
    const exported = await slow.export(at("out"), { onProgress });
    expect(exported.records).to.deep.equal([
      recordId,
      records[0],
      records[1],
      records[2],
      later!.recordId,
      ...later!.records,
    ]);
    expect((await verified("out")).complete).to.equal(true);
  });
});

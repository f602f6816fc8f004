import {
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { Bundle, DocumentReference } from "fhir/r4.js";

import { anchorSlot, credentialSlot, witnessSlot } from "../../../src/chain/slots.js";
import { readStateProof } from "../../../src/chain/state-proof.js";
import { roleId } from "../../../src/chain/ids.js";
import { openBytes } from "../../../src/crypto/age.js";
import {
  type ExportReport,
  type Hex32,
  type Progress,
  type VerifyOptions,
  bytesSource,
  requestErasure,
  retract,
  verifyExport,
  witness,
} from "../../../src/index.js";
import { parseSums } from "../../../src/record/export/sums.js";
import { sumsText } from "../../../src/record/export/sums.js";
import { type Chart, Clinic, bytesOf, refused, sample } from "../../helpers/clinic.js";
import { forge } from "../../helpers/forge.js";
import { lacking } from "../../helpers/stores.js";

const MiB = 1024 * 1024;

describe("an export of the whole chart", function () {
  this.timeout(120_000);
  let clinic: Clinic;
  let chart: Chart;
  let folder: string;
  const at = (...names: string[]): string => path.join(folder, ...names);

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    folder = await mkdtemp(path.join(tmpdir(), "carekey-export-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(() => clinic.close());

  const recordFolder = (directory: string, recordId: Hex32): string =>
    path.join(directory, "records", recordId.slice(2));
  const json = async <T>(...names: string[]): Promise<T> => JSON.parse(await readFile(at(...names), "utf8")) as T;
  const verified = async (name: string, options?: VerifyOptions): Promise<ExportReport> => {
    const report = await verifyExport(at(name), options);
    expect(report.problems).to.deep.equal([]);
    expect(report.ok).to.equal(true);
    return report;
  };

  /** A record of two parts by the radiologist, and one by the patient. */
  async function twoRecords(): Promise<{ theirs: Hex32; own: Hex32; sources: ReturnType<typeof sample>[] }> {
    const sources = [sample(MiB + 7), sample(1000)];
    const { recordId: theirs } = await clinic.share(chart, sources);
    const place = { patient: chart.patient.address, compartment: chart.label };
    const { recordId: own } = await chart.patient.share([sample()], place);
    return { theirs, own, sources };
  }

  it("in the clear holds every file as it was shared, and is proven up to a block", async () => {
    const { theirs, own, sources } = await twoRecords();
    const { records, missing, block, unproven } = await chart.patient.export(at("out"));
    expect({ records, missing, unproven }).to.deep.equal({ records: [theirs, own], missing: [], unproven: undefined });
    for (const source of sources) {
      const file = path.join(recordFolder(at("out"), theirs), "files", source.name);
      expect(Buffer.compare(await readFile(file), await bytesOf(source))).to.equal(0);
      expect((await lstat(file)).mode & 0o777).to.equal(0o600);
    }
    const report = await verified("out", { blockHash: block.hash });
    expect(report).to.include({ blockTrusted: true, complete: true, sealed: false, patient: chart.patient.address });
    for (const record of report.records) {
      expect(record.proven).to.have.members(["files", "stamps", "credentials", "anchor"]);
      expect({ word: record.word, unread: record.unread }).to.deep.equal({ word: ["pointer"], unread: [] });
    }
    expect(await readdir(folder)).to.deep.equal(["out"]);
  });

  it("has a FHIR Bundle whose attachments are its files", async () => {
    const { theirs } = await twoRecords();
    await chart.patient.export(at("out"));
    const bundle = await json<Bundle<DocumentReference>>("out", "bundle.json");
    expect(bundle).to.include({ resourceType: "Bundle", type: "collection" });
    expect(bundle.entry).to.have.lengthOf(2);
    expect(bundle.entry![0]!.fullUrl).to.equal(`urn:carekey:record:${theirs}`);
    for (const { resource } of bundle.entry!)
      for (const { attachment } of resource!.content) {
        const file = at("out", decodeURIComponent(attachment.url!));
        expect((await lstat(file)).size).to.equal(attachment.size);
      }
  });

  it("sealed holds nothing personal in the clear, and opens with the identity alone", async () => {
    const { theirs } = await twoRecords();
    await chart.patient.export(at("out"), { sealed: true });
    const place = recordFolder(at("out"), theirs);
    expect((await readdir(place)).sort()).to.deep.equal(["body.cbor.age", "files", "record.json.age"]);
    expect((await readdir(path.join(place, "files"))).sort()).to.deep.equal(["0.age", "1.age"]);
    for (const name of ["README.txt", "export.json", "proofs/facts.json", "proofs/events.json"])
      expect(await readFile(at("out", name), "utf8")).to.not.match(/sample|DocumentReference|application/);
    const [identity] = chart.patient.own.identities;
    for (const record of (await verified("out", { identity })).records)
      expect(record.proven).to.have.members(["files", "stamps", "credentials", "anchor"]);
    for (const record of (await verified("out")).records) {
      expect(record.proven).to.deep.equal(["anchor"]);
      expect(record.unread).to.have.members(["files", "stamps", "credentials"]);
    }
    const bundle = await openBytes(await readFile(at("out", "bundle.json.age")), { identity }, MiB);
    expect(JSON.parse(new TextDecoder().decode(bundle))).to.have.property("resourceType", "Bundle");
    const stranger = await clinic.stranger();
    const report = await verifyExport(at("out"), { identity: stranger.own.identities[0] });
    expect(new Set(report.problems.map(({ code }) => code))).to.deep.equal(new Set(["NOT_A_RECIPIENT"]));
  });

  for (const sealed of [false, true])
    it(`${sealed ? "sealed" : "in the clear"} shows each file altered, removed, or in another's place`, async () => {
      await twoRecords();
      await chart.patient.export(at("out"), { sealed });
      const options = sealed ? { identity: chart.patient.own.identities[0] } : {};
      await verified("out", options);
      const entries = await readdir(at("out"), { recursive: true, withFileTypes: true });
      const files = entries.filter((each) => each.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
      expect(files.length).to.be.greaterThan(12);
      const found = async (what: string): Promise<void> => {
        const { ok, problems } = await verifyExport(at("out"), options).catch(() => ({ ok: false, problems: [1] }));
        expect({ ok, some: problems.length > 0 }, what).to.deep.equal({ ok: false, some: true });
      };
      for (const [position, file] of files.entries()) {
        const bytes = await readFile(file);
        const place = position % 2 === 0 ? bytes.length - 1 : Math.floor(bytes.length / 3);
        await writeFile(
          file,
          bytes.map((byte, index) => (index === place ? byte ^ 1 : byte)),
        );
        await found(`${file} altered at ${place}`);
        await writeFile(file, bytes);
        await rename(file, at("aside"));
        await found(`${file} removed`);
        const other = files[(position + 1) % files.length]!;
        await rename(other, file);
        await rename(at("aside"), other);
        await found(`${file} and ${other} swapped`);
        await rename(file, at("aside"));
        await rename(other, file);
        await rename(at("aside"), other);
      }
      await writeFile(at("out", "records", "stray"), "x");
      await found("a stray file");
      await rm(at("out", "records", "stray"));
      await verified("out", options);
    });

  it("shows what was altered along with its sum: by hashes, signatures and proofs", async () => {
    const { theirs } = await twoRecords();
    await chart.patient.export(at("out"));
    /** Alters a file and SHA256SUMS with it. */
    const forged = async (name: string, change: (text: string) => string): Promise<ExportReport> => {
      await cp(at("out"), at("forged"), { recursive: true });
      const text = await readFile(at("forged", name), "latin1");
      expect(change(text)).to.not.equal(text);
      await writeFile(at("forged", name), change(text), "latin1");
      const sums = parseSums(await readFile(at("forged", "SHA256SUMS"), "utf8"))!;
      const { createHash } = await import("node:crypto");
      sums.set(name, createHash("sha256").update(change(text), "latin1").digest("hex"));
      await writeFile(at("forged", "SHA256SUMS"), sumsText(sums));
      const report = await verifyExport(at("forged"));
      await rm(at("forged"), { recursive: true });
      return report;
    };
    const place = `records/${theirs.slice(2)}`;
    const [file] = await readdir(at("out", place, "files"));
    const { block } = await json<{ block: { hash: string; time: number } }>("out", "export.json");
    const facts = await json<{ credentials: { until: number }[] }>("out", "proofs/facts.json");
    const cases: [string, string, (text: string) => string, object][] = [
      ["part", `${place}/files/${file}`, (text) => text.replace("\x07", "\x08"), { code: "RECORD_INVALID" }],
      ["body", `${place}/body.cbor`, (text) => text.replace("current", "currant"), { code: "RECORD_MISMATCH" }],
      ["stamp", `${place}/record.json`, (text) => text.replace('"authored"', '"received"'), { code: "STAMP_INVALID" }],
      [
        "description",
        `${place}/record.json`,
        (text) => text.replace('"current"', '"final"'),
        { code: "EXPORT_INVALID" },
      ],
      [
        "anchor's time",
        "export.json",
        (text) => text.replace(/"anchoredAt": (\d)/, '"anchoredAt": 1$1'),
        { file: "export.json" },
      ],
      ["status", "export.json", (text) => text.replace('"anchored"', '"amended"'), { file: "export.json" }],
      ["number", "export.json", (text) => text.replace('"index": 2', '"index": 3'), { file: "export.json" }],
      [
        ...(["credential's end", "proofs/facts.json"] as const),
        (text) => text.replace('"plain"', '"upheld"'),
        { file: "proofs/facts.json", code: "EXPORT_INVALID" },
      ],
      [
        "block",
        "export.json",
        (text) => text.replace(block.hash, `0x${"ab".repeat(32)}`),
        { file: "proofs/state.json" },
      ],
      [
        ...(["credential", "proofs/facts.json"] as const),
        (text) => text.replace(String(facts.credentials[0]!.until), String(facts.credentials[0]!.until + 1)),
        { file: "proofs/facts.json", code: "EXPORT_INVALID" },
      ],
      ["proof", "proofs/state.json", (text) => text.replace(/"0xf9/, '"0xf8'), { file: "proofs/state.json" }],
      [
        "pointer",
        "proofs/events.json",
        (text) => text.replace(/"data": "0x../, '"data": "0xee'),
        { file: "proofs/events.json" },
      ],
      ["bundle", "bundle.json", (text) => text.replace('"current"', '"final"'), { file: "bundle.json" }],
      ["readme", "README.txt", (text) => text.replace("medical", "magical"), { file: "README.txt" }],
    ];
    for (const [what, name, change, problem] of cases) {
      const { ok, problems } = await forged(name, change);
      expect(ok, what).to.equal(false);
      expect(
        problems.some((each) => Object.entries(problem).every(([key, value]) => each[key as "file"] === value)),
        `${what}: ${JSON.stringify(problems)}`,
      ).to.equal(true);
    }
  });

  it("shows a record that was left out, which the chart's head counts", async () => {
    const { own } = await twoRecords();
    await chart.patient.export(at("out"));
    const index = await json<{ records: { recordId: string }[] }>("out", "export.json");
    const records = index.records.filter(({ recordId }) => recordId !== own);
    await writeFile(at("out", "export.json"), `${JSON.stringify({ ...index, records }, null, 2)}\n`);
    const { ok, complete, problems } = await verifyExport(at("out"));
    expect({ ok, complete }).to.deep.equal({ ok: false, complete: false });
    expect(problems.map(({ what }) => what)).to.include("Proven otherwise: chart");
  });

  it("holds what came while it was written", async () => {
    const { theirs, own } = await twoRecords();
    let later: Hex32 | undefined;
    const onProgress = ({ step, done }: Progress): void => {
      if (step === "exporting" && done === 1)
        pending ??= clinic.share(chart).then(({ recordId }) => (later = recordId));
    };
    let pending: Promise<unknown> | undefined;
    const store = lacking(clinic.store, () => false);
    const patient = await clinic.again(chart.patient, {
      store: Object.assign(Object.create(store) as typeof store, {
        get: async (...all: Parameters<typeof store.get>) => {
          await pending;
          return store.get(...all);
        },
      }),
    });
    const { records } = await patient.export(at("out"), { onProgress });
    expect(records).to.deep.equal([theirs, own, later]);
    expect((await verified("out")).complete).to.equal(true);
  });

  it("is of another block than the one trusted", async () => {
    await chart.patient.export(at("out"));
    const { ok, blockTrusted, problems } = await verifyExport(at("out"), { blockHash: `0x${"11".repeat(32)}` });
    expect({ ok, blockTrusted }).to.deep.equal({ ok: false, blockTrusted: false });
    expect(problems.map(({ code, file }) => ({ code, file }))).to.deep.equal([
      { code: "EXPORT_INVALID", file: "export.json" },
    ]);
  });

  it("says so where the node gives no proofs, or false ones", async () => {
    await twoRecords();
    const answers: [string, (pass: () => Promise<unknown>) => Promise<unknown>][] = [
      ["none", () => Promise.reject(new Error("the method does not exist"))],
      ["nothing", () => Promise.resolve(null)],
      ["cut", async (pass) => ({ ...((await pass()) as object), storageProof: [] })],
      ["another's", async (pass) => ({ ...((await pass()) as object), accountProof: ["0x80"] })],
    ];
    for (const [name, answer] of answers) {
      const patient = await clinic.again(chart.patient, {
        rpc: ({ method }, pass) => (method === "eth_getProof" ? answer(pass) : pass()),
      });
      const { unproven } = await patient.export(at(name));
      expect(unproven, name).to.be.a("string");
      for (const record of (await verified(name)).records) {
        expect(record.proven).to.include.members(["files", "stamps"]).and.not.include("anchor");
        expect(record.word).to.include.members(["anchor", "pointer"]);
      }
    }
    const other = await clinic.again(chart.patient, {
      rpc: async ({ method }, pass) => {
        const answer = await pass();
        return method === "eth_getBlockByNumber" && answer !== null
          ? { ...(answer as object), extraData: "0x99" }
          : answer;
      },
    });
    expect((await other.export(at("header"))).unproven).to.be.a("string");
  });

  it("goes on past a record that can't be opened, and lists it with its code", async () => {
    const { theirs, own } = await twoRecords();
    const garbage = await forge(clinic.radiologist, chart, { pointer: "0x" + "22".repeat(32) });
    const unproven = await forge(clinic.radiologist, chart, {
      stamps: async (_, sign) => [await sign(clinic.radiologist, { role: roleId("laboratory") })],
    });
    const { records, missing } = await chart.patient.export(at("out"));
    expect(records).to.deep.equal([theirs, own]);
    expect(missing).to.deep.equal([
      { recordId: garbage.recordId, code: "BLOCK_MISSING" },
      { recordId: unproven.recordId, code: "STAMP_UNPROVEN" },
    ]);
    const report = await verified("out");
    expect(report.records.filter(({ missing: code }) => code !== undefined)).to.have.lengthOf(2);
    expect(report.records[2]).to.deep.include({ missing: "BLOCK_MISSING", unread: ["files", "stamps", "credentials"] });
  });

  it("tells what was amended, retracted and erased", async () => {
    const first = await forge(clinic.radiologist, chart);
    const second = await forge(clinic.radiologist, chart);
    await retract(clinic.radiologist.own.chain, first.name, "wrong patient");
    await requestErasure(chart.patient.own.chain, chart.label, second.name.content);
    const { records, missing } = await chart.patient.export(at("out"));
    expect({ records, missing }).to.deep.equal({ records: [first.recordId], missing: [] });
    const report = await verified("out");
    expect(report.records.map(({ status }) => status)).to.deep.equal(["retracted", "erased"]);
    const bundle = await json<Bundle<DocumentReference>>("out", "bundle.json");
    expect(bundle.entry!.map(({ resource }) => resource!.status)).to.deep.equal(["entered-in-error"]);
  });

  it("proves the time of a stamp that was witnessed later", async () => {
    const { recordId } = await forge(clinic.radiologist, chart, {
      stamps: async (honest, sign) => {
        const { stampDigest, stampDomain } = await import("../../../src/crypto/stamp.js");
        const { chain } = clinic.radiologist.own;
        const previous = stampDigest(stampDomain(chain.chainId, chain.addresses.RecordRegistry), honest);
        const second = await sign(clinic.cardiologist, { statement: "second reading", previous });
        const digest = stampDigest(stampDomain(chain.chainId, chain.addresses.RecordRegistry), second);
        await witness(clinic.cardiologist.own.chain, digest);
        return [honest, second];
      },
    });
    await chart.patient.export(at("out"));
    const report = await verified("out");
    expect(report.records[0]).to.deep.include({ recordId });
    expect(report.records[0]!.proven).to.include.members(["stamps", "credentials"]);
  });

  it("reads storage where the deployed contracts keep it", async () => {
    const { recordId, name } = await forge(clinic.radiologist, chart);
    const digest = `0x${"5a".repeat(32)}`;
    await witness(clinic.radiologist.own.chain, digest);
    const { chain } = clinic.radiologist.own;
    const word = async ({ contract, key }: ReturnType<typeof anchorSlot>): Promise<bigint> =>
      BigInt(await chain.provider.getStorage(chain.addresses[contract], key));
    const anchor = await chain.recordRegistry.anchorOf(recordId);
    expect(await word(anchorSlot(recordId))).to.equal(
      BigInt(anchor.author) |
        (anchor.anchoredAt << 160n) |
        (anchor.writtenAt << 196n) |
        (anchor.index << 228n) |
        (anchor.status << 253n),
    );
    expect(await word(witnessSlot(chain.address, digest))).to.equal(
      await chain.recordRegistry.witnessedAt(chain.address, digest),
    );
    const [credential] = await chain.credentialRegistry.credentialsOf(chain.address, roleId("practitioner"), 0, 1);
    expect(await word(credentialSlot(chain.address, roleId("practitioner"), 0))).to.equal(
      BigInt(credential!.issuer) |
        (credential!.from << 160n) |
        (credential!.until << 200n) |
        (credential!.ending << 240n),
    );
    expect(name.patient).to.equal(chart.patient.address);
  });

  it("keeps what an interrupted export wrote, and only if it is right", async () => {
    const { theirs, own } = await twoRecords();
    const asked = new Set<string>();
    const store = lacking(clinic.store, (cid) => {
      asked.add(cid.toString());
      return false;
    });
    const patient = await clinic.again(chart.patient, { store });
    /** Stops when the first of two records is written. */
    const interrupted = async (directory: string): Promise<void> => {
      const stop = new AbortController();
      const onProgress = ({ step, done, part }: Progress): void => {
        if (step === "exporting" && part === undefined && done === 1) stop.abort();
      };
      await refused(patient.export(directory, { signal: stop.signal, onProgress }), "CANCELLED");
    };
    for (const [isSpoiled, directory] of [false, true].map((each) => [each, each ? "spoiled" : "out"] as const)) {
      await interrupted(at(directory));
      expect(await readdir(folder))
        .to.include(`${directory}.partial`)
        .and.not.include(directory);
      const files = path.join(recordFolder(at(`${directory}.partial`), theirs), "files");
      const [first = ""] = await readdir(files);
      if (isSpoiled) await writeFile(path.join(files, first), "spoiled");
      asked.clear();
      await patient.export(at(directory));
      const { cids } = await json<{ cids: string[] }>(directory, "records", theirs.slice(2), "record.json");
      expect(cids.map((cid) => asked.has(cid))).to.deep.equal([isSpoiled, isSpoiled]);
      expect((await verified(directory)).records.map(({ recordId }) => recordId)).to.deep.equal([theirs, own]);
    }
  });

  it("writes into no folder that holds something, and clears none that is not its own", async () => {
    await mkdir(at("full"));
    await writeFile(at("full", "letter.txt"), "mine");
    await refused(chart.patient.export(at("full")), "FILE_EXISTS");
    await writeFile(at("file"), "mine");
    await refused(chart.patient.export(at("file")), "FILE_EXISTS");
    await symlink(at("full"), at("link"));
    await refused(chart.patient.export(at("link")), "FILE_EXISTS");
    await mkdir(at("out.partial"));
    await writeFile(at("out.partial", "letter.txt"), "mine");
    await refused(chart.patient.export(at("out")), "FILE_EXISTS", { reason: "partial" });
    await symlink(at("full"), at("sly.partial"));
    await refused(chart.patient.export(at("sly")), "FILE_EXISTS", { reason: "partial" });
    for (const place of ["full", "out.partial"])
      expect(await readFile(at(place, "letter.txt"), "utf8")).to.equal("mine");
    await mkdir(at("empty"));
    await chart.patient.export(at("empty"));
    await verified("empty");
    await refused(verifyExport(at("full")), "EXPORT_INVALID", { reason: "no-export" });
    await refused(verifyExport(at("nowhere")), "EXPORT_INVALID", { reason: "no-export" });
  });

  it("gives names that stay in the folder and differ on every file system, and follows no link", async () => {
    const names = ["ECG.dcm", "ecg.dcm", "con.txt", "a:b?.pdf", "__proto__", ".", "x\u202egpj.exe"].filter(
      (name) => name !== ".",
    );
    const place = { patient: chart.patient.address, compartment: chart.label };
    const sources = names.map((name, index) => bytesSource(name, Uint8Array.of(index)));
    const { recordId } = await chart.patient.share(sources, place);
    await chart.patient.export(at("out"));
    const files = (await readdir(path.join(recordFolder(at("out"), recordId), "files"))).sort();
    expect(files).to.deep.equal(["0-ECG.dcm", "1-ecg.dcm", "__proto__", "_con.txt", "a_b_.pdf", "x_gpj.exe"]);
    await verified("out");
    const victim = path.join(recordFolder(at("out"), recordId), "files", "_con.txt");
    await copyFile(victim, at("elsewhere"));
    await rm(victim);
    await symlink(at("elsewhere"), victim);
    const { problems } = await verifyExport(at("out"));
    expect(problems.map(({ file }) => path.basename(file))).to.include("_con.txt");
  });

  it("of an empty chart is one, too", async () => {
    await chart.patient.export(at("out"));
    const report = await verified("out");
    expect(report.records).to.deep.equal([]);
    await readStateProof(await json("out", "proofs/state.json"));
  });
});

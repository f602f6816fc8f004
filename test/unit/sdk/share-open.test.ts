import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect } from "chai";

import { syntheticEcg } from "../../../scripts/ecg.js";
import { type Progress, type Source, bytesSource, fileSource, fsStore, savePart } from "../../../src/index.js";
import { asActor } from "../../../src/record/identities.js";
import { fetchManifest } from "../../../src/record/own.js";
import { Clinic, bytesOf, refused, sample } from "../../helpers/clinic.js";
import { brainSeries, chestXray } from "../../helpers/samples.js";
import { peakOfBuffers } from "../../helpers/dags.js";

const MiB = 1024 * 1024;

describe("sharing and opening records", () => {
  let clinic: Clinic;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-sdk-"));
    clinic = await Clinic.open(await fsStore(join(directory, "blocks"), { fsync: false }));
  });
  after(async () => {
    await clinic.close();
    await rm(directory, { recursive: true });
  });

  it("gives a grantee the bytes of a whole series, with a stamp that is proven and a description that is FHIR", async () => {
    const { radiologist, cardiologist } = clinic;
    const { patient, label } = await clinic.chart();
    const sources = await Promise.all(brainSeries.map((path) => fileSource(path)));
    const options = { patient: patient.address, compartment: label, role: "practitioner", title: "Brain MR" } as const;
    const shared = await radiologist.share(sources, options);
    await clinic.grantRead(patient, cardiologist, label);

    const { record, content, stamps, description, parts } = await cardiologist.open(shared.recordId, {
      purpose: "TREAT",
    });
    expect(record).to.include({ patient: patient.address, compartment: label, author: radiologist.address });
    expect(record).to.include({ recordId: shared.recordId, status: "anchored" });
    expect(content).to.equal(shared.content);
    expect(stamps).to.have.lengthOf(1);
    expect(stamps[0]).to.include({ statement: "authored", signer: radiologist.address, patient: patient.address });
    expect(stamps[0]).to.include({ proven: true, selfReported: false });
    expect(description).to.include({ resourceType: "DocumentReference", status: "current", description: "Brain MR" });
    expect(description.subject).to.have.nested.property("identifier.value", `did:pkh:eip155:31337:${patient.address}`);
    expect(description.content).to.have.lengthOf(brainSeries.length);
    expect(parts).to.have.lengthOf(brainSeries.length);
    for (const [index, path] of brainSeries.entries()) {
      const file = await readFile(path);
      const part = parts[index]!;
      expect(part).to.include({ mediaType: "application/dicom", size: file.length });
      expect(sha256(await bytesOf(part)))
        .to.equal(sha256(file))
        .and.to.equal(part.sha256.slice(2));
    }
  });

  it("lets author and patient open too, each by their own stanza", async () => {
    const chart = await clinic.chart();
    const { recordId } = await clinic.share(chart, [await fileSource(chestXray)]);
    const own = await chart.patient.open(recordId);
    expect(sha256(await bytesOf(own.parts[0]!))).to.equal(sha256(await readFile(chestXray)));
    // a writer who may not read is refused, although she holds a stanza
    await refused(clinic.radiologist.open(recordId, { purpose: "TREAT" }), "ACCESS_REFUSED", { recordId });
    await clinic.grantRead(chart.patient, clinic.radiologist, chart.label);
    const authored = await clinic.radiologist.open(recordId, { purpose: "TREAT" });
    expect(sha256(await bytesOf(authored.parts[0]!))).to.equal(sha256(await readFile(chestXray)));
  });

  it("takes what patients report of themselves, and shows it as such", async () => {
    const { patient, label } = await clinic.chart();
    await clinic.grantRead(patient, clinic.cardiologist, label);
    const diary = bytesSource("diary.txt", new TextEncoder().encode("Slept well."), "text/plain");
    const { recordId, delivered } = await patient.share([diary], { patient: patient.address, compartment: label });
    expect(delivered).to.deep.equal([clinic.cardiologist.address]);
    const { stamps, parts } = await clinic.cardiologist.open(recordId, { purpose: "TREAT" });
    expect(stamps[0]).to.include({ signer: patient.address, selfReported: true, proven: true });
    expect(parts[0]).to.include({ mediaType: "text/plain", name: "diary.txt" });
  });

  it("finds the same record, and writes nothing, when the same file is shared again", async () => {
    const chart = await clinic.chart();
    const source = bytesSource("ecg.dcm", syntheticEcg({ seed: 5, seconds: 1 }));
    const first = await clinic.share(chart, [source]);
    const before = await clinic.traces();
    const second = await clinic.share(chart, [source]);
    expect(second).to.include({ recordId: first.recordId, content: first.content, transaction: undefined });
    expect(await clinic.traces()).to.deep.equal(before);
  });

  it("names a label in any spelling of its hex", async () => {
    const chart = await clinic.chart();
    const shout = { ...chart, label: "0x" + chart.label.slice(2).toUpperCase() };
    const first = await clinic.share(chart);
    await clinic.grantRead(chart.patient, clinic.cardiologist, shout.label);
    await clinic.cardiologist.open("0x" + first.recordId.slice(2).toUpperCase(), { purpose: "TREAT" });
    const { recordId, delivered } = await clinic.share(shout);
    expect(delivered).to.deep.equal([clinic.cardiologist.address]);
    await clinic.cardiologist.open(recordId, { purpose: "TREAT" });
  });

  it("opens whatever it shared: a description as long as its manifest holds", async () => {
    const { patient, label } = await clinic.chart();
    const title = "long ".repeat(100_000);
    const options = { patient: patient.address, compartment: label, role: "practitioner", title } as const;
    const { recordId } = await clinic.radiologist.share([sample()], options);
    expect((await patient.open(recordId)).description.description).to.equal(title.trim());
  });

  it("shares and opens 128 MiB in constant memory and tells how far it is", async function () {
    this.timeout(60_000);
    const chart = await clinic.chart();
    const size = 128 * MiB;
    const steps: Progress[] = [];
    const sent = createHash("sha256");
    const received = createHash("sha256");
    const peak = await peakOfBuffers(64 * MiB, async (look) => {
      const source: Source = { name: "long.bin", size, stream: () => pieces(size, sent) };
      const { recordId } = await clinic.radiologist.share([source], {
        patient: chart.patient.address,
        compartment: chart.label,
        role: "practitioner",
        onProgress: (progress) => {
          look();
          steps.push(progress);
        },
      });
      const { parts } = await chart.patient.open(recordId);
      let opened = 0;
      for await (const chunk of parts[0]!.stream()) {
        received.update(chunk);
        opened += chunk.length;
        look();
      }
      expect(opened).to.equal(size);
    });
    expect(received.digest("hex")).to.equal(sent.digest("hex"));
    expect(peak).to.be.below(64 * MiB);
    const sealing = steps.filter(({ step }) => step === "sealing");
    expect(sealing.at(-1)).to.deep.equal({ step: "sealing", part: 0, done: size, total: size });
    expect(sealing.map(({ done }) => done)).to.deep.equal(sealing.map((_, index) => (index + 1) * MiB));
    expect(steps.at(-1)?.step).to.equal("anchoring");
  });

  it("leaves nothing behind when a share is cancelled, whatever it was at", async () => {
    const chart = await clinic.chart();
    const base = { patient: chart.patient.address, compartment: chart.label, role: "practitioner" } as const;
    for (const step of ["begin", "sealing", "second part", "anchoring"] as const) {
      const before = await clinic.traces();
      const stop = new AbortController();
      if (step === "begin") stop.abort();
      let closed = 0;
      const large: Source = {
        name: "large.bin",
        size: 20 * MiB,
        stream: function* () {
          try {
            yield* pieces(20 * MiB);
          } finally {
            closed++;
          }
        },
      };
      const work = clinic.radiologist.share([sample(), large], {
        ...base,
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.step === step || (step === "second part" && progress.done > 12 * MiB)) stop.abort();
        },
      });
      await refused(work, "CANCELLED");
      expect(await clinic.traces(), step).to.deep.equal(before);
      expect(closed, `sources closed: ${step}`).to.equal(step === "second part" || step === "anchoring" ? 1 : 0);
    }
  });

  it("cancels the opening of a record and the reading of a part", async () => {
    const chart = await clinic.chart();
    const { recordId } = await clinic.share(chart, [sample(3 * MiB)]);
    await clinic.grantRead(chart.patient, clinic.cardiologist, chart.label);
    const signal = AbortSignal.abort();
    await refused(chart.patient.open(recordId, { signal }), "CANCELLED");
    await refused(clinic.cardiologist.open(recordId, { purpose: "TREAT", signal }), "CANCELLED");
    const { parts } = await chart.patient.open(recordId);
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const chunk of parts[0]!.stream({ signal: stop.signal })) if (chunk.length > 0) stop.abort();
    };
    await refused(read(), "CANCELLED");
    const path = join(directory, "cancelled");
    await refused(savePart(parts[0]!, path, { signal }), "CANCELLED");
    expect((await readdir(directory)).filter((name) => name.includes("cancelled") || name.includes("part"))).to.be
      .empty;
  });

  it("does not take a file for whole that the disk cut short", async function () {
    // a limit on the length of files, in KiB, acts like a full disk; Windows has none
    if (process.platform === "win32") this.skip();
    const script = fileURLToPath(new URL("../../helpers/full-disk.ts", import.meta.url));
    const target = await mkdtemp(join(directory, "full-"));
    const limited = 'ulimit -f "$0"; exec "$@"';
    for (const [limit, outcome, files] of [
      ["1", /_FAILED|_FULL/, []],
      ["64", /^saved$/, ["file"]],
    ] as const) {
      const command = [limited, limit, process.execPath, "--import", "tsx", script, join(target, "file")];
      const { stdout } = await promisify(execFile)("bash", ["-c", ...command]);
      expect(stdout).to.match(outcome);
      expect(await readdir(target)).to.deep.equal(files);
    }
  });

  it("replaces no file and leaves none in part", async () => {
    const chart = await clinic.chart();
    const { recordId } = await clinic.share(chart, [sample(3 * MiB)]);
    const opened = await chart.patient.open(recordId);
    const [part] = opened.parts;
    const target = await mkdtemp(join(directory, "target-"));
    const path = join(target, "file");
    await writeFile(path, "mine");
    await refused(savePart(part!, path), "FILE_EXISTS");
    expect(await readFile(path, "utf8")).to.equal("mine");
    await refused(savePart(part!, join(target, "missing", "file")), "STORE_FAILED", { code: "ENOENT" });

    const { manifest } = await fetchManifest(chart.patient.own, opened.record, asActor(chart.patient.own));
    const [, last] = await clinic.blocksOf(manifest.parts[0]!.cid);
    await clinic.store.delete(last!);
    await refused(savePart(part!, join(target, "other")), "BLOCK_MISSING");
    expect(await readdir(target)).to.deep.equal(["file"]);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes of no pattern that a store could shorten, each piece other than the rest. */
function* pieces(size: number, seen = createHash("sha256")): Generator<Uint8Array, void, undefined> {
  for (let done = 0; done < size; done += MiB) {
    const piece = new Uint8Array(MiB).fill(done / MiB);
    new DataView(piece.buffer).setUint32(0, done);
    seen.update(piece);
    yield piece;
  }
}

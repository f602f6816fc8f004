import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import {
  type ErrorCode,
  type ErrorDetails,
  type Purpose,
  type Role,
  type ShareOptions,
  type Source,
  bytesSource,
  fileSource,
  randomLabel,
  wholeChart,
} from "../../../src/index.js";
import { type Chart, Clinic, day, refused, sample } from "../../helpers/clinic.js";

describe("what is refused before anything is written", () => {
  let clinic: Clinic;
  let chart: Chart;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-refusals-"));
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
  });
  after(async () => {
    await clinic.close();
    await rm(directory, { recursive: true });
  });

  /** Refused, with neither a new block on the chain nor anything else in the store. */
  async function untouched(work: () => Promise<unknown>, code: ErrorCode, details?: ErrorDetails): Promise<void> {
    const before = await clinic.traces();
    await refused(work(), code, details);
    expect(await clinic.traces()).to.deep.equal(before);
  }

  function share(sources: readonly Source[], options: Partial<ShareOptions> = {}, by = clinic.radiologist) {
    const { patient, label } = chart;
    const usual = { patient: patient.address, compartment: label, role: "practitioner" } as const;
    return by.share(sources, { ...usual, ...options });
  }

  it("files that are missing, no files, or empty", async () => {
    const missing = join(directory, "missing.dcm");
    await untouched(() => fileSource(missing), "FILE_UNREADABLE", { code: "ENOENT" });
    await untouched(() => fileSource(directory), "FILE_UNREADABLE");
    const empty = join(directory, "empty.dcm");
    await writeFile(empty, "");
    await untouched(() => fileSource(empty), "FILE_EMPTY", { size: 0 });
    await untouched(() => share([sample(), bytesSource("empty", new Uint8Array())]), "FILE_EMPTY", {
      part: 1,
      size: 0,
    });
    await untouched(() => share([]), "INVALID_ARGUMENT");
  });

  it("files that vanish, break off, shrink or grow while they are read", async () => {
    const path = join(directory, "file.bin");
    const chosen = async (): Promise<Source> => {
      await writeFile(path, new Uint8Array(5000));
      return fileSource(path);
    };
    const vanished = await chosen();
    await rm(path);
    await untouched(() => share([vanished]), "FILE_UNREADABLE", { code: "ENOENT" });
    const grown = await chosen();
    await appendFile(path, "more");
    await untouched(() => share([sample(), grown]), "FILE_CHANGED", { part: 1, expected: 5000, size: 5004 });
    const shrunk = await chosen();
    await writeFile(path, "less");
    await untouched(() => share([shrunk]), "FILE_CHANGED", { part: 0, expected: 5000, size: 4 });
    const broken: Source = {
      name: "broken.bin",
      size: 20_000_000,
      stream: function* () {
        yield new Uint8Array(15_000_000);
        throw new Error("cable pulled");
      },
    };
    await untouched(() => share([sample(), broken]), "FILE_UNREADABLE", { part: 1 });
  });

  it("names and media types that no reader would accept", async () => {
    const bytes = Uint8Array.of(1);
    for (const name of ["", ".", "..", "a/b", "a\\b", "a\0b", "a\nb", "ä".repeat(128)]) {
      await untouched(() => share([bytesSource(name, bytes)]), "INVALID_ARGUMENT", { part: 0 });
    }
    for (const type of ["", `text/${"x".repeat(123)}`]) {
      await untouched(() => share([sample(), bytesSource("a", bytes, type)]), "INVALID_ARGUMENT", { part: 1 });
    }
  });

  it("a record whose manifest fits no block", async () => {
    await untouched(() => share([sample()], { title: "long ".repeat(220_000) }), "RECORD_TOO_LARGE");
  });

  it("addresses, labels and roles that are none", async () => {
    await untouched(() => share([sample()], { patient: "somebody" }), "INVALID_ARGUMENT");
    for (const compartment of [wholeChart, "0x" + "ff".repeat(32), "0x12", "imaging"]) {
      await untouched(() => share([sample()], { compartment }), "INVALID_ARGUMENT");
    }
    await untouched(() => share([sample()], { role: undefined }), "INVALID_ARGUMENT");
    await untouched(() => share([sample()], { role: "healer" as Role }), "INVALID_ARGUMENT");
    const { address } = clinic.radiologist;
    await untouched(() => clinic.hospital.issueCredential(address, "healer" as Role, 1), "INVALID_ARGUMENT");
    await untouched(() => clinic.radiologist.inbox("somebody"), "INVALID_ARGUMENT");
    await untouched(() => clinic.radiologist.log("somebody"), "INVALID_ARGUMENT");
    await untouched(() => chart.patient.revoke("somebody", wholeChart), "INVALID_ARGUMENT");
    await untouched(() => chart.patient.chart(address, "0x12"), "INVALID_ARGUMENT");
    const question = { patient: address, grantee: "somebody", permission: "WRITE" } as const;
    await untouched(() => chart.patient.canAccess(question), "INVALID_ARGUMENT");
  });

  it("authors without a credential for the role: never had, of another role, ended or revoked", async () => {
    const { hospital } = clinic;
    const { patient } = chart;
    const author = await clinic.actor();
    const end = (await patient.now()) + 900 * day;
    await patient.grant({ grantee: author.address, scope: chart.label, permissions: ["WRITE"], end });
    const refusal = { role: "practitioner" };
    await untouched(() => share([sample()], {}, author), "NO_CREDENTIAL", refusal);
    await hospital.issueCredential(author.address, "researcher", end);
    await untouched(() => share([sample()], {}, author), "NO_CREDENTIAL", refusal);
    await hospital.issueCredential(author.address, "practitioner", (await author.now()) + 100);
    await share([sample()], {}, author);
    await clinic.pass(100);
    await untouched(() => share([sample()], {}, author), "NO_CREDENTIAL", refusal);
    await hospital.issueCredential(author.address, "practitioner", end);
    await share([sample()], {}, author);
    await hospital.revokeCredential(author.address, "practitioner", await author.now());
    await untouched(() => share([sample()], {}, author), "NO_CREDENTIAL", refusal);
    await untouched(() => share([sample()], { patient: author.address }, author), "NO_CREDENTIAL", refusal);
  });

  it("authors who may not write there: no grant, READ alone, another compartment, revoked, ended, denied, locked down", async () => {
    const { patient, label } = chart;
    const author = await clinic.professional("practitioner");
    const refusal = { patient: patient.address, compartment: label };
    const end = (await patient.now()) + 30 * day;
    const write = { grantee: author.address, permissions: ["WRITE"] } as const;
    const shut = (): Promise<void> => untouched(() => share([sample()], {}, author), "WRITE_REFUSED", refusal);
    await shut();
    await clinic.grantRead(patient, author, label);
    await shut();
    await patient.grant({ ...write, scope: randomLabel(), end });
    await shut();
    await patient.grant({ ...write, scope: label, end });
    await share([sample()], {}, author);
    await patient.revoke(author.address, label);
    await shut();
    await patient.grant({ ...write, scope: label, end: (await patient.now()) + 50 });
    await clinic.pass(50);
    await shut();
    await patient.grant({ ...write, scope: wholeChart, end });
    await share([sample()], {}, author);
    await patient.deny(author.address, label);
    await shut();
    await patient.lift(author.address, label);
    await share([sample()], {}, author);
    await patient.lockdown();
    await shut();
  });

  it("patients and grantees whom nobody can seal to", async () => {
    const patient = await clinic.stranger();
    const end = (await patient.now()) + day;
    const grant = { scope: chart.label, permissions: ["WRITE"], end } as const;
    await patient.grant({ ...grant, grantee: clinic.radiologist.address });
    const to = { patient: patient.address };
    await untouched(() => share([sample()], to), "NO_PUBLISHED_KEY", { actor: patient.address });
    const stranger = await clinic.stranger();
    const unknown = { ...grant, grantee: stranger.address };
    await untouched(() => chart.patient.grant(unknown), "NO_PUBLISHED_KEY", { actor: stranger.address });
    // as many bytes as a key has, but nobody can encrypt to them
    const garbage = new Uint8Array(1216).fill(255);
    for (const actor of [patient, stranger]) await clinic.publishBytes(actor, garbage);
    await untouched(() => share([sample()], to), "RECIPIENT_INVALID");
    await clinic.share(chart);
    await untouched(() => clinic.grantRead(chart.patient, stranger, wholeChart), "RECIPIENT_INVALID");
  });

  it("periods that are over, inverted or no time at all", async () => {
    const { patient, label } = chart;
    const now = await patient.now();
    for (const [start, end] of [
      [undefined, now],
      [undefined, now - day],
      [now + 20, now + 10],
      [now + 10, now + 10],
      [undefined, now + 0.5],
      [-1, now + 10],
      [undefined, 2 ** 40],
      [undefined, NaN],
    ]) {
      const period = { end: end!, ...(start === undefined ? {} : { start }) };
      await untouched(() => clinic.grantRead(patient, clinic.cardiologist, label, period), "PERIOD_INVALID");
    }
    const wish = { patient: patient.address, scope: label, permissions: ["READ"], purposes: ["TREAT"] } as const;
    const late = { ...wish, role: "practitioner", end: now } as const;
    await untouched(() => clinic.cardiologist.request(late), "PERIOD_INVALID");
    const pretended = { ...wish, role: "researcher", end: now + day } as const;
    const details = { role: "researcher", actor: clinic.cardiologist.address };
    await untouched(() => clinic.cardiologist.request(pretended), "NO_CREDENTIAL", details);
  });

  it("grants that make no sense", async () => {
    const { patient, label } = chart;
    const other = await clinic.chart();
    const { recordId } = await clinic.share(other);
    const give = (more: Parameters<Clinic["grantRead"]>[3], scope = label) =>
      clinic.grantRead(patient, clinic.cardiologist, scope, more);
    await untouched(() => give({ grantee: patient.address }), "INVALID_ARGUMENT");
    await untouched(() => give({ grantee: "cardiologist" }), "INVALID_ARGUMENT");
    await untouched(() => give({ permissions: [] }), "INVALID_ARGUMENT");
    await untouched(() => give({ purposes: [] }), "INVALID_ARGUMENT");
    await untouched(() => give({ permissions: ["READ", "DENY" as "READ"] }), "INVALID_ARGUMENT");
    await untouched(() => give({ permissions: ["READ", "WRITE"], group: true }), "INVALID_ARGUMENT");
    await untouched(() => give({ purposes: ["CURIOSITY" as Purpose] }), "INVALID_ARGUMENT");
    await untouched(() => give({}, "0x12"), "INVALID_ARGUMENT");
    for (const name of ["", "ä".repeat(128)]) {
      await untouched(() => give({ compartments: [{ label, name }] }), "INVALID_ARGUMENT", { label });
    }
    await untouched(() => give({ compartments: [{ label: wholeChart, name: "all" }] }), "INVALID_ARGUMENT");
    await untouched(() => give({}, "0x" + "ff".repeat(32)), "RECORD_UNKNOWN", { recordId: "0x" + "ff".repeat(32) });
    await untouched(() => give({}, recordId), "RECORD_UNKNOWN", { recordId });
  });

  it("opening without a grant, for another purpose, before it begins, after its end, or after a revocation", async () => {
    const { patient, label } = chart;
    const { cardiologist } = clinic;
    const { recordId } = await clinic.share(chart);
    const shut = (purpose: Purpose): Promise<void> =>
      untouched(() => cardiologist.open(recordId, { purpose }), "ACCESS_REFUSED", { recordId, purpose });
    await shut("TREAT");
    const now = await patient.now();
    await clinic.grantRead(patient, cardiologist, label, { start: now + day, end: now + 2 * day });
    await shut("TREAT");
    await clinic.pass(day);
    await cardiologist.open(recordId, { purpose: "TREAT" });
    await cardiologist.open(recordId, { purpose: "ETREAT" });
    await shut("HRESCH");
    await shut("PurposeOfUse");
    await untouched(() => cardiologist.open(recordId), "INVALID_ARGUMENT");
    await untouched(() => cardiologist.open(recordId, { purpose: "CURIOSITY" as Purpose }), "INVALID_ARGUMENT");
    await clinic.pass(day);
    await shut("TREAT");
    await clinic.grantRead(patient, cardiologist, label);
    await patient.revoke(cardiologist.address, label);
    await shut("TREAT");
    await clinic.grantRead(patient, cardiologist, label);
    await patient.lockdown();
    await shut("TREAT");
  });

  it("record ids that are none, and such that nobody anchored", async () => {
    const unknown = "0x" + "ff".repeat(32);
    await untouched(() => chart.patient.open(unknown), "RECORD_UNKNOWN", { recordId: unknown });
    for (const id of [chart.label, wholeChart, "0x12", "ecg"]) {
      await untouched(() => chart.patient.open(id), "INVALID_ARGUMENT");
    }
  });

  it("what a contract refuses, by the name and the values of its error", async () => {
    const { radiologist, hospital } = clinic;
    const later = (await hospital.now()) + day;
    const details = { error: "NotIssuer", caller: radiologist.address };
    await untouched(
      () => radiologist.issueCredential(radiologist.address, "practitioner", later),
      "CONTRACT_REFUSED",
      details,
    );
    await untouched(() => radiologist.accreditIssuer(radiologist.address, "practitioner"), "CONTRACT_REFUSED", {
      error: "AccessManagerUnauthorizedAccount",
    });
    await untouched(() => hospital.revokeCredential(chart.patient.address, "researcher", 1), "NO_CREDENTIAL", {
      actor: chart.patient.address,
    });
  });
});

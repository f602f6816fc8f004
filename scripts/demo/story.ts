import { writeFile } from "node:fs/promises";
import path from "node:path";

import {
  type CareKey,
  type LogEntry,
  type OpenedRecord,
  fileSource,
  randomLabel,
  wholeChart,
} from "../../src/index.js";
import { brainSeries, chestXray } from "../../test/helpers/samples.js";
import { syntheticEcg } from "../ecg.js";
import type { Stage } from "./stage.js";

const day = 24 * 60 * 60;

/** What the story leaves behind. */
export interface Played {
  readonly patient: CareKey;
  /** The patient's access log. */
  readonly log: readonly LogEntry[];
}

/** Plays the story; `tell` gets a line for each thing that happens. */
export async function play(stage: Stage, tell: (line: string) => void): Promise<Played> {
  const { admin, hospital, radiologist, cardiologist, researcher, patient } = await stage.step(
    "actors and keys",
    async () => ({
      admin: await stage.administrator(),
      hospital: await stage.actor("hospital"),
      radiologist: await stage.actor("radiologist"),
      cardiologist: await stage.actor("cardiologist"),
      researcher: await stage.actor("researcher"),
      patient: await stage.actor("patient"),
    }),
  );
  tell("Five people made wallets and published an encryption key.");

  const now = await patient.now();
  await stage.step("credentials", async () => {
    for (const role of ["practitioner", "researcher"] as const) await admin.accreditIssuer(hospital.address, role);
    await hospital.issueCredential(radiologist.address, "practitioner", now + 365 * day);
    await hospital.issueCredential(cardiologist.address, "practitioner", now + 365 * day);
    await hospital.issueCredential(researcher.address, "researcher", now + 365 * day);
  });
  tell("The consortium accredits the hospital; the hospital attests two practitioners and a researcher.");

  const imaging = { label: randomLabel(), name: "imaging" };
  const cardiology = { label: randomLabel(), name: "cardiology" };
  for (const { label, name } of [imaging, cardiology]) stage.names.set(label, name);
  stage.names.set(wholeChart, "whole chart");
  await stage.step("grant WRITE (2)", async () => {
    for (const compartment of [imaging, cardiology]) {
      const grant = { grantee: radiologist.address, permissions: ["WRITE"], end: now + 90 * day } as const;
      await patient.grant({ ...grant, scope: compartment.label, compartments: [compartment] });
    }
  });
  tell("The patient lets the radiologist add records to imaging and to cardiology. She may not read there.");

  const ecgFile = await writeEcg(stage, "ecg.dcm", 1);
  const share = async (step: string, files: readonly string[], compartment: typeof imaging) => {
    const sources = await Promise.all(files.map((file) => fileSource(file)));
    const shared = await stage.step(step, () =>
      radiologist.share(sources, {
        patient: patient.address,
        compartment: compartment.label,
        role: "practitioner",
        title: step,
      }),
    );
    stage.names.set(shared.recordId, step);
    return shared;
  };
  const mr = await share("brain MR", brainSeries, imaging);
  const xray = await share("chest X-ray", [chestXray], imaging);
  const ecg = await share("12-lead ECG", [ecgFile], cardiology);
  tell(
    `She stamps and shares a brain MR (${brainSeries.length} files), a chest X-ray and an ECG: sealed, on IPFS, anchored.`,
  );

  await stage.step("grant cardiology", () =>
    patient.grant({
      grantee: cardiologist.address,
      scope: cardiology.label,
      permissions: ["READ"],
      purposes: ["TREAT"],
      end: now + 30 * day,
      compartments: [cardiology],
    }),
  );
  tell("The patient grants the cardiologist cardiology, for treatment, for 30 days.");

  const opened = await stage.step("open the ECG", () => cardiologist.open(ecg.recordId, { purpose: "TREAT" }));
  tell(`The cardiologist opens the ECG: ${same(await stage.compare(opened, [ecgFile]))}, ${stamped(stage, opened)}.`);
  await stage.draw(opened);
  const outOfScope = await stage.refuse("cardiologist", "open the chest X-ray for TREAT", () =>
    cardiologist.open(xray.recordId, { purpose: "TREAT" }),
  );
  tell(`She tries the chest X-ray: refused (${outOfScope.code}). For research instead of treatment: refused too.`);
  await stage.refuse("cardiologist", "open the ECG for HRESCH", () =>
    cardiologist.open(ecg.recordId, { purpose: "HRESCH" }),
  );

  await stage.step("request", () =>
    researcher.request({
      patient: patient.address,
      scope: mr.recordId,
      role: "researcher",
      permissions: ["READ"],
      purposes: ["HRESCH"],
      end: now + 180 * day,
    }),
  );
  await stage.refuse("researcher", "open the brain MR before it is granted", () =>
    researcher.open(mr.recordId, { purpose: "HRESCH" }),
  );
  await stage.step("approve the request", async () => {
    for (const { id } of await patient.requests()) await patient.approve(id);
  });
  const studied = await stage.step("open the brain MR", () => researcher.open(mr.recordId, { purpose: "HRESCH" }));
  tell(
    `The researcher asks for the brain MR, is granted it for research and opens it: ${same(await stage.compare(studied, brainSeries))}.`,
  );

  await stage.draw(studied);

  const secondFile = await writeEcg(stage, "ecg-follow-up.dcm", 2);
  const second = await share("second ECG", [secondFile], cardiology);
  const followed = await cardiologist.open(second.recordId, { purpose: "TREAT" });
  tell(
    `A second ECG comes in; its key reaches the cardiologist by itself: ${same(await stage.compare(followed, [secondFile]))}.`,
  );

  await stage.step("deny a record", () => patient.deny(cardiologist.address, second.recordId));
  const denied = await stage.refuse("cardiologist", "open a record that the patient shut for her", () =>
    cardiologist.open(second.recordId, { purpose: "TREAT" }),
  );
  await cardiologist.open(ecg.recordId, { purpose: "TREAT" });
  await stage.step("lift the denial", () => patient.lift(cardiologist.address, second.recordId));
  await cardiologist.open(second.recordId, { purpose: "TREAT" });
  tell(
    `The patient shuts the second ECG for her: refused (${denied.code}), whatever else is granted. And lifts that again.`,
  );

  await stage.step("revoke (2)", async () => {
    await patient.revoke(cardiologist.address, cardiology.label);
    await patient.revoke(researcher.address, mr.recordId);
  });
  const third = await share("third ECG", [await writeEcg(stage, "ecg-third.dcm", 3)], cardiology);
  const revoked = await stage.refuse("cardiologist", "open the ECG after the revocation", () =>
    cardiologist.open(ecg.recordId, { purpose: "TREAT" }),
  );
  await stage.refuse("cardiologist", "open a record added after the revocation", () =>
    cardiologist.open(third.recordId, { purpose: "TREAT" }),
  );
  await stage.refuse("researcher", "open the brain MR after the revocation", () =>
    researcher.open(mr.recordId, { purpose: "HRESCH" }),
  );
  tell(
    `The patient revokes both. Old records: refused (${revoked.code}). A third ECG was sealed without them and stays closed.`,
  );

  const own = await patient.open(third.recordId, { purpose: "PATRQT" });
  tell(
    `The patient opens everything at any time: ${same(await stage.compare(own, [path.join(stage.directory, "ecg-third.dcm")]))}.`,
  );
  await stage.draw(await patient.open(xray.recordId, { purpose: "PATRQT" }));
  return { patient, log: await patient.log() };
}

async function writeEcg(stage: Stage, name: string, seed: number): Promise<string> {
  const file = path.join(stage.directory, name);
  await writeFile(file, syntheticEcg({ seed }));
  return file;
}

function same(identical: boolean): string {
  return identical ? "the same bytes" : "OTHER BYTES";
}

function stamped(stage: Stage, { stamps }: OpenedRecord): string {
  return stamps
    .map(
      ({ signer, statement, proven }) =>
        `${statement} by the ${stage.names.get(signer) ?? signer}${proven ? ", proven" : ""}`,
    )
    .join("; ");
}

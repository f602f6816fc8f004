// A patient grants a compartment to a doctor, shuts one record of it and lifts that, looks who may read, revokes, and locks everything down.
import { type CareKey, type Hex32, bytesSource, isCareKeyError, randomLabel } from "carekey";
import { actor, provider } from "./setup.js";

const patient = await actor();
const doctor = await actor();
const diary = { label: randomLabel(), name: "diary" };

// what patients report of themselves needs no role
const entry = (day: number) => bytesSource(`day-${day}.txt`, new TextEncoder().encode(`Slept ${day + 5} hours`));
const place = { patient: patient.address, compartment: diary.label };
const monday = await patient.share([entry(1)], place);
const tuesday = await patient.share([entry(2)], place);

async function attempt(who: CareKey, recordId: Hex32): Promise<string> {
  try {
    return `reads ${(await who.open(recordId, { purpose: "TREAT" })).parts.length} file`;
  } catch (error) {
    if (isCareKeyError(error)) return error.code;
    throw error;
  }
}

const end = (await patient.now()) + 30 * 24 * 60 * 60;
const grant = { grantee: doctor.address, permissions: ["READ"], purposes: ["TREAT"], end } as const;
await patient.grant({ ...grant, scope: diary.label, compartments: [diary] });
console.log(`Granted:   Monday ${await attempt(doctor, monday.recordId)}`);

// a DENY always wins, whatever else is granted, until it is lifted
await patient.deny(doctor.address, tuesday.recordId);
console.log(
  `Denied:    Tuesday ${await attempt(doctor, tuesday.recordId)}, Monday ${await attempt(doctor, monday.recordId)}`,
);

await patient.lift(doctor.address, tuesday.recordId);
console.log(`Lifted:    Tuesday ${await attempt(doctor, tuesday.recordId)}`);

// the list is complete by proof, or this call fails
const { grants, checkedBy } = await patient.shares();
for (const { grantee, terms, inForce } of grants)
  console.log(
    `May read:  ${grantee}${inForce ? "" : " (no longer)"}, for ${terms.purposes.join(", ")}: by ${checkedBy}`,
  );

await patient.revoke(doctor.address, diary.label);
console.log(`Revoked:   Monday ${await attempt(doctor, monday.recordId)}`);

await patient.grant({ ...grant, scope: diary.label });
await patient.lockdown();
console.log(
  `Lockdown:  Monday ${await attempt(doctor, monday.recordId)}; for the patient: ${await attempt(patient, monday.recordId)}`,
);
provider.destroy();

// A doctor of a hospital adds a record to a patient's chart: sealed, stamped, anchored.
import { bytesSource, isCareKeyError, randomLabel } from "carekey";
import { actor, attested, provider } from "./setup.js";

const doctor = await attested("practitioner");
const patient = await actor();
const laboratory = { label: randomLabel(), name: "laboratory" };
const report = bytesSource("glucose.txt", new TextEncoder().encode("Glucose 5.4 mmol/L"), "text/plain");
const place = {
  patient: patient.address,
  compartment: laboratory.label,
  role: "practitioner",
  title: "Blood glucose",
} as const;

// not without the patient's consent
await doctor.share([report], place).catch((error: unknown) => {
  if (!isCareKeyError(error, "WRITE_REFUSED")) throw error;
  console.log(`Before the patient agrees: ${error.code}`);
});

const end = (await patient.now()) + 90 * 24 * 60 * 60;
await patient.grant({ grantee: doctor.address, scope: laboratory.label, permissions: ["WRITE"], end });
const { recordId } = await doctor.share([report], place);
console.log(`Record ${recordId}`);

// doing it again, after an interruption say, ends in the same record
const again = await doctor.share([report], place);
console.log(`Shared again: ${again.recordId === recordId ? "the same record" : "ANOTHER RECORD"}`);

// the patient reads it, with the doctor's stamp
const { parts, stamps } = await patient.open(recordId);
for (const { name, stream } of parts) {
  for await (const chunk of stream()) console.log(`${name}: ${new TextDecoder().decode(chunk)}`);
}
for (const { signer, statement, proven } of stamps)
  console.log(`${statement} by ${signer}${proven ? ", credentialed" : ""}`);
provider.destroy();

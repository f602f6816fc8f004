// A laboratory adds the reports of a morning: each a record of its own, all in one transaction.
import { bytesSource, randomLabel } from "carekey";
import { actor, attested, provider } from "./setup.js";

const laboratory = await attested("laboratory");
const [patient, doctor] = [await actor(), await actor()];
const blood = randomLabel();
const end = (await patient.now()) + 90 * 24 * 60 * 60;
await patient.grant({ grantee: laboratory.address, scope: blood, permissions: ["WRITE"], end });
await patient.grant({ grantee: doctor.address, scope: blood, permissions: ["READ"], purposes: ["TREAT"], end });

const values = { Glucose: "5.4 mmol/L", Sodium: "140 mmol/L", Ferritin: "80 µg/L" };
const reports = Object.entries(values).map(([title, value]) => ({
  title,
  sources: [bytesSource(`${title.toLowerCase()}.txt`, new TextEncoder().encode(value), "text/plain")],
}));
const place = { patient: patient.address, compartment: blood, role: "laboratory", title: "Blood of 9 May" } as const;
const { recordId: list, records, delivered } = await laboratory.shareMany(reports, place);
console.log(`List ${list}: ${records.length} records; the doctor has the keys: ${delivered.includes(doctor.address)}`);

// the patient finds each on the chart, with its title
for (const { recordId, under, summary } of await patient.list())
  if (under === list) console.log(`${recordId}: ${summary?.title}`);
const [glucose] = records;
if (glucose !== undefined) await show("The patient", (await patient.open(glucose)).parts);

// the doctor names the list: the records in it have no anchor of their own yet
for (const { recordId } of await doctor.listed(list, { purpose: "TREAT" })) {
  const { parts } = await doctor.open(recordId, { purpose: "TREAT", under: list });
  await show("The doctor", parts);
}
provider.destroy();

async function show(who: string, parts: Awaited<ReturnType<typeof patient.open>>["parts"]): Promise<void> {
  for (const { name, stream } of parts)
    for await (const chunk of stream()) console.log(`${who} reads ${name}: ${new TextDecoder().decode(chunk)}`);
}

// An auditor reads who did what on a chart, from the chain alone: no key, no account, no CareKey code, only the deployment's record.
import { Contract, Interface } from "ethers";
import { bytesSource, randomLabel } from "carekey";
import { actor, deployment, provider } from "./setup.js";

// something to audit
const patient = await actor();
const doctor = await actor();
const compartment = randomLabel();
const note = bytesSource("note.txt", new TextEncoder().encode("Peanut allergy"));
await patient.share([note], { patient: patient.address, compartment });
const end = (await patient.now()) + 86_400;
await patient.grant({ grantee: doctor.address, scope: compartment, permissions: ["READ"], purposes: ["TREAT"], end });
await patient.revoke(doctor.address, compartment);

// every event of consent and records whose first topic is this patient
const { ConsentRegistry, RecordRegistry } = deployment.contracts;
const abi = [...ConsentRegistry.abi, ...RecordRegistry.abi].filter(({ type }) => type !== "constructor");
const registries = new Interface(abi);
const topic = `0x${patient.address.slice(2).toLowerCase().padStart(64, "0")}`;
const logs = await provider.getLogs({
  address: [ConsentRegistry.address, RecordRegistry.address],
  topics: [null, topic],
  fromBlock: deployment.startBlock,
});
for (const log of logs) {
  const event = registries.parseLog(log);
  const block = await provider.getBlock(log.blockNumber);
  const when = new Date((block?.timestamp ?? 0) * 1000).toISOString();
  const [, ...rest] = (event?.args ?? []).map(String);
  console.log(`${when} ${String(event?.name)} ${rest.join(" ")}`);
}

// and what stands now
const consent = new Contract(ConsentRegistry.address, abi, provider);
const treat = 1n << 55n; // its place in the list of purposes, docs/format.md
const question = [patient.address, doctor.address, compartment, `0x${"00".repeat(32)}`, 1, treat];
const may = (await consent.getFunction("canAccess").staticCall(...question)) as boolean;
console.log(`The doctor ${may ? "may" : "may not"} read it for treatment now.`);
provider.destroy();

// A patient exports the whole chart and leaves; whoever gets the folder checks it without a network.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { bytesSource, randomLabel, verifyExport } from "carekey";
import { actor, provider } from "./setup.js";

const patient = await actor();
const place = { patient: patient.address, compartment: randomLabel() };
for (const day of [1, 2, 3])
  await patient.share([bytesSource(`day-${day}.txt`, new TextEncoder().encode(`Slept ${day + 5} hours`))], place);

const listed = await patient.list();
console.log(`The chart:  ${listed.map(({ summary }) => summary?.resourceType).join(", ")}`);

const folder = await mkdtemp(path.join(tmpdir(), "carekey-example-"));
const chart = path.join(folder, "chart");
const { records, missing, block } = await patient.export(chart);
console.log(`Exported:   ${records.length} records, ${missing.length} missing: ${(await readdir(chart)).join(", ")}`);

// the block's hash comes from somebody whom the verifier trusts, here from a node
const trusted = (await provider.getBlock(block.number))?.hash ?? "";
const report = await verifyExport(chart, { blockHash: trusted });
console.log(
  `Verified:   ${report.ok}, ${report.records[0]?.proven.join(", ")} proven up to block ${report.block.number}`,
);
if (!report.ok || !report.blockTrusted) process.exitCode = 1;

await rm(folder, { recursive: true });
provider.destroy();

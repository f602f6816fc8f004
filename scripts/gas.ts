// SPDX-License-Identifier: Apache-2.0
/**
 * Measures what each operation of the contracts costs, on a fresh simulated chain.
 *
 *     tsx scripts/gas.ts             a table
 *     tsx scripts/gas.ts --json      the same for a program
 *     tsx scripts/gas.ts --check     fails where an operation costs more than in test/gas.json
 *     tsx scripts/gas.ts --update    writes test/gas.json
 *
 * A state change is measured as the whole gas of its receipt: a transaction of its own, so every slot is cold, by actors
 * who have done nothing before. A view is measured as the gas its code uses in a trace of the call, without the 21,000 and the
 * calldata of a transaction, which nobody pays: nothing else is taken off. All keys, words and times are fixed, and no
 * byte of an address, label or digest is zero (a zero byte would save 12 gas), so that the figures repeat to the unit.
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import hre from "hardhat";
import { Wallet } from "ethers";
import type { ContractTransactionResponse } from "ethers";

import CareKey from "../deploy/modules/CareKey.js";

/**
 * What an operation must cost at least by the rules of the EVM, what the same step costs in the cheapest comparable
 * contract in use, and what we allow ourselves.
 */
interface Yardstick {
  readonly floor: number;
  readonly peer: number | null;
  readonly target: number;
}

const yardsticks: Readonly<Record<string, Yardstick>> = {
  grant: { floor: 46_821, peer: 47_794, target: 47_400 }, // Permit2 approve
  grantWithCapsule: { floor: 47_211, peer: 47_794, target: 48_000 },
  regrant: { floor: 30_111, peer: null, target: 30_900 },
  revoke: { floor: 28_867, peer: 29_381, target: 29_300 }, // AccessControl revokeRole
  anchor: { floor: 47_276, peer: 200_000, target: 54_000 }, // floor: without any check; EAS attest
  canAccess1: { floor: 4_326, peer: 4_884, target: 4_900 },
  canAccess2: { floor: 6_468, peer: null, target: 7_150 },
  canAccess3: { floor: 8_610, peer: null, target: 9_400 },
};

interface Operation {
  readonly name: string;
  readonly gas: number;
  readonly floor: number | null;
  readonly peer: number | null;
  readonly target: number | null;
}

const BASELINE = new URL("../test/gas.json", import.meta.url);
// seconds without a zero byte, long after any block of the simulated chain
const START = 0x71_23_45_67n;
const END = START + 365n * 24n * 3600n;
const READ = 1n;
const WRITE = 2n;
const ONE_PURPOSE = 1n << 9n;

async function measure(): Promise<Operation[]> {
  const { ethers, ignition, provider } = await hre.network.create({
    network: "default",
    override: { initialDate: new Date(Number(START) * 1000), allowBlocksWithSameTimestamp: true },
  });
  const operations: Operation[] = [];
  const note = (name: string, gas: number) => {
    operations.push({ name, gas, ...(yardsticks[name] ?? { floor: null, peer: null, target: null }) });
  };
  /** Sends a transaction that is not measured, or one that is. */
  const send = async (transaction: Promise<ContractTransactionResponse>, name?: string) => {
    const receipt = await (await transaction).wait();
    if (receipt?.status !== 1) throw new Error(`${name ?? "a step"} did not succeed`);
    if (name !== undefined) note(name, Number(receipt.gasUsed));
  };

  /* VALUES */

  const hasZeroByte = (hex: string) => ethers.getBytes(hex).includes(0);
  /** The same 32 bytes for the same name, none of them zero. */
  const word = (name: string): string => {
    const hash = ethers.id(name);
    return hasZeroByte(hash) ? word(`${name}'`) : hash;
  };
  /** A compartment's label: the top bit is clear. */
  const label = (name: string): string => {
    const hash = word(name);
    return ethers.dataSlice(hash, 0, 1) < "0x80" ? hash : label(`${name}'`);
  };
  /** Somebody new: nothing of theirs is in any slot. */
  const actor = (name: string): Wallet => {
    const wallet = new Wallet(word(name), ethers.provider);
    return hasZeroByte(wallet.address) ? actor(`${name}'`) : wallet;
  };
  const terms = (permissions: bigint, purposes: bigint, end = END) =>
    START | (end << 40n) | (purposes << 120n) | (permissions << 184n);
  const reading = terms(READ, ONE_PURPOSE);
  const writing = terms(WRITE, 0n);
  const free = { gasPrice: 0 };
  const compartment = label("compartment");
  const content = word("content");
  const manifest = word("manifest");
  const capsule = word("capsule");
  const role = ethers.encodeBytes32String("researcher");

  /* CONTRACTS */

  const deployed = await ignition.deploy(CareKey);
  const at = async (contract: { getAddress(): Promise<string> }) => await contract.getAddress();
  const accessManager = await ethers.getContractAt("AccessManager", await at(deployed.accessManager));
  const credentials = await ethers.getContractAt("CredentialRegistry", await at(deployed.credentialRegistry));
  const keys = await ethers.getContractAt("KeyRegistry", await at(deployed.keyRegistry));
  const consent = await ethers.getContractAt("ConsentRegistry", await at(deployed.consentRegistry));
  const records = await ethers.getContractAt("RecordRegistry", await at(deployed.recordRegistry));

  /* CREDENTIALS AND KEYS */

  const issuer = actor("issuer");
  const researcher = actor("researcher");
  await send(accessManager.grantRole(await credentials.issuerRoleOf(role), issuer, 0));
  await send(credentials.connect(issuer).issue(researcher, role, END, free), "issueCredential");
  await send(credentials.connect(issuer).revoke(researcher, role, 0, END - 1n, free), "revokeCredential");
  const recipient = ethers.concat(Array.from({ length: 38 }, (_, i) => word(`recipient ${i}`)));
  await send(keys.connect(actor("holder")).publish(recipient, free), "publishKey");

  /* GRANTS */

  const patient = actor("patient");
  const grantee = actor("grantee");
  const { grant, revoke, lockdown } = consent.connect(patient);
  await send(grant(grantee, compartment, reading, ethers.ZeroHash, free), "grant");
  await send(grant(grantee, label("another compartment"), reading, capsule, free), "grantWithCapsule");
  const longer = terms(READ, ONE_PURPOSE, END + 1n);
  await send(grant(grantee, compartment, longer, capsule, free), "regrant");
  await send(revoke(grantee, compartment, free), "revoke");
  await send(lockdown(free), "lockdown");

  /* REQUESTS */

  const asked = actor("asked");
  const { request } = consent.connect(researcher);
  await send(request(asked, compartment, role, 0, READ, ONE_PURPOSE, END, free), "request");
  await send(consent.connect(asked).decline(researcher, compartment, free), "decline");

  /* RECORDS, BY A WRITER OF THE COMPARTMENT */

  const owner = actor("owner");
  const author = actor("author");
  await send(consent.connect(owner).grant(author, compartment, writing, ethers.ZeroHash, free));
  await send(records.connect(author).anchor(owner, compartment, content, manifest, free), "anchor");
  await send(records.connect(author).point(owner, compartment, content, word("newer manifest"), free), "point");
  const readers = Array.from({ length: 14 }, (_, i) => actor(`reader ${i}`));
  const { deliver } = consent.connect(author);
  const delivery = { patient: owner, compartment, content: ethers.ZeroHash, capsule };
  await send(deliver({ ...delivery, grantees: readers.slice(0, 1) }, free), "deliver1");
  await send(deliver({ ...delivery, grantees: readers }, free), "deliver14");

  /* QUESTIONS ABOUT A RECORD, ANSWERED BY THE RECORD'S, COMPARTMENT'S OR CHART'S GRANT */

  const recordId = await records.recordIdOf(owner, compartment, content);
  for (const [i, scope] of [recordId, compartment, ethers.ZeroHash].entries()) {
    const reader = actor(`asker ${i}`);
    await send(consent.connect(owner).grant(reader, scope, reading, ethers.ZeroHash, free));
    const question = [owner.address, reader.address, compartment, content, READ, ONE_PURPOSE] as const;
    if (!(await consent.canAccess(...question))) throw new Error("a question that should be answered by yes");
    const data = consent.interface.encodeFunctionData("canAccess", [...question]);
    const call = { from: grantee.address, to: await consent.getAddress(), data };
    const trace: unknown = await provider.request({ method: "debug_traceCall", params: [call, "latest"] });
    note(`canAccess${i + 1}`, executionGas(trace));
  }
  return operations;
}

/** The gas that the code of a call used: from its first step to after its last. */
function executionGas(trace: unknown): number {
  const { failed, structLogs } = trace as { failed: boolean; structLogs: { gas: number; gasCost: number }[] };
  const first = structLogs[0];
  const last = structLogs.at(-1);
  if (failed || first === undefined || last === undefined) throw new Error("a traced call failed");
  return first.gas - (last.gas - last.gasCost);
}

function table(operations: readonly Operation[]): string {
  const row = (cells: readonly (string | number | null)[]) =>
    cells
      .map((cell) => (cell === null ? "–" : typeof cell === "number" ? cell.toLocaleString("en") : cell))
      .map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(10)))
      .join("");
  const lines = operations.map(({ name, gas, floor, peer, target }) => {
    const verdict = target !== null && gas > target ? `  over by ${gas - target}` : "";
    return row([name, gas, floor, peer, target]) + verdict;
  });
  return [row(["operation", "gas", "floor", "peer", "target"]), ...lines].join("\n");
}

/** True when nothing costs more than in the baseline and nothing is missing on either side. */
async function check(operations: readonly Operation[]): Promise<boolean> {
  const baseline = JSON.parse(await readFile(BASELINE, "utf8")) as Readonly<Record<string, number>>;
  const measured = new Map(operations.map(({ name, gas }) => [name, gas]));
  let sound = true;
  const complain = (message: string) => {
    console.error(message);
    sound = false;
  };
  for (const [name, gas] of measured) {
    const known = baseline[name];
    if (known === undefined) complain(`${name}: not in test/gas.json; run with --update`);
    else if (gas > known) complain(`${name}: ${gas} gas, ${gas - known} more than the baseline of ${known}`);
    else if (gas < known)
      console.error(`${name}: ${gas} gas, ${known - gas} less than the baseline; run with --update`);
  }
  for (const name of Object.keys(baseline)) {
    if (!measured.has(name)) complain(`${name}: in test/gas.json, but not measured; run with --update`);
  }
  return sound;
}

const { values: flags } = parseArgs({
  options: { json: { type: "boolean" }, check: { type: "boolean" }, update: { type: "boolean" } },
});
await hre.tasks.getTask("build").run({ quiet: true });
const operations = await measure();

if (flags.json) console.log(JSON.stringify({ operations }, null, 2));
else console.log(table(operations));
if (flags.update) {
  const baseline = Object.fromEntries(operations.map(({ name, gas }) => [name, gas]));
  await writeFile(BASELINE, JSON.stringify(baseline, null, 2) + "\n");
}
if (flags.check && !(await check(operations))) process.exitCode = 1;

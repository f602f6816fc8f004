import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import type { NetworkConnection } from "hardhat/types/network";

import { type ContractName, type Deployment, contractNames, parseDeployment } from "../src/chain/deployment.js";
import { recordPath } from "../src/chain/recorded.js";
import {
  AccessManager__factory,
  Announcements__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  GroupFactory__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "../src/chain/typechain/index.js";
import { mendJournal } from "./journal.js";
import CareKeyModule from "./modules/CareKey.js";
import { type PendingOptions, whenMined } from "./pending.js";

const abis: Record<ContractName, readonly object[]> = {
  AccessManager: AccessManager__factory.abi,
  CredentialRegistry: CredentialRegistry__factory.abi,
  KeyRegistry: KeyRegistry__factory.abi,
  ConsentRegistry: ConsentRegistry__factory.abi,
  Announcements: Announcements__factory.abi,
  RecordRegistry: RecordRegistry__factory.abi,
  GroupFactory: GroupFactory__factory.abi,
};

/** A recorded deployment whose contracts are not on the chain: the chain was reset, or is another one with the same id. */
export class ChainWasReset extends Error {
  constructor(chainId: number, address: string) {
    super(
      `Chain ${chainId} was reset: the recorded deployment's ${address} has no code there. ` +
        `To forget the record and deploy anew, repeat with --reset.`,
    );
  }
}

/** Deploys everything to a chain and keeps no record: for a chain that lives as long as its process. */
export async function deployOnce(connection: NetworkConnection): Promise<Deployment> {
  const { chainId, startBlock } = await whereTo(connection);
  // Ignition always keeps a journal, by default that of the chain's id, whichever chain it was
  const deploymentId = `once-${randomUUID()}`;
  try {
    return parseDeployment({ chainId, startBlock, contracts: await run(connection, deploymentId) });
  } finally {
    await rm(path.join(path.dirname(recordPath(chainId)), "..", deploymentId), { recursive: true, force: true });
  }
}

/**
 * Deploys everything to a chain, or what an interrupted run left out, and records it by chain id for the SDK. Done already: changes nothing.
 * @param reset Forget a record whose contracts are gone.
 * @throws ChainWasReset, TRANSACTION_PENDING
 */
export async function deployRecorded(
  connection: NetworkConnection,
  { reset = false, ...pending }: { reset?: boolean } & PendingOptions = {},
): Promise<{ deployment: Deployment; file: string; isNew: boolean }> {
  const { chainId, startBlock } = await whereTo(connection);
  const file = recordPath(chainId);
  const directory = path.dirname(file);
  const dead = await deadAddress(connection, directory);
  if (dead !== undefined) {
    if (!reset) throw new ChainWasReset(chainId, dead);
    await rm(directory, { recursive: true });
  }
  if (existsSync(file)) {
    return { deployment: parseDeployment(JSON.parse(await readFile(file, "utf8"))), file, isNew: false };
  }
  await whenMined(connection, pending);
  const start = await rememberedStart(directory, startBlock);
  await mendJournal(connection, directory, start);
  const contracts = await run(connection, `chain-${chainId}`);
  const deployment = parseDeployment({ chainId, startBlock: start, contracts });
  await writeWhole(file, `${JSON.stringify(deployment, null, 2)}\n`);
  return { deployment, file, isNew: true };
}

/** Writes a file that is there as a whole or not at all, whenever this process ends. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function run(
  connection: NetworkConnection,
  deploymentId: string,
): Promise<Partial<Record<ContractName, { address: string; abi: readonly object[] }>>> {
  const deployed = await connection.ignition.deploy(CareKeyModule, { deploymentId });
  const byName: Record<ContractName, { getAddress(): Promise<string> }> = {
    AccessManager: deployed.accessManager,
    CredentialRegistry: deployed.credentialRegistry,
    KeyRegistry: deployed.keyRegistry,
    ConsentRegistry: deployed.consentRegistry,
    Announcements: deployed.announcements,
    RecordRegistry: deployed.recordRegistry,
    GroupFactory: deployed.groupFactory,
  };
  const contracts: Awaited<ReturnType<typeof run>> = {};
  for (const name of contractNames) contracts[name] = { address: await byName[name].getAddress(), abi: abis[name] };
  return contracts;
}

async function whereTo({ ethers }: NetworkConnection): Promise<{ chainId: number; startBlock: number }> {
  const { chainId } = await ethers.provider.getNetwork();
  return { chainId: Number(chainId), startBlock: await ethers.provider.getBlockNumber() };
}

/** Of an interrupted run, the block at which it began counts. */
async function rememberedStart(directory: string, block: number): Promise<number> {
  const file = path.join(directory, "start-block.json");
  // of a chain that was reset in between, the block would lie ahead and hide every event
  if (existsSync(file)) return Math.min(JSON.parse(await readFile(file, "utf8")) as number, block);
  await mkdir(directory, { recursive: true });
  await writeWhole(file, `${block}\n`);
  return block;
}

/** An address that was deployed once, by Ignition's own list or by the record for the SDK, and has no code now. */
async function deadAddress({ ethers }: NetworkConnection, directory: string): Promise<string | undefined> {
  const record = path.join(directory, "carekey.json");
  const addresses = [
    ...(await listedAddresses(path.join(directory, "deployed_addresses.json"))),
    ...(existsSync(record)
      ? Object.values(parseDeployment(JSON.parse(await readFile(record, "utf8"))).contracts).map(
          ({ address }) => address,
        )
      : []),
  ];
  for (const address of addresses) {
    if ((await ethers.provider.getCode(address)) === "0x") return address;
  }
  return undefined;
}

/** Ignition's own list; removed where it broke off as it was written: Ignition would stop at it, and goes by its journal. */
async function listedAddresses(list: string): Promise<string[]> {
  if (!existsSync(list)) return [];
  try {
    return Object.values(JSON.parse(await readFile(list, "utf8")) as Record<string, string>);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await rm(list);
    return [];
  }
}

// SPDX-License-Identifier: Apache-2.0
import { network } from "hardhat";

import CareKey from "../../deploy/modules/CareKey.js";
import {
  AccessManager__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "../../src/chain/typechain/index.js";

/** One simulated chain for all contract tests: `loadFixture` winds it back, so files do not see each other. */
export const { ethers, ignition, networkHelpers, provider } = await network.create();
export const { time } = networkHelpers;
/** Runs a named fixture once, and afterwards winds the chain back to where it ended. */
export const loadFixture = async <T>(make: () => Promise<T>): Promise<T> => await networkHelpers.loadFixture(make);

export const YEAR = 365n * 24n * 3600n;

/** Permissions of a grant, as in GrantTerms.sol. */
export const READ = 1n;
export const WRITE = 2n;
export const DENY = 4n;
export const BY_DELEGATE = 8n;
export const READ_WRITE = READ | WRITE;

/** Purposes are bits 0 to 62. */
export const ALL_PURPOSES = (1n << 63n) - 1n;
/** Two purposes that differ; which codes of HL7 they stand for does not matter to the contracts. */
export const TREATMENT = 1n << 0n;
export const RESEARCH = 1n << 62n;

export const PRACTITIONER = ethers.encodeBytes32String("practitioner");
export const RESEARCHER = ethers.encodeBytes32String("researcher");
export const LABORATORY = ethers.encodeBytes32String("laboratory");

export const WHOLE_CHART = ethers.ZeroHash;
const TOP_BIT = 1n << 255n;

/** Compartments' labels: real ones are random, these are fixed so that a failing test fails again. */
export const label = (number: number): string => ethers.toBeHex(BigInt(ethers.id(`label ${number}`)) & ~TOP_BIT, 32);

/** A record's content, a manifest's or a capsule's pointer: digests, so any 32 bytes. */
export const digest = (of: string): string => ethers.sha256(ethers.toUtf8Bytes(of));

/** The id of a record, computed apart from the contracts. */
export function recordId(patient: { address: string }, compartment: string, content: string): string {
  const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
    ["address", "bytes32", "bytes32"],
    [patient.address, compartment, content],
  );
  return ethers.toBeHex(BigInt(ethers.keccak256(encoded)) | TOP_BIT, 32);
}

export interface GrantTerms {
  readonly start: bigint;
  readonly end: bigint;
  readonly asOf: bigint;
  readonly purposes: bigint;
  readonly permissions: bigint;
  readonly revision: bigint;
}

/** A grant's terms in one word, packed apart from the contracts. Missing fields are 0. */
export function pack(terms: Partial<GrantTerms>): bigint {
  const { start = 0n, end = 0n, asOf = 0n, purposes = 0n, permissions = 0n, revision = 0n } = terms;
  return start | (end << 40n) | (asOf << 80n) | (purposes << 120n) | (permissions << 184n) | (revision << 192n);
}

/** Time of the newest block. */
export const now = async (): Promise<bigint> => BigInt(await time.latest());

/** Everything deployed as on a real chain, an accredited issuer, and two credentialed actors. */
export async function fixture() {
  const [admin, issuer, patient, practitioner, researcher, outsider] = await ethers.getSigners();
  if (!admin || !issuer || !patient || !practitioner || !researcher || !outsider) throw new Error("too few accounts");

  const deployed = await ignition.deploy(CareKey);
  const addressOf = async (contract: { getAddress(): Promise<string> }) => await contract.getAddress();
  const accessManager = AccessManager__factory.connect(await addressOf(deployed.accessManager), admin);
  const credentials = CredentialRegistry__factory.connect(await addressOf(deployed.credentialRegistry), admin);
  const keys = KeyRegistry__factory.connect(await addressOf(deployed.keyRegistry), admin);
  const consent = ConsentRegistry__factory.connect(await addressOf(deployed.consentRegistry), admin);
  const records = RecordRegistry__factory.connect(await addressOf(deployed.recordRegistry), admin);

  for (const role of [PRACTITIONER, RESEARCHER]) {
    await accessManager.grantRole(await credentials.issuerRoleOf(role), issuer, 0);
  }
  const until = (await now()) + YEAR;
  await credentials.connect(issuer).issue(practitioner, PRACTITIONER, until);
  await credentials.connect(issuer).issue(researcher, RESEARCHER, until);

  return {
    ...{ accessManager, credentials, keys, consent, records },
    ...{ admin, issuer, patient, practitioner, researcher, outsider, until },
  };
}

// SPDX-License-Identifier: Apache-2.0
/** A fresh simulated chain with every contract on it, people to act on it, and words for them to use. */
import hre from "hardhat";
import { type ContractRunner, type ContractTransactionResponse, Wallet, dataSlice, getBytes, id } from "ethers";

import CareKey from "../../deploy/modules/CareKey.js";
import {
  AccessManager__factory,
  Announcements__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  GroupFactory__factory,
  Group__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "../../src/chain/typechain/index.js";
import type { ActionType } from "../../src/chain/signed/types.js";
import { packFields } from "../../src/chain/word.js";
import { type StampStatement, signStamp, stampDomain } from "../../src/crypto/stamp.js";
import { type Profile, profile } from "./profile.js";
import { signUntil } from "./signing.js";

// seconds without a zero byte, long after any block of the simulated chain
export const START = 0x71_23_45_67n;
export const END = START + 365n * 24n * 3600n;
export const READ = 1n;
export const WRITE = 2n;
export const GROUP = 16n;
export const MANAGE = 64n;
/** The fee of a consortium's network. */
export const free = { gasPrice: 0 };

/** The same 32 bytes for the same name, none of them zero. */
export function word(name: string): string {
  const hash = id(name);
  return hasZeroByte(hash) ? word(`${name}'`) : hash;
}

/** A compartment's label: the top bit is clear. */
export function label(name: string): string {
  const hash = word(name);
  return dataSlice(hash, 0, 1) < "0x80" ? hash : label(`${name}'`);
}

/** Terms of a grant for one purpose, or of a delegation, whose first field is the longest period. */
export function terms(permissions: bigint, { start = START, end = END, purposes = 1n << 9n } = {}): bigint {
  const fields = { first: Number(start), end: Number(end), era: 0, permissions: Number(permissions), purposes };
  return packFields({ ...fields, writtenAt: 0, index: 0 });
}

function hasZeroByte(hex: string): boolean {
  return getBytes(hex).includes(0);
}

export interface Call {
  readonly to: string;
  readonly data: string;
}

export interface Measured {
  readonly name: string;
  readonly gas: number;
  /** How many items the profile is of. */
  readonly share: number;
  /** Where the gas goes; of a batch, that of the whole. */
  readonly profile: () => Promise<Profile>;
}

export type Stage = Awaited<ReturnType<typeof build>>;

export async function build() {
  const { ethers, ignition, provider } = await hre.network.create({
    network: "default",
    override: { initialDate: new Date(Number(START) * 1000), allowBlocksWithSameTimestamp: true },
  });
  const runner = (await ethers.getSigners())[0];
  if (runner === undefined) throw new Error("the simulated chain has no accounts");
  const deployed = await ignition.deploy(CareKey);
  const at = async (contract: { getAddress(): Promise<string> }) => await contract.getAddress();
  const consent = ConsentRegistry__factory.connect(await at(deployed.consentRegistry), runner);
  const records = RecordRegistry__factory.connect(await at(deployed.recordRegistry), runner);
  const { chainId } = await ethers.provider.getNetwork();
  const recordDomain = stampDomain(Number(chainId), await at(records));
  const consentDomain = { ...recordDomain, name: "CareKey ConsentRegistry", verifyingContract: await at(consent) };
  const announcements = Announcements__factory.connect(await at(deployed.announcements), runner);
  const announcementDomain = {
    ...recordDomain,
    name: "CareKey Announcements",
    verifyingContract: await at(announcements),
  };

  const measured: Measured[] = [];
  const trace = async (method: string, parameters: unknown[]): Promise<unknown> => {
    const options = { disableMemory: true, disableStack: true, disableStorage: true };
    return await provider.request({ method, params: [...parameters, options] });
  };

  /** Somebody new: nothing of theirs is in any slot. */
  const actor = (name: string): Wallet => {
    const wallet = new Wallet(word(name), ethers.provider);
    return hasZeroByte(wallet.address) ? actor(`${name}'`) : wallet;
  };
  /** Sends a transaction that is not measured, or one that is; of a batch each item is one `share`th of the whole. */
  const send = async (sent: Promise<ContractTransactionResponse>, name?: string, share = 1): Promise<void> => {
    const transaction = await sent;
    const receipt = await transaction.wait();
    if (receipt?.status !== 1) throw new Error(`${name ?? "a step"} did not succeed`);
    if (receipt.logs.length < share) throw new Error(`${name ?? "a step"} left something out`);
    if (name === undefined) return;
    const total = Number(receipt.gasUsed);
    const where = async () =>
      profile(await trace("debug_traceTransaction", [transaction.hash]), transaction.data, total);
    measured.push({ name, gas: Math.round(total / share), share, profile: where });
  };

  return {
    accessManager: AccessManager__factory.connect(await at(deployed.accessManager), runner),
    credentials: CredentialRegistry__factory.connect(await at(deployed.credentialRegistry), runner),
    keys: KeyRegistry__factory.connect(await at(deployed.keyRegistry), runner),
    groups: GroupFactory__factory.connect(await at(deployed.groupFactory), runner),
    consent,
    records,
    announcements,
    measured,
    groupAt: (address: string, by: ContractRunner) => Group__factory.connect(address, by),
    actor,
    send,

    /** Lets a while pass. */
    async wait(seconds: number): Promise<void> {
      await provider.request({ method: "evm_increaseTime", params: [seconds] });
    },

    /** Asks a view, whose answer must be anything but false, 0 or nobody. */
    async ask(call: Call, name: string): Promise<void> {
      const question = { from: actor("asker").address, ...call };
      if (BigInt(await ethers.provider.call(question)) === 0n) throw new Error(`${name} should be answered by yes`);
      const traced = async () => profile(await trace("debug_traceCall", [question, "latest"]), null, null);
      measured.push({ name, gas: (await traced()).total, share: 1, profile: traced });
    },

    async signConsent(signer: Wallet, type: ActionType, value: Readonly<Record<string, unknown>>) {
      return await signUntil(signer, consentDomain, type, END, value);
    },

    async signAnnouncement(signer: Wallet, type: ActionType, value: Readonly<Record<string, unknown>>) {
      return await signUntil(signer, announcementDomain, type, END, value);
    },

    async signRecord(signer: Wallet, type: ActionType, value: Readonly<Record<string, unknown>>) {
      return await signUntil(signer, recordDomain, type, END, value);
    },

    /** A stamp has no deadline to move, and a view's calldata is not counted. */
    async signStamp(signer: Wallet, statement: StampStatement) {
      return (await signStamp(signer, recordDomain, statement)).signature;
    },
  };
}

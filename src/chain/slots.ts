import { AbiCoder, concat, getAddress, keccak256, toBeHex } from "ethers";

import type { ContractName } from "./deployment.js";
import type { Hex32 } from "./ids.js";
import { type AnchoredRecord, statuses } from "./records.js";
import type { Credential } from "./credentials.js";

/** One word of a contract's storage: what `eth_getProof` proves. */
export interface Slot {
  readonly contract: Extract<ContractName, "RecordRegistry" | "CredentialRegistry">;
  readonly key: Hex32;
}

/** Where the compiler puts the mappings; a test compares it with the deployed contracts. */
const places = { anchors: 2, witnessedAt: 4, credentials: 0 } as const;

/** Of an anchor: author, time and status in one word. */
export function anchorSlot(recordId: Hex32): Slot {
  return { contract: "RecordRegistry", key: mapped("bytes32", recordId, word(places.anchors)) };
}

/** Of the time at which `signer` witnessed a stamp's digest. */
export function witnessSlot(signer: string, digest: Hex32): Slot {
  const inner = mapped("address", signer, word(places.witnessedAt));
  return { contract: "RecordRegistry", key: mapped("bytes32", digest, inner) };
}

/** Of the credential number `index` of an actor for a role. */
export function credentialSlot(actor: string, role: Hex32, index: number): Slot {
  const list = mapped("bytes32", role, mapped("address", actor, word(places.credentials)));
  return { contract: "CredentialRegistry", key: word(BigInt(keccak256(list)) + BigInt(index)) };
}

/** What an anchor's word says; undefined where there is no anchor. */
export function anchorOfWord(value: bigint): Pick<AnchoredRecord, "author" | "anchoredAt" | "status"> | undefined {
  const status = statuses[Number(BigInt.asUintN(8, value >> 200n))];
  if (status === undefined || status === "none") return undefined;
  return { author: addressOf(value), anchoredAt: timeAt(value, 160n), status };
}

/** What a credential's word says; undefined where there is none. */
export function credentialOfWord(value: bigint): Credential | undefined {
  if (value === 0n) return undefined;
  return { issuer: addressOf(value), from: timeAt(value, 160n), until: timeAt(value, 200n) };
}

function addressOf(value: bigint): string {
  return getAddress(toBeHex(BigInt.asUintN(160, value), 20));
}

function timeAt(value: bigint, offset: bigint): number {
  return Number(BigInt.asUintN(40, value >> offset));
}

function word(value: number | bigint): Hex32 {
  return toBeHex(BigInt.asUintN(256, BigInt(value)), 32);
}

/** Solidity, "Layout of State Variables in Storage", mappings. */
function mapped(type: "address" | "bytes32", key: string, place: Hex32): Hex32 {
  return keccak256(concat([AbiCoder.defaultAbiCoder().encode([type], [key]), place]));
}

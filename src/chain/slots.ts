import { concat, keccak256, toBeHex, zeroPadValue } from "ethers";

import type { ContractName } from "./deployment.js";
import { type Hex32, wholeChart } from "./ids.js";

/** One word of a contract's storage: what `eth_getProof` proves. */
export interface Slot {
  readonly contract: ContractName;
  readonly key: Hex32;
}

/** Where the compiler puts the mappings; the contracts' interfaces promise it, and a test compares it with the deployed contracts. */
const places = {
  ConsentRegistry: { states: 0, delegations: 1, used: 4 },
  RecordRegistry: {
    ...{ used: 2, anchors: 3, charts: 4, histories: 5, pointers: 6, origins: 7 },
    ...{ attested: 8, roots: 9, witnessed: 10 },
  },
  Announcements: { used: 2, counts: 3, deliveries: 4, requests: 5 },
  KeyRegistry: { used: 2, keys: 3, vaults: 4 },
  CredentialRegistry: { credentials: 0, filings: 1 },
} as const;

/** Of what orders a person's acts: see `unpackPersonState`. */
export function stateSlot(person: string): Slot {
  return { contract: "ConsentRegistry", key: mapped(places.ConsentRegistry.states, person) };
}

/** Of what stands for a grantee on a scope: see `unpackTerms`. It lies at keccak256(abi.encode(patient, grantee, scope)). */
export function grantSlot(patient: string, grantee: string, scope: Hex32): Slot {
  return { contract: "ConsentRegistry", key: keccak256(concat([padded(patient), padded(grantee), scope])) };
}

/** Of a delegation: see `unpackDelegation`. */
export function delegationSlot(patient: string, delegate: string, scope: Hex32): Slot {
  return {
    contract: "ConsentRegistry",
    key: mapped(places.ConsentRegistry.delegations, patient, delegate, scope),
  };
}

/** Of an anchor: see `anchorOfWord`. */
export function anchorSlot(recordId: Hex32): Slot {
  return ofRecords("anchors", recordId);
}

/** Of the head of a patient's chart: see `unpackLink`. */
export function chartSlot(patient: string): Slot {
  return ofRecords("charts", patient);
}

/** Of the head of what happened to a patient's records since they were anchored. */
export function historySlot(patient: string): Slot {
  return ofRecords("histories", patient);
}

/** Of the head of a record's newer manifests. */
export function pointersSlot(recordId: Hex32): Slot {
  return ofRecords("pointers", recordId);
}

/** Of the content that a record's lineage began with; 0 where it is its own. */
export function originSlot(recordId: Hex32): Slot {
  return ofRecords("origins", recordId);
}

/** Of the time at which an operator attested that a record is erased. */
export function attestedSlot(recordId: Hex32, operator: string): Slot {
  return ofRecords("attested", recordId, operator);
}

/** Of the time at which an author anchored a root. */
export function rootSlot(author: string, root: Hex32): Slot {
  return ofRecords("roots", author, root);
}

/** Of the time at which `signer` witnessed a stamp's digest. */
export function witnessSlot(signer: string, digest: Hex32): Slot {
  return ofRecords("witnessed", signer, digest);
}

/** Of the number of credentials that an actor was ever given for a role. */
export function credentialCountSlot(actor: string, role: Hex32): Slot {
  return { contract: "CredentialRegistry", key: mapped(places.CredentialRegistry.credentials, actor, role) };
}

/** Of the credential number `index` of an actor for a role: see `credentialOfWord`. */
export function credentialSlot(actor: string, role: Hex32, index: number): Slot {
  const { contract, key } = credentialCountSlot(actor, role);
  return { contract, key: word(BigInt(keccak256(key)) + BigInt(index)) };
}

/** Of the first retroactive end of that credential: see `filingOfWord`. */
export function filingSlot(actor: string, role: Hex32, index: number): Slot {
  return {
    contract: "CredentialRegistry",
    key: mapped(places.CredentialRegistry.filings, actor, role, word(index)),
  };
}

/** Of the head of a patient's announcements, and of the number of requests above it. */
export function announcementsSlot(patient: string): Slot {
  return { contract: "Announcements", key: mapped(places.Announcements.counts, patient) };
}

/** Of the head of a patient's deliveries to one grantee. */
export function deliveriesSlot(patient: string, grantee: string): Slot {
  return { contract: "Announcements", key: mapped(places.Announcements.deliveries, patient, grantee) };
}

/** Of what is kept of a request: its digest, and in the lowest byte its status. */
export function requestSlot(patient: string, id: number): Slot {
  return { contract: "Announcements", key: mapped(places.Announcements.requests, patient, word(id)) };
}

/** Of an actor's newest key: its digest; then version, time and block. */
export function keySlots(actor: string): [Slot, Slot] {
  return twoWords("KeyRegistry", mapped(places.KeyRegistry.keys, actor));
}

/** Of an actor's vault: its pointer; then number, time and block. */
export function vaultSlots(actor: string): [Slot, Slot] {
  return twoWords("KeyRegistry", mapped(places.KeyRegistry.vaults, actor));
}

/** Of the bit that tells whether a signature with this id was used or cancelled: bit `id % 256` of the word. */
export function usedSlot(
  contract: Exclude<keyof typeof places, "CredentialRegistry">,
  signer: string,
  id: bigint,
): Slot {
  return { contract, key: mapped(places[contract].used, signer, word(id >> 8n)) };
}

function ofRecords(place: keyof (typeof places)["RecordRegistry"], ...keys: readonly string[]): Slot {
  return { contract: "RecordRegistry", key: mapped(places.RecordRegistry[place], ...keys) };
}

function twoWords(contract: ContractName, first: Hex32): [Slot, Slot] {
  return [
    { contract, key: first },
    { contract, key: word(BigInt(first) + 1n) },
  ];
}

/** Solidity, "Layout of State Variables in Storage": mappings, one within the other. */
function mapped(place: number, ...keys: readonly string[]): Hex32 {
  return keys.reduce((inner, key) => keccak256(concat([padded(key), inner])), word(place));
}

function padded(key: string): Hex32 {
  return key.length === wholeChart.length ? key : zeroPadValue(key, 32);
}

function word(value: number | bigint): Hex32 {
  return toBeHex(BigInt.asUintN(256, BigInt(value)), 32);
}

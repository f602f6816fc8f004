import { concat, keccak256, toBeHex, zeroPadValue } from "ethers";

import type { ContractName } from "./deployment.js";
import { type Hex32, wholeChart } from "./ids.js";

/** One word of a contract's storage: what `eth_getProof` proves. */
export interface Slot {
  /** A contract of the deployment; of another, as a group is, the address. */
  readonly contract: ContractName | `0x${string}`;
  readonly key: Hex32;
}

/** A word of a contract that the deployment names. */
export interface NamedSlot extends Slot {
  readonly contract: ContractName;
}

/** Where a slot's contract is. */
export function contractOf(addresses: Readonly<Record<ContractName, string>>, { contract }: Slot): string {
  return isAddress(contract) ? contract : addresses[contract];
}

function isAddress(contract: Slot["contract"]): contract is `0x${string}` {
  return contract.startsWith("0x");
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
  GroupFactory: { groups: 3 },
  Group: { manager: 3, members: 4 },
} as const;

/** Of what orders a person's acts: see `unpackPersonState`. */
export function stateSlot(person: string): NamedSlot {
  return { contract: "ConsentRegistry", key: mapped(places.ConsentRegistry.states, person) };
}

/** Of what stands for a grantee on a scope: see `unpackTerms`. It lies at keccak256(abi.encode(patient, grantee, scope)). */
export function grantSlot(patient: string, grantee: string, scope: Hex32): NamedSlot {
  return { contract: "ConsentRegistry", key: keccak256(concat([padded(patient), padded(grantee), scope])) };
}

/** Of a delegation: see `unpackDelegation`. */
export function delegationSlot(patient: string, delegate: string, scope: Hex32): NamedSlot {
  return {
    contract: "ConsentRegistry",
    key: mapped(places.ConsentRegistry.delegations, patient, delegate, scope),
  };
}

/** Of an anchor: see `anchorOfWord`. */
export function anchorSlot(recordId: Hex32): NamedSlot {
  return ofRecords("anchors", recordId);
}

/** Of the head of a patient's chart: see `unpackLink`. */
export function chartSlot(patient: string): NamedSlot {
  return ofRecords("charts", patient);
}

/** Of the head of what happened to a patient's records since they were anchored. */
export function historySlot(patient: string): NamedSlot {
  return ofRecords("histories", patient);
}

/** Of the head of a record's newer manifests. */
export function pointersSlot(recordId: Hex32): NamedSlot {
  return ofRecords("pointers", recordId);
}

/** Of the content that a record's lineage began with; 0 where it is its own. */
export function originSlot(recordId: Hex32): NamedSlot {
  return ofRecords("origins", recordId);
}

/** Of the time at which an operator attested that a record is erased. */
export function attestedSlot(recordId: Hex32, operator: string): NamedSlot {
  return ofRecords("attested", recordId, operator);
}

/** Of the time at which an author anchored a root. */
export function rootSlot(author: string, root: Hex32): NamedSlot {
  return ofRecords("roots", author, root);
}

/** Of the time at which `signer` witnessed a stamp's digest. */
export function witnessSlot(signer: string, digest: Hex32): NamedSlot {
  return ofRecords("witnessed", signer, digest);
}

/** Of the number of credentials that an actor was ever given for a role. */
export function credentialCountSlot(actor: string, role: Hex32): NamedSlot {
  return { contract: "CredentialRegistry", key: mapped(places.CredentialRegistry.credentials, actor, role) };
}

/** Of the credential number `index` of an actor for a role: see `credentialOfWord`. */
export function credentialSlot(actor: string, role: Hex32, index: number): NamedSlot {
  const { contract, key } = credentialCountSlot(actor, role);
  return { contract, key: word(BigInt(keccak256(key)) + BigInt(index)) };
}

/** Of the first retroactive end of that credential: see `filingOfWord`. */
export function filingSlot(actor: string, role: Hex32, index: number): NamedSlot {
  return {
    contract: "CredentialRegistry",
    key: mapped(places.CredentialRegistry.filings, actor, role, word(index)),
  };
}

/** Of the head of a patient's announcements, and of the number of requests above it. */
export function announcementsSlot(patient: string): NamedSlot {
  return { contract: "Announcements", key: mapped(places.Announcements.counts, patient) };
}

/** Of the head of a patient's deliveries to one grantee. */
export function deliveriesSlot(patient: string, grantee: string): NamedSlot {
  return { contract: "Announcements", key: mapped(places.Announcements.deliveries, patient, grantee) };
}

/** Of what is kept of a request: its digest, and in the lowest byte its status. */
export function requestSlot(patient: string, id: number): NamedSlot {
  return { contract: "Announcements", key: mapped(places.Announcements.requests, patient, word(id)) };
}

/** Of an actor's newest key: its digest; then version, time and block. */
export function keySlots(actor: string): [NamedSlot, NamedSlot] {
  return twoWords("KeyRegistry", mapped(places.KeyRegistry.keys, actor));
}

/** Of an actor's vault: its pointer; then number, time and block. */
export function vaultSlots(actor: string): [NamedSlot, NamedSlot] {
  return twoWords("KeyRegistry", mapped(places.KeyRegistry.vaults, actor));
}

/** Of the head of the groups that somebody created. */
export function groupsSlot(creator: string): NamedSlot {
  return { contract: "GroupFactory", key: mapped(places.GroupFactory.groups, creator) };
}

/** Of a group's manager, the number of the manager's next act from bit 160 on, and the head of what was said of members from bit 192 on. */
export function groupSlot(group: string): Slot {
  return { contract: group as `0x${string}`, key: word(places.Group.manager) };
}

/** Of how somebody belongs to a group: until when in the lowest 40 bits, for which purposes in 64 above. */
export function memberSlot(group: string, member: string): Slot {
  return { contract: group as `0x${string}`, key: mapped(places.Group.members, member) };
}

/** Of the bit that tells whether a signature with this id was used or cancelled: bit `id % 256` of the word. */
export function usedSlot(
  contract: Exclude<keyof typeof places, "CredentialRegistry" | "GroupFactory" | "Group">,
  signer: string,
  id: bigint,
): NamedSlot {
  return { contract, key: mapped(places[contract].used, signer, word(id >> 8n)) };
}

function ofRecords(place: keyof (typeof places)["RecordRegistry"], ...keys: readonly string[]): NamedSlot {
  return { contract: "RecordRegistry", key: mapped(places.RecordRegistry[place], ...keys) };
}

function twoWords(contract: ContractName, first: Hex32): [NamedSlot, NamedSlot] {
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

import type { TypedDataField } from "ethers";

import type { Hex32 } from "../ids.js";

/** The fields of a grant's terms, as a wallet shows them. */
const terms = "bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf,";

const place = "bytes32 compartment,bytes32 content,bytes32 under,";

/** The EIP-712 types of what is signed: those of `ConsentTypes.sol` and `RecordTypes.sol`. */
const definitions = {
  Grant: `address patient,address grantee,bytes32 scope,${terms}bytes32 capsule,uint32 revision,uint40 deadline`,
  GrantFor:
    `address delegate,address patient,address grantee,${place}${terms}` +
    "bytes32 capsule,uint32 revision,uint40 deadline",
  Delegate:
    "address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool manage,uint64 purposes," +
    "uint40 longest,uint40 end,uint40 asOf,uint32 revision,uint40 deadline",
  Revoke: "address patient,address grantee,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline",
  Undelegate: "address patient,address delegate,bytes32 scope,uint32 revision,uint40 asOf,uint40 deadline",
  RevokeFor: `address delegate,address patient,address grantee,${place}uint32 revision,uint40 asOf,uint40 deadline`,
  RevokeMany: "address patient,Revocation[] grants,uint40 asOf,uint40 deadline",
  Lockdown: "address patient,uint40 asOf,uint40 deadline",
  Deliver:
    "address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint32 nonce," +
    "uint40 asOf,uint40 deadline",
  Decline: "address patient,address requester,bytes32 scope,uint32 nonce,uint40 asOf,uint40 deadline",
  Anchor: "address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline",
  Erasure: "address patient,bytes32 compartment,bytes32 content,uint40 asOf,uint40 deadline",
  ErasureReceipt: "address operator,bytes32 recordId,bytes32 role,uint256 credential,uint40 deadline",
} as const;

/** Struct that {@link SignedMessages.RevokeMany} holds a list of. */
const revocation = "address grantee,bytes32 scope,uint32 revision";

/** A kind of signed action: the name of its EIP-712 type. */
export type ActionType = keyof typeof definitions;

/** All kinds. */
export const actionTypes = Object.keys(definitions) as ActionType[];

/** The terms of a signed grant, field by field. */
export interface TermsMessage {
  readonly read: boolean;
  readonly write: boolean;
  readonly deny: boolean;
  /** Bit set as a decimal number. */
  readonly purposes: string;
  readonly start: number;
  readonly end: number;
  readonly asOf: number;
}

/** One grant to take back, up to and including a revision. */
export interface RevocationMessage {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly revision: number;
}

interface Timed {
  readonly asOf: number;
  readonly deadline: number;
}

interface PlaceMessage {
  readonly delegate: string;
  readonly patient: string;
  readonly grantee: string;
  readonly compartment: Hex32;
  readonly content: Hex32;
  readonly under: Hex32;
}

interface Numbered {
  readonly revision: number;
  readonly deadline: number;
}

/** What is signed, by kind: the message of the EIP-712 data. Nothing in it needs more than JSON. */
export interface SignedMessages {
  readonly Grant: TermsMessage & Numbered & RevocationMessage & { patient: string; capsule: Hex32 };
  readonly GrantFor: PlaceMessage & TermsMessage & Numbered & { capsule: Hex32 };
  readonly Delegate: Omit<TermsMessage, "start"> &
    Numbered & { patient: string; delegate: string; scope: Hex32; manage: boolean; longest: number };
  readonly Revoke: RevocationMessage & Timed & { patient: string };
  readonly Undelegate: Timed & { patient: string; delegate: string; scope: Hex32; revision: number };
  readonly RevokeFor: PlaceMessage & Timed & { revision: number };
  readonly RevokeMany: Timed & { patient: string; grants: readonly RevocationMessage[] };
  readonly Lockdown: Timed & { patient: string };
  readonly Deliver: Timed & {
    patient: string;
    grantees: readonly string[];
    compartment: Hex32;
    content: Hex32;
    capsule: Hex32;
    nonce: number;
  };
  readonly Decline: Timed & { patient: string; requester: string; scope: Hex32; nonce: number };
  readonly Anchor: {
    author: string;
    patient: string;
    compartment: Hex32;
    content: Hex32;
    manifest: Hex32;
    deadline: number;
  };
  readonly Erasure: { patient: string; compartment: Hex32; content: Hex32; asOf: number; deadline: number };
  readonly ErasureReceipt: { operator: string; recordId: Hex32; role: Hex32; credential: string; deadline: number };
}

/** The contract that takes an action, and so its EIP-712 domain. */
export function registryOf(type: ActionType): "ConsentRegistry" | "RecordRegistry" {
  return type === "Anchor" || type === "Erasure" || type === "ErasureReceipt" ? "RecordRegistry" : "ConsentRegistry";
}

/** The types that ethers, and every wallet, takes to show and sign an action. */
export function typesOf(type: ActionType): Record<string, TypedDataField[]> {
  const own = { [type]: fieldsOf(definitions[type]) };
  return type === "RevokeMany" ? { ...own, Revocation: fieldsOf(revocation) } : own;
}

function fieldsOf(definition: string): TypedDataField[] {
  return definition.split(",").map((field) => {
    // Stryker disable next-line StringLiteral: every field has its two words
    const [type = "", name = ""] = field.split(" ");
    return { type, name };
  });
}

import { AbiCoder, keccak256 } from "ethers";

import type { Hex32 } from "./ids.js";

/** What became of a request; the place is the number that the contract uses. */
export const requestStatuses = ["none", "open", "approved", "declined", "withdrawn"] as const;

export type RequestStatus = (typeof requestStatuses)[number];

/** A request as the contract takes it, and keeps its digest. */
export interface AskedFor {
  readonly patient: string;
  readonly requester: string;
  readonly scope: Hex32;
  readonly role: Hex32;
  readonly permissions: bigint;
  readonly purposes: bigint;
  readonly end: bigint;
}

/** Just what was asked, of an event that says more. */
export function askedOf({ patient, requester, scope, role, permissions, purposes, end }: AskedFor): AskedFor {
  return { patient, requester, scope, role, permissions, purposes, end };
}

/** The word that is kept of a request: its digest, the lowest byte replaced by the status. */
export function requestWordOf(id: number, asked: AskedFor, status: RequestStatus): bigint {
  const { patient, requester, scope, role, permissions, purposes, end } = asked;
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["address", "address", "bytes32", "bytes32", "uint8", "uint64", "uint40", "uint32"],
    [patient, requester, scope, role, permissions, purposes, end, id],
  );
  return ((BigInt(keccak256(encoded)) >> 8n) << 8n) | BigInt(requestStatuses.indexOf(status));
}

/** The status in a request's word. */
export function requestStatusOf(word: bigint): RequestStatus {
  // Stryker disable next-line StringLiteral: the contract has no other status
  return requestStatuses[Number(BigInt.asUintN(8, word))] ?? "none";
}

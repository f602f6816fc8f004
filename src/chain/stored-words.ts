import { getAddress, toBeHex } from "ethers";

import type { Hex32 } from "./ids.js";
import { bitsOf } from "./word.js";

/** State of a record; the place is the number that the contract uses. */
export const statuses = ["none", "anchored", "amended", "retracted", "erased"] as const;

export type Status = (typeof statuses)[number];

/** What the chain keeps of a record, as in `Anchors.sol`. */
export interface AnchorState {
  readonly author: string;
  /** Seconds since 1970, by the chain's clock: of the anchoring, or of the root that it was claimed from. */
  readonly anchoredAt: number;
  readonly status: Status;
  /** Number on the patient's chart, from 1 on. */
  readonly index: number;
  /** Block of the anchoring. */
  readonly block: number;
}

/** What an anchor's word says; undefined where there is no anchor. */
export function anchorOfWord(word: bigint): AnchorState | undefined {
  const status = statuses[bitsOf(word, 253, 3)];
  if (status === undefined || status === "none") return undefined;
  return {
    author: addressOf(word),
    anchoredAt: bitsOf(word, 160, 36),
    status,
    index: bitsOf(word, 228, 25),
    block: bitsOf(word, 196, 32),
  };
}

/** How a credential came by its end; the place is the number that the contract uses. */
export const endings = ["plain", "retroactive", "contested", "upheld", "dismissed"] as const;

/** One entry of an actor's history for a role; the period is half-open, in seconds since 1970. */
export interface Credential {
  readonly issuer: string;
  readonly from: number;
  readonly until: number;
  /** Set when it was issued or set back to a time to come; set back to a time that had passed; the same, and its holder contests it; somebody stood for it; the contest was dismissed. */
  readonly ending: (typeof endings)[number];
  /** Where the end is contested: the end that would stand if it is stood for. */
  readonly contestedUntil?: number;
}

/** What a credential's word says; undefined where there is none. */
export function credentialOfWord(word: bigint): Credential | undefined {
  if (word === 0n) return undefined;
  // Stryker disable next-line StringLiteral: the contract has no other ending
  const ending = endings[bitsOf(word, 240, 8)] ?? "plain";
  return { issuer: addressOf(word), from: bitsOf(word, 160, 40), until: bitsOf(word, 200, 40), ending };
}

/** The first retroactive end of a credential. */
export interface Filing {
  readonly by: string;
  readonly filedAt: number;
  readonly formerUntil: number;
}

/** What a filing's word says. */
export function filingOfWord(word: bigint): Filing {
  return { by: addressOf(word), filedAt: bitsOf(word, 160, 40), formerUntil: bitsOf(word, 200, 40) };
}

/** How somebody belongs to a group, as its word says. */
export interface MemberState {
  /** First second at which they no longer belong, since 1970; 0 where they never did. */
  readonly until: number;
  /** Bit set of the purposes for which they do. */
  readonly purposes: bigint;
}

/** What a member's word in a group says. */
export function memberOfWord(word: bigint): MemberState {
  return { until: bitsOf(word, 0, 40), purposes: (word >> 40n) & 0xffff_ffff_ffff_ffffn };
}

/** What is kept of an actor's newest key or vault. */
export interface Newest {
  /** Digest of the key, or pointer to the vault. */
  readonly digest: Hex32;
  /** Version or number, from 1 on. */
  readonly number: number;
  /** Seconds since 1970. */
  readonly since: number;
  /** Block of publication. */
  readonly block: number;
}

/** What the two words of a key or a vault say; undefined where there is none. */
export function newestOfWords(first: bigint, second: bigint): Newest | undefined {
  const number = bitsOf(second, 0, 32);
  if (number === 0) return undefined;
  return { digest: toBeHex(first, 32), number, since: bitsOf(second, 32, 40), block: bitsOf(second, 72, 32) };
}

function addressOf(word: bigint): string {
  return getAddress(toBeHex(BigInt.asUintN(160, word), 20));
}

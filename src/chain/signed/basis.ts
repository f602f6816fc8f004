import { concat, keccak256, randomBytes } from "ethers";

import { type Chain, presentTime } from "../connection.js";
import { checkAddress } from "../ids.js";
import { type Power, groupBit, permissionsToBits } from "../terms.js";
import type { View } from "../view.js";
import { checkTime } from "../word.js";
import { type Session, beginSession } from "./session.js";

/** How long a signature may be used unless told otherwise, in seconds. */
export const usualDeadline = 3600;

/** What every signed action may be told. */
export interface SigningOptions {
  /** Last second at which the signature may be used, since 1970; in an hour where omitted. */
  readonly deadline?: number | undefined;
}

/** What an action that opens something may be told. */
export interface OpeningOptions extends SigningOptions {
  /** What it is signed in one go with, and carried in that order; a go of its own where omitted. */
  readonly session?: Session | undefined;
}

/** The last second at which a signature may be used. */
export async function deadlineOf(chain: Chain, { deadline }: SigningOptions): Promise<number> {
  return checkTime(deadline ?? (await presentTime(chain)) + usualDeadline);
}

/** What makes an opening signature work once: it is void as soon as its signer does anything else. */
export async function openingOf(chain: Chain, signer: string, options: OpeningOptions, view: View) {
  const session = options.session ?? (await beginSession(chain, signer, view));
  return { ...session.next(signer), deadline: await deadlineOf(chain, options) };
}

/** What makes any other signature work once, in any order: nothing but its use, `cancelSigned` or its deadline ends it. */
export async function onceOf(chain: Chain, signer: string, options: SigningOptions) {
  return { id: drawId(signer), deadline: await deadlineOf(chain, options) };
}

/** The address that is named, or the caller's. */
export function orCaller(chain: Chain, address: string | undefined, what: string): string {
  return address === undefined ? chain.address : checkAddress(address, what);
}

/** Permissions, one by one, as a wallet shows them. */
export function flagsOf(permissions: readonly Power[]): Record<"read" | "write" | "deny" | "manage", boolean> {
  const has = (power: Power): boolean => permissions.includes(power);
  return { read: has("READ"), write: has("WRITE"), deny: has("DENY"), manage: has("MANAGE") };
}

/** What a message shows one by one. */
export type Flags = Readonly<Partial<Record<"read" | "write" | "deny" | "manage" | "group", boolean>>>;

/** The bit set of the permissions that a message shows one by one. */
export function permissionBitsOf({ read, write, deny, manage, group }: Flags): number {
  const shown = { READ: read, WRITE: write, DENY: deny, MANAGE: manage };
  const powers = (Object.keys(shown) as Power[]).filter((power) => shown[power]);
  return permissionsToBits(powers) | (group ? groupBit : 0);
}

/** Drawn when this device starts: nobody can foresee its ids, and two devices never draw the same. */
const secret = randomBytes(32);
let drawn = 0n;

/** An id of the device's own lane for this signer, 128 bits, and of its sequence: neighbours share a word of storage. */
function drawId(signer: string): string {
  const lane = BigInt(keccak256(concat([secret, signer]))) >> 128n;
  return ((lane << 128n) | drawn++).toString();
}

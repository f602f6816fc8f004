import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import { type Hex32, type Role, checkAddress, roleId } from "./ids.js";
import { read, send } from "./transactions.js";

/** One entry of an actor's history for a role; the period is half-open, in seconds since 1970. */
export interface Credential {
  readonly issuer: string;
  readonly from: number;
  readonly until: number;
}

/** How many credentials one question asks for. */
const pageSize = 100;

/**
 * Gives `actor` a credential for `role` until `until`. By an accredited issuer.
 * @throws CONTRACT_REFUSED (NotIssuer, InvalidPeriod: more than ten years among them)
 */
export async function issueCredential(chain: Chain, actor: string, role: Role, until: number): Promise<void> {
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.issue(checkAddress(actor, "Actor"), roleId(role), until, fees),
  );
}

/**
 * Sets the end of a credential of `actor` for `role` back to `until`. By its issuer, or by another once that one is accredited no more.
 * @param index Number of the credential; the newest where omitted.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (NotIssuer, InvalidPeriod, UnknownCredential)
 */
export async function revokeCredential(
  chain: Chain,
  actor: string,
  role: Role,
  until: number,
  index?: number,
): Promise<void> {
  const count = await credentialCount(chain, actor, role);
  if (count === 0) throw new CareKeyError("NO_CREDENTIAL", `${actor} has no credential as ${role}`, { actor, role });
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.revoke(actor, roleId(role), index ?? count - 1, until, fees),
  );
}

/** Number of credentials that `actor` was ever given for `role`. */
export async function credentialCount(chain: Chain, actor: string, role: Role): Promise<number> {
  return Number(await read(chain.credentialRegistry.credentialCount(checkAddress(actor, "Actor"), roleId(role))));
}

/**
 * Credentials of `actor` for `role` by number, oldest first: up to `count` from number `first` on, all where nothing is named.
 * @example const [newest] = await credentialsOf(chain, actor, "practitioner", { first: count - 1, count: 1 });
 */
export async function credentialsOf(
  chain: Chain,
  actor: string,
  role: Role,
  { first = 0, count = Infinity }: { first?: number; count?: number } = {},
): Promise<Credential[]> {
  const checked = checkAddress(actor, "Actor");
  const found: Credential[] = [];
  for (;;) {
    const wanted = Math.min(pageSize, count - found.length);
    const page = await credentialsIn(chain, checked, roleId(role), first + found.length, wanted);
    found.push(...page);
    if (page.length < pageSize) return found;
  }
}

/**
 * Number of the newest credential of `actor` for the role that holds now; what a contract that asks for one is told.
 * @param now The present, in seconds since 1970.
 * @throws NO_CREDENTIAL
 */
export async function requireCredential(
  chain: Chain,
  role: Role,
  now: number,
  actor: string = chain.address,
): Promise<number> {
  const credential = await credentialFor(chain, actor, roleId(role), [now]);
  if (credential === undefined)
    throw new CareKeyError("NO_CREDENTIAL", `${actor} has no credential as ${role} now`, { actor, role });
  return credential;
}

/**
 * Number of the newest credential of `actor` that covers all these times; undefined where none does.
 * @param role The role as bytes32, as stamps carry it.
 */
export async function credentialFor(
  chain: Chain,
  actor: string,
  role: Hex32,
  times: readonly number[],
): Promise<number | undefined> {
  let end = Number(await read(chain.credentialRegistry.credentialCount(actor, role)));
  while (end > 0) {
    const first = Math.max(0, end - pageSize);
    // Stryker disable next-line ArithmeticOperator: those beyond were looked at before, and none of them suits
    const page = await credentialsIn(chain, actor, role, first, end - first);
    const place = page.findLastIndex(({ from, until }) => times.every((time) => from <= time && time < until));
    if (place >= 0) return first + place;
    end = first;
  }
  return undefined;
}

/** Up to `count` credentials from number `first` on; the role as bytes32. */
export async function credentialsIn(
  chain: Chain,
  actor: string,
  role: Hex32,
  first: number,
  count: number,
): Promise<Credential[]> {
  const list = await read(chain.credentialRegistry.credentialsOf(actor, role, first, count));
  return list.map(({ issuer, from, until }) => ({ issuer, from: Number(from), until: Number(until) }));
}

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

/** Makes `issuer` an accredited issuer of credentials for `role`. By the consortium's administrator. */
export async function accreditIssuer(chain: Chain, issuer: string, role: Role): Promise<void> {
  const id = await read(chain.credentialRegistry.issuerRoleOf(roleId(role)));
  await send(chain.provider, (fees) => chain.accessManager.grantRole(id, checkAddress(issuer, "Issuer"), 0, fees));
}

/**
 * Gives `actor` a credential for `role` until `until`. By an accredited issuer.
 * @throws CONTRACT_REFUSED (NotIssuer, InvalidPeriod, TooManyCredentials)
 */
export async function issueCredential(chain: Chain, actor: string, role: Role, until: number): Promise<void> {
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.issue(checkAddress(actor, "Actor"), roleId(role), until, fees),
  );
}

/** Sets the end of the newest credential of `actor` for `role` back to `until` (default: its beginning or now is for the caller to say). */
export async function revokeCredential(chain: Chain, actor: string, role: Role, until: number): Promise<void> {
  const held = await credentialsOf(chain, actor, role);
  if (held.length === 0)
    throw new CareKeyError("NO_CREDENTIAL", `${actor} has no credential as ${role}`, { actor, role });
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.revoke(actor, roleId(role), held.length - 1, until, fees),
  );
}

/** All credentials of `actor` for `role`, oldest first. */
export async function credentialsOf(chain: Chain, actor: string, role: Role): Promise<Credential[]> {
  const list = await read(chain.credentialRegistry.credentialsOf(checkAddress(actor, "Actor"), roleId(role)));
  return list.map(({ issuer, from, until }) => ({ issuer, from: Number(from), until: Number(until) }));
}

/** True when a credential of `actor` for the role covers `time`. */
export function holdsCredential(chain: Chain, actor: string, role: Hex32, time: number): Promise<boolean> {
  return read(chain.credentialRegistry.holds(actor, role, time));
}

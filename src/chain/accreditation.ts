import type { Chain } from "./connection.js";
import { type Role, checkAddress, roleId } from "./ids.js";
import { read, send } from "./transactions.js";

/** Since when somebody may issue credentials for a role. */
export interface Accreditation {
  /** First second at which it holds, since 1970: later than the accreditation where the role has a delay. */
  readonly since: number;
}

/**
 * Makes `issuer` an accredited issuer of credentials for `role`. By the consortium's administrator.
 * @returns Since when it holds: after the role's delay.
 * @throws CONTRACT_REFUSED (AccessManagerUnauthorizedAccount)
 */
export async function accreditIssuer(chain: Chain, issuer: string, role: Role): Promise<Accreditation> {
  const id = await issuerRole(chain, role);
  const account = checkAddress(issuer, "Issuer");
  await send(chain.provider, (fees) => chain.accessManager.grantRole(id, account, 0, fees));
  return { since: Number((await read(chain.accessManager.getAccess(id, account))).since) };
}

/** Takes an accreditation back. What was issued stands; other issuers of the role may shorten it from now on. By the administrator. */
export async function withdrawAccreditation(chain: Chain, issuer: string, role: Role): Promise<void> {
  const id = await issuerRole(chain, role);
  await send(chain.provider, (fees) => chain.accessManager.revokeRole(id, checkAddress(issuer, "Issuer"), fees));
}

/** Since when `issuer` is, or will be, accredited for `role`; undefined where it is not. */
export async function accreditationOf(chain: Chain, issuer: string, role: Role): Promise<Accreditation | undefined> {
  const id = await issuerRole(chain, role);
  const { since } = await read(chain.accessManager.getAccess(id, checkAddress(issuer, "Issuer")));
  return since === 0n ? undefined : { since: Number(since) };
}

/**
 * Lets every accreditation for `role` from now on wait, in seconds, so that a false one can be seen and withdrawn before it holds. By the administrator.
 * The new delay holds after five days, or after as long as it is shorter than the old one where that is more.
 */
export async function setAccreditationDelay(chain: Chain, role: Role, seconds: number): Promise<void> {
  const id = await issuerRole(chain, role);
  await send(chain.provider, (fees) => chain.accessManager.setGrantDelay(id, seconds, fees));
}

/** How long an accreditation for `role` waits before it holds, in seconds. */
export async function accreditationDelay(chain: Chain, role: Role): Promise<number> {
  return Number(await read(chain.accessManager.getRoleGrantDelay(await issuerRole(chain, role))));
}

function issuerRole(chain: Chain, role: Role): Promise<bigint> {
  return read(chain.credentialRegistry.issuerRoleOf(roleId(role)));
}

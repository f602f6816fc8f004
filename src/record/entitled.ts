import type { Chain } from "../chain/connection.js";
import { credentialsIn, standingAt } from "../chain/credentials.js";
import type { Hex32 } from "../chain/ids.js";
import { credentialCountSlot, credentialSlot } from "../chain/slots.js";
import type { Credential } from "../chain/stored-words.js";
import type { View } from "../chain/view.js";

/** A credential, and its number among the actor's for the role. */
export interface NumberedCredential extends Credential {
  readonly index: number;
}

/** What a credential says of some times. */
export type Coverage = "holds" | "contested";

/** Read along with their number: most actors have no more. */
const few = 4;

/** Whether one credential covers all these times; "contested" where it would but for a retroactive end that its holder contests. */
function coverageOf(credential: Credential, times: readonly number[]): Coverage | undefined {
  const standings = times.map((time) => standingAt(credential, time));
  if (standings.includes("none")) return undefined;
  return standings.includes("contested") ? "contested" : "holds";
}

/** Of some credentials the newest that covers all these times; one that is contested only where none holds. */
export function bestFor<Of extends Credential>(
  credentials: readonly Of[],
  times: readonly number[],
): { readonly credential: Of; readonly coverage: Coverage } | undefined {
  for (const coverage of ["holds", "contested"] as const) {
    const credential = credentials.findLast((each) => coverageOf(each, times) === coverage);
    if (credential) return { credential, coverage };
  }
  return undefined;
}

/**
 * All credentials of an actor for a role at one block, oldest first.
 * @param role The role as bytes32, as stamps carry it.
 */
export async function credentialsAt(
  chain: Chain,
  view: View,
  actor: string,
  role: Hex32,
): Promise<NumberedCredential[]> {
  // the first of them along with their number: one question in place of two
  const first = Array.from({ length: few }, (_, index) => credentialSlot(actor, role, index));
  await view.words([credentialCountSlot(actor, role), ...first]);
  const credentials = await credentialsIn(chain, actor, role, 0, Infinity, view);
  return credentials.map((credential, index) => ({ ...credential, index }));
}

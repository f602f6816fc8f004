import { hexlify, randomBytes } from "ethers";

import { CareKeyError } from "../../errors.js";
import type { Chain } from "../connection.js";
import { stateOf } from "../consent.js";
import { checkAddress } from "../ids.js";
import type { View } from "../view.js";

/** What somebody signs in one go: any of it may be left out, but it is carried in the order in which it was prepared. */
export interface Session {
  readonly signer: string;
  /** Names what comes next of this signer's. */
  readonly next: (signer: string) => { readonly stand: string; readonly session: number; readonly number: number };
}

/** Highest number of a session. */
const lastNumber = 2 ** 16 - 1;

/**
 * Begins to sign several actions that open something, one after the other; anything else that the signer does ends it.
 * @param signer The caller where omitted.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example
 * const session = await beginSession(chain, patient);
 * for (const grantee of team) actions.push(await prepareGrant(chain, { patient, grantee, scope, permissions, purposes, end, session }));
 */
export async function beginSession(chain: Chain, signer: string = chain.address, view?: View): Promise<Session> {
  const who = checkAddress(signer, "Signer");
  const { stand } = await stateOf(chain, who, view);
  const session = parseInt(hexlify(randomBytes(5)), 16);
  let number = 0;
  return {
    signer: who,
    next: (by) => {
      if (by !== who)
        throw new CareKeyError("INVALID_ARGUMENT", `The session is ${who}'s, the action is for ${by}`, {
          actual: who,
          expected: by,
        });
      if (number === lastNumber)
        throw new CareKeyError("INVALID_ARGUMENT", `A session has no more than ${lastNumber} actions`, { number });
      number++;
      return { stand: stand.toString(), session, number };
    },
  };
}

import { expect } from "chai";
import type { Signer } from "ethers";

import type { Chain } from "../../src/chain/connection.js";
import { type Action, parseSignedAction, sign } from "../../src/chain/signed/action.js";
import { type Submitted, submit } from "../../src/chain/signed/submit.js";

/** Signs an action, sends it through JSON as between two machines, and submits it as somebody else. */
export async function relay(chain: Chain, action: Action, signer: Signer): Promise<Submitted> {
  const signed = await sign(signer, action);
  const carried = parseSignedAction(JSON.parse(JSON.stringify(signed)));
  expect(carried).to.deep.equal(signed);
  return submit(chain, carried);
}

/** The same once more: it stands already, and nothing is sent. */
export async function relayAgain(chain: Chain, action: Action, signer: Signer): Promise<void> {
  const height = await chain.provider.getBlockNumber();
  expect(await relay(chain, action, signer)).to.deep.equal({ transaction: undefined, items: [] });
  expect(await chain.provider.getBlockNumber()).to.equal(height);
}

import { CareKeyError } from "../../errors.js";
import { inBatches } from "../batches.js";
import type { Chain } from "../connection.js";
import { send } from "../transactions.js";
import { Group__factory } from "../typechain/index.js";
import { type Action, signerOf } from "./action.js";
import { requireContract } from "./submit.js";
import { contractOf } from "./types.js";

/**
 * Gives up what the caller signed and nobody has carried yet. In ConsentRegistry that ends every signature of theirs that would open something, too.
 * @throws INVALID_ARGUMENT for another's, and for a kind that ends by its deadline alone, CHAIN_MISMATCH, CHAIN_UNREACHABLE
 * @example await cancelSigned(chain, [revocation]);
 */
export async function cancelSigned(chain: Chain, actions: readonly Action[]): Promise<void> {
  const ids = new Map<string, bigint[]>();
  for (const action of actions) {
    await requireContract(chain, action);
    const id = idOf(chain, action);
    ids.set(action.contract, [...(ids.get(action.contract) ?? []), ...id]);
  }
  for (const [contract, list] of ids) {
    // every contract with ids has the same function
    const taker = Group__factory.connect(contract, chain.signer);
    const batches = list.length === 0 ? [{ items: list }] : inBatches(list);
    for (const { items } of batches) await send(chain.provider, (fees) => taker.cancel(items, fees));
  }
}

function idOf(chain: Chain, action: Action): bigint[] {
  const { type, message } = action;
  if (signerOf(action) !== chain.address)
    throw new CareKeyError("INVALID_ARGUMENT", `The action is ${signerOf(action)}'s to give up`, {
      actual: chain.address,
      expected: signerOf(action),
    });
  if ("id" in message) return [BigInt(message.id)];
  // one call ends all that open, whatever their numbers
  if (contractOf(type) === "ConsentRegistry") return [];
  throw new CareKeyError("INVALID_ARGUMENT", `A signed ${type} can't be given up: it ends with its deadline`, { type });
}

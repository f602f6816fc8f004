import type { Chain } from "./connection.js";
import { chainError } from "./transactions.js";
import type { TypedContractEvent, TypedDeferredTopicFilter, TypedEventLog } from "./typechain/common.js";

/** Nodes limit the range of one question; this is within what the usual ones allow. */
export const blocksAtOnce = 10_000;

/** What any typechain contract offers for reading events. */
interface EventSource {
  queryFilter<Event extends TypedContractEvent>(
    filter: TypedDeferredTopicFilter<Event>,
    from?: number,
    to?: number,
  ): Promise<TypedEventLog<Event>[]>;
}

/**
 * All events that match, oldest first, from the deployment's first block to the newest.
 * @throws CHAIN_UNREACHABLE
 */
export async function scan<Event extends TypedContractEvent>(
  chain: Pick<Chain, "provider" | "startBlock">,
  contract: EventSource,
  filter: TypedDeferredTopicFilter<Event>,
): Promise<TypedEventLog<Event>[]> {
  const found: TypedEventLog<Event>[] = [];
  try {
    const head = await chain.provider.getBlockNumber();
    for (let from = chain.startBlock; from <= head; from += blocksAtOnce) {
      found.push(...(await contract.queryFilter(filter, from, Math.min(from + blocksAtOnce - 1, head))));
    }
  } catch (cause) {
    throw chainError(cause);
  }
  return found;
}

/** Logs of one block are fewer than this. */
const logsOfABlock = 2 ** 20;

/** Where an event lies: later ones have greater numbers. */
export function placeOf({ blockNumber, index }: { readonly blockNumber: number; readonly index: number }): number {
  return blockNumber * logsOfABlock + index;
}

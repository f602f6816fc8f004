import type { TransactionReceipt } from "ethers";

import { CareKeyError } from "../errors.js";
import { refusal } from "./refusals.js";
import { ConsentRegistry__factory } from "./typechain/index.js";

/** Longest list that one call takes: `MAX_BATCH` of every contract. */
export const MAX_BATCH = 200;

/** What became of one item of a batch. */
export interface ItemOutcome {
  /** Place of the item in the list that was given. */
  readonly index: number;
  /** It was done, or it stood already; false where it was left out. */
  readonly done: boolean;
  /** Hash of the transaction that carried it; undefined where its whole batch was refused. */
  readonly transaction: string | undefined;
  /** Why it was left out: CONTRACT_REFUSED with the contract's own error. */
  readonly error: CareKeyError | undefined;
}

/** A part of a list that one call takes, and where it begins. */
interface Batch<Item> {
  readonly first: number;
  readonly items: Item[];
}

/**
 * Splits a list into parts of at most `size`.
 * @param limit The longest list that the call takes.
 * @throws INVALID_ARGUMENT for a size that is not 1 to `limit`
 */
export function inBatches<Item>(list: readonly Item[], size = MAX_BATCH, limit = MAX_BATCH): Batch<Item>[] {
  if (!Number.isInteger(size) || size < 1 || size > limit)
    throw new CareKeyError("INVALID_ARGUMENT", `A batch has 1 to ${limit} items, not ${size}`, { size });
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, number) => {
    const first = number * size;
    return { first, items: list.slice(first, first + size) };
  });
}

// every registry has the same event
const events = ConsentRegistry__factory.createInterface();

/** What a batch left out, by place: its `Skipped` events. */
export function skippedIn(receipt: TransactionReceipt, contract: string): Map<number, CareKeyError> {
  const skipped = new Map<number, CareKeyError>();
  for (const log of receipt.logs) {
    if (log.address !== contract) continue;
    const event = events.parseLog(log);
    if (event?.name === "Skipped") skipped.set(Number(event.args.index), refusal(event.args.reason as string));
  }
  return skipped;
}

/** What became of each of `count` items that one transaction carried. */
export function outcomesOf(receipt: TransactionReceipt, contract: string, count: number): ItemOutcome[] {
  const skipped = skippedIn(receipt, contract);
  return Array.from({ length: count }, (_, index) => {
    const error = skipped.get(index);
    return { index, done: error === undefined, transaction: receipt.hash, error };
  });
}

/**
 * Carries a list in as many transactions as it takes, and tells what became of each item.
 * @param carry Sends one part of it.
 */
export async function carryAll<Item>(
  parts: readonly Batch<Item>[],
  contract: string,
  carry: (items: Item[]) => Promise<TransactionReceipt>,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  for (const { first, items } of parts) {
    const told = outcomesOf(await carry(items), contract, items.length);
    outcomes.push(...told.map((outcome) => ({ ...outcome, index: first + outcome.index })));
  }
  return outcomes;
}

/**
 * What a call that shuts a door says it did not do, thrown: it never fails for what stands there.
 * @param except Errors after which all is as it was to be.
 * @throws CONTRACT_REFUSED with the contract's own error
 */
export function requireDone(receipt: TransactionReceipt, contract: string, except: readonly string[]): void {
  const error = skippedIn(receipt, contract).get(0);
  if (error && !except.includes(String(error.details.error))) throw error;
}

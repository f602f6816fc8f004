import type { CID } from "multiformats/cid";

import type { SendOptions } from "../chain/transactions.js";
import { isCareKeyError } from "../errors.js";
import { removeBlocks } from "../storage/unixfs/blocks.js";
import type { Context } from "./context.js";

/** What an operation has put into the store, and whether the chain may lead to it. */
export interface Traces {
  readonly added: CID[];
  /** Given to the transaction that makes it reachable. */
  readonly onSend: NonNullable<SendOptions["onSend"]>;
  /** Called once it is: whatever fails from then on, nothing is removed. */
  readonly reached: () => void;
}

/** Runs work that puts blocks and then makes them reachable on chain. A failure removes them again, unless its transaction may still be mined. */
export async function withdrawing<T>(context: Context, work: (traces: Traces) => Promise<T>): Promise<T> {
  const state = { sent: false, reached: false };
  const added: CID[] = [];
  try {
    return await work({
      added,
      onSend: () => (state.sent = true),
      reached: () => (state.reached = true),
    });
  } catch (error) {
    if (!state.reached && (!state.sent || isDefinite(error))) await withdraw(context, added);
    throw error;
  }
}

/** Unpins and removes blocks, as far as the store answers. */
export async function withdraw({ store }: Pick<Context, "store">, added: readonly CID[]): Promise<void> {
  await Promise.allSettled(added.map((cid) => store.unpin(cid)));
  await removeBlocks(added, store);
}

/** True for failures of a transaction that certainly left nothing on chain. */
function isDefinite(error: unknown): boolean {
  const codes = [
    "CONTRACT_REFUSED",
    "FUNDS_MISSING",
    "SENDER_NOT_ALLOWED",
    "TRANSACTION_FAILED",
    "CANCELLED",
    "INVALID_ARGUMENT",
  ] as const;
  return codes.some((code) => isCareKeyError(error, code));
}

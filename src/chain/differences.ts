/**
 * What differs between chains and between their nodes, in one place.
 *
 * | | Hardhat, anvil, Besu without fees | geth | permissioned subnet-evm |
 * | --- | --- | --- | --- |
 * | base fee | 0: wallets hold nothing | moves | 1: wallets need dust |
 * | blocks while idle | as configured | none with --dev | none |
 * | time of a block | the clock's | with --dev up to seconds ahead of it | the clock's, two blocks may share a second |
 * | time in a call at "latest" | the newest block's | the newest block's | the newest block's |
 * | time in a call at "pending" | the next block's, or the newest's | the clock's | the clock's |
 * | finalised | a few blocks back | block 0 with --dev | the newest: so nothing here waits for it |
 * | events past the newest block | none | an error | an error: so nothing here asks for them |
 */
import type { BlockTag, Provider, TransactionReceipt } from "ethers";

import { CareKeyError } from "../errors.js";
import { recentBaseFee } from "./ask.js";

/** What a transaction is to cost: given to every call that changes state. */
export interface Fees {
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}

/** Of a chain without fees: both named, so that ethers asks for neither. */
const noFees: Fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };

/** On a chain without fees wallets hold no coins, and ethers would still offer a tip. Elsewhere ethers asks the node. */
export async function feesOf(provider: Provider): Promise<Fees> {
  const baseFee = recentBaseFee(provider) ?? (await provider.getBlock("latest"))?.baseFeePerGas;
  return baseFee === 0n ? noFees : {};
}

/**
 * Asks a contract whether something holds at this moment. A chain that makes no blocks while idle may have stood still since before a
 * period ended: so what holds by the newest block has to hold in the block that the node would make now, too.
 */
export async function holdsNow(ask: (at: { blockTag: BlockTag }) => Promise<boolean>): Promise<boolean> {
  if (!(await ask({ blockTag: "latest" }))) return false;
  try {
    return await ask({ blockTag: "pending" });
  } catch (error) {
    // then the newest block's word stands
    if ([...messagesOf(error)].some((message) => noPending.test(message))) return true;
    throw error;
  }
}

/** A transaction's receipt, or null where the node has none yet; geth makes an error of that while it starts. */
export async function receiptIfAny(provider: Provider, hash: string): Promise<TransactionReceipt | null> {
  try {
    return await provider.getTransactionReceipt(hash);
  } catch (error) {
    if ([...messagesOf(error)].some((message) => message.includes("indexing is in progress"))) return null;
    throw error;
  }
}

/** How nodes say that they make no block for questions. */
const noPending = /pending (block|state) is not|unsupported|not supported|(unknown|invalid) block/i;
/** How nodes say that an account can't pay: geth and subnet-evm, geth when estimating, Besu, Hardhat and anvil. */
const fundsMissing =
  /insufficient (funds|balance)|gas required exceeds allowance|exceeds account balance|enough funds|cost exceeds balance/i;
/** How nodes say that an account is on no list: subnet-evm for senders, for deployers, Besu. */
const notAllowed = /non-allow listed|not authorized to (deploy|send)|sender account not authorized/i;

/** How Hardhat and anvil say of a transaction that they mined it in vain: something changed since its gas was estimated. */
const ranOutOfGas = /ran out of gas|: OutOfGas/;

/** A node's refusal to take a transaction at all, as one of our errors; undefined where it refuses for another reason. */
export function refusedByNode(cause: unknown): CareKeyError | undefined {
  for (const message of messagesOf(cause)) {
    if (fundsMissing.test(message))
      return new CareKeyError("FUNDS_MISSING", "The account can't pay for the transaction", {}, { cause });
    if (notAllowed.test(message))
      return new CareKeyError(
        "SENDER_NOT_ALLOWED",
        "The chain takes no such transaction of the account",
        {},
        { cause },
      );
    if (ranOutOfGas.test(message))
      return new CareKeyError("TRANSACTION_FAILED", "The transaction ran out of gas", {}, { cause });
  }
  return undefined;
}

/** The messages of an error and of what it stands for: what the node said lies where the library of the day puts it. */
function* messagesOf(error: unknown, depth = 0): Generator<string> {
  if (typeof error !== "object" || error === null || depth > 4) return;
  const { message, info, cause, error: inner } = error as Record<"message" | "info" | "cause" | "error", unknown>;
  if (typeof message === "string") yield message;
  for (const each of [info, inner, cause]) yield* messagesOf(each, depth + 1);
}

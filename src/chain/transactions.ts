import { type CallExceptionError, type Provider, type TransactionReceipt, isError, isHexString } from "ethers";

import { CareKeyError, throwIfCancelled } from "../errors.js";
import { noteBlock } from "./ask.js";
import { type Fees, feesOf, receiptIfAny, refusedByNode } from "./differences.js";
import { isKnownRefusal, refusal } from "./refusals.js";

/** Longest wait for a receipt; a consortium's chain makes a block in seconds. */
const receiptDeadline = 120_000;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told when the transaction is about to leave: what fails before has certainly not been sent. */
  readonly onSend?: (() => void) | undefined;
}

/** What a library says of a transaction that it has sent. */
interface Sent {
  readonly hash: string;
}

/**
 * Sends a transaction, waits for its receipt and turns what goes wrong into a typed error.
 *
 * @param call Makes the call with the fees that this chain wants.
 * @throws CONTRACT_REFUSED with the custom error's name and arguments, FUNDS_MISSING, SENDER_NOT_ALLOWED, TRANSACTION_FAILED when it was mined in vain,
 * TRANSACTION_PENDING when no receipt came in time, CHAIN_UNREACHABLE, CANCELLED (before sending only).
 * @example await send(provider, (fees) => consentRegistry.lockdown(salt, fees));
 */
export async function send(
  provider: Provider,
  call: (fees: Fees) => Promise<Sent>,
  options: SendOptions = {},
): Promise<TransactionReceipt> {
  throwIfCancelled(options.signal);
  const fees = await read(feesOf(provider));
  throwIfCancelled(options.signal);
  options.onSend?.();
  const response = await read(call(fees));
  const receipt = await receiptOf(provider, response.hash);
  noteBlock(provider, receipt.blockNumber);
  return receipt;
}

/**
 * Reads from a contract and turns what goes wrong into a typed error.
 * @throws CONTRACT_REFUSED, CHAIN_UNREACHABLE
 */
export async function read<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw chainError(cause);
  }
}

/** ethers' own wait() misses a block on chains that make none while idle, so the receipt is asked for again and again. */
async function receiptOf(provider: Provider, hash: string): Promise<TransactionReceipt> {
  const deadline = Date.now() + receiptDeadline;
  for (let pause = 5; ; pause = Math.min(pause * 2, 1000)) {
    const receipt = await read(receiptIfAny(provider, hash));
    if (receipt?.status === 1) return receipt;
    if (receipt) throw new CareKeyError("TRANSACTION_FAILED", `Transaction ${hash} was mined but failed`, { hash });
    if (Date.now() > deadline)
      throw new CareKeyError(
        "TRANSACTION_PENDING",
        `Transaction ${hash} has no receipt after ${receiptDeadline / 1000} s`,
        { hash },
      );
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** What ethers throws, as one of our errors. */
export function chainError(cause: unknown): CareKeyError {
  if (cause instanceof CareKeyError) return cause;
  const unwanted = refusedByNode(cause);
  if (unwanted) return unwanted;
  if (isError(cause, "CALL_EXCEPTION") && isRevert(cause)) return refusal(cause.data, cause.transaction.data, cause);
  const reverted = revertOnSending(cause);
  if (isKnownRefusal(reverted)) return refusal(reverted, undefined, cause);
  if (isError(cause, "INVALID_ARGUMENT"))
    return new CareKeyError(
      "INVALID_ARGUMENT",
      `The contract takes no such ${cause.argument}`,
      { argument: cause.argument },
      { cause },
    );
  if (isError(cause, "BAD_DATA"))
    return new CareKeyError("NOT_DEPLOYED", "The address answers as no contract of CareKey does", {}, { cause });
  if (isError(cause, "ACTION_REJECTED"))
    return new CareKeyError("CANCELLED", "The wallet's owner declined to sign", {}, { cause });
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CareKeyError("CHAIN_UNREACHABLE", `The chain does not answer as it should: ${message}`, {}, { cause });
}

/** ethers takes whatever a node answers to a call for a revert: that it is overloaded, too. */
function isRevert({ data, info }: CallExceptionError): boolean {
  const { error } = (info ?? {}) as { error?: { message?: unknown } };
  return data !== null || error === undefined || /revert|opcode|out of gas/i.test(String(error.message));
}

/** Hardhat's node answers a sent transaction that fails with the revert's bytes, which ethers does not look for there. */
function revertOnSending(cause: unknown): string | undefined {
  if (!isError(cause, "UNKNOWN_ERROR")) return undefined;
  const { error } = cause as { error?: { data?: unknown } };
  return isHexString(error?.data) ? error.data : undefined;
}

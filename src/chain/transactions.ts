import {
  type CallExceptionError,
  type ContractTransactionResponse,
  type Provider,
  type TransactionReceipt,
  isError,
  isHexString,
} from "ethers";

import { CareKeyError, type ErrorDetails, throwIfCancelled } from "../errors.js";
import {
  AccessManager__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "./typechain/index.js";

/** Longest wait for a receipt; a consortium's chain makes a block in seconds. */
const receiptDeadline = 120_000;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told when the transaction is about to leave: what fails before has certainly not been sent. */
  readonly onSend?: (() => void) | undefined;
}

/** What a transaction costs: given to every call that changes state. */
export interface Fees {
  readonly gasPrice?: bigint;
}

/**
 * Sends a transaction, waits for its receipt and turns what goes wrong into a typed error.
 *
 * @param call Makes the call with the fees that this chain wants.
 * @throws CONTRACT_REFUSED with the custom error's name and arguments, TRANSACTION_FAILED when the account can't pay or the chain drops it,
 * TRANSACTION_PENDING when no receipt came in time, CHAIN_UNREACHABLE, CANCELLED (before sending only).
 * @example await send(provider, (fees) => consentRegistry.lockdown(fees));
 */
export async function send(
  provider: Provider,
  call: (fees: Fees) => Promise<ContractTransactionResponse>,
  options: SendOptions = {},
): Promise<TransactionReceipt> {
  throwIfCancelled(options.signal);
  const fees = await read(feesOf(provider));
  throwIfCancelled(options.signal);
  options.onSend?.();
  const response = await read(call(fees));
  return receiptOf(provider, response.hash);
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

/** On a chain without fees wallets hold no ether, and ethers would still offer a tip. */
async function feesOf(provider: Provider): Promise<Fees> {
  const block = await provider.getBlock("latest");
  return block?.baseFeePerGas === 0n ? { gasPrice: 0n } : {};
}

/** ethers' own wait() misses a block on chains that make none while idle, so the receipt is asked for again and again. */
async function receiptOf(provider: Provider, hash: string): Promise<TransactionReceipt> {
  const deadline = Date.now() + receiptDeadline;
  for (let pause = 5; ; pause = Math.min(pause * 2, 1000)) {
    const receipt = await read(provider.getTransactionReceipt(hash));
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
  if (isError(cause, "CALL_EXCEPTION") && isRevert(cause))
    return refusal(cause.revert ?? parseRevert(cause.data), cause);
  const reverted = parseRevert(revertOnSending(cause));
  if (reverted) return refusal(reverted, cause);
  if (isError(cause, "INVALID_ARGUMENT"))
    return new CareKeyError(
      "INVALID_ARGUMENT",
      `The contract takes no such ${cause.argument}`,
      { argument: cause.argument },
      { cause },
    );
  if (isError(cause, "BAD_DATA"))
    return new CareKeyError("NOT_DEPLOYED", "The address answers as no contract of CareKey does", {}, { cause });
  if (isError(cause, "INSUFFICIENT_FUNDS"))
    return new CareKeyError("TRANSACTION_FAILED", "The account has not enough ether for the fee", {}, { cause });
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

/** A custom error of a contract. */
interface Revert {
  readonly name: string;
  readonly args: readonly unknown[];
}

function refusal(revert: Revert | undefined, cause: unknown): CareKeyError {
  if (!revert) return new CareKeyError("CONTRACT_REFUSED", "The call failed without a reason", {}, { cause });
  const { name, args } = revert;
  const details: Record<string, ErrorDetails[string]> = { error: name };
  args.forEach((value, index) => {
    details[`argument${index}`] = typeof value === "bigint" || typeof value === "number" ? value : String(value);
  });
  return new CareKeyError("CONTRACT_REFUSED", `The contract refused: ${name}(${args.join(", ")})`, details, { cause });
}

const factories = [
  AccessManager__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
];

/** ethers names a custom error where it called the contract, and only has its bytes where it estimated the gas of a transaction. */
function parseRevert(data: string | null | undefined): Revert | undefined {
  // 0x and a selector of four bytes
  if (data === null || data === undefined || data.length < 10) return undefined;
  for (const factory of factories) {
    try {
      const error = factory.createInterface().parseError(data);
      if (error) return { name: error.name, args: [...error.args] as unknown[] };
    } catch {
      // its arguments are cut short: as good as none
    }
  }
  return undefined;
}

/** Hardhat's node answers a sent transaction that fails with the revert's bytes, which ethers does not look for there. */
function revertOnSending(cause: unknown): string | undefined {
  if (!isError(cause, "UNKNOWN_ERROR")) return undefined;
  const { error } = cause as { error?: { data?: unknown } };
  return isHexString(error?.data) ? error.data : undefined;
}

import type { TransactionReceipt } from "ethers";

import { CareKeyError, isCareKeyError } from "../../errors.js";
import { type ItemOutcome, outcomesOf } from "../batches.js";
import type { Chain } from "../connection.js";
import { send } from "../transactions.js";
import type { Action, SignedAction } from "./action.js";
import { callOf } from "./calls.js";
import { checkGroup } from "./groups.js";
import { stands } from "./standing.js";
import { contractOf } from "./types.js";

/** What became of a submission. */
export interface Submitted {
  /** Undefined where nothing was sent: what was signed stands already. */
  readonly transaction: string | undefined;
  /** What became of each door that was to be shut: one of Revoke, Deny and Undelegate, each of RevokeMany; empty for every other action. */
  readonly items: readonly ItemOutcome[];
}

/**
 * Submits what somebody signed. Anyone may; where just that stands already, it is success and nothing is sent.
 * @throws CHAIN_MISMATCH when it was signed for another chain or other contracts, INVALID_ARGUMENT for what is no such action, CONTRACT_REFUSED
 * (SignatureExpired, InvalidSignature, SignatureUsed, StaleOpening, StaleEra, StaleDelegation …, and what the action itself may be refused with)
 * @example const { transaction } = await submit(chain, parseSignedAction(JSON.parse(text)));
 */
export async function submit(chain: Chain, signed: SignedAction): Promise<Submitted> {
  await requireContract(chain, signed);
  const call = callOf(chain, signed);
  let receipt: TransactionReceipt;
  try {
    receipt = await send(chain.provider, call);
  } catch (error) {
    if (!isCareKeyError(error, "CONTRACT_REFUSED")) throw error;
    const refusal = await unlessStanding(chain, signed, error);
    if (refusal) throw refusal;
    return { transaction: undefined, items: [] };
  }
  return { transaction: receipt.hash, items: outcomesOf(receipt, signed.contract, countOf(signed)) };
}

/**
 * Makes sure that an action was signed for this chain and these contracts.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function requireContract(chain: Chain, { type, chainId, contract }: Action): Promise<void> {
  const taker = contractOf(type);
  const isGroup = taker === "Group";
  const expected = isGroup ? contract : chain.addresses[taker];
  if (chainId !== chain.chainId || contract !== expected)
    throw new CareKeyError("CHAIN_MISMATCH", "The action was signed for another chain or other contracts", {
      chainId,
      contract,
      expectedChainId: chain.chainId,
      expected,
    });
  if (isGroup) await checkGroup(chain, contract);
}

/** What a contract's refusal leaves to tell: nothing where what was signed stands already, else the refusal with what to do. */
export async function unlessStanding(
  chain: Chain,
  action: Action,
  refusal: CareKeyError,
): Promise<CareKeyError | undefined> {
  const { code, what, details, cause } = refusal;
  const name = String(details.error);
  if (usedUp.has(name) && (await stands(chain, action))) return undefined;
  const todo = advice[name];
  return todo === undefined ? refusal : new CareKeyError(code, `${what}: ${todo}`, details, { cause });
}

/** Refusals by which contracts tell that a signature may have been used, or that there is nothing left to do. */
const usedUp: ReadonlySet<string> = new Set([
  ...["SignatureUsed", "SignatureExpired", "StaleOpening", "StaleNumber", "StalePointer", "StaleVersion", "StaleVault"],
  ...["AlreadyAnchored", "InvalidStatus", "AlreadyAttested", "RootAlreadyAnchored", "AlreadyWitnessed"],
  ...["KeyUnchanged", "RequestClosed", "NotMember", "FailedDeployment"],
]);

const again = "sign it anew, if it is still wanted";

/** What to do about a signature that does not count any more. */
const advice: Readonly<Record<string, string>> = {
  StaleOpening: `its signer has done something since, or a later one of the same go was carried before; ${again}`,
  StaleNumber: `the group's manager has done something since, or others come before it; ${again}`,
  StaleEra: `the patient has locked down since; ${again}`,
  StaleDelegation: `the delegation was changed since; ${again}`,
  StalePointer: `another pointer was carried since, or others come before it; ${again}`,
  StaleVersion: `another key was published since, or others come before it; ${again}`,
  StaleVault: `another vault was pointed to since, or others come before it; ${again}`,
  SignatureUsed: `it was carried or cancelled before; ${again}`,
  SignatureExpired: `its last second is over; ${again}`,
  InvalidSignature: "sign exactly what is submitted, with the signer's wallet",
};

function countOf({ type, message }: SignedAction): number {
  if (type === "RevokeMany") return (message as { grants: readonly unknown[] }).grants.length;
  return type === "Revoke" || type === "Deny" || type === "Undelegate" ? 1 : 0;
}

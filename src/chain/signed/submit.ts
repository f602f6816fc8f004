import type { ContractTransactionResponse } from "ethers";

import { CareKeyError } from "../../errors.js";
import { type ItemOutcome, outcomesOf } from "../batches.js";
import type { Chain } from "../connection.js";
import type { Fees } from "../differences.js";
import { send } from "../transactions.js";
import { packFields } from "../word.js";
import type { Action, SignedAction } from "./action.js";
import { bitsOf } from "./basis.js";
import { checkMessage } from "./check.js";
import { type ActionType, type SignedMessages, registryOf } from "./types.js";

/** What became of a submission. */
export interface Submitted {
  readonly transaction: string;
  /** Of each revocation of a RevokeMany; empty for every other action. */
  readonly items: readonly ItemOutcome[];
}

/**
 * Submits what somebody signed. Anyone may, as often as they like: what stands already is success without effect.
 * @throws CHAIN_MISMATCH when it was signed for another chain or other contracts, INVALID_ARGUMENT for what is no such action, CONTRACT_REFUSED
 * (SignatureExpired, InvalidSignature, StaleRevision, StaleAsOf, StaleNonce …, and what the action itself may be refused with)
 * @example await submit(chain, parseSignedAction(JSON.parse(text)));
 */
export async function submit(chain: Chain, signed: SignedAction): Promise<Submitted> {
  requireChain(chain, signed);
  const call = callOf(chain, signed);
  const receipt = await send(chain.provider, call);
  const count = signed.type === "RevokeMany" ? (signed as SignedAction<"RevokeMany">).message.grants.length : 0;
  return { transaction: receipt.hash, items: outcomesOf(receipt, signed.contract, count) };
}

/**
 * Makes sure that an action was signed for these contracts.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT
 */
export function requireChain({ chainId, addresses }: Chain, { type, ...action }: Action): void {
  const expected = addresses[registryOf(type)];
  if (action.chainId !== chainId || action.contract !== expected)
    throw new CareKeyError("CHAIN_MISMATCH", "The action was signed for another chain or other contracts", {
      chainId: action.chainId,
      contract: action.contract,
    });
}

/** What `grantBySig` and `grantManyBySig` take. */
export function grantStruct(message: SignedMessages["Grant"]) {
  const { patient, grantee, scope, capsule, deadline } = message;
  return { patient, grantee, scope, terms: wordOf(message, message.start), capsule, deadline };
}

type Call = (fees: Fees) => Promise<ContractTransactionResponse>;

/** By kind of action, its call. */
type Calls = { readonly [Type in ActionType]: (message: SignedMessages[Type], signature: string) => Call };

function callOf(chain: Chain, { type, message, signature }: SignedAction): Call {
  const { consentRegistry: consent, recordRegistry: records } = chain;
  const calls: Calls = {
    Grant: (given, sig) => (fees) => consent.grantBySig(grantStruct(given), sig, fees),
    GrantFor:
      ({ delegate, patient, grantee, compartment, content, under, capsule, deadline, ...terms }, sig) =>
      (fees) => {
        const place = { patient, grantee, compartment, content, under };
        const given = { ...place, terms: wordOf(terms, terms.start), capsule };
        return consent.grantForBySig(delegate, given, deadline, sig, fees);
      },
    Delegate:
      ({ patient, delegate, scope, deadline, ...terms }, sig) =>
      (fees) =>
        consent.delegateBySig({ patient, delegate, scope, terms: wordOf(terms, terms.longest), deadline }, sig, fees),
    Revoke:
      ({ patient, grantee, scope, revision, ...signing }, sig) =>
      (fees) =>
        consent.revokeBySig(patient, { grantee, scope, revision }, signing, sig, fees),
    RevokeMany:
      ({ patient, grants, ...signing }, sig) =>
      (fees) =>
        consent.revokeManyBySig(patient, [...grants], signing, sig, fees),
    Lockdown:
      ({ patient, ...signing }, sig) =>
      (fees) =>
        consent.lockdownBySig(patient, signing, sig, fees),
    Undelegate:
      ({ patient, delegate, scope, revision, ...signing }, sig) =>
      (fees) =>
        consent.undelegateBySig(patient, { grantee: delegate, scope, revision }, signing, sig, fees),
    RevokeFor:
      ({ delegate, revision, asOf, deadline, ...place }, sig) =>
      (fees) =>
        consent.revokeForBySig(delegate, place, revision, { asOf, deadline }, sig, fees),
    Deliver:
      ({ nonce, asOf, deadline, ...delivery }, sig) =>
      (fees) =>
        consent.deliverBySig({ ...delivery, grantees: [...delivery.grantees] }, nonce, { asOf, deadline }, sig, fees),
    Decline:
      ({ patient, requester, scope, nonce, ...signing }, sig) =>
      (fees) =>
        consent.declineBySig(patient, { grantee: requester, scope }, nonce, signing, sig, fees),
    Anchor: (record, sig) => (fees) => records.anchorBySig(record, sig, fees),
    Erasure: (erasure, sig) => (fees) => records.requestErasureBySig(erasure, sig, fees),
    ErasureReceipt:
      ({ deadline, ...receipt }, sig) =>
      (fees) =>
        records.attestErasureBySig(receipt, deadline, sig, fees),
  };
  const call = calls[type] as (message: SignedMessages[ActionType], signature: string) => Call;
  return call(checkMessage(type, message), signature);
}

/** The word that a message shows field by field. */
function wordOf(terms: Shown, first: number): bigint {
  const { end, asOf, revision } = terms;
  return packFields({ first, end, asOf, revision, purposes: BigInt(terms.purposes), permissions: bitsOf(terms) });
}

/** What the messages of grants and delegations have in common. */
type Shown = Pick<SignedMessages["Grant"], "read" | "write" | "deny" | "purposes" | "end" | "asOf" | "revision"> & {
  readonly manage?: boolean;
};

import { type Signer, type TypedDataDomain, type TypedDataField, TypedDataEncoder, isHexString } from "ethers";

import { CareKeyError } from "../../errors.js";
import type { Chain } from "../connection.js";
import { type Hex32, checkAddress } from "../ids.js";
import { checkAttached, checkMessage, isAttaching } from "./check.js";
import {
  type ActionType,
  type Attachments,
  type SignedMessages,
  type SigningContract,
  actionTypes,
  contractOf,
  typesOf,
} from "./types.js";

/** What somebody is to sign: JSON can carry it to their wallet. */
export interface Action<Type extends ActionType = ActionType> {
  readonly type: Type;
  readonly chainId: number;
  /** Address of the contract that takes it. */
  readonly contract: string;
  readonly message: SignedMessages[Type];
  /** What the contract needs besides and checks itself: not signed. */
  readonly attached?: Attachments[Type & keyof Attachments];
}

/** An action with its signature: JSON can carry it to whoever submits it. */
export interface SignedAction<Type extends ActionType = ActionType> extends Action<Type> {
  /** Hex: 65 bytes of an account with a key, anything for a contract account (ERC-1271). */
  readonly signature: string;
}

/** EIP-712 data as wallets take it. */
export interface TypedData {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly primaryType: ActionType;
  readonly message: SignedMessages[ActionType];
}

/** A kind whose contract is the chain's: every group is a contract of its own. */
type OfRegistry = {
  [Type in ActionType]: Type extends "SetManager" | "SetMembers" | "Resign" ? never : Type;
}[ActionType];

/** An action of this chain's contracts. */
export function actionOf<Type extends OfRegistry>(
  chain: Pick<Chain, "chainId" | "addresses">,
  type: Type,
  message: SignedMessages[Type],
): Action<Type> {
  return actionAt(chain.addresses[contractOf(type) as Exclude<SigningContract, "Group">], chain.chainId, type, message);
}

/** An action of the contract at this address. */
export function actionAt<Type extends ActionType>(
  contract: string,
  chainId: number,
  type: Type,
  message: SignedMessages[Type],
): Action<Type> {
  return { type, chainId, contract, message: checkMessage(type, message) };
}

/**
 * The EIP-712 data of an action.
 * @example const { domain, types, message } = typedData(action); await signer.signTypedData(domain, types, message);
 */
export function typedData({ type, chainId, contract, message }: Action): TypedData {
  const name = `CareKey ${contractOf(type)}`;
  const domain = { name, version: "1", chainId, verifyingContract: contract };
  return { domain, types: typesOf(type), primaryType: type, message };
}

/** The EIP-712 digest of an action: what is signed. */
export function digestOf(action: Action): Hex32 {
  const { domain, types, message } = typedData(action);
  return TypedDataEncoder.hash(domain, types, message);
}

/** Whose signature an action needs: every form names its signer first. */
export function signerOf({ type, message }: Action): string {
  const [first] = typesOf(type)[type] ?? [];
  return (message as Readonly<Record<string, unknown>>)[first?.name ?? ""] as string;
}

/**
 * Signs an action with a wallet.
 * @throws INVALID_ARGUMENT when the wallet is not the signer's (for contract accounts see {@link withSignature}), CANCELLED when its owner declines
 * @example
 * const action = await prepareGrant(chain, { patient, grantee, scope, permissions: ["READ"], purposes: ["TREAT"], end });
 * const signed = await sign(wallet, action);
 */
export async function sign<Type extends ActionType>(signer: Signer, action: Action<Type>): Promise<SignedAction<Type>> {
  const [actual, expected] = [await signer.getAddress(), signerOf(action)];
  if (actual !== expected)
    throw new CareKeyError("INVALID_ARGUMENT", `The wallet is that of ${actual}, the action is for ${expected}`, {
      actual,
      expected,
    });
  const { domain, types, message } = typedData(action);
  let signature: string;
  try {
    signature = await signer.signTypedData(domain, types, message);
  } catch (cause) {
    throw new CareKeyError("CANCELLED", "The wallet did not sign the action", {}, { cause });
  }
  return { ...action, signature };
}

/**
 * Adds a signature that was made elsewhere: by a wallet that took {@link typedData}, or for a contract account.
 * @throws INVALID_ARGUMENT for what is no bytes in hex
 */
export function withSignature<Type extends ActionType>(action: Action<Type>, signature: string): SignedAction<Type> {
  if (!isHexString(signature) || signature.length % 2 !== 0)
    throw new CareKeyError("INVALID_ARGUMENT", "The signature is not bytes in hex");
  return { ...action, signature };
}

/**
 * Checks what was read from JSON.
 * @throws INVALID_ARGUMENT naming the field that is wrong
 * @example const signed = parseSignedAction(JSON.parse(text)); await submit(chain, signed);
 */
export function parseSignedAction(value: unknown): SignedAction {
  const { type, chainId, contract, message, attached, signature } = (value ?? {}) as Record<
    keyof SignedAction,
    unknown
  >;
  const known = actionTypes.find((each) => each === type);
  if (known === undefined) throw new CareKeyError("INVALID_ARGUMENT", "The signed action is of no known type");
  if (!Number.isSafeInteger(chainId) || (chainId as number) < 1)
    throw new CareKeyError("INVALID_ARGUMENT", "The signed action names no chain");
  const action = {
    type: known,
    chainId: chainId as number,
    contract: checkAddress(String(contract), "Contract"),
    message: checkMessage(known, message),
    ...(isAttaching(known) ? { attached: checkAttached(known, attached) } : {}),
  };
  return withSignature(action, String(signature));
}

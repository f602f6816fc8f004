// SPDX-License-Identifier: Apache-2.0
/** The EIP-712 types of what is signed, as the contracts spell them. */
import { type TypedDataField, type Wallet, getBytes } from "ethers";

import { type ActionType, typesOf } from "../../src/chain/signed/types.js";

/** A stamp's fields: nothing that a contract is sent, so not among the SDK's actions. */
const STAMP =
  "address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt";

export type SignedType = ActionType | "Stamp";

export interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: string;
}

function fields(list: string): TypedDataField[] {
  return list.split(",").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { type, name };
  });
}

export async function sign(
  signer: Wallet,
  domain: Domain,
  type: SignedType,
  value: Readonly<Record<string, unknown>>,
): Promise<string> {
  const types = type === "Stamp" ? { Stamp: fields(STAMP) } : typesOf(type);
  return await signer.signTypedData(domain, types, value);
}

/** Signs with the first deadline from `deadline` on that leaves no zero byte in the signature. */
export async function signUntil(
  signer: Wallet,
  domain: Domain,
  type: SignedType,
  deadline: bigint,
  value: Readonly<Record<string, unknown>>,
): Promise<{ readonly deadline: bigint; readonly signature: string }> {
  const signature = await sign(signer, domain, type, { ...value, deadline });
  if (getBytes(signature).includes(0)) return await signUntil(signer, domain, type, deadline + 1n, value);
  return { deadline, signature };
}

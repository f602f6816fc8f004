// SPDX-License-Identifier: Apache-2.0
/** Signatures that cost what signatures mostly cost. */
import { type TypedDataDomain, type Wallet, getBytes } from "ethers";

import { type ActionType, typesOf } from "../../src/chain/signed/types.js";

/** Signs with the first deadline from `deadline` on that leaves no zero byte in the signature. */
export async function signUntil(
  signer: Wallet,
  domain: TypedDataDomain,
  type: ActionType,
  deadline: bigint,
  value: Readonly<Record<string, unknown>>,
): Promise<{ readonly deadline: bigint; readonly signature: string }> {
  const signature = await signer.signTypedData(domain, typesOf(type), { ...value, deadline });
  if (getBytes(signature).includes(0)) return await signUntil(signer, domain, type, deadline + 1n, value);
  return { deadline, signature };
}

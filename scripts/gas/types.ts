// SPDX-License-Identifier: Apache-2.0
/** The EIP-712 types of what is signed, as the contracts spell them. */
import { type TypedDataField, type Wallet, getBytes } from "ethers";

const terms = "bool read,bool write,bool deny,uint64 purposes,uint40 start,uint40 end,uint40 asOf";
const place = "address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under";
const signing = "uint40 asOf,uint40 deadline";

const TYPES = {
  Grant: `address patient,address grantee,bytes32 scope,${terms},bytes32 capsule,uint32 revision,uint40 deadline`,
  GrantFor: `address delegate,${place},${terms},bytes32 capsule,uint32 revision,uint40 deadline`,
  Delegate:
    "address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool manage,uint64 purposes," +
    "uint40 longest,uint40 end,uint40 asOf,uint32 revision,uint40 deadline",
  Revoke: `address patient,address grantee,bytes32 scope,uint32 revision,${signing}`,
  Undelegate: `address patient,address delegate,bytes32 scope,uint32 revision,${signing}`,
  RevokeFor: `address delegate,${place},uint32 revision,${signing}`,
  RevokeMany: `address patient,Revocation[] grants,${signing}`,
  Lockdown: `address patient,${signing}`,
  Deliver:
    "address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,uint32 nonce," + signing,
  Decline: `address patient,address requester,bytes32 scope,uint32 nonce,${signing}`,
  Anchor: "address author,address patient,bytes32 compartment,bytes32 content,bytes32 manifest,uint40 deadline",
  Erasure: "address patient,bytes32 compartment,bytes32 content,uint40 deadline",
  ErasureReceipt: "address operator,bytes32 recordId,bytes32 role,uint256 credential,uint40 deadline",
  Stamp:
    "address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt",
} as const;
const PARTS: Partial<Record<keyof typeof TYPES, Record<string, string>>> = {
  RevokeMany: { Revocation: "address grantee,bytes32 scope,uint32 revision" },
};

export type SignedType = keyof typeof TYPES;

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
  const types = Object.fromEntries(
    Object.entries({ [type]: TYPES[type], ...PARTS[type] }).map(([name, list]) => [name, fields(list)]),
  );
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

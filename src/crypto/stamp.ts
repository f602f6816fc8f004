import {
  type Signer,
  type TypedDataDomain,
  type TypedDataField,
  TypedDataEncoder,
  getBytes,
  verifyTypedData,
} from "ethers";

import { toHex } from "../bytes.js";
import { CareKeyError } from "../errors.js";

/** What an e-stamp says: who vouches for which content of which patient, in which role, and when (docs/format.md §5). Hex with 0x. */
export interface StampStatement {
  readonly patient: string;
  readonly compartment: string;
  readonly content: string;
  /** The role's name as bytes32. */
  readonly role: string;
  /** "authored", "second reading", "received", … */
  readonly statement: string;
  /** Digest of the stamp before; zero for the author's. */
  readonly previous: string;
  /** Seconds since 1970, by the chain's clock. */
  readonly issuedAt: number;
}

/** A statement with its signer and their signature. */
export interface Stamp extends StampStatement {
  readonly signer: string;
  /** 65 bytes: r, s, v. */
  readonly signature: Uint8Array;
}

/** `previous` of the first stamp. */
export const noStamp = "0x" + "00".repeat(32);

const types: Record<string, TypedDataField[]> = {
  Stamp: [
    { name: "patient", type: "address" },
    { name: "compartment", type: "bytes32" },
    { name: "content", type: "bytes32" },
    { name: "role", type: "bytes32" },
    { name: "statement", type: "string" },
    { name: "previous", type: "bytes32" },
    { name: "issuedAt", type: "uint48" },
  ],
};

/** The EIP-712 domain of every stamp: that of the RecordRegistry at this address. */
export function stampDomain(chainId: number, recordRegistry: string): TypedDataDomain {
  return { name: "CareKey RecordRegistry", version: "1", chainId, verifyingContract: recordRegistry };
}

/** The EIP-712 digest that is signed; the next stamp of the series names it as `previous`. */
export function stampDigest(domain: TypedDataDomain, statement: StampStatement): string {
  return TypedDataEncoder.hash(domain, types, pick(statement));
}

/**
 * Signs a statement with the author's wallet.
 * @throws CANCELLED when the wallet's owner declines.
 */
export async function signStamp(signer: Signer, domain: TypedDataDomain, statement: StampStatement): Promise<Stamp> {
  let signature: string;
  try {
    signature = await signer.signTypedData(domain, types, pick(statement));
  } catch (cause) {
    throw new CareKeyError("CANCELLED", "The wallet did not sign the stamp", {}, { cause });
  }
  return { ...statement, signer: await signer.getAddress(), signature: getBytes(signature) };
}

/**
 * Checks every signature of a series and that each stamp names the one before.
 * @throws STAMP_MISSING for an empty series, STAMP_INVALID with the place of the first one that is false.
 */
export function verifySeries(domain: TypedDataDomain, series: readonly Stamp[]): void {
  if (series.length === 0) throw new CareKeyError("STAMP_MISSING", "The record has no stamp");
  let previous = noStamp;
  series.forEach((stamp, index) => {
    if (stamp.previous !== previous)
      throw new CareKeyError("STAMP_INVALID", `Stamp ${index} does not follow the stamp before it`, { index });
    if (recover(domain, stamp) !== stamp.signer)
      throw new CareKeyError("STAMP_INVALID", `Stamp ${index} was not signed by ${stamp.signer}`, { index });
    previous = stampDigest(domain, stamp);
  });
}

/** The address that signed, or undefined where the signature is none at all (a high s among them: EIP-2; another v than 27 or 28). */
function recover(domain: TypedDataDomain, stamp: Stamp): string | undefined {
  const v = stamp.signature[64];
  if (v !== 27 && v !== 28) return undefined;
  try {
    return verifyTypedData(domain, types, pick(stamp), toHex(stamp.signature));
  } catch {
    return undefined;
  }
}

/** ethers refuses values with keys beyond those of the type. */
function pick({ patient, compartment, content, role, statement, previous, issuedAt }: StampStatement): StampStatement {
  return { patient, compartment, content, role, statement, previous, issuedAt };
}

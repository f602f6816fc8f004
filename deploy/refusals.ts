import { isHexString } from "ethers";

import { refusedByNode } from "../src/chain/differences.js";
import { CareKeyError } from "../src/errors.js";

/** Numbers of Hardhat's own errors that an operator meets. */
const unreachable = 703;
const otherChain = 708;
const variableMissing = 7;
const variableNoUrl = 28;

/** What stopped a deployment, as an error that says what to do. What is none of an operator's mistakes is returned as it is. */
export function deploymentError(cause: unknown): unknown {
  const refused = refusedByNode(cause);
  if (refused) return refused;
  const first = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
  switch (numberOf(cause)) {
    case unreachable:
      return new CareKeyError("CHAIN_UNREACHABLE", "No node answers at the URL", {}, { cause });
    case otherChain:
      return new CareKeyError("CHAIN_MISMATCH", first, {}, { cause });
    case variableMissing:
    case variableNoUrl:
      return new CareKeyError("INVALID_ARGUMENT", first, {}, { cause });
    default:
      return cause;
  }
}

/**
 * A private key as somebody wrote it down.
 * @param where Names the place, never the key.
 * @throws INVALID_ARGUMENT
 */
export function parsePrivateKey(text: string, where: string): string {
  const trimmed = text.trim();
  const key = trimmed.startsWith("0x") ? trimmed : `0x${trimmed}`;
  if (isHexString(key, 32)) return key;
  throw new CareKeyError("INVALID_ARGUMENT", `${where} holds no private key: 32 bytes in hexadecimal`);
}

function numberOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error.name !== "HardhatError") return undefined;
  return (error as Error & { number?: number }).number;
}

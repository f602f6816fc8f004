import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

import { CareKeyError, type ErrorDetails } from "../../errors.js";
import { random } from "./wrap.js";

/** 256 bits: the vault may lie where everybody can copy it, for as long as anybody likes. */
const ENTROPY_SIZE = 32;
export const CODE_WORDS = 24;

/** A new recovery code: 24 words of the English list of BIP 39, which carry 256 random bits and a checksum of 8. */
export function newRecoveryCode(): string {
  return entropyToMnemonic(random(ENTROPY_SIZE), wordlist);
}

/**
 * The 32 bytes of a recovery code. Case, line breaks, commas and numbers beside the words do not matter.
 *
 * Errors: RECOVERY_CODE_INVALID with reason count (details.words says how many), word (details.position, from 1, says which is in no
 * list), or checksum: all words are known and one of them is another's.
 */
export function parseRecoveryCode(text: string): Uint8Array {
  const words = text
    .normalize("NFKD")
    .toLowerCase()
    .split(/[\s,;.:0-9]+/u)
    .filter((word) => word !== "");
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) throw invalid(`Word ${unknown + 1} is not of the list`, { reason: "word", position: unknown + 1 });
  if (words.length !== CODE_WORDS)
    throw invalid(`A recovery code has ${CODE_WORDS} words, this has ${words.length}`, {
      reason: "count",
      words: words.length,
    });
  try {
    return mnemonicToEntropy(words.join(" "), wordlist);
  } catch {
    // without the cause: it could quote the code
    throw invalid("The checksum does not fit: a word is wrong, or two stand in each other's place", {
      reason: "checksum",
    });
  }
}

/** Words that people can read to each other: the first 11 bits of the bytes, the next 11, … */
export function wordsOf(bytes: Uint8Array, count: number): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: count }, (_, at) => wordlist[parseInt(bits.slice(at * 11, at * 11 + 11), 2)]).join(" ");
}

function invalid(what: string, details: ErrorDetails): CareKeyError {
  return new CareKeyError("RECOVERY_CODE_INVALID", what, details);
}

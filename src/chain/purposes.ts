import { CareKeyError } from "../errors.js";

/**
 * Purposes of use and their parents: HL7 v3 ActReason, PurposeOfUse and all below it, HL7 Terminology 7.0.1.
 * A code's bit on chain is its place in this list: never reorder, only append (one place is left).
 */
const parents = {
  PurposeOfUse: null,
  HMARKT: "PurposeOfUse",
  HOPERAT: "PurposeOfUse",
  CAREMGT: "HOPERAT",
  DONAT: "HOPERAT",
  FRAUD: "HOPERAT",
  GOV: "HOPERAT",
  HACCRED: "HOPERAT",
  HCOMPL: "HOPERAT",
  HDECD: "HOPERAT",
  HDIRECT: "HOPERAT",
  HDM: "HOPERAT",
  HLEGAL: "HOPERAT",
  HOUTCOMS: "HOPERAT",
  HPRGRP: "HOPERAT",
  HQUALIMP: "HOPERAT",
  HSYSADMIN: "HOPERAT",
  LABELING: "HSYSADMIN",
  METAMGT: "HSYSADMIN",
  MEMADMIN: "HOPERAT",
  MILCDM: "HOPERAT",
  PATADMIN: "HOPERAT",
  PATSFTY: "HOPERAT",
  PERFMSR: "HOPERAT",
  RECORDMGT: "HOPERAT",
  SYSDEV: "HOPERAT",
  HTEST: "SYSDEV",
  TRAIN: "HOPERAT",
  MLTRAINING: "HOPERAT",
  HPAYMT: "PurposeOfUse",
  CLMATTCH: "HPAYMT",
  COVAUTH: "HPAYMT",
  COVERAGE: "HPAYMT",
  ELIGDTRM: "COVERAGE",
  ELIGVER: "COVERAGE",
  ENROLLM: "COVERAGE",
  MILDCRG: "COVERAGE",
  REMITADV: "HPAYMT",
  PMTDS: "HPAYMT",
  HRESCH: "PurposeOfUse",
  BIORCH: "HRESCH",
  CLINTRCH: "HRESCH",
  CLINTRCHNPC: "CLINTRCH",
  CLINTRCHPC: "CLINTRCH",
  PRECLINTRCH: "CLINTRCH",
  DSRCH: "HRESCH",
  POARCH: "HRESCH",
  TRANSRCH: "HRESCH",
  PATRQT: "PurposeOfUse",
  FAMRQT: "PATRQT",
  PWATRNY: "PATRQT",
  SUPNWK: "PATRQT",
  PUBHLTH: "PurposeOfUse",
  DISASTER: "PUBHLTH",
  THREAT: "PUBHLTH",
  TREAT: "PurposeOfUse",
  CLINTRL: "TREAT",
  COC: "TREAT",
  ETREAT: "TREAT",
  BTG: "ETREAT",
  ERTREAT: "ETREAT",
  POPHLTH: "TREAT",
  TREATDS: "TREAT",
} as const satisfies Record<string, string | null>;

/** A code of HL7 v3 PurposeOfUse, e.g. `TREAT`. */
export type Purpose = keyof typeof parents;

/** All codes; a code's index is its bit on chain. */
export const purposes = Object.keys(parents) as Purpose[];

/**
 * The one bit that stands for a purpose in a question to `canAccess`.
 * @throws INVALID_ARGUMENT for a code that is not in the list.
 */
export function purposeBit(purpose: Purpose): bigint {
  const index = purposes.indexOf(purpose);
  if (index < 0) throw new CareKeyError("INVALID_ARGUMENT", `Unknown purpose of use ${JSON.stringify(purpose)}`);
  return 1n << BigInt(index);
}

/**
 * The bit set of purposes for a grant: each code with all codes below it.
 * @example purposeBits(["COVERAGE"]); // COVERAGE, ELIGDTRM, ELIGVER, ENROLLM, MILDCRG
 */
export function purposeBits(granted: readonly Purpose[]): bigint {
  for (const purpose of granted) purposeBit(purpose);
  return purposes
    .filter((purpose) => granted.some((ancestor) => isWithin(purpose, ancestor)))
    .reduce((bits, purpose) => bits | purposeBit(purpose), 0n);
}

/** The codes in a bit set, without those that a wider code of the set implies. */
export function purposesOf(bits: bigint): Purpose[] {
  const all = purposes.filter((purpose) => (bits & purposeBit(purpose)) !== 0n);
  return all.filter((purpose) => {
    const parent = parents[purpose];
    return parent === null || (purposeBits([parent]) & ~bits) !== 0n;
  });
}

function isWithin(purpose: Purpose, ancestor: Purpose): boolean {
  let current: Purpose | null = purpose;
  while (current !== null && current !== ancestor) current = parents[current];
  return current !== null;
}

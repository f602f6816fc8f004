import { Option } from "@commander-js/extra-typings";

import { type Purpose, purposes } from "../chain/purposes.js";
import { CareKeyError } from "../errors.js";

const usual = "TREAT, ETREAT, HPAYMT, HRESCH, HOPERAT, PUBHLTH, PATRQT";

/** The purpose for which somebody else's record is opened. */
export const purposeOption = () =>
  new Option("--purpose <code>", `why you open it: ${usual} …; your own records need none`).argParser(readPurpose);

/** @throws INVALID_ARGUMENT for what is no code of HL7's PurposeOfUse */
function readPurpose(code: string): Purpose {
  const purpose = purposes.find((known) => known === code.toUpperCase() || known === code);
  if (purpose) return purpose;
  throw new CareKeyError(
    "INVALID_ARGUMENT",
    `${JSON.stringify(code)} is no purpose of use (HL7 PurposeOfUse); usual ones are ${usual}`,
  );
}

/** Codes as given, apart or with commas between them. */
export function readPurposes(given: readonly string[]): Purpose[] {
  return [...new Set(given.flatMap((each) => each.split(",")).map(readPurpose))];
}

import type { Interface } from "ethers";

import { CareKeyError, type ErrorDetails } from "../errors.js";
import {
  AccessManager__factory,
  Announcements__factory,
  ConsentRegistry__factory,
  CredentialRegistry__factory,
  GroupFactory__factory,
  Group__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "./typechain/index.js";

/** Every contract that CareKey calls; their ABIs hold the errors of the libraries, too. */
const interfaces: readonly Interface[] = [
  AccessManager__factory,
  ConsentRegistry__factory,
  Announcements__factory,
  CredentialRegistry__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
  GroupFactory__factory,
  Group__factory,
].map((factory) => factory.createInterface());

/** Length of 0x and a selector of four bytes, in hex. */
const selectorLength = 10;

/**
 * A contract's custom error as CONTRACT_REFUSED: its name in `details.error`, its values under the names that the contract gives them
 * (`argument0` … where it gives none).
 * @param data The error's bytes; undefined where there are none.
 * @param call The refused call's bytes: they tell which contract's names apply where two have the same error.
 */
export function refusal(data: string | null | undefined, call?: string | null, cause?: unknown): CareKeyError {
  const known = parse(data, call);
  if (!known) return new CareKeyError("CONTRACT_REFUSED", "The call failed without a reason", {}, { cause });
  const details = { error: known.name, ...known.values };
  const shown = Object.entries(known.values).map(([name, value]) => `${name}: ${String(value)}`);
  const what = `The contract refused: ${known.name}(${shown.join(", ")})`;
  return new CareKeyError("CONTRACT_REFUSED", what, details, { cause });
}

/** True when the bytes are an error that one of the contracts has. */
export function isKnownRefusal(data: string | null | undefined): boolean {
  return parse(data) !== undefined;
}

interface Revert {
  readonly name: string;
  readonly values: ErrorDetails;
}

function parse(data: string | null | undefined, call?: string | null): Revert | undefined {
  // Stryker disable next-line ConditionalExpression: no bytes are no error of any contract, either
  if (typeof data !== "string") return undefined;
  const called = call?.slice(0, selectorLength);
  const isCalled = (contract: Interface): boolean => called !== undefined && contract.hasFunction(called);
  const inOrder = [...interfaces.filter(isCalled), ...interfaces];
  for (const contract of inOrder) {
    try {
      const error = contract.parseError(data);
      // Stryker disable next-line ConditionalExpression: reading what is not there ends in the same way
      if (!error) continue;
      // no error of ours has a list or a struct
      const values = error.fragment.inputs.map(({ name }, index): [string, ErrorDetails[string]] => [
        name === "" ? `argument${index}` : name,
        error.args[index] as ErrorDetails[string],
      ]);
      return { name: error.name, values: Object.fromEntries(values) };
    } catch {
      // too short, or its arguments are: as good as none
    }
  }
  return undefined;
}

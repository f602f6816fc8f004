import { type TransactionReceipt, concat, dataLength, toBeHex } from "ethers";

import { CareKeyError, isCareKeyError } from "../../errors.js";
import { type ItemOutcome, inBatches, outcomesOf } from "../batches.js";
import type { Chain } from "../connection.js";
import { send } from "../transactions.js";
import type { SignedAction } from "./action.js";
import { checkMessage } from "./check.js";
import { grantStruct } from "./consent-calls.js";
import { requireContract, unlessStanding } from "./submit.js";

/**
 * Submits many signed grants, of any patients, 200 in one transaction; several of one patient's in the order of their numbers. What is bad is left out, and the outcome
 * says why; what stands already counts as done, so that a batch can be submitted again.
 * @param size Most grants of one transaction.
 * @returns What became of each grant, in the order given.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 * @example
 * const outcomes = await submitGrants(clinic, signed);
 * for (const { index, error } of outcomes) if (error) console.error(`${index}: ${error.message}`);
 */
export async function submitGrants(
  chain: Chain,
  signed: readonly SignedAction<"Grant">[],
  size?: number,
): Promise<ItemOutcome[]> {
  for (const each of signed) await requireContract(chain, each);
  const { consentRegistry, addresses } = chain;
  const outcomes: ItemOutcome[] = [];
  for (const { first, items } of inBatches(signed, size)) {
    const given = items.map(({ message }) => grantStruct(checkMessage("Grant", message)));
    const signatures = signatureList(items);
    const carried = await carry(chain, items, addresses.ConsentRegistry, (fees) =>
      consentRegistry.grantManyBySig(given, signatures, fees),
    );
    outcomes.push(...placed(carried, (place) => first + place));
  }
  return outcomes;
}

/**
 * Submits many signed records, of any authors, patients and compartments: up to 200 of the same three in one transaction. What is bad is left out, and the outcome says
 * why: all of an author's where that author may not write there. What its author anchored already counts as done.
 * @param size Most records of one transaction.
 * @returns What became of each record, in the order given.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function submitAnchors(
  chain: Chain,
  signed: readonly SignedAction<"Anchor">[],
  size?: number,
): Promise<ItemOutcome[]> {
  for (const each of signed) await requireContract(chain, each);
  const { recordRegistry, addresses } = chain;
  const checked = signed.map((each, index) => ({ ...each, message: checkMessage("Anchor", each.message), index }));
  const groups = new Map<string, typeof checked>();
  for (const each of checked) {
    const key = [each.message.author, each.message.patient, each.message.compartment].join();
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const outcomes: ItemOutcome[] = [];
  for (const { items } of [...groups.values()].flatMap((group) => inBatches(group, size))) {
    const [one] = items;
    // Stryker disable next-line ConditionalExpression: no batch is empty
    if (!one) continue;
    const { author, patient, compartment } = one.message;
    const entries = items.map(({ message: { content, manifest, deadline } }) => ({ content, manifest, deadline }));
    const args = [author, patient, compartment, entries, signatureList(items)] as const;
    const carried = await carry(chain, items, addresses.RecordRegistry, (fees) =>
      recordRegistry.anchorManyBySig(...args, fees),
    );
    // Stryker disable next-line OptionalChaining: there are as many outcomes as items
    outcomes.push(...placed(carried, (place) => items[place]?.index ?? place));
  }
  return outcomes.sort((a, b) => a.index - b.index);
}

/**
 * Signatures as the contracts take them: for each two bytes of length, then the signature.
 * @throws INVALID_ARGUMENT for one of more than 65,535 bytes
 */
export function signatureList(signed: readonly Pick<SignedAction, "signature">[]): string {
  return concat(
    signed.flatMap(({ signature }, index) => {
      const length = dataLength(signature);
      if (length > 0xffff)
        throw new CareKeyError("INVALID_ARGUMENT", `Signature ${index} has ${length} bytes, more than 65535`, {
          index,
        });
      return [toBeHex(length, 2), signature];
    }),
  );
}

/** What one transaction made of its items; all left out for the same reason where it was refused as a whole. */
async function carry(
  chain: Chain,
  items: readonly SignedAction[],
  contract: string,
  call: Parameters<typeof send>[1],
): Promise<ItemOutcome[]> {
  let receipt: TransactionReceipt;
  try {
    receipt = await send(chain.provider, call);
  } catch (error) {
    if (!isCareKeyError(error, "CONTRACT_REFUSED")) throw error;
    return items.map((_, index) => ({ index, done: false, transaction: undefined, error }));
  }
  const outcomes: ItemOutcome[] = [];
  for (const outcome of outcomesOf(receipt, contract, items.length)) {
    const item = items[outcome.index];
    const error = outcome.error && item ? await unlessStanding(chain, item, outcome.error) : undefined;
    outcomes.push({ ...outcome, done: error === undefined, error });
  }
  return outcomes;
}

function placed(outcomes: readonly ItemOutcome[], placeOf: (index: number) => number): ItemOutcome[] {
  return outcomes.map((outcome) => ({ ...outcome, index: placeOf(outcome.index) }));
}

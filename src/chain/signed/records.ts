import { type Chain, presentTime } from "../connection.js";
import { lockdownAt } from "../consent.js";
import type { OperatorRole } from "../corrections.js";
import { requireCredential } from "../credentials.js";
import { type Hex32, checkAddress, checkLabel, roleId } from "../ids.js";
import type { RecordName } from "../records.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf } from "./basis.js";

/** A record for its author to sign; a device signs what it measures, and a gateway carries it. */
export interface AnchorToSign extends RecordName, SigningOptions {
  /** The caller where omitted. */
  readonly author?: string | undefined;
  /** sha2-256 digest of the manifest's block. */
  readonly manifest: Hex32;
}

/** @throws INVALID_ARGUMENT, PERIOD_INVALID */
export async function prepareAnchor(chain: Chain, record: AnchorToSign): Promise<Action<"Anchor">> {
  const author = checkAddress(record.author ?? chain.address, "Author");
  const patient = checkAddress(record.patient, "Patient");
  const { content, manifest } = record;
  const name = { author, patient, compartment: checkLabel(record.compartment), content, manifest };
  return actionOf(chain, "Anchor", { ...name, deadline: await deadlineOf(chain, record) });
}

/** A demand that one of a patient's records be erased, for the patient to sign. */
export async function prepareErasure(chain: Chain, record: RecordName & SigningOptions): Promise<Action<"Erasure">> {
  const patient = checkAddress(record.patient, "Patient");
  const name = { patient, compartment: checkLabel(record.compartment), content: record.content };
  const asOf = await lockdownAt(chain, patient);
  return actionOf(chain, "Erasure", { ...name, asOf, deadline: await deadlineOf(chain, record) });
}

/** A receipt that what an operator had of a record is erased, for the operator to sign. */
export interface ErasureReceiptToSign extends SigningOptions {
  /** The caller where omitted. */
  readonly operator?: string | undefined;
  readonly recordId: Hex32;
  readonly role: OperatorRole;
}

/** @throws NO_CREDENTIAL when the operator has none for the role now, PERIOD_INVALID */
export async function prepareErasureReceipt(
  chain: Chain,
  receipt: ErasureReceiptToSign,
): Promise<Action<"ErasureReceipt">> {
  const operator = checkAddress(receipt.operator ?? chain.address, "Operator");
  const { recordId, role } = receipt;
  const credential = await requireCredential(chain, role, await presentTime(chain), operator);
  const what = { operator, recordId, role: roleId(role), credential: credential.toString() };
  return actionOf(chain, "ErasureReceipt", { ...what, deadline: await deadlineOf(chain, receipt) });
}

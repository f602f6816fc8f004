import { type Chain, presentTime } from "../connection.js";
import { stateOf } from "../consent.js";
import type { OperatorRole, Replacement } from "../corrections.js";
import { requireCredential } from "../credentials.js";
import { type Hex32, checkAddress, checkLabel, reasonId, recordIdOf, roleId } from "../ids.js";
import { unpackLink } from "../links.js";
import type { RecordName } from "../records.js";
import { pointersSlot } from "../slots.js";
import { viewOf } from "../view.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, orCaller } from "./basis.js";

/** A record for its author to sign; a device signs what it measures, and a gateway carries it. */
export interface AnchorToSign extends RecordName, SigningOptions {
  /** The caller where omitted. */
  readonly author?: string | undefined;
  /** sha2-256 digest of the manifest's block. */
  readonly manifest: Hex32;
}

/** @throws INVALID_ARGUMENT, PERIOD_INVALID */
export async function prepareAnchor(chain: Chain, record: AnchorToSign): Promise<Action<"Anchor">> {
  const author = orCaller(chain, record.author, "Author");
  const { manifest } = record;
  return actionOf(chain, "Anchor", {
    ...{ author, ...nameOf(record), manifest },
    deadline: await deadlineOf(chain, record),
  });
}

/** Who signs about a record: its author, its patient or a delegate. */
export interface ByActor extends SigningOptions {
  /** The caller where omitted. */
  readonly by?: string | undefined;
}

/**
 * A newer manifest of a record for its author or patient to sign. Void once another is pointed to.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function preparePoint(
  chain: Chain,
  record: RecordName & { readonly manifest: Hex32 } & ByActor,
): Promise<Action<"Point">> {
  const by = orCaller(chain, record.by, "Actor");
  const name = nameOf(record);
  const view = await viewOf(chain);
  const recordId = recordIdOf(name.patient, name.compartment, name.content);
  const [word = 0n] = await view.words([pointersSlot(recordId)]);
  const number = unpackLink(word).number + 1;
  const deadline = await deadlineOf(chain, record);
  return actionOf(chain, "Point", { by, ...name, manifest: record.manifest, number, deadline });
}

/**
 * A record in the place of another, for whoever may correct it to sign: its author, the patient, a delegate with MANAGE.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 * @example await prepareAmend(chain, { patient, compartment, content }, { content: corrected, manifest, reason: "wrong unit" });
 */
export async function prepareAmend(
  chain: Chain,
  record: RecordName & ByActor,
  { content: newContent, manifest, reason }: Replacement,
): Promise<Action<"Amend">> {
  const by = orCaller(chain, record.by, "Actor");
  const correction = { ...nameOf(record), newContent, manifest, reason: reasonId(reason) };
  return actionOf(chain, "Amend", { by, ...correction, deadline: await deadlineOf(chain, record) });
}

/**
 * A record's withdrawal, for whoever may correct it to sign.
 * @param reason Why, in public: 1 to 31 bytes.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 */
export async function prepareRetract(
  chain: Chain,
  record: RecordName & ByActor,
  reason: string,
): Promise<Action<"Retract">> {
  const by = orCaller(chain, record.by, "Actor");
  const deadline = await deadlineOf(chain, record);
  return actionOf(chain, "Retract", { by, ...nameOf(record), reason: reasonId(reason), deadline });
}

/**
 * A demand that one of a patient's records be erased, for the patient to sign. Void once they lock down.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareErasure(chain: Chain, record: RecordName & SigningOptions): Promise<Action<"Erasure">> {
  const name = nameOf(record);
  const { era } = await stateOf(chain, name.patient);
  return actionOf(chain, "Erasure", { ...name, era, deadline: await deadlineOf(chain, record) });
}

/** A receipt that what an operator had of a record is erased, for the operator to sign. */
export interface ErasureReceiptToSign extends RecordName, SigningOptions {
  /** The caller where omitted. */
  readonly operator?: string | undefined;
  readonly role: OperatorRole;
}

/** @throws NO_CREDENTIAL when the operator has none for the role now, INVALID_ARGUMENT, PERIOD_INVALID */
export async function prepareErasureReceipt(
  chain: Chain,
  receipt: ErasureReceiptToSign,
): Promise<Action<"ErasureReceipt">> {
  const operator = orCaller(chain, receipt.operator, "Operator");
  const { role } = receipt;
  const credential = await requireCredential(chain, role, await presentTime(chain), operator);
  const what = { operator, ...nameOf(receipt), role: roleId(role), credential: credential.toString() };
  return actionOf(chain, "ErasureReceipt", { ...what, deadline: await deadlineOf(chain, receipt) });
}

function nameOf({ patient, compartment, content }: RecordName) {
  return { patient: checkAddress(patient, "Patient"), compartment: checkLabel(compartment), content };
}

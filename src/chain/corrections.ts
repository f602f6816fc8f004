import type { Chain } from "./connection.js";
import { requireCredential } from "./credentials.js";
import { type Hex32, type Role, checkAddress, reasonId, recordIdOf, roleId } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import type { RecordName } from "./records.js";
import { attestedSlot } from "./slots.js";
import { send } from "./transactions.js";
import { wordOf } from "./view.js";
import { timeOrNever } from "./word.js";

/** What takes the place of a record of the same compartment. */
export interface Replacement {
  /** sha2-256 of the new record's body. */
  readonly content: Hex32;
  /** sha2-256 digest of the new manifest's block. */
  readonly manifest: Hex32;
  /** Why, in public: 1 to 31 bytes. */
  readonly reason: string;
}

/** Roles that hold blocks or keys, and so attest erasures. */
export type OperatorRole = Extract<Role, "storage" | "keeper">;

/**
 * Replaces a record by another, which is anchored beside it and keeps its consents. By its author, the patient, or a delegate with MANAGE, each of whom may add records to
 * the compartment.
 * @returns Id of the new record.
 * @throws INVALID_ARGUMENT for a reason that is none, CONTRACT_REFUSED (UnknownRecord, NotAuthor, NotWriter, InvalidStatus, AlreadyAnchored,
 * InvalidContent, InvalidManifest)
 * @example await amend(chain, { patient, compartment, content }, { content: corrected, manifest, reason: "wrong unit" });
 */
export async function amend(chain: Chain, name: RecordName, replacement: Replacement): Promise<Hex32> {
  const { patient, compartment } = name;
  const { content, manifest } = replacement;
  const amendment = { ...name, newContent: content, manifest, reason: reasonId(replacement.reason) };
  await send(chain.provider, (fees) => chain.recordRegistry.amend(amendment, fees));
  return recordIdOf(patient, compartment, content);
}

/**
 * Withdraws a record: it stays readable on IPFS for who has its key, and says so. By its author while WRITE is active, the patient, or a delegate with MANAGE.
 * @param reason Why, in public: 1 to 31 bytes.
 * @throws INVALID_ARGUMENT, CONTRACT_REFUSED (UnknownRecord, NotAuthor, NotWriter, InvalidStatus)
 */
export async function retract(chain: Chain, name: RecordName, reason: string): Promise<void> {
  const { patient, compartment, content } = name;
  const code = reasonId(reason);
  await send(chain.provider, (fees) => chain.recordRegistry.retract(patient, compartment, content, code, fees));
}

/**
 * Demands, as the patient, that blocks, keys and shares of one of their records be erased.
 * @throws CONTRACT_REFUSED (UnknownRecord, InvalidStatus when it was demanded before)
 */
export async function requestErasure(chain: Chain, compartment: Hex32, content: Hex32): Promise<void> {
  await send(chain.provider, (fees) => chain.recordRegistry.requestErasure(compartment, content, fees));
}

/**
 * Attests, as a credentialed operator, that what the caller had of a record is erased.
 * @param now The present, in seconds since 1970.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (InvalidStatus where no erasure was demanded, AlreadyAttested)
 */
export async function attestErasure(chain: Chain, name: RecordName, role: OperatorRole, now: number): Promise<void> {
  const { patient, compartment, content } = name;
  const credential = await requireCredential(chain, role, now);
  await send(chain.provider, (fees) =>
    chain.recordRegistry.attestErasure(patient, compartment, content, roleId(role), credential, fees),
  );
}

/** When `operator` attested that it erased what it had of the record, in seconds since 1970; undefined where it did not. */
export async function erasureAttestedAt(
  chain: ReadingChain,
  recordId: Hex32,
  operator: string,
): Promise<number | undefined> {
  return timeOrNever(await wordOf(chain, attestedSlot(recordId, checkAddress(operator, "Operator"))));
}

/**
 * Every error of CareKey has a stable code, says what happened with the offending value, says what to do, and keeps its cause.
 * Names of files and people never stand in a message: parts of a record are named by their position.
 */
const remedies = {
  // what a caller gives
  INVALID_ARGUMENT: "Correct the value and call again; nothing was written.",
  FILE_UNREADABLE: "Check that the file exists and that you may read it.",
  FILE_EMPTY: "Choose a file that has content.",
  FILE_CHANGED: "Wait until nothing writes to the file any more, then share it again.",
  FILE_EXISTS: "Choose another name or remove the file first.",
  PERIOD_INVALID: "Choose an end that lies after the start and in the future.",
  CANCELLED: "Call again: what was done is kept or was cleaned up.",
  // who may
  NO_CREDENTIAL: "Ask an accredited issuer for a credential for this role.",
  NO_PUBLISHED_KEY: "Ask the actor to publish an encryption key first (publishKey).",
  WRITE_REFUSED: "Ask the patient to grant WRITE for this compartment.",
  ACCESS_REFUSED: "Ask the patient to grant READ for this record and purpose.",
  KEY_HELD: "Compare the fingerprint with the actor (confirmKey) or wait; nothing was sealed to the new key.",
  KEY_CHANGED:
    "Seal nothing: ask another node, tell this one's operator, and compare the fingerprint with the actor (confirmKey).",
  KEY_MISMATCH:
    "Compare again; if it stays another, the node or somebody with the actor's wallet gives out a false key.",
  KEY_SUPERSEDED:
    "Unlock the keyring that has the newer identity; if nobody of yours published it, your wallet's key is stolen.",
  DELEGATION_MISSING: "Ask the patient for a delegation that covers this, or name the one to act under.",
  KEY_MISSING: "Access is granted, but no capsule brought the key: ask the patient or the author to deliver it.",
  // sealed data
  NOT_A_RECIPIENT: "Open it with the identity that it was sealed for.",
  RECIPIENT_INVALID: "Use a hybrid post-quantum recipient (age1pq1…).",
  IDENTITY_INVALID: "Use a hybrid post-quantum identity (AGE-SECRET-KEY-PQ-1…).",
  PASSPHRASE_WRONG: "Type it again; nobody can open it without.",
  SEALED_INVALID: "The sealed data was altered or cut short: fetch it from another store.",
  RECORD_INVALID: "The record does not follow docs/format.md: ask its author to share it again.",
  RECORD_TOO_LARGE: "Split the record into several with fewer or shorter parts.",
  RECORD_MISMATCH: "The pointer leads to another record than the one anchored: do not trust it, tell the patient.",
  RECORD_UNKNOWN:
    "Check the record id and the chain you are connected to. Where a list names the record, name that list, too (under).",
  RECORD_RETRACTED: "The record was withdrawn or erased: ask its author.",
  ERASURE_NOT_DEMANDED:
    "Have the patient demand the erasure on chain first (carekey storage erase); nothing was removed.",
  STAMP_MISSING: "The record carries no stamp of its author: do not trust it, tell the patient.",
  STAMP_INVALID: "The stamp was forged or altered: do not trust the record, tell the patient.",
  STAMP_UNPROVEN: "No credential covers this stamp at its time and at the time of anchoring: do not rely on it.",
  // keyring
  VAULT_UNKNOWN: "Check the address and the chain; without a published vault, restore a copy of its file.",
  VAULT_DAMAGED: "Use another copy of the vault: the one published, or your own.",
  VAULT_MISMATCH: "Use the vault of this actor on this chain.",
  VAULT_KEY_WRONG: "Use a key that this vault was made for, or another of its slots.",
  RECOVERY_CODE_INVALID: "Compare it with the paper, word by word.",
  RECOVERY_MISSING: "Add a recovery code or guardians and try them once, or accept that a loss is final.",
  SHARES_MISSING: "Ask more guardians for their shares.",
  SHARE_INVALID: "Ask this guardian to release the share again for this request, or leave it out.",
  SLOT_UNKNOWN: "List the vault's slots and name one of them.",
  SLOT_LAST: "Add another slot first.",
  PASSKEY_FAILED: "Try again with the device that holds the passkey; it must know the PRF extension.",
  // exports
  EXPORT_INVALID: "The export was altered, cut short or never whole: use another copy of it.",
  EXPORT_INCOMPLETE: "The rest was exported; mend what the records' codes name, then export again to another folder.",
  // stores
  BLOCK_MISSING: "Ask another store for the block, or wait until its holder is back.",
  BLOCK_INVALID: "The bytes do not match their CID: fetch the block from another store.",
  STORE_FAILED: "Check disk space, permissions and that the store is running; then repeat: nothing was lost.",
  STORE_UNREACHABLE: "Check the store's URL and that it is running; then repeat: nothing was lost.",
  NODES_MISSING: "Bring the nodes back that do not answer, or name others; then repeat: nothing was lost.",
  FRAGMENTS_MISSING:
    "Bring nodes back that keep fragments of the file; what has no copy left comes from a backup alone.",
  STORAGE_UNHEALTHY: "Bring unreachable nodes back, then heal the rest (carekey storage repair).",
  DISK_FULL: "Make room on the disk, or within the node's quota; then repeat: nothing was lost.",
  TOKEN_REFUSED: "Ask the storage node's operator for a token of this scope (carekey node token).",
  // chains
  CHAIN_UNREACHABLE: "Check the RPC URL and that the node is running; then repeat.",
  CHAIN_INCONSISTENT: "The node contradicts itself: use another node and tell its operator.",
  HISTORY_INCOMPLETE: "Believe nothing of this list: ask another node, and tell this one's operator.",
  PROOF_UNAVAILABLE: "Use a node that serves eth_getProof, or name another check (--verify quorum or none).",
  CHAIN_MISMATCH: "Connect to the chain of the deployment, or choose the deployment of this chain.",
  NOT_DEPLOYED: "Deploy the contracts to this chain (npm run deploy:local), or choose the deployment that is there.",
  FUNDS_MISSING: "Send some of the chain's currency to the account, or use a chain without fees; then repeat.",
  SENDER_NOT_ALLOWED: "Ask the network's operator to put the account on the allow list; then repeat.",
  TRANSACTION_FAILED: "Check that the account may send on this chain and can pay its fee; then repeat.",
  TRANSACTION_PENDING: "Look the transaction up later; repeating is safe: nothing is done twice.",
  CONTRACT_REFUSED: "Read the contract's reason in docs/errors.md.",
  // this machine
  PINS_DAMAGED: "Restore the file from your copy; without it the actor's key has to be confirmed again (confirmKey).",
  PROFILE_MISSING: "Name another profile (--profile), or make it (carekey init).",
  PROFILE_EXISTS: "Choose another name (--profile); a profile is never replaced.",
  PROFILE_DAMAGED: "Restore the profile's folder from your copy, or recover it under another name (carekey recover).",
} as const;

/** Stable identifier of a kind of failure; docs/errors.md lists them all. */
export type ErrorCode = keyof typeof remedies;

/** Values that explain a failure to a program, e.g. `{ size: 0 }`. Never plaintext, keys or names. */
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/**
 * The one error type that CareKey throws.
 *
 * @example
 * try {
 *   await carekey.open(recordId, { purpose: "TREAT" });
 * } catch (error) {
 *   if (isCareKeyError(error, "ACCESS_REFUSED")) await carekey.request({ patient, scope: compartment, … });
 *   else throw error;
 * }
 */
export class CareKeyError extends Error {
  override readonly name = "CareKeyError";
  /** What to do about it. */
  readonly remedy: string;

  constructor(
    readonly code: ErrorCode,
    /** What happened, with the offending value. */
    readonly what: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(`${what}. ${remedies[code]} [${code}]`, options);
    this.remedy = remedies[code];
  }
}

/** All codes, for documents and tests. */
export const errorCodes = Object.keys(remedies) as ErrorCode[];

/** True when `error` is CareKey's, and of this code where one is given. */
export function isCareKeyError(error: unknown, code?: ErrorCode): error is CareKeyError {
  return error instanceof CareKeyError && (code === undefined || error.code === code);
}

/** Throws CANCELLED (with the signal's reason as cause) when `signal` is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CareKeyError("CANCELLED", "The caller cancelled", {}, { cause: signal.reason });
}

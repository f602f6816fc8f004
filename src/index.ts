/** CareKey: patients hold the keys to their own medical data. This is the only barrel. */
export { CareKey, type ConnectOptions, connect } from "./connect.js";
export { CareKeyError, type ErrorCode, type ErrorDetails, errorCodes, isCareKeyError } from "./errors.js";
export type { ByteStream } from "./bytes.js";

export {
  type Accreditation,
  accreditIssuer,
  accreditationDelay,
  accreditationOf,
  setAccreditationDelay,
  withdrawAccreditation,
} from "./chain/accreditation.js";
export {
  type ActingGrant,
  type ActingPlace,
  denyFor,
  grantFor,
  grantsBy,
  revokeFor,
  revokeGrantsBy,
} from "./chain/acting.js";
export { type Announcement, type Delivery as CapsuleDelivery, announcementsOf } from "./chain/announcements.js";
export { type ItemOutcome, MAX_BATCH } from "./chain/batches.js";
export { type Capsule as AnnouncedCapsule, capsulesFor, capsulesOf } from "./chain/capsules.js";
export { type ConsentChange, changesOf } from "./chain/changes.js";
export { type ChartState, chartState } from "./chain/chart.js";
export { type Chain, type ChainOptions, chainTime, connectChain, presentTime } from "./chain/connection.js";
export {
  type GrantKey,
  type GroupQuestion,
  type Question,
  type StandingGrant,
  canAccessAs,
  cancel,
  grantOf,
  liftMany,
  permittingGrant,
  revokeMany,
  stateOf,
  isDenied,
} from "./chain/consent.js";
export {
  type OperatorRole,
  type Replacement,
  amend,
  attestErasure,
  erasureAttestedAt,
  requestErasure,
  retract,
} from "./chain/corrections.js";
export {
  contestCredential,
  credentialCount,
  credentialsOf,
  dismissContest,
  standForCredential,
  type Standing,
  statusOf,
} from "./chain/credentials.js";
export type { Delegation, NewDelegation } from "./chain/delegation-terms.js";
export {
  type ActorQuestion,
  canManage,
  canWrite,
  delegate,
  delegationOf,
  isDelegate,
  undelegate,
} from "./chain/delegations.js";
export { type Deployment, parseDeployment } from "./chain/deployment.js";
export {
  type Membership,
  createGroup,
  groupOf,
  groupsBy,
  isMember,
  managerOf,
  membersOf,
  resign,
  setManager,
  setMembers,
} from "./chain/groups.js";
export { type Hex32, type Role, isLabel, isRecordId, randomLabel, recordIdOf, roles, wholeChart } from "./chain/ids.js";
export { type InboxItem, inboxSince } from "./chain/inbox.js";
export { pointVault, vaultOf, vaultsOf } from "./chain/keys.js";
export type { LogEntry } from "./chain/log.js";
export { type Purpose, purposes } from "./chain/purposes.js";
export { recordedDeployment } from "./chain/recorded.js";
export {
  type AnchoredRecord,
  type Entry,
  type RecordName,
  anchorMany,
  canRead,
  canReadAs,
  originOf,
  pointMany,
} from "./chain/records.js";
export type { RequestStatus } from "./chain/request-word.js";
export { type AccessRequest, type StandingRequest, requestsOf } from "./chain/requests.js";
export {
  type Leaf,
  type RecordTree,
  anchorRoot,
  claimLeaf,
  claimLeaves,
  recordTree,
  rootAnchoredAt,
  verifyAnchored,
  anchorIndex,
} from "./chain/roots.js";
export { prepareDenyFor, prepareGrantFor, prepareRevokeFor } from "./chain/signed/acting.js";
export {
  type Action,
  type SignedAction,
  type TypedData,
  digestOf,
  parseSignedAction,
  sign,
  signerOf,
  typedData,
  withSignature,
} from "./chain/signed/action.js";
export { prepareAnswer, prepareDeliver, prepareRequest, prepareWithdraw } from "./chain/signed/announcements.js";
export { submitAnchors, submitGrants } from "./chain/signed/batch.js";
export { cancelSigned } from "./chain/signed/cancel.js";
export {
  prepareDeny,
  prepareLockdown,
  prepareRevoke,
  prepareRevokeMany,
  prepareUndelegate,
} from "./chain/signed/closings.js";
export {
  type DelegationToSign,
  type GrantToSign,
  prepareDelegate,
  prepareGrant,
  prepareLift,
} from "./chain/signed/consents.js";
export { prepareCreateGroup, prepareResign, prepareSetManager, prepareSetMembers } from "./chain/signed/groups.js";
export { preparePointVault, preparePublish } from "./chain/signed/keys.js";
export { prepareAnchorRoot, prepareClaimLeaf, prepareWitness } from "./chain/signed/proofs.js";
export {
  prepareAmend,
  prepareAnchor,
  prepareErasure,
  prepareErasureReceipt,
  preparePoint,
  prepareRetract,
} from "./chain/signed/records.js";
export { type Submitted, submit } from "./chain/signed/submit.js";
export { type Session, beginSession } from "./chain/signed/session.js";
export { type ActionType, type Attachments, type SignedMessages, contractOf } from "./chain/signed/types.js";
export { type StampClaim, stampDigestOf, verifyStamp, witness, witnessedAt } from "./chain/stamps.js";
export type { Credential, Status } from "./chain/stored-words.js";
export type { PersonState } from "./chain/person-state.js";
export { type Shares, type StandingDelegation, sharesOf, standingDelegations, standingGrants } from "./chain/shares.js";
export type { Grantable, NewTerms, Permission, Power, Terms } from "./chain/terms.js";
export { type CheckedBy, type Verify, type View, viewOf } from "./chain/view.js";

export { openFile, sealFile } from "./crypto/files/age-file.js";
export type { FileOptions } from "./crypto/files/threads.js";
export { generateIdentity, recipientOf } from "./crypto/recipients.js";
export type { Stamp } from "./crypto/stamp.js";

export { clusterStore } from "./storage/cluster.js";
export { fsStore } from "./storage/fs.js";
export { type HttpStoreOptions, httpStore } from "./storage/http.js";
export { kuboStore } from "./storage/kubo.js";
export { kuboStoreAt } from "./storage/kubo-url.js";
export { memoryStore } from "./storage/memory.js";
export { nodePool } from "./storage/pool/pool.js";
export type { CheckSummary, Finding } from "./storage/pool/check.js";
export type { RebalanceSummary } from "./storage/pool/rebalance.js";
export type { RepairSummary } from "./storage/pool/repair.js";
export type { FileLocation, Parity, Policy, Pool, PoolNode } from "./storage/pool/types.js";
export type { Block, BlockStore, StoreOptions } from "./storage/types.js";

export { Keyring, type NewVault, type OpenedKeyring, type SlotInfo, slotInfo } from "./crypto/keyring/keyring.js";
export type { OpenVaultOptions, OpeningMethod } from "./crypto/keyring/open.js";
export { type Authenticator, createPasskey, webauthnAuthenticator } from "./crypto/keyring/passkey.js";
export { parseRecoveryCode } from "./crypto/keyring/recovery-code.js";
export {
  type RecoveryRequest,
  encodeRequest,
  requestFingerprint,
  parseRequest,
} from "./crypto/keyring/recovery-request.js";
export type { VersionedIdentity } from "./crypto/keyring/secrets.js";
export { type RefusedShare, type ReleasedShare, releaseShare } from "./crypto/keyring/shares.js";
export { type SlotKind, type Vault, type VaultOwner, decodeVault, portableVault } from "./crypto/keyring/vault.js";

export type { AmendOptions, Amended } from "./record/amend.js";
export type { Compartment } from "./record/capsule.js";
export type { ListOptions, ListedRecord } from "./record/chart.js";
export type { RecordSummary } from "./record/chart-cache.js";
export type { Unreadable } from "./record/collect-keys.js";
export type { ChartShares, DelegateOptions, DelegationShare, InPlaceOf, Share } from "./record/consents.js";
export type { PipelineOptions, Progress } from "./record/context.js";
export type { EraseOptions, Erased, ErasureDemand, ErasureOperator, ErasureReceipt } from "./record/erase.js";
export { type ErasureReceipts, erasureReceipts, operatorAt } from "./record/erasure-operator.js";
export type { ExportOptions, Exported } from "./record/export/export.js";
export type { Claim, ExportProblem, ExportReport, VerifiedRecord, VerifyOptions } from "./record/export/report.js";
export { verifyExport } from "./record/export/verify.js";
export type { Removal } from "./record/drop.js";
export type { GrantOptions, Granted } from "./record/grant.js";
export type { Holder } from "./record/holders.js";
export type { Inbox, InboxOptions } from "./record/inbox.js";
export type { OpenOptions, OpenedPart, OpenedRecord } from "./record/open.js";
export { savePictures } from "./record/pictures.js";
export { type Pin, type PinPlace, type PinStore, memoryPins } from "./record/pins.js";
export { filePins } from "./record/pins-file.js";
export { correctionReasons } from "./record/reasons.js";
export type { RedeliverOptions, Redelivered } from "./record/redeliver.js";
export type { ApproveOptions, Approved, OpenRequest } from "./record/requests.js";
export type { KeyRotated } from "./record/rotate-key.js";
export type { RecordRotated, RotateRecordOptions } from "./record/rotate-record.js";
export { savePart } from "./record/save.js";
export type { ShareOptions, Shared } from "./record/share.js";
export type { NewRecord, ShareManyOptions, SharedMany } from "./record/share-many.js";
export type { ChartRecord } from "./record/chart-record.js";
export { type IndexEntry, type IndexFile, indexType } from "./record/index-file.js";
export type { ListedOptions } from "./record/listed.js";
export { type Source, bytesSource, fileSource } from "./record/source.js";
export { type HeldKey, type SeenKey, defaultKeyWait, fingerprintOf } from "./record/trust.js";
export type { NodeShare, StorageEntry } from "./record/storage-report.js";
export type { CheckRecordsOptions, Checked, CheckedRecord } from "./record/upkeep.js";
export { type PublishedVault, fetchVault, publishVault } from "./record/vault.js";
export type { JudgedStamp } from "./record/verify.js";

export {
  type Collected,
  type GuardedStore,
  type GuardedStoreOptions,
  type OpenGuardedStore,
  type Usage,
  guardedStore,
} from "./node/guarded-store.js";
export { type ServeOptions, type StorageNode, serveNode } from "./node/serve.js";
export { type Scope as TokenScope, type TokenOptions, issueToken, tokenSecret } from "./node/tokens.js";

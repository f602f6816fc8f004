/** CareKey: patients hold the keys to their own medical data. This is the only barrel. */
export { CareKey, type ConnectOptions, connect } from "./connect.js";
export { CareKeyError, type ErrorCode, type ErrorDetails, errorCodes, isCareKeyError } from "./errors.js";
export type { ByteStream } from "./bytes.js";

export type { AccessRequest } from "./chain/announcements.js";
export type { Question, StandingGrant } from "./chain/consent.js";
export type { Credential } from "./chain/credentials.js";
export { type Deployment, parseDeployment } from "./chain/deployment.js";
export { type Hex32, type Role, isLabel, isRecordId, randomLabel, recordIdOf, roles, wholeChart } from "./chain/ids.js";
export type { LogEntry } from "./chain/log.js";
export { type Purpose, purposes } from "./chain/purposes.js";
export { recordedDeployment } from "./chain/recorded.js";
export type { AnchoredRecord, Status } from "./chain/records.js";
export type { Permission, Terms } from "./chain/terms.js";

export { generateIdentity, recipientOf } from "./crypto/recipients.js";
export type { Stamp } from "./crypto/stamp.js";

export { fsStore } from "./storage/fs.js";
export { kuboStore } from "./storage/kubo.js";
export { kuboStoreAt } from "./storage/kubo-url.js";
export { memoryStore } from "./storage/memory.js";
export type { Block, BlockStore, StoreOptions } from "./storage/types.js";

export type { Compartment } from "./record/capsule.js";
export type { PipelineOptions, Progress } from "./record/context.js";
export type { GrantOptions, Granted } from "./record/grant.js";
export type { Inbox } from "./record/inbox.js";
export type { OpenOptions, OpenedPart, OpenedRecord } from "./record/open.js";
export { savePictures } from "./record/pictures.js";
export { savePart } from "./record/save.js";
export type { ShareOptions, Shared } from "./record/share.js";
export { type Source, bytesSource, fileSource } from "./record/source.js";
export type { JudgedStamp } from "./record/verify.js";

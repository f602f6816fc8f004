import { type ChainOptions, connectChain, presentTime } from "./chain/connection.js";
import { type Accreditation, accreditIssuer } from "./chain/accreditation.js";
import type { ItemOutcome } from "./chain/batches.js";
import * as consent from "./chain/consent.js";
import * as credentials from "./chain/credentials.js";
import { type Hex32, type Role, checkAddress, checkLabel } from "./chain/ids.js";
import { type LogEntry, accessLog } from "./chain/log.js";
import type { AnchoredRecord } from "./chain/records.js";
import { type AccessRequest, requestAccess } from "./chain/requests.js";
import type { Credential } from "./chain/stored-words.js";
import type { CheckedBy } from "./chain/view.js";
import { recipientOf } from "./crypto/recipients.js";
import { Keeping } from "./keeping.js";
import { type AmendOptions, type Amended, amendRecord, retractRecord } from "./record/amend.js";
import type { Compartment } from "./record/capsule.js";
import type { ChartRecord } from "./record/chart-record.js";
import { type ListOptions, type ListedRecord, listChart } from "./record/chart.js";
import { recordsOf } from "./record/known-charts.js";
import * as consents from "./record/consents.js";
import type { PipelineOptions } from "./record/context.js";
import { type ExportOptions, type Exported, exportChart } from "./record/export/export.js";
import { type GrantOptions, type Granted, grant } from "./record/grant.js";
import { type Inbox, type InboxOptions, readInbox } from "./record/inbox.js";
import type { ListedOptions } from "./record/listed.js";
import { type OpenOptions, type OpenedRecord, listedRecords, open } from "./record/open.js";
import { type PinStore, memoryPins } from "./record/pins.js";
import { addCompartment, readCompartments } from "./record/profile.js";
import * as requests from "./record/requests.js";
import { type ShareOptions, type Shared, share } from "./record/share.js";
import { type NewRecord, type ShareManyOptions, type SharedMany, shareMany } from "./record/share-many.js";
import type { Source } from "./record/source.js";
import { defaultKeyWait } from "./record/trust.js";
import type { Policy } from "./storage/pool/types.js";
import type { BlockStore } from "./storage/types.js";

export interface ConnectOptions extends ChainOptions {
  /** Where sealed blocks lie. */
  readonly store: BlockStore;
  /** How a pool of nodes keeps what belongs to a compartment, by its label; the pool's own policy for the others. */
  readonly policies?: Readonly<Record<Hex32, Policy>> | undefined;
  /** The actor's hybrid age identity (AGE-SECRET-KEY-PQ-1…), from {@link generateIdentity}; all that they ever had, newest first, where there are more. */
  readonly identity: string | readonly [string, ...string[]];
  /** The keys of others that this actor has seen: {@link filePins} keeps them. In this process' memory where omitted: every start trusts at first sight again. */
  readonly pins?: PinStore | undefined;
  /** Seconds for which a newer key of somebody else's waits unless it is confirmed; a day where omitted. */
  readonly keyWait?: number | undefined;
}

/**
 * Connects an actor to CareKey.
 * @throws IDENTITY_INVALID, CHAIN_UNREACHABLE, CHAIN_MISMATCH, NOT_DEPLOYED, INVALID_ARGUMENT for a quorum without a witness
 * @example
 * const carekey = await connect({ signer, provider: "http://127.0.0.1:18545", deployment, store: await fsStore("blocks"), identity });
 * await carekey.publishKey();
 */
export async function connect(options: ConnectOptions): Promise<CareKey> {
  const {
    signer,
    provider,
    deployment,
    verify,
    witness,
    store,
    policies,
    identity,
    pins = memoryPins(),
    keyWait = defaultKeyWait,
  } = options;
  const identities = typeof identity === "string" ? ([identity] as const) : identity;
  const recipient = await recipientOf(identities[0]);
  for (const earlier of identities.slice(1)) await recipientOf(earlier);
  const chain = await connectChain({ signer, provider, deployment, verify, witness });
  return new CareKey({ chain, store, policies, identities, recipient, pins, keyWait });
}

/** One actor's view of CareKey: a thin front to the pipelines and the chain. */
export class CareKey extends Keeping {
  /** How what the chain says is checked here: by proofs, by a second node, or not at all. */
  checkedBy(): Promise<CheckedBy> {
    return this.chain.checkedBy();
  }

  /** The present, in seconds since 1970: the clock's, or the newest block's where the chain runs ahead. Reckon ends of periods from it. */
  now(): Promise<number> {
    return presentTime(this.chain);
  }

  /** Adds a record to a patient's chart: see {@link share}. */
  share(sources: readonly Source[], options: ShareOptions): Promise<Shared> {
    return share(this.context, sources, options);
  }

  /** Adds many records to a patient's chart at once: see {@link shareMany}. */
  shareMany(records: readonly NewRecord[], options: ShareManyOptions): Promise<SharedMany> {
    return shareMany(this.context, records, options);
  }

  /** Puts a new record in the place of another: see {@link amendRecord}. */
  amend(recordId: Hex32, sources: readonly Source[], options: AmendOptions): Promise<Amended> {
    return amendRecord(this.context, recordId, sources, options);
  }

  /** Withdraws a record: see {@link retractRecord}. */
  retract(recordId: Hex32, reason: string, options?: ListedOptions): Promise<void> {
    return retractRecord(this.context, recordId, reason, options);
  }

  /** Opens a record: see {@link open}. */
  open(recordId: Hex32, options?: OpenOptions): Promise<OpenedRecord> {
    return open(this.context, recordId, options);
  }

  /** The records that an index record lists: see {@link listedRecords}. */
  listed(recordId: Hex32, options?: OpenOptions): Promise<ChartRecord[]> {
    return listedRecords(this.context, recordId, options);
  }

  /** Grants terms on this actor's chart, with the keys of what is there: see {@link grant}. */
  grant(options: GrantOptions): Promise<Granted> {
    return grant(this.context, options);
  }

  /** Shuts a scope for somebody until it is lifted: see {@link consents.deny}. */
  deny(grantee: string, scope: Hex32, options?: consents.InPlaceOf): Promise<string> {
    return consents.deny(this.context, grantee, scope, options);
  }

  /** Takes a DENY of this actor's away: see {@link consents.lift}. */
  lift(grantee: string, scope: Hex32): Promise<string> {
    return consents.lift(this.context, grantee, scope);
  }

  /** {@link lift} for many at once; what is no DENY is left out, and the outcome says why. */
  liftMany(keys: readonly consent.GrantKey[]): Promise<ItemOutcome[]> {
    return consent.liftMany(this.chain, keys);
  }

  /** Takes a grant back: see {@link consents.revoke}. */
  revoke(grantee: string, scope: Hex32, options?: consents.InPlaceOf): Promise<void> {
    return consents.revoke(this.context, grantee, scope, options);
  }

  /** Voids every grant and delegation of this actor at once. A DENY of their own stays. */
  lockdown(): Promise<void> {
    return consent.lockdown(this.chain);
  }

  /** Lets somebody grant in this actor's place: see {@link consents.delegate}. */
  delegate(options: consents.DelegateOptions): Promise<string> {
    return consents.delegate(this.context, options);
  }

  /** Takes a delegation back; what it granted stays. */
  undelegate(delegate: string, scope: Hex32): Promise<void> {
    return consents.undelegate(this.context, delegate, scope);
  }

  /** Asks a patient for a grant; the request's number. */
  async request(request: AccessRequest): Promise<number> {
    return requestAccess(this.chain, request, await this.now());
  }

  /** Takes a request of this actor's back. */
  withdrawRequest(patient: string, id: number): Promise<string> {
    return requests.takeBack(this.context, patient, id);
  }

  /** Requests to this actor that nobody has answered or withdrawn, oldest first. */
  requests(): Promise<requests.OpenRequest[]> {
    return requests.openRequests(this.context);
  }

  /** Grants what was asked for, with the keys, and says yes: see {@link requests.approve}. */
  approve(id: number, narrower?: requests.ApproveOptions): Promise<requests.Approved> {
    return requests.approve(this.context, id, narrower);
  }

  /** Says no to a request. */
  decline(id: number): Promise<string> {
    return requests.decline(this.context, id);
  }

  /** May `grantee` …? The chain's answer. */
  canAccess(question: consent.Question): Promise<boolean> {
    return consent.canAccess(this.chain, question);
  }

  /** Who can do what on a patient's chart, all of it; of this actor where none is named: see {@link consents.sharesIn}. */
  shares(patient = this.address): Promise<consents.ChartShares> {
    return consents.sharesIn(this.context, patient);
  }

  /** The records of a patient, oldest first; of this actor where none is named. */
  async chart(patient = this.address, compartment?: Hex32): Promise<AnchoredRecord[]> {
    const label = compartment === undefined ? undefined : checkLabel(compartment);
    return recordsOf(this.context, checkAddress(patient, "Patient"), { compartment: label });
  }

  /** This actor's own chart with what each record says of itself: see {@link listChart}. */
  list(options?: ListOptions): Promise<ListedRecord[]> {
    return listChart(this.context, options);
  }

  /** Writes this actor's whole chart into a new folder: see {@link exportChart}. */
  export(directory: string, options?: ExportOptions): Promise<Exported> {
    return exportChart(this.context, directory, options);
  }

  /** The compartments that this actor has named. */
  compartments(options?: PipelineOptions): Promise<Compartment[]> {
    return readCompartments(this.context, options);
  }

  /** Names a new compartment of this actor's chart: see {@link addCompartment}. */
  addCompartment(name: string, options?: PipelineOptions): Promise<Compartment> {
    return addCompartment(this.context, name, options);
  }

  /** Records whose keys were given to this actor: see {@link readInbox}. */
  inbox(patient?: string, options?: InboxOptions): Promise<Inbox> {
    return readInbox(this.context, patient, options);
  }

  /** Who did what on a patient's chart, why and when; of this actor where none is named. */
  async log(patient = this.address): Promise<LogEntry[]> {
    return accessLog(this.chain, checkAddress(patient, "Patient"));
  }

  /** Makes `issuer` an accredited issuer of credentials for `role`. By the consortium's administrator. */
  accreditIssuer(issuer: string, role: Role): Promise<Accreditation> {
    return accreditIssuer(this.chain, issuer, role);
  }

  /** Gives `actor` a credential for `role` until `until`. By an accredited issuer. */
  issueCredential(actor: string, role: Role, until: number): Promise<void> {
    return credentials.issueCredential(this.chain, actor, role, until);
  }

  /** Sets the end of the actor's newest credential for `role` back to `until`. By its issuer. */
  revokeCredential(actor: string, role: Role, until: number): Promise<void> {
    return credentials.revokeCredential(this.chain, actor, role, until);
  }

  /** Says that a credential of this actor's was ended in the past without reason: the newest for the role where none is named. */
  contestCredential(role: Role, index?: number): Promise<void> {
    return credentials.contestCredential(this.chain, role, index);
  }

  /** The credentials of `actor` for `role`, oldest first. */
  credentialsOf(actor: string, role: Role): Promise<Credential[]> {
    return credentials.credentialsOf(this.chain, actor, role);
  }
}

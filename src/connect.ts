import { type ChainOptions, type Chain, connectChain, presentTime } from "./chain/connection.js";
import { type Accreditation, accreditIssuer } from "./chain/accreditation.js";
import { type AccessRequest, decline, requestAccess } from "./chain/announcements.js";
import * as consent from "./chain/consent.js";
import * as credentials from "./chain/credentials.js";
import { type Hex32, type Role, checkAddress, checkLabel } from "./chain/ids.js";
import { type PublishedKey, publishKey, publishedKey } from "./chain/keys.js";
import { type LogEntry, accessLog, openRequests } from "./chain/log.js";
import { type AnchoredRecord, findRecords } from "./chain/records.js";
import { recipientOf, recipientToBytes } from "./crypto/recipients.js";
import type { Compartment } from "./record/capsule.js";
import { type ListOptions, type ListedRecord, listChart } from "./record/chart.js";
import type { Context, PipelineOptions } from "./record/context.js";
import { type EraseOptions, type Erased, eraseRecord } from "./record/erase.js";
import { type ExportOptions, type Exported, exportChart } from "./record/export/export.js";
import { type GrantOptions, type Granted, grant } from "./record/grant.js";
import { type Inbox, readInbox } from "./record/inbox.js";
import { type OpenOptions, type OpenedRecord, open } from "./record/open.js";
import { type Pin, type PinStore, memoryPins } from "./record/pins.js";
import { addCompartment, readCompartments } from "./record/profile.js";
import { type RedeliverOptions, type Redelivered, redeliver } from "./record/redeliver.js";
import { type KeyRotated, rotateKey } from "./record/rotate-key.js";
import { type RecordRotated, type RotateRecordOptions, rotateRecord } from "./record/rotate-record.js";
import { type ShareOptions, type Shared, share } from "./record/share.js";
import type { Source } from "./record/source.js";
import { type SeenKey, confirmKey, defaultKeyWait, lookAtKey, trustedKey } from "./record/trust.js";
import { type PublishedVault, fetchVault, publishVault } from "./record/vault.js";
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
 * @throws IDENTITY_INVALID, CHAIN_UNREACHABLE, CHAIN_MISMATCH, NOT_DEPLOYED
 * @example
 * const carekey = await connect({ signer, provider: "http://127.0.0.1:18545", deployment, store: await fsStore("blocks"), identity });
 * await carekey.publishKey();
 */
export async function connect(options: ConnectOptions): Promise<CareKey> {
  const {
    signer,
    provider,
    deployment,
    store,
    policies,
    identity,
    pins = memoryPins(),
    keyWait = defaultKeyWait,
  } = options;
  const identities = typeof identity === "string" ? ([identity] as const) : identity;
  const recipient = await recipientOf(identities[0]);
  for (const earlier of identities.slice(1)) await recipientOf(earlier);
  const chain = await connectChain({ signer, provider, deployment });
  return new CareKey({ chain, store, policies, identities, recipient, pins, keyWait });
}

/** One actor's view of CareKey: a thin front to the pipelines and the chain. */
export class CareKey {
  constructor(private readonly context: Context) {}

  /** This actor on the chain: what the functions of the chain layer take (delegations, groups, signed actions …). */
  get chain(): Chain {
    return this.context.chain;
  }

  /** The actor's address. */
  get address(): string {
    return this.chain.address;
  }

  /** The present, in seconds since 1970: the clock's, or the newest block's where the chain runs ahead. Reckon ends of periods from it. */
  now(): Promise<number> {
    return presentTime(this.chain);
  }

  /** The newest encryption key that this actor has published. */
  publishedKey(): Promise<PublishedKey | undefined> {
    return publishedKey(this.chain, this.address);
  }

  /**
   * Publishes this actor's encryption key; needed before anybody can share with them.
   * @throws KEY_SUPERSEDED for a key that a newer one of theirs has replaced
   */
  publishKey(): Promise<void> {
    return publishKey(this.chain, recipientToBytes(this.context.recipient));
  }

  /** Publishes this actor's vault without its passphrase slot, for a blank machine to find: see {@link publishVault}. */
  publishVault(vault: Uint8Array, options?: PipelineOptions): Promise<PublishedVault> {
    return publishVault(this.context, vault, options);
  }

  /** The vault that somebody published last, to release a share of it, or one's own: see {@link fetchVault}. */
  fetchVault(actor = this.address, options?: PipelineOptions): Promise<Uint8Array> {
    return fetchVault(this.context, actor, options);
  }

  /** Publishes the newest of this actor's identities and brings their chart over to it: see {@link rotateKey}. */
  rotateKey(options?: PipelineOptions): Promise<KeyRotated> {
    return rotateKey(this.context, options);
  }

  /** Compares an actor's newest key with what was seen of them before: see {@link lookAtKey}. */
  lookAtKey(actor: string): Promise<SeenKey | undefined> {
    return lookAtKey(this.context, actor);
  }

  /** The key to seal to for an actor: see {@link trustedKey}. */
  trustedKey(actor: string): Promise<PublishedKey> {
    return trustedKey(this.context, actor);
  }

  /** Believes an actor's newest key, as its fingerprint was compared out of band: see {@link confirmKey}. */
  confirmKey(actor: string, fingerprint: string): Promise<Pin> {
    return confirmKey(this.context, actor, fingerprint);
  }

  /** The keys of others that this actor has seen, on this chain. */
  async pins(): Promise<Pin[]> {
    const { chainId, addresses } = this.chain;
    const pins = await this.context.pins.list();
    return pins.filter((pin) => pin.chainId === chainId && pin.registry === addresses.KeyRegistry);
  }

  /** Sends grantees the keys that they may have and lack: see {@link redeliver}. */
  redeliver(options?: RedeliverOptions): Promise<Redelivered> {
    return redeliver(this.context, options);
  }

  /** Erases one of this actor's own records: see {@link eraseRecord}. */
  erase(recordId: Hex32, options?: EraseOptions): Promise<Erased> {
    return eraseRecord(this.context, recordId, options);
  }

  /** Encrypts a record anew after a revocation: see {@link rotateRecord}. */
  rotateRecord(recordId: Hex32, options?: RotateRecordOptions): Promise<RecordRotated> {
    return rotateRecord(this.context, recordId, options);
  }

  /** Adds a record to a patient's chart: see {@link share}. */
  share(sources: readonly Source[], options: ShareOptions): Promise<Shared> {
    return share(this.context, sources, options);
  }

  /** Opens a record: see {@link open}. */
  open(recordId: Hex32, options?: OpenOptions): Promise<OpenedRecord> {
    return open(this.context, recordId, options);
  }

  /** Grants terms on this actor's chart, with the keys of what is there: see {@link grant}. */
  grant(options: GrantOptions): Promise<Granted> {
    return grant(this.context, options);
  }

  /** Takes a grant back. */
  revoke(grantee: string, scope: Hex32): Promise<void> {
    return consent.revoke(this.chain, grantee, scope);
  }

  /** Voids every grant of this actor at once. */
  lockdown(): Promise<void> {
    return consent.lockdown(this.chain);
  }

  /** Asks a patient for a grant. */
  async request(request: AccessRequest): Promise<void> {
    await requestAccess(this.chain, request, await this.now());
  }

  /** Says no to a request. */
  decline(requester: string, scope: Hex32): Promise<void> {
    return decline(this.chain, requester, scope);
  }

  /** May `grantee` …? The chain's answer. */
  canAccess(question: consent.Question): Promise<boolean> {
    return consent.canAccess(this.chain, question);
  }

  /** The grants on this actor's chart, active or not. */
  grants(): Promise<consent.StandingGrant[]> {
    return consent.standingGrants(this.chain, this.address);
  }

  /** The records of a patient, oldest first; of this actor where none is named. */
  async chart(patient = this.address, compartment?: Hex32): Promise<AnchoredRecord[]> {
    const label = compartment === undefined ? undefined : checkLabel(compartment);
    return findRecords(this.chain, checkAddress(patient, "Patient"), label);
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

  /** Records whose keys were given to this actor. */
  inbox(patient?: string): Promise<Inbox> {
    return readInbox(this.context, patient);
  }

  /** Who did what on a patient's chart, why and when; of this actor where none is named. */
  async log(patient = this.address): Promise<LogEntry[]> {
    return accessLog(this.chain, checkAddress(patient, "Patient"));
  }

  /** Requests that this actor has neither granted nor declined, oldest first. */
  async requests(): Promise<LogEntry[]> {
    return openRequests(await this.log());
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

  /** The credentials of `actor` for `role`, oldest first. */
  credentialsOf(actor: string, role: Role): Promise<credentials.Credential[]> {
    return credentials.credentialsOf(this.chain, actor, role);
  }
}

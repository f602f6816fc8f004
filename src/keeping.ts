import type { Chain } from "./chain/connection.js";
import type { Hex32 } from "./chain/ids.js";
import { type PublishedKey, publishKey, publishedKey } from "./chain/keys.js";
import { recipientToBytes } from "./crypto/recipients.js";
import type { Context, PipelineOptions } from "./record/context.js";
import { type EraseOptions, type Erased, eraseRecord } from "./record/erase.js";
import type { Pin } from "./record/pins.js";
import { type RedeliverOptions, type Redelivered, redeliver } from "./record/redeliver.js";
import { type KeyRotated, rotateKey } from "./record/rotate-key.js";
import { type RecordRotated, type RotateRecordOptions, rotateRecord } from "./record/rotate-record.js";
import { type StorageEntry, storageReport } from "./record/storage-report.js";
import type { StoredOptions } from "./record/stored.js";
import { type SeenKey, confirmKey, lookAtKey, trustedKey } from "./record/trust.js";
import {
  type CheckRecordsOptions,
  type Checked,
  checkRecords,
  rebalanceRecords,
  repairRecords,
} from "./record/upkeep.js";
import { type PublishedVault, fetchVault, publishVault } from "./record/vault.js";
import type { RebalanceSummary } from "./storage/pool/rebalance.js";
import type { RepairSummary } from "./storage/pool/repair.js";

/** What an actor does for keys and blocks; part of `CareKey`. */
export class Keeping {
  constructor(protected readonly context: Context) {}

  /** This actor on the chain: what the functions of the chain layer take (delegations, groups, signed actions …). */
  get chain(): Chain {
    return this.context.chain;
  }

  /** The actor's address. */
  get address(): string {
    return this.chain.address;
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

  /** Where each record of this actor's chart lies: see {@link storageReport}. */
  storageReport(options?: StoredOptions): AsyncGenerator<StorageEntry, void, undefined> {
    return storageReport(this.context, options);
  }

  /** Verifies every block of this actor's chart on every node: see {@link checkRecords}. */
  checkStorage(options?: CheckRecordsOptions): Promise<Checked> {
    return checkRecords(this.context, options);
  }

  /** Heals what is missing or rotten: see {@link repairRecords}. */
  repairStorage(options?: StoredOptions): Promise<RepairSummary> {
    return repairRecords(this.context, options);
  }

  /** Brings every block where it belongs: see {@link rebalanceRecords}. */
  rebalanceStorage(options?: PipelineOptions): Promise<RebalanceSummary> {
    return rebalanceRecords(this.context, options);
  }

  /** Encrypts a record anew after a revocation: see {@link rotateRecord}. */
  rotateRecord(recordId: Hex32, options?: RotateRecordOptions): Promise<RecordRotated> {
    return rotateRecord(this.context, recordId, options);
  }
}

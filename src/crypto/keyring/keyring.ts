import { toHex } from "../../bytes.js";
import { CareKeyError, throwIfCancelled, type ErrorDetails } from "../../errors.js";
import { identitySecret } from "../recipients.js";
import { type OpenedVault, type OpeningMethod, type OpenVaultOptions, openVaultKey } from "./open.js";
import { passphraseKey } from "./passphrase-key.js";
import { type Authenticator, webauthnAuthenticator, wrapWithPasskey } from "./passkey.js";
import { newRecoveryCode, parseRecoveryCode } from "./recovery-code.js";
import { decodeSecrets, encodeSecrets, MAX_IDENTITIES, type VaultSecrets, type VersionedIdentity } from "./secrets.js";
import { shareAmong, type RefusedShare } from "./shares.js";
import {
  decodeVault,
  encodeVault,
  MAX_SLOTS,
  ownerOf,
  slotOf,
  type Slot,
  type SlotKind,
  type Vault,
  vaultDamaged,
  type VaultOwner,
  WORK_FACTOR,
} from "./vault.js";
import { KEY_SIZE, type OpenSlot, random, sealBody, unsealBody, vaultKeyFor, wrapVaultKey } from "./wrap.js";

/** A way to open the vault, for people and programs to name it by. */
export interface SlotInfo {
  /** Hex of 8 bytes. */
  readonly id: string;
  readonly kind: SlotKind;
  /** How many guardians there are, and how many are enough. */
  readonly guardians?: number;
  readonly threshold?: number;
}

/** What a new vault keeps. */
export interface NewVault {
  readonly identities: readonly VersionedIdentity[];
  /** The 32 bytes of the wallet's private key, so that one recovery method brings back both. */
  readonly wallet?: Uint8Array | undefined;
}

/** An opened vault: the actor's identities, new and old, and the ways to open it. Changes reach a file by {@link encode}. */
export class Keyring {
  readonly #key: Uint8Array;
  #vault: Omit<Vault, "body">;
  #secrets: VaultSecrets;
  #file: Uint8Array | undefined;

  private constructor(key: Uint8Array, vault: Omit<Vault, "body">, secrets: VaultSecrets, file?: Uint8Array) {
    this.#key = key;
    this.#vault = vault;
    this.#secrets = secrets;
    this.#file = file;
  }

  /**
   * A new vault under a fresh random key. It needs a slot before it can be written.
   *
   * Errors: INVALID_ARGUMENT, IDENTITY_INVALID.
   *
   * @example
   * const keyring = Keyring.create({ chainId, actor }, { identities: [{ version: 1, identity: await generateIdentity() }] });
   * await keyring.setPassphrase(passphrase);
   * const { words } = keyring.addRecoveryCode();
   * await writeFile("vault.carekey", keyring.encode());
   */
  static create({ chainId, actor }: VaultOwner, { identities, wallet }: NewVault): Keyring {
    if (!/^0x[0-9a-fA-F]{40}$/.test(actor)) throw new CareKeyError("INVALID_ARGUMENT", "The actor is no address");
    if (wallet && wallet.length !== 32)
      throw new CareKeyError("INVALID_ARGUMENT", `A wallet's key has 32 bytes, not ${wallet.length}`);
    const name = { version: 1, chainId, actor: bytesOfHex(actor), id: random(16) } as const;
    const vault = { ...name, generation: 0, slots: [], salt: random(32) };
    const keyring = new Keyring(random(KEY_SIZE), vault, { identities: [], wallet });
    for (const identity of identities) keyring.addIdentity(identity);
    if (identities.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "A vault keeps at least one identity");
    return keyring;
  }

  /**
   * Opens a vault by one of its slots.
   *
   * Errors: VAULT_DAMAGED, VAULT_MISMATCH, SLOT_UNKNOWN, PASSPHRASE_WRONG, RECOVERY_CODE_INVALID, VAULT_KEY_WRONG, PASSKEY_FAILED, SHARE_INVALID,
   * SHARES_MISSING, CANCELLED. A wrong passphrase and a slot that was altered together with the checksum can't be told apart.
   *
   * @example
   * const { keyring } = await Keyring.open(file, { kind: "passphrase", passphrase }, { owner });
   */
  static async open(file: Uint8Array, method: OpeningMethod, options: OpenVaultOptions = {}): Promise<OpenedKeyring> {
    throwIfCancelled(options.signal);
    const vault = decodeVault(file);
    const { vaultKey, slot, refused }: OpenedVault = await openVaultKey(vault, method, options);
    const body = unsealBody(vaultKey, vault);
    if (!body) throw vaultDamaged("body", "The vault's head, slots or body were altered");
    return { keyring: new Keyring(vaultKey, vault, decodeSecrets(body), file.slice()), slot: toHex(slot.id), refused };
  }

  /** Whose it is. */
  get owner(): VaultOwner {
    return ownerOf({ ...this.#vault, body: new Uint8Array() });
  }

  /** Counts the changes of what may be published: the higher of two copies is the newer. */
  get generation(): number {
    return this.#vault.generation;
  }

  get slots(): readonly SlotInfo[] {
    return this.#vault.slots.map(slotInfo);
  }

  /** The newest identity: AGE-SECRET-KEY-PQ-1…, secret. */
  get identity(): string {
    return this.#secrets.identities.at(-1)?.identity ?? "";
  }

  /** Newest first: the first is published, the others open what was sealed to them. */
  get identities(): readonly VersionedIdentity[] {
    return [...this.#secrets.identities].reverse();
  }

  /** The wallet's private key, where the vault keeps it. */
  get wallet(): Uint8Array | undefined {
    return this.#secrets.wallet?.slice();
  }

  /** Adds a new version of the actor's key. Errors: INVALID_ARGUMENT unless it is newer than all; IDENTITY_INVALID. */
  addIdentity({ version, identity }: VersionedIdentity): void {
    const { identities } = this.#secrets;
    const newest = identities.at(-1)?.version ?? 0;
    if (!Number.isInteger(version) || version <= newest || version > 0xffff_ffff)
      throw new CareKeyError("INVALID_ARGUMENT", `Version ${version} does not follow ${newest}`, { version, newest });
    if (identities.length === MAX_IDENTITIES)
      throw new CareKeyError("INVALID_ARGUMENT", `A vault keeps at most ${MAX_IDENTITIES} identities`);
    identitySecret(identity);
    this.#secrets = { ...this.#secrets, identities: [...identities, { version, identity }] };
    this.#changed();
  }

  /**
   * Sets or changes the passphrase; no other slot is touched.
   * @param options.workFactor scrypt's N as a power of 2, 15 to 20; 17 unless given: 128 MiB and about half a second.
   *
   * Errors: INVALID_ARGUMENT, CANCELLED.
   */
  async setPassphrase(
    passphrase: string,
    { workFactor = WORK_FACTOR.usual, signal }: { workFactor?: number; signal?: AbortSignal } = {},
  ): Promise<SlotInfo> {
    if (passphrase === "") throw new CareKeyError("INVALID_ARGUMENT", "The passphrase is empty");
    if (!Number.isInteger(workFactor) || workFactor < WORK_FACTOR.least || workFactor > WORK_FACTOR.most)
      throw new CareKeyError("INVALID_ARGUMENT", `No work factor: ${workFactor}`, { workFactor });
    const others = this.#vault.slots.filter(({ kind }) => kind !== "passphrase");
    const { id, salt } = newSlot(others.length);
    const slotKey = await passphraseKey(passphrase, salt, workFactor, signal);
    const slot = this.#wrapped({ kind: "passphrase", id, salt, workFactor }, slotKey);
    // it is not published, so nothing that is changes: the file alone is another
    this.#vault = { ...this.#vault, slots: [slot, ...others] };
    if (this.#file) this.#file = encodeVault({ ...this.#vault, body: decodeVault(this.#file).body });
    return slotInfo(slot);
  }

  /** Adds a recovery code: 24 words, told this once. Errors: INVALID_ARGUMENT when there are 16 slots already. */
  addRecoveryCode(): { slot: SlotInfo; words: string } {
    const { id, salt } = newSlot(this.#vault.slots.length);
    const words = newRecoveryCode();
    const slotKey = vaultKeyFor("recovery-code", parseRecoveryCode(words), salt);
    return { slot: this.#add(this.#wrapped({ kind: "recovery-code", id, salt }, slotKey)), words };
  }

  /** Adds a passkey that {@link createPasskey} made. Errors: PASSKEY_FAILED, INVALID_ARGUMENT. */
  async addPasskey(credential: string, authenticator: Authenticator = webauthnAuthenticator()): Promise<SlotInfo> {
    const { id, salt } = newSlot(this.#vault.slots.length);
    const { part, slotKey } = await wrapWithPasskey(credential, salt, authenticator);
    return this.#add(this.#wrapped({ kind: "passkey", id, salt, ...part }, slotKey));
  }

  /**
   * Adds guardians, any `threshold` of whom open the vault together.
   * @param recipients Their published keys, age1pq1…; 2 to 16 of them.
   *
   * Errors: INVALID_ARGUMENT, RECIPIENT_INVALID.
   */
  async addGuardians(recipients: readonly string[], threshold: number): Promise<SlotInfo> {
    const { id, salt } = newSlot(this.#vault.slots.length);
    const { part, slotKey } = await shareAmong(recipients, threshold, this.#vault, { id, salt });
    return this.#add(this.#wrapped({ kind: "guardians", id, salt, ...part }, slotKey));
  }

  /**
   * Removes a slot; the others stay as they are. Who kept an older copy of the vault and the slot's secret still gets the vault key: where that is
   * feared, make a new vault, and rotate the identity.
   *
   * Errors: SLOT_UNKNOWN; SLOT_LAST when nothing would open the vault any more.
   */
  removeSlot(id: string): void {
    const removed = slotOf(this.#vault.slots, id);
    if (this.#vault.slots.length === 1)
      throw new CareKeyError("SLOT_LAST", "Without this slot nobody could open the vault", { slot: id });
    this.#vault = { ...this.#vault, slots: this.#vault.slots.filter((slot) => slot !== removed) };
    this.#changed();
  }

  /** The vault's file. The same bytes until something changes. Errors: INVALID_ARGUMENT for a vault without slots. */
  encode(): Uint8Array {
    if (this.#vault.slots.length === 0) throw new CareKeyError("INVALID_ARGUMENT", "Nothing would open this vault");
    if (!this.#file) {
      this.#vault = { ...this.#vault, salt: random(32) };
      const body = sealBody(encodeSecrets(this.#secrets), this.#key, this.#vault);
      this.#file = encodeVault({ ...this.#vault, body });
    }
    return this.#file.slice();
  }

  #wrapped(slot: OpenSlot, slotKey: Uint8Array): Slot {
    return { ...slot, wrapped: wrapVaultKey(this.#key, slotKey, this.#vault, slot) };
  }

  #add(slot: Slot): SlotInfo {
    this.#vault = { ...this.#vault, slots: [...this.#vault.slots, slot] };
    this.#changed();
    return slotInfo(slot);
  }

  /** Something that may be published is another now. */
  #changed(): void {
    // changes between two files count as one
    if (this.#file || this.#vault.generation === 0)
      this.#vault = { ...this.#vault, generation: this.#vault.generation + 1 };
    this.#file = undefined;
  }
}

/** What opening a vault gives. */
export interface OpenedKeyring {
  readonly keyring: Keyring;
  /** Hex id of the slot that opened it. */
  readonly slot: string;
  /** Released shares that were false, where guardians opened it. */
  readonly refused: readonly RefusedShare[];
}

/** What is known of a slot without a key. */
export function slotInfo(slot: Slot): SlotInfo {
  const name = { id: toHex(slot.id), kind: slot.kind };
  return slot.kind === "guardians" ? { ...name, guardians: slot.shares.length, threshold: slot.threshold } : name;
}

function newSlot(count: number): { id: Uint8Array; salt: Uint8Array } {
  if (count < MAX_SLOTS) return { id: random(8), salt: random(32) };
  const details: ErrorDetails = { limit: MAX_SLOTS };
  throw new CareKeyError("INVALID_ARGUMENT", `A vault has at most ${MAX_SLOTS} slots`, details);
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

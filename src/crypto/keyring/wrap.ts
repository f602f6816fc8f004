import * as dagCbor from "@ipld/dag-cbor";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { portableSlots, type Slot, type Vault } from "./vault.js";

/** Every key below seals one thing only, as its salt is fresh: the nonce may be fixed. */
const NONCE = new Uint8Array(12);
export const KEY_SIZE = 32;

/** A slot before the vault key is wrapped in it. */
export type OpenSlot = Slot extends infer Each ? (Each extends Slot ? Omit<Each, "wrapped"> : never) : never;
/** What slots and body are bound to. */
export type VaultName = Pick<Vault, "chainId" | "actor" | "id">;

/** Fresh random bytes. */
export function random(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** A key of 32 bytes from a secret that is random already (HKDF-SHA256, RFC 5869); info is `carekey/v1/vault/` and the use. */
export function vaultKeyFor(
  use: "recovery-code" | "passkey" | "guardians" | "body",
  secret: Uint8Array,
  salt: Uint8Array,
) {
  return hkdf(sha256, secret, salt, new TextEncoder().encode(`carekey/v1/vault/${use}`), KEY_SIZE);
}

/** Wraps the vault key under a slot's key (ChaCha20-Poly1305, RFC 8439), bound to the vault and to all that stands in the slot. */
export function wrapVaultKey(vaultKey: Uint8Array, slotKey: Uint8Array, name: VaultName, slot: OpenSlot): Uint8Array {
  return chacha20poly1305(slotKey, NONCE, slotContext(name, slot)).encrypt(vaultKey);
}

/** The vault key; undefined where the slot's key is another, or the slot was altered: the two can't be told apart. */
export function unwrapVaultKey(
  slotKey: Uint8Array,
  name: VaultName,
  { wrapped, ...slot }: Slot,
): Uint8Array | undefined {
  return decrypt(slotKey, slotContext(name, slot), wrapped);
}

/** Seals the body under the vault key, bound to the head of the vault and to its slots but the passphrase's. */
export function sealBody(plaintext: Uint8Array, vaultKey: Uint8Array, head: Omit<Vault, "body">): Uint8Array {
  return chacha20poly1305(vaultKeyFor("body", vaultKey, head.salt), NONCE, bodyContext(head)).encrypt(plaintext);
}

/** The body; undefined where vault key, body, head or slots are not those that it was sealed with. */
export function unsealBody(vaultKey: Uint8Array, { body, ...head }: Vault): Uint8Array | undefined {
  return decrypt(vaultKeyFor("body", vaultKey, head.salt), bodyContext(head), body);
}

function decrypt(key: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, NONCE, context).decrypt(sealed);
  } catch {
    return undefined;
  }
}

function slotContext({ chainId, actor, id }: VaultName, slot: OpenSlot): Uint8Array {
  return dagCbor.encode({ version: 1, chainId, actor, id, slot });
}

function bodyContext({ chainId, actor, id, generation, slots }: Omit<Vault, "body">): Uint8Array {
  const digest = sha256(dagCbor.encode(portableSlots(slots)));
  return dagCbor.encode({ version: 1, chainId, actor, id, generation, slots: digest });
}

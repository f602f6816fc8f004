/** Vaults as docs/format.md §17 has them, with plain primitives: nothing of src/ is used. */
import { createHmac, scryptSync } from "node:crypto";

import * as dagCbor from "@ipld/dag-cbor";

import { hkdf, seal, sha256, unseal } from "./age.js";

/** A map of the format. */
export type Fields = Record<string, unknown>;

const magic = new TextEncoder().encode("carekey-vault-v1");
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A slot without what is wrapped in it, and its key. */
export interface PlainSlot {
  readonly slot: Fields;
  readonly slotKey: Uint8Array;
}

/** All that a vault is made of. */
export interface PlainVault {
  readonly chainId: number;
  readonly actor: Uint8Array;
  readonly id: Uint8Array;
  readonly generation: number;
  readonly vaultKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly slots: readonly PlainSlot[];
  readonly identities: readonly { readonly version: number; readonly secret: Uint8Array }[];
  readonly wallet: Uint8Array | null;
}

export const passphraseKey = (passphrase: string, salt: Uint8Array, workFactor: number): Uint8Array =>
  new Uint8Array(
    scryptSync(passphrase.normalize("NFC"), salt, 32, { N: 2 ** workFactor, r: 8, p: 1, maxmem: 2 ** 31 - 1 }),
  );
export const keyFor = (use: string, secret: Uint8Array, salt: Uint8Array): Uint8Array =>
  hkdf(secret, salt, `carekey/v1/vault/${use}`);

/** Body of an age stanza fido2prf: the file key under what the authenticator answered. */
export function prfStanza(fileKey: Uint8Array, first: Uint8Array, second: Uint8Array): Uint8Array {
  const key = createHmac("sha256", "age-encryption.org/fido2prf").update(first).update(second).digest();
  return seal(key, fileKey);
}

/** The file around any map. */
export function fileOf(map: unknown): Uint8Array {
  const content = join(magic, dagCbor.encode(map));
  return join(content, sha256(content));
}

/** The map in a file. */
export function mapOf(file: Uint8Array): Fields {
  return dagCbor.decode<Fields>(file.subarray(16, -32));
}

export function slotContext({ chainId, actor, id }: Fields, slot: Fields): Uint8Array {
  return dagCbor.encode({ version: 1, chainId, actor, id, slot });
}

export function bodyContext({ chainId, actor, id, generation, slots }: Fields): Uint8Array {
  const published = (slots as Fields[]).filter(({ kind }) => kind !== "passphrase");
  return dagCbor.encode({ version: 1, chainId, actor, id, generation, slots: sha256(dagCbor.encode(published)) });
}

/** The map of a vault. */
export function vaultMap(vault: PlainVault): Fields {
  const { chainId, actor, id, generation, vaultKey, salt } = vault;
  const head = { version: 1, chainId, actor, id, generation, salt };
  const slots = vault.slots.map(({ slot, slotKey }) => {
    return { ...slot, wrapped: seal(slotKey, vaultKey, slotContext(head, slot)) };
  });
  const secrets = dagCbor.encode({ version: 1, identities: vault.identities, wallet: vault.wallet });
  const whole = { ...head, slots };
  return { ...whole, body: seal(keyFor("body", vaultKey, salt), secrets, bodyContext(whole)) };
}

/** What a vault keeps, by the key of one of its slots. */
export function openPlain(file: Uint8Array, slotKey: Uint8Array, index: number): Fields {
  const map = mapOf(file);
  const { wrapped, ...slot } = (map.slots as Fields[])[index] ?? {};
  const vaultKey = unseal(slotKey, wrapped as Uint8Array, slotContext(map, slot));
  const key = keyFor("body", vaultKey, map.salt as Uint8Array);
  return dagCbor.decode<Fields>(unseal(key, map.body as Uint8Array, bodyContext(map)));
}

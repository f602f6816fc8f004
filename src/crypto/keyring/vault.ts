import * as dagCbor from "@ipld/dag-cbor";
import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";

import { concat, equalBytes, toHex } from "../../bytes.js";
import { CareKeyError, type ErrorDetails } from "../../errors.js";
import { exactly, integer, upTo } from "./fields.js";

/** Longest vault: one block of an IPFS store, like a manifest. */
export const MAX_VAULT = 1024 * 1024;
export const MAX_SLOTS = 16;
export const MAX_GUARDIANS = 16;
/** scrypt's N is 2 to this power: below it a guess is too cheap, above it opening needs more than 1 GiB of memory. */
export const WORK_FACTOR = { least: 15, usual: 17, most: 20 } as const;

const MAGIC = new TextEncoder().encode("carekey-vault-v1");
const CHECKSUM_SIZE = 32;

const common = { id: exactly(8), salt: exactly(32), wrapped: exactly(48) };
const share = z.strictObject({ commitment: exactly(32), sealed: upTo(8192) });
const slot = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("passphrase"),
    workFactor: integer.min(WORK_FACTOR.least).max(WORK_FACTOR.most),
  }),
  z.strictObject({ ...common, kind: z.literal("recovery-code") }),
  z.strictObject({
    ...common,
    kind: z.literal("passkey"),
    credential: z.string().regex(/^AGE-PLUGIN-FIDO2PRF-1[0-9A-Z]{1,4000}$/),
    nonce: exactly(16),
    key: exactly(32),
  }),
  z
    .strictObject({
      ...common,
      kind: z.literal("guardians"),
      threshold: integer.min(2),
      shares: z.array(share).min(2).max(MAX_GUARDIANS),
    })
    .refine(({ threshold, shares }) => threshold <= shares.length, { path: ["threshold"] }),
]);

const schema = z.strictObject({
  version: z.literal(1),
  chainId: integer,
  actor: exactly(20),
  id: exactly(16),
  generation: integer.min(1),
  slots: z
    .array(slot)
    .min(1)
    .max(MAX_SLOTS)
    .refine((slots) => new Set(slots.map(({ id }) => toHex(id))).size === slots.length)
    .refine((slots) => slots.filter(({ kind }) => kind === "passphrase").length <= 1),
  salt: exactly(32),
  body: upTo(MAX_VAULT),
});

/** A way to open a vault, as it stands in the file (docs/format.md §17). */
export type Slot = z.infer<typeof slot>;
export type SlotKind = Slot["kind"];
/** A slot of one kind. */
export type SlotOf<Kind extends SlotKind> = Extract<Slot, { kind: Kind }>;

/** A vault as it stands in its file: all of it but the body is readable by everybody. */
export type Vault = z.infer<typeof schema>;

/** Whose vault it is: an account of one chain. */
export interface VaultOwner {
  readonly chainId: number;
  /** Hex of 20 bytes; upper or lower case do not matter. */
  readonly actor: string;
}

/** Why a vault was refused before or after a key was used; stands as `reason` in the details of VAULT_DAMAGED. */
export type VaultReason = "size" | "magic" | "checksum" | "encoding" | "field" | "body" | "slot";

/** VAULT_DAMAGED with its reason. */
export function vaultDamaged(reason: VaultReason, what: string, details: ErrorDetails = {}, options?: ErrorOptions) {
  return new CareKeyError("VAULT_DAMAGED", what, { reason, ...details }, options);
}

/** The file of a vault: magic, dag-cbor, and sha2-256 of both, which tells damage from a wrong passphrase. */
export function encodeVault(vault: Vault): Uint8Array {
  const content = concat([MAGIC, dagCbor.encode(vault)]);
  return concat([content, sha256(content)]);
}

/**
 * Reads the file of a vault. No key is used and nothing expensive is done.
 *
 * Errors: VAULT_DAMAGED with reason size, magic, checksum, encoding, or field (details.field names it).
 */
export function decodeVault(file: Uint8Array): Vault {
  if (file.length > MAX_VAULT)
    throw vaultDamaged("size", `A vault has at most ${MAX_VAULT} bytes`, { size: file.length });
  if (!equalBytes(file.subarray(0, MAGIC.length), MAGIC)) throw vaultDamaged("magic", "This is no vault of version 1");
  const content = file.subarray(0, -CHECKSUM_SIZE);
  if (content.length < MAGIC.length || !equalBytes(sha256(content), file.subarray(-CHECKSUM_SIZE)))
    throw vaultDamaged("checksum", "The vault was altered or cut short", { size: file.length });
  let value: unknown;
  try {
    value = dagCbor.decode(content.subarray(MAGIC.length));
  } catch (cause) {
    throw vaultDamaged("encoding", "The vault is not dag-cbor", {}, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join(".") ?? "";
  throw vaultDamaged("field", `The vault's field ${JSON.stringify(field)} is missing or wrong`, { field });
}

/**
 * A vault without its passphrase slot, as it may lie where others can copy it: a passphrase could be guessed at for ever. Needs no
 * key; the same vault gives the same bytes.
 *
 * Errors: RECOVERY_MISSING when nothing else would open it; VAULT_DAMAGED.
 */
export function portableVault(file: Uint8Array): Uint8Array {
  const vault = decodeVault(file);
  const slots = portableSlots(vault.slots);
  if (slots.length > 0) return encodeVault({ ...vault, slots });
  throw new CareKeyError("RECOVERY_MISSING", "Nothing but the passphrase opens this vault, and that stays at home", {
    slots: vault.slots.length,
  });
}

/** The slots that are published. */
export function portableSlots(slots: readonly Slot[]): Slot[] {
  return slots.filter(({ kind }) => kind !== "passphrase");
}

/** Whose vault this is. */
export function ownerOf({ chainId, actor }: Vault): VaultOwner {
  return { chainId, actor: toHex(actor) };
}

/**
 * Makes sure that a vault is the one looked for.
 *
 * Errors: VAULT_MISMATCH with the field that differs.
 */
export function requireOwner(vault: Vault, expected: VaultOwner): void {
  const field =
    vault.chainId !== expected.chainId
      ? "chainId"
      : toHex(vault.actor) !== expected.actor.toLowerCase()
        ? "actor"
        : undefined;
  if (field === undefined) return;
  throw new CareKeyError("VAULT_MISMATCH", `The vault names another ${field}`, { field });
}

/**
 * The one slot that is meant.
 *
 * Errors: SLOT_UNKNOWN.
 */
export function slotOf(slots: readonly Slot[], id: string): Slot {
  const found = slots.find((each) => toHex(each.id) === id.toLowerCase());
  if (found) return found;
  throw new CareKeyError("SLOT_UNKNOWN", `The vault has no slot ${JSON.stringify(id)}`, { slot: id });
}

/** The slots of a kind, or the one that is meant. Errors: SLOT_UNKNOWN when there is none. */
export function slotsOf<Kind extends SlotKind>(
  slots: readonly Slot[],
  kind: Kind,
  id?: string,
): [SlotOf<Kind>, ...SlotOf<Kind>[]] {
  const candidates = id === undefined ? slots : [slotOf(slots, id)];
  const [first, ...more] = candidates.filter((each): each is SlotOf<Kind> => each.kind === kind);
  if (first) return [first, ...more];
  throw new CareKeyError("SLOT_UNKNOWN", `The vault has no such slot of the kind ${kind}`, { kind, slot: id });
}

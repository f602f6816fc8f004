import * as dagCbor from "@ipld/dag-cbor";
import { sha256 } from "@noble/hashes/sha2.js";
import { combine, split } from "shamir-secret-sharing";
import { z } from "zod";

import { concat, equalBytes } from "../../bytes.js";
import { CareKeyError, isCareKeyError } from "../../errors.js";
import { openBytes, sealBytes } from "../age.js";
import { identitySecret, recipientOf, recipientToBytes } from "../recipients.js";
import { exactly, integer } from "./fields.js";
import { MAX_GUARDIANS, type SlotOf, slotsOf, type Vault, vaultDamaged } from "./vault.js";
import { KEY_SIZE, random, vaultKeyFor, type VaultName } from "./wrap.js";

/** Longest share once opened; it holds some 250 bytes. */
const MAX_SHARE = 1024;
const SHARE_SIZE = KEY_SIZE + 1;

const schema = z.strictObject({
  version: z.literal(1),
  chainId: integer,
  actor: exactly(20),
  vault: exactly(16),
  slot: exactly(8),
  index: integer.min(1).max(MAX_GUARDIANS),
  recipient: exactly(32),
  share: exactly(SHARE_SIZE),
});

/** What a guardian keeps, and hands on: it names what it is for, and the key that it is sealed to. */
type Share = z.infer<typeof schema>;
type GuardiansSlot = SlotOf<"guardians">;

/** Why a share was not taken; stands as `reason` in the details of SHARE_INVALID. */
export type ShareReason = "sealed" | "format" | "context" | "commitment";

/**
 * Splits a fresh secret among guardians (Shamir, any `threshold` of them), each share sealed to one of them with a commitment beside
 * it: combining false shares would give garbage without a word.
 *
 * Errors: INVALID_ARGUMENT for fewer than 2 or more than 16 guardians, one of them named twice, or a threshold out of range;
 * RECIPIENT_INVALID.
 */
export async function shareAmong(
  recipients: readonly string[],
  threshold: number,
  name: VaultName,
  slot: Pick<GuardiansSlot, "id" | "salt">,
): Promise<{ part: Pick<GuardiansSlot, "threshold" | "shares">; slotKey: Uint8Array }> {
  const count = recipients.length;
  if (count < 2 || count > MAX_GUARDIANS || new Set(recipients).size !== count)
    throw new CareKeyError("INVALID_ARGUMENT", `Name 2 to ${MAX_GUARDIANS} different guardians, not ${count}`, {
      count,
    });
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > count)
    throw new CareKeyError("INVALID_ARGUMENT", `Of ${count} guardians 2 to ${count} can be enough, not ${threshold}`, {
      threshold,
    });
  const keys = recipients.map(recipientToBytes);
  const secret = random(KEY_SIZE);
  const parts = await split(secret, count, threshold);
  const shares = await Promise.all(
    parts.map(async (share, at) => {
      const kept: Share = {
        ...{ version: 1, chainId: name.chainId, actor: name.actor, vault: name.id, slot: slot.id, index: at + 1 },
        ...{ recipient: sha256(keys[at] ?? new Uint8Array()), share },
      };
      const sealed = await sealShare(kept, recipients[at] ?? "");
      return { commitment: commitmentOf(kept), sealed };
    }),
  );
  return { part: { threshold, shares }, slotKey: vaultKeyFor("guardians", secret, slot.salt) };
}

/** A share on its way from a guardian to whoever recovers. */
export interface ReleasedShare {
  /** The guardian's number in the slot, from 1. */
  readonly index: number;
  /** age file, sealed to the recovery key alone. */
  readonly bytes: Uint8Array;
}

/**
 * As a guardian: opens one's share of somebody's vault and seals it to the recovery key of their blank machine. Make sure first, by
 * another way than the one the request came by, that the key is theirs: {@link requestFingerprint}.
 *
 * @param identities All of the guardian's: the share may be sealed to an old one.
 * @param slot Hex id of the slot that the request names.
 *
 * Errors: SLOT_UNKNOWN; NOT_A_RECIPIENT when no share there is for this guardian; RECIPIENT_INVALID; SHARE_INVALID when the own share is not
 * what the slot commits to.
 */
export async function releaseShare(
  vault: Vault,
  slot: string,
  identities: readonly string[],
  recipient: string,
): Promise<ReleasedShare> {
  const key = recipientToBytes(recipient);
  identities.forEach(identitySecret);
  const [guardians] = slotsOf(vault.slots, "guardians", slot);
  let damaged: CareKeyError | undefined;
  for (const identity of identities) {
    for (const [at, { sealed }] of guardians.shares.entries()) {
      let share: Share;
      try {
        share = await openShare(sealed, identity, at + 1);
        const refusal = await refusalOf(share, vault, guardians, identity);
        if (refusal !== undefined || share.index !== at + 1) throw shareInvalid(at + 1, refusal ?? "context");
      } catch (cause) {
        // it may be another guardian's that was damaged
        if (!isCareKeyError(cause, "NOT_A_RECIPIENT"))
          damaged ??= isCareKeyError(cause, "SHARE_INVALID") ? cause : shareInvalid(at + 1, "sealed", cause);
        continue;
      }
      return { index: share.index, bytes: await sealShare({ ...share, recipient: sha256(key) }, recipient) };
    }
  }
  throw damaged ?? new CareKeyError("NOT_A_RECIPIENT", "No share of this vault is for this identity", { slot });
}

/** What came of the shares that guardians released. */
export interface CollectedShares {
  readonly slotKey: Uint8Array;
  /** Files that were left out: their positions, from 1, and why. */
  readonly refused: readonly RefusedShare[];
}

export interface RefusedShare {
  readonly share: number;
  readonly reason: ShareReason;
}

/**
 * As whoever recovers: checks every released share against the slot's commitments and combines the good ones. False shares do no
 * harm while enough true ones are there.
 *
 * Errors: SHARE_INVALID naming the first false one (`share`, its position from 1, and the reason), or SHARES_MISSING, when fewer than the
 * threshold are good.
 */
export async function collectShares(
  vault: Vault,
  slot: GuardiansSlot,
  files: readonly Uint8Array[],
  identity: string,
): Promise<CollectedShares> {
  identitySecret(identity);
  const good = new Map<number, Uint8Array>();
  const refused: RefusedShare[] = [];
  for (const [at, file] of files.entries()) {
    try {
      const share = await openShare(file, identity, at + 1);
      const reason = await refusalOf(share, vault, slot, identity);
      if (reason === undefined) good.set(share.index, share.share);
      else refused.push({ share: at + 1, reason });
    } catch (cause) {
      refused.push({ share: at + 1, reason: isCareKeyError(cause, "SHARE_INVALID") ? "format" : "sealed" });
    }
  }
  const { threshold } = slot;
  const [first] = refused;
  if (good.size < threshold && first) throw shareInvalid(first.share, first.reason);
  if (good.size < threshold)
    throw new CareKeyError("SHARES_MISSING", `${good.size} of the ${threshold} shares needed are there`, {
      shares: good.size,
      threshold,
    });
  const secret = await combine([...good.values()].slice(0, threshold)).catch((cause: unknown) => {
    throw vaultDamaged("slot", "The shares are true and do not belong together", { kind: "guardians" }, { cause });
  });
  return { slotKey: vaultKeyFor("guardians", secret, slot.salt), refused };
}

/** The vault key of a slot whose shares were good. Errors: VAULT_DAMAGED with reason slot. */
export function requireOpened(vaultKey: Uint8Array | undefined): Uint8Array {
  if (vaultKey) return vaultKey;
  throw vaultDamaged("slot", "The shares are true, and the slot does not open: it was altered", { kind: "guardians" });
}

/** sha2-256 of the share with what it is for: tells a true share, and tells nobody what it is. */
function commitmentOf({ vault, slot, index, share }: Share): Uint8Array {
  return sha256(concat([new TextEncoder().encode("carekey/v1/share"), vault, slot, Uint8Array.of(index), share]));
}

async function sealShare(share: Share, recipient: string): Promise<Uint8Array> {
  return (await sealBytes(dagCbor.encode(share), [recipient])).bytes;
}

async function openShare(sealed: Uint8Array, identity: string, position: number): Promise<Share> {
  const plaintext = await openBytes(sealed, { identity }, MAX_SHARE);
  try {
    return schema.parse(dagCbor.decode(plaintext));
  } catch {
    // without the cause: it could quote the share
    throw shareInvalid(position, "format");
  }
}

async function refusalOf(
  share: Share,
  vault: Vault,
  slot: GuardiansSlot,
  identity: string,
): Promise<"context" | "commitment" | undefined> {
  const own = sha256(recipientToBytes(await recipientOf(identity)));
  const fits =
    share.chainId === vault.chainId &&
    equalBytes(share.actor, vault.actor) &&
    equalBytes(share.vault, vault.id) &&
    equalBytes(share.slot, slot.id) &&
    equalBytes(share.recipient, own);
  if (!fits) return "context";
  const commitment = slot.shares[share.index - 1]?.commitment;
  return commitment && equalBytes(commitment, commitmentOf(share)) ? undefined : "commitment";
}

function shareInvalid(share: number, reason: ShareReason, cause?: unknown): CareKeyError {
  const what = `Share ${share} is not one that this vault asks for`;
  return new CareKeyError("SHARE_INVALID", `${what} (${reason})`, { share, reason }, { cause });
}

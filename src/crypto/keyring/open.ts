import { CareKeyError } from "../../errors.js";
import { passphraseKey } from "./passphrase-key.js";
import { type Authenticator, unwrapWithPasskey, webauthnAuthenticator } from "./passkey.js";
import { parseRecoveryCode } from "./recovery-code.js";
import { collectShares, type RefusedShare, requireOpened } from "./shares.js";
import { requireOwner, type Slot, slotsOf, type Vault, type VaultOwner } from "./vault.js";
import { unwrapVaultKey, vaultKeyFor } from "./wrap.js";

/** How to open a vault. */
export type OpeningMethod =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "recovery-code"; readonly words: string }
  | { readonly kind: "passkey"; readonly authenticator?: Authenticator | undefined }
  | {
      readonly kind: "guardians";
      /** What guardians released, in any order. */
      readonly shares: readonly Uint8Array[];
      /** The recovery key that they were released to. */
      readonly identity: string;
    };

export interface OpenVaultOptions {
  /** Hex id of the slot that is meant; any of the method's kind unless given. */
  readonly slot?: string | undefined;
  /** Whose vault it has to be. */
  readonly owner?: VaultOwner | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A vault's key, and how it was come by. */
export interface OpenedVault {
  readonly vaultKey: Uint8Array;
  readonly slot: Slot;
  readonly refused: readonly RefusedShare[];
}

/** Finds the vault key by one method. Errors: see Keyring.open. */
export async function openVaultKey(
  vault: Vault,
  method: OpeningMethod,
  { slot: id, owner, signal }: OpenVaultOptions,
): Promise<OpenedVault> {
  if (owner) requireOwner(vault, owner);
  const { slots } = vault;
  switch (method.kind) {
    case "passphrase": {
      for (const slot of slotsOf(slots, "passphrase", id)) {
        const key = await passphraseKey(method.passphrase, slot.salt, slot.workFactor, signal);
        const vaultKey = unwrapVaultKey(key, vault, slot);
        if (vaultKey) return { vaultKey, slot, refused: [] };
      }
      throw new CareKeyError("PASSPHRASE_WRONG", "The passphrase does not open the vault");
    }
    case "recovery-code": {
      const secret = parseRecoveryCode(method.words);
      for (const slot of slotsOf(slots, "recovery-code", id)) {
        const vaultKey = unwrapVaultKey(vaultKeyFor("recovery-code", secret, slot.salt), vault, slot);
        if (vaultKey) return { vaultKey, slot, refused: [] };
      }
      throw wrongKey("recovery-code", "The recovery code is well-formed and of another vault, or of a slot removed");
    }
    case "passkey": {
      const { authenticator = webauthnAuthenticator() } = method;
      let failure: Error = wrongKey("passkey", "The passkey does not open the vault");
      for (const slot of slotsOf(slots, "passkey", id)) {
        try {
          const key = await unwrapWithPasskey(slot, authenticator);
          const vaultKey = key && unwrapVaultKey(key, vault, slot);
          if (vaultKey) return { vaultKey, slot, refused: [] };
        } catch (cause) {
          // another of the actor's passkeys may be at hand
          failure = cause as Error;
        }
      }
      throw failure;
    }
    case "guardians": {
      const failures: unknown[] = [];
      // the newest first: that is the one a request names
      for (const slot of slotsOf(slots, "guardians", id).reverse()) {
        try {
          const { slotKey, refused } = await collectShares(vault, slot, method.shares, method.identity);
          return { vaultKey: requireOpened(unwrapVaultKey(slotKey, vault, slot)), slot, refused };
        } catch (cause) {
          failures.push(cause);
        }
      }
      throw failures[0] as Error;
    }
  }
}

function wrongKey(kind: Slot["kind"], what: string): CareKeyError {
  return new CareKeyError("VAULT_KEY_WRONG", what, { kind });
}

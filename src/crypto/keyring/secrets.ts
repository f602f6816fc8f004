import * as dagCbor from "@ipld/dag-cbor";
import { bech32 } from "@scure/base";
import { z } from "zod";

import { identitySecret } from "../recipients.js";
import { exactly, integer } from "./fields.js";
import { vaultDamaged } from "./vault.js";

/** Most identities of one vault: one for each version of the actor's key. */
export const MAX_IDENTITIES = 1024;

const schema = z.strictObject({
  version: z.literal(1),
  identities: z
    .array(z.strictObject({ version: integer.min(1).max(0xffff_ffff), secret: exactly(32) }))
    .min(1)
    .max(MAX_IDENTITIES)
    .refine((all) => all.every(({ version }, index) => index === 0 || version > (all[index - 1]?.version ?? 0))),
  wallet: exactly(32).nullable(),
});

/** A version of the actor's key, as numbered by the key registry. */
export interface VersionedIdentity {
  readonly version: number;
  /** AGE-SECRET-KEY-PQ-1…: secret. */
  readonly identity: string;
}

/** What a vault keeps. */
export interface VaultSecrets {
  /** Oldest first; old versions open what was sealed to them. */
  readonly identities: readonly VersionedIdentity[];
  /** The 32 bytes of the wallet's private key, where the vault keeps it. */
  readonly wallet: Uint8Array | undefined;
}

/** Encodes what the body of a vault holds. Errors: IDENTITY_INVALID. */
export function encodeSecrets({ identities, wallet }: VaultSecrets): Uint8Array {
  return dagCbor.encode({
    version: 1,
    identities: identities.map(({ version, identity }) => ({ version, secret: identitySecret(identity) })),
    wallet: wallet ?? null,
  });
}

/** Decodes the body of a vault. Errors: VAULT_DAMAGED with reason body. */
export function decodeSecrets(body: Uint8Array): VaultSecrets {
  try {
    const { identities, wallet } = schema.parse(dagCbor.decode(body));
    return {
      identities: identities.map(({ version, secret }) => ({ version, identity: identityFromSecret(secret) })),
      wallet: wallet ?? undefined,
    };
  } catch {
    // without the cause: it could quote what was sealed
    throw vaultDamaged("body", "What the vault keeps does not follow the format");
  }
}

/** The identity AGE-SECRET-KEY-PQ-1… of its 32 bytes (C2SP age: bech32 in upper case). */
function identityFromSecret(secret: Uint8Array): string {
  return bech32.encode("age-secret-key-pq-", bech32.toWords(secret), false).toUpperCase();
}

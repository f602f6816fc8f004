import { base64nopad } from "@scure/base";
import { type Identity, type Recipient, Stanza, webauthn } from "age-encryption";

import { CareKeyError } from "../../errors.js";
import type { SlotOf } from "./vault.js";
import { random, vaultKeyFor } from "./wrap.js";

/** Length of a file key, which is all that such a passkey wraps (C2SP age). */
const SECRET_SIZE = 16;
/** 16 bytes in base64. */
const NONCE_LENGTH = 22;
const STANZA = "age-encryption.org/fido2prf";

/** Whatever keeps passkeys: age's own calls, so that the browser's stand behind it or, in a test, others. */
export interface Authenticator {
  /** Makes a passkey with the PRF extension; returns what names it, `AGE-PLUGIN-FIDO2PRF-1…`. */
  create(name: string): Promise<string>;
  recipient(credential: string): Recipient;
  identity(credential: string): Identity;
}

/** The browser's authenticators (WebAuthn, PRF extension), through age-encryption. */
export function webauthnAuthenticator(options: Pick<webauthn.CreationOptions, "type" | "rpId"> = {}): Authenticator {
  return {
    create: (keyName) => webauthn.createCredential({ ...options, keyName }),
    recipient: (credential) => new webauthn.WebAuthnRecipient({ identity: credential }),
    identity: (credential) => new webauthn.WebAuthnIdentity({ identity: credential }),
  };
}

/**
 * Makes a passkey for vaults.
 *
 * Errors: PASSKEY_FAILED: no authenticator, none with the PRF extension, or its owner said no.
 */
export function createPasskey(name: string, authenticator: Authenticator = webauthnAuthenticator()): Promise<string> {
  return asked(authenticator.create(name));
}

/** The passkey's part of a new slot, and the slot's key. Errors: PASSKEY_FAILED. */
export async function wrapWithPasskey(credential: string, salt: Uint8Array, authenticator: Authenticator) {
  const secret = random(SECRET_SIZE);
  const [stanza, ...more] = await asked(authenticator.recipient(credential).wrapFileKey(secret));
  const [type, text] = stanza?.args ?? [];
  if (!stanza || more.length > 0 || type !== STANZA || text?.length !== NONCE_LENGTH || stanza.body.length !== 32)
    throw new CareKeyError("PASSKEY_FAILED", "The authenticator gave another kind of key");
  const nonce = base64nopad.decode(text);
  return { part: { credential, nonce, key: stanza.body }, slotKey: vaultKeyFor("passkey", secret, salt) };
}

/** The key of a passkey's slot; undefined where this passkey does not open it. Errors: PASSKEY_FAILED. */
export async function unwrapWithPasskey(
  { credential, nonce, key, salt }: SlotOf<"passkey">,
  authenticator: Authenticator,
): Promise<Uint8Array | undefined> {
  const stanza = new Stanza([STANZA, base64nopad.encode(nonce)], key);
  const secret = await asked(authenticator.identity(credential).unwrapFileKey([stanza]));
  return secret ? vaultKeyFor("passkey", secret, salt) : undefined;
}

async function asked<T>(answer: Promise<T> | T): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new CareKeyError("PASSKEY_FAILED", "The passkey gave no key", {}, { cause });
  }
}

import { bech32 } from "@scure/base";

import { CareKeyError } from "../errors.js";
import { MAX_STANZAS, type Header, type Stanza } from "./header.js";
import { RECIPIENT_SIZE, SHARE_SIZE, unwrap, wrap, WRAPPED_SIZE } from "./hybrid.js";
import { requireFileKey, sealedInvalid } from "./invalid.js";
import { primitives } from "./primitives/native.js";
import { Recent } from "./recent.js";

/** Type of the one stanza that records are sealed with: post-quantum hybrid. */
export const HYBRID_STANZA = "mlkem768x25519";
/** Type reserved for a committee of keepers: readers accept it in a header, nothing writes it yet. */
export const COMMITTEE_STANZA = "carekey-committee";

const RECIPIENT_PREFIX = "age1pq";
const IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-";
const IDENTITY_SIZE = 32;
const decoded = new Recent<Uint8Array>(32);

/** Whoever can find the file key of a header. */
export interface Identity {
  /** The file key; undefined when no stanza is for this identity. Called only after the header passed {@link requireStanzas}. */
  unwrapFileKey(header: Header): Promise<Uint8Array | undefined>;
}

/** A new hybrid identity, `AGE-SECRET-KEY-PQ-1…`: 32 random bytes. Keep it secret. */
export async function generateIdentity(): Promise<string> {
  const secret = crypto.getRandomValues(new Uint8Array(IDENTITY_SIZE));
  return Promise.resolve(bech32.encode(IDENTITY_PREFIX, bech32.toWords(secret), false).toUpperCase());
}

/**
 * The recipient `age1pq1…` of an identity.
 *
 * Errors: IDENTITY_INVALID.
 *
 * @example
 * const recipient = await recipientOf(await generateIdentity());
 */
export async function recipientOf(identity: string): Promise<string> {
  return recipientFromBytes(await primitives.kem.publicKey(identitySecret(identity)));
}

/**
 * The 1,216 raw bytes of a recipient `age1pq1…` (ML-KEM-768, then X25519), as the key registry stores them.
 *
 * Errors: RECIPIENT_INVALID for everything else: classical, tag and plugin recipients, passphrases, typing errors.
 */
export function recipientToBytes(recipient: string): Uint8Array {
  return recipientBytes(recipient);
}

function recipientBytes(recipient: string, position?: number): Uint8Array {
  // a copy: callers may write to it
  return decoded.of(recipient, () => decodeRecipient(recipient, position)).slice();
}

function decodeRecipient(recipient: string, position: number | undefined): Uint8Array {
  const bytes = decodeBech32(recipient, RECIPIENT_PREFIX);
  if (bytes?.length === RECIPIENT_SIZE) return bytes;
  // never with its text: people paste identities in its place
  const details = { reason: "not-hybrid", length: recipient.length, position };
  throw new CareKeyError("RECIPIENT_INVALID", `This is no hybrid recipient (${recipient.length} characters)`, details);
}

/**
 * The recipient `age1pq1…` of its 1,216 raw bytes.
 *
 * Errors: RECIPIENT_INVALID for another length. Whether the bytes are a usable key shows when something is sealed to it.
 */
export function recipientFromBytes(bytes: Uint8Array): string {
  if (bytes.length === RECIPIENT_SIZE) return bech32.encode(RECIPIENT_PREFIX, bech32.toWords(bytes), false);
  const details = { reason: "size", size: bytes.length };
  throw new CareKeyError(
    "RECIPIENT_INVALID",
    `A recipient has ${RECIPIENT_SIZE} bytes, this one ${bytes.length}`,
    details,
  );
}

/**
 * Wraps a file key for 1 to 16 hybrid recipients: one stanza each, in their order. No grease stanza is added, as our readers
 * refuse it.
 *
 * Errors: RECIPIENT_INVALID with reason none, too-many, not-hybrid, duplicate or unusable; all but the last before
 * anything is wrapped, the last three with the position. INVALID_ARGUMENT for a file key not of 16 bytes.
 */
export async function wrapFileKey(fileKey: Uint8Array, recipients: readonly string[]): Promise<readonly Stanza[]> {
  requireFileKey(fileKey);
  const stanzas: Stanza[] = [];
  for (const [position, key] of requireRecipients(recipients).entries()) {
    try {
      const { share, body } = await wrap(fileKey, key);
      stanzas.push({ args: [HYBRID_STANZA, primitives.encodeBase64(share)], body });
    } catch (cause) {
      const details = { reason: "unusable", position };
      throw new CareKeyError("RECIPIENT_INVALID", `Recipient ${position} is no usable key`, details, { cause });
    }
  }
  return stanzas;
}

/** The raw keys of recipients that may be sealed to together. */
function requireRecipients(recipients: readonly string[]): Uint8Array[] {
  const count = recipients.length;
  if (count === 0) throw new CareKeyError("RECIPIENT_INVALID", "There is no recipient", { reason: "none" });
  if (count > MAX_STANZAS) {
    const details = { reason: "too-many", count, limit: MAX_STANZAS };
    throw new CareKeyError("RECIPIENT_INVALID", `There are ${count} recipients; at most ${MAX_STANZAS} fit`, details);
  }
  return recipients.map((recipient, position) => {
    const key = recipientBytes(recipient, position);
    // the decoder takes one spelling only, so equal keys have equal texts
    if (recipients.indexOf(recipient) === position) return key;
    const details = { reason: "duplicate", position };
    throw new CareKeyError("RECIPIENT_INVALID", `Recipient ${position} stands there twice`, details);
  });
}

/**
 * The file key of a header, for a hybrid identity or any other {@link Identity}. Check the stanzas before and the MAC after.
 *
 * Errors: NOT_A_RECIPIENT when no stanza is for this identity; IDENTITY_INVALID; SEALED_INVALID with reason stanza-shape.
 */
export async function unwrapFileKey(header: Header, identity: string | Identity): Promise<Uint8Array> {
  const fileKey = await (typeof identity === "string" ? hybridIdentity(identity) : identity).unwrapFileKey(header);
  if (fileKey) return fileKey;
  const details = { stanzas: header.stanzas.length };
  throw new CareKeyError("NOT_A_RECIPIENT", "No stanza of the header is for this identity", details);
}

function hybridIdentity(identity: string): Identity {
  const secret = identitySecret(identity);
  return {
    unwrapFileKey: async (header) => {
      const stanzas = requireStanzas(header);
      try {
        for (const { share, body } of stanzas) {
          const fileKey = await unwrap(share, body, secret);
          if (fileKey) return fileKey;
        }
      } catch (cause) {
        throw sealedInvalid("stanza-shape", "A hybrid stanza holds no valid share", {}, { cause });
      }
      return undefined;
    },
  };
}

/**
 * Refuses every header that a record must not have, before any key is used: stanzas are hybrid ones of the right shape, or of
 * the reserved committee. Classical, passphrase and unknown types are refused, and with them the random "grease" that some
 * writers add: C2SP age ("Recipient stanza") lets an identity demand that its type is not mixed with others.
 *
 * Errors: SEALED_INVALID with reason stanza-type or stanza-shape, and the position.
 *
 * @returns share and body of the hybrid stanzas.
 */
export function requireStanzas({ stanzas }: Pick<Header, "stanzas">): { share: Uint8Array; body: Uint8Array }[] {
  return stanzas.flatMap(({ args: [type, text, ...more], body }, position) => {
    if (type === COMMITTEE_STANZA) return [];
    if (type !== HYBRID_STANZA)
      throw sealedInvalid("stanza-type", `Stanza ${position} is not post-quantum hybrid`, { position });
    const share = primitives.decodeBase64(text ?? "");
    if (share?.length === SHARE_SIZE && body.length === WRAPPED_SIZE && more.length === 0) return [{ share, body }];
    throw sealedInvalid("stanza-shape", `Stanza ${position} is no hybrid stanza`, { position });
  });
}

/**
 * The 32 secret bytes of an identity, to derive other secrets of its owner from. Never store or send them.
 *
 * Errors: IDENTITY_INVALID.
 */
export function identitySecret(identity: string): Uint8Array {
  const lower = identity.toLowerCase();
  const bytes = identity === identity.toUpperCase() ? decodeBech32(lower, IDENTITY_PREFIX.toLowerCase()) : undefined;
  if (bytes?.length === IDENTITY_SIZE) return bytes;
  throw new CareKeyError("IDENTITY_INVALID", `This is no hybrid identity (${identity.length} characters)`);
}

/** The data of lower-case Bech32 (BIP 173) of any length with this prefix; undefined for anything else. */
function decodeBech32(text: string, prefix: string): Uint8Array | undefined {
  if (!text.startsWith(`${prefix}1`) || text !== text.toLowerCase()) return undefined;
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded?.prefix !== prefix) return undefined;
  return bech32.fromWordsUnsafe(decoded.words) ?? undefined;
}

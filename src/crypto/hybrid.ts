import { concat } from "../bytes.js";
import { primitives } from "./primitives/native.js";
import { MLKEM_PUBLIC_SIZE, MLKEM_SHARE_SIZE, TAG_SIZE } from "./primitives/types.js";

/**
 * The hybrid post-quantum recipient of age, mlkem768x25519: HPKE (RFC 9180, base mode, HKDF-SHA256, ChaCha20-Poly1305) over
 * the KEM that joins ML-KEM-768 with X25519. C2SP age, "The MLKEM768-X25519 … recipient type".
 */

/** ML-KEM-768 and X25519 public keys together. */
export const RECIPIENT_SIZE = MLKEM_PUBLIC_SIZE + 32;
/** ML-KEM-768 ciphertext and X25519 ephemeral share together. */
export const SHARE_SIZE = MLKEM_SHARE_SIZE + 32;
/** A wrapped file key: 16 bytes and a tag. */
export const WRAPPED_SIZE = 16 + TAG_SIZE;

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const NOTHING = new Uint8Array(0);
/** "HPKE", then the KEM, the KDF and the AEAD by their numbers. */
const SUITE = concat([ascii("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x03)]);
/** HPKE's key schedule context: base mode, no PSK, and the label of the recipient type as info. */
const CONTEXT = concat([
  Uint8Array.of(0),
  labeledExtract(NOTHING, "psk_id_hash", NOTHING),
  labeledExtract(NOTHING, "info_hash", ascii("age-encryption.org/mlkem768x25519")),
]);

/** Encrypts a file key to 1,216 public bytes. Rejects where they are no valid key. */
export async function wrap(
  fileKey: Uint8Array,
  recipient: Uint8Array,
): Promise<{ share: Uint8Array; body: Uint8Array }> {
  const { share, secret } = await primitives.kem.encapsulate(recipient);
  const { key, nonce } = schedule(secret);
  const body = new Uint8Array(fileKey.length + TAG_SIZE);
  primitives.cipher(key).seal(nonce, fileKey, body);
  return { share, body };
}

/**
 * Decrypts the 32-byte body that came with a 1,120-byte share; undefined when it was wrapped for another identity. Rejects
 * where the share is no valid one.
 */
export async function unwrap(
  share: Uint8Array,
  body: Uint8Array,
  identity: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { key, nonce } = schedule(await primitives.kem.decapsulate(share, identity));
  const fileKey = new Uint8Array(body.length - TAG_SIZE);
  return primitives.cipher(key).open(nonce, body, fileKey) ? fileKey : undefined;
}

function schedule(shared: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const secret = labeledExtract(shared, "secret", NOTHING);
  return { key: labeledExpand(secret, "key", 32), nonce: labeledExpand(secret, "base_nonce", 12) };
}

function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return primitives.hmac(salt, concat([ascii("HPKE-v1"), SUITE, ascii(label), material]));
}

/** HKDF-Expand of up to 32 bytes: one round. */
function labeledExpand(secret: Uint8Array, label: string, size: number): Uint8Array {
  const parts = [Uint8Array.of(0, size), ascii("HPKE-v1"), SUITE, ascii(label), CONTEXT, Uint8Array.of(1)];
  return primitives.hmac(secret, concat(parts)).subarray(0, size);
}

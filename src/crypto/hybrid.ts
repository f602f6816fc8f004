import * as crypto from "node:crypto";
import { concat } from "../bytes.js";

/**
 * The hybrid post-quantum recipient of age, mlkem768x25519, on node:crypto: HPKE (RFC 9180, base mode, HKDF-SHA256,
 * ChaCha20-Poly1305) over the KEM that joins ML-KEM-768 with X25519 (X-Wing). C2SP age, "The MLKEM768-X25519 … recipient type".
 */

/** ML-KEM-768 and X25519 public keys together. */
export const RECIPIENT_SIZE = 1184 + 32;
/** ML-KEM-768 ciphertext and X25519 ephemeral share together. */
export const SHARE_SIZE = 1088 + 32;
/** A wrapped file key: 16 bytes and a tag. */
export const WRAPPED_SIZE = 16 + 16;

/** What stands before a raw key in its DER form: SubjectPublicKeyInfo for public ones, PKCS #8 for private ones. */
const der = {
  mlkemPublic: Buffer.from("308204b2300b0609608648016503040402038204a100", "hex"),
  mlkemSeed: Buffer.from("3054020100300b060960864801650304040204428040", "hex"),
  x25519Public: Buffer.from("302a300506032b656e032100", "hex"),
  x25519Private: Buffer.from("302e020100300506032b656e04220420", "hex"),
};
const KEM_LABEL = Buffer.from("\\.//^\\");
/** "HPKE", then the KEM, the KDF and the AEAD by their numbers. */
const SUITE = Buffer.from("48504b45647a00010003", "hex");
const CIPHER_OPTIONS = { authTagLength: 16 } as const;
const NOTHING = Buffer.alloc(0);
/** HPKE's key schedule context: base mode, no PSK, and the label of the recipient type as info. */
const CONTEXT = concat([
  Buffer.of(0),
  labeledExtract(NOTHING, "psk_id_hash", NOTHING),
  labeledExtract(NOTHING, "info_hash", Buffer.from("age-encryption.org/mlkem768x25519")),
]);

/** True where this Node.js has ML-KEM (24.7 with OpenSSL 3.5, or later). */
export const hasNativeHybrid = ((): boolean => {
  try {
    // both are needed, and older versions lack the first altogether
    return (
      typeof crypto.encapsulate === "function" && mlkemPrivate(Buffer.alloc(64)).asymmetricKeyType === "ml-kem-768"
    );
  } catch {
    return false;
  }
})();

/** The 1,216 public bytes of a 32-byte identity. */
export function publicKey(identity: Uint8Array): Uint8Array {
  const { mlkem, x25519 } = expand(identity);
  return concat([rawPublic(mlkem, 1184), rawPublic(x25519, 32)]);
}

/** Encrypts a file key to 1,216 public bytes. Throws where they are no valid key. */
export function wrap(fileKey: Uint8Array, recipient: Uint8Array): { share: Uint8Array; body: Uint8Array } {
  const x25519Recipient = recipient.subarray(1184);
  const mlkem = crypto.encapsulate(publicKeyOf(der.mlkemPublic, recipient.subarray(0, 1184)));
  const ephemeral = crypto.generateKeyPairSync("x25519");
  const ephemeralShare = rawPublic(ephemeral.privateKey, 32);
  const shared = crypto.diffieHellman({
    privateKey: ephemeral.privateKey,
    publicKey: publicKeyOf(der.x25519Public, x25519Recipient),
  });
  const { key, nonce } = schedule(combine(mlkem.sharedKey, shared, ephemeralShare, x25519Recipient));
  const cipher = crypto.createCipheriv("chacha20-poly1305", key, nonce, CIPHER_OPTIONS);
  const sealed = cipher.update(fileKey);
  cipher.final();
  return { share: concat([mlkem.ciphertext, ephemeralShare]), body: concat([sealed, cipher.getAuthTag()]) };
}

/**
 * Decrypts the 32-byte body that came with a 1,120-byte share; undefined when it was wrapped for another identity. Throws
 * where the share is no valid one.
 */
export function unwrap(share: Uint8Array, body: Uint8Array, identity: Uint8Array): Uint8Array | undefined {
  const { mlkem, x25519 } = expand(identity);
  const ephemeralShare = share.subarray(1088);
  const mlkemShared = crypto.decapsulate(mlkem, share.subarray(0, 1088));
  const shared = crypto.diffieHellman({ privateKey: x25519, publicKey: publicKeyOf(der.x25519Public, ephemeralShare) });
  const { key, nonce } = schedule(combine(mlkemShared, shared, ephemeralShare, rawPublic(x25519, 32)));
  const decipher = crypto.createDecipheriv("chacha20-poly1305", key, nonce, CIPHER_OPTIONS);
  decipher.setAuthTag(body.subarray(-16));
  const fileKey = decipher.update(body.subarray(0, -16));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(fileKey);
}

function expand(identity: Uint8Array): { mlkem: crypto.KeyObject; x25519: crypto.KeyObject } {
  const seeds = crypto.createHash("shake256", { outputLength: 96 }).update(identity).digest();
  const x25519 = Buffer.concat([der.x25519Private, seeds.subarray(64)]);
  return {
    mlkem: mlkemPrivate(seeds.subarray(0, 64)),
    x25519: crypto.createPrivateKey({ key: x25519, format: "der", type: "pkcs8" }),
  };
}

function mlkemPrivate(seed: Uint8Array): crypto.KeyObject {
  return crypto.createPrivateKey({ key: Buffer.concat([der.mlkemSeed, seed]), format: "der", type: "pkcs8" });
}

function publicKeyOf(prefix: Buffer, raw: Uint8Array): crypto.KeyObject {
  return crypto.createPublicKey({ key: Buffer.concat([prefix, raw]), format: "der", type: "spki" });
}

function rawPublic(privateKey: crypto.KeyObject, size: number): Uint8Array {
  return crypto.createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-size);
}

/** X-Wing's combiner: it stays secret while either of the two shared secrets does. */
function combine(mlkem: Uint8Array, x25519: Uint8Array, share: Uint8Array, recipient: Uint8Array): Uint8Array {
  return crypto
    .createHash("sha3-256")
    .update(concat([mlkem, x25519, share, recipient, KEM_LABEL]))
    .digest();
}

function schedule(shared: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const secret = labeledExtract(shared, "secret", NOTHING);
  return { key: labeledExpand(secret, "key", 32), nonce: labeledExpand(secret, "base_nonce", 12) };
}

function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return hmac(salt, Buffer.from("HPKE-v1"), SUITE, Buffer.from(label), material);
}

/** HKDF-Expand of up to 32 bytes: one round. */
function labeledExpand(secret: Uint8Array, label: string, size: number): Uint8Array {
  const round = hmac(
    secret,
    Buffer.of(0, size),
    Buffer.from("HPKE-v1"),
    SUITE,
    Buffer.from(label),
    CONTEXT,
    Buffer.of(1),
  );
  return round.subarray(0, size);
}

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return crypto.createHmac("sha256", key).update(concat(parts)).digest();
}

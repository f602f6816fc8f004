/** Hybrid age files from the C2SP specifications with plain primitives, randomness given: nothing of src/ is used. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from "node:crypto";

import { ml_kem768 as mlkem } from "@noble/post-quantum/ml-kem.js";

export const sha256 = (...parts: Uint8Array[]): Uint8Array =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
export const hkdf = (secret: Uint8Array, salt: Uint8Array, info: string, size = 32): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, salt, info, size));

/** As many bytes as wanted that follow from a phrase. */
export const fixed = (phrase: string, size = 32): Uint8Array =>
  hkdf(new TextEncoder().encode(phrase), new Uint8Array(), "carekey test vector", size);

export function seal(
  key: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array = new Uint8Array(),
  nonce: Uint8Array = new Uint8Array(12),
): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(context, { plaintextLength: plaintext.length });
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

export function unseal(
  key: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array = new Uint8Array(),
  nonce: Uint8Array = new Uint8Array(12),
): Uint8Array {
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  decipher.setAAD(context, { plaintextLength: sealed.length - 16 });
  decipher.setAuthTag(sealed.subarray(-16));
  return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
}

const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]): Buffer => {
  const running = createHmac("sha256", key);
  for (const part of parts) running.update(part);
  return running.digest();
};
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/** X25519 (RFC 7748) on raw bytes, which node:crypto takes in DER alone. */
const x25519 = {
  private: (scalar: Uint8Array) => {
    const key = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), scalar]);
    return createPrivateKey({ key, format: "der", type: "pkcs8" });
  },
  public: (point: Uint8Array) => {
    const key = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), point]);
    return createPublicKey({ key, format: "der", type: "spki" });
  },
  getPublicKey: (scalar: Uint8Array) =>
    new Uint8Array(createPublicKey(x25519.private(scalar)).export({ format: "der", type: "spki" }).subarray(-32)),
  getSharedSecret: (scalar: Uint8Array, point: Uint8Array) =>
    new Uint8Array(diffieHellman({ privateKey: x25519.private(scalar), publicKey: x25519.public(point) })),
};

function expand(identity: Uint8Array) {
  const seeds = new Uint8Array(createHash("shake256", { outputLength: 96 }).update(identity).digest());
  const { publicKey, secretKey } = mlkem.keygen(seeds.slice(0, 64));
  const scalar = seeds.slice(64);
  return { secretKey, scalar, recipient: new Uint8Array([...publicKey, ...x25519.getPublicKey(scalar)]) };
}

/** The 1,216 public bytes of 32 secret ones. */
export const recipientOf = (identity: Uint8Array): Uint8Array => expand(identity).recipient;

/** HPKE's key and nonce (RFC 9180, base mode) from the two shared secrets (X-Wing). */
function schedule(
  kem: Uint8Array,
  dh: Uint8Array,
  share: Uint8Array,
  own: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array } {
  const suite = Buffer.from("HPKE\x64\x7a\x00\x01\x00\x03", "latin1");
  const extract = (salt: Uint8Array, label: string, material: Uint8Array): Buffer =>
    hmac(salt, "HPKE-v1", suite, label, material);
  const none = new Uint8Array();
  const info = Buffer.from("age-encryption.org/mlkem768x25519");
  const context = Buffer.concat([Buffer.of(0), extract(none, "psk_id_hash", none), extract(none, "info_hash", info)]);
  const shared = createHash("sha3-256").update(kem).update(dh).update(share).update(own).update("\\.//^\\").digest();
  const secret = extract(shared, "secret", none);
  const out = (label: string, size: number): Buffer =>
    hmac(secret, Buffer.of(0, size), "HPKE-v1", suite, label, context, Buffer.of(1)).subarray(0, size);
  return { key: out("key", 32), nonce: out("base_nonce", 12) };
}

/** Seals up to 64 KiB to one recipient; all that is random follows from `phrase`. */
export function sealAge(plaintext: Uint8Array, recipient: Uint8Array, phrase: string): Uint8Array {
  const fileKey = fixed(`${phrase}: file key`, 16);
  const { cipherText, sharedSecret } = mlkem.encapsulate(recipient.slice(0, 1184), fixed(`${phrase}: message`));
  const ephemeral = fixed(`${phrase}: ephemeral`);
  const share = x25519.getPublicKey(ephemeral);
  const own = recipient.slice(1184);
  const { key, nonce } = schedule(sharedSecret, x25519.getSharedSecret(ephemeral, own), share, own);
  const args = base64(new Uint8Array([...cipherText, ...share]));
  const stanza = `age-encryption.org/v1\n-> mlkem768x25519 ${args}\n${base64(seal(key, fileKey, undefined, nonce))}\n---`;
  const mac = hmac(hkdf(fileKey, new Uint8Array(), "header"), stanza);
  const salt = fixed(`${phrase}: nonce`, 16);
  const last = new Uint8Array(12);
  last[11] = 1;
  const payload = seal(hkdf(fileKey, salt, "payload"), plaintext, undefined, last);
  return new Uint8Array(Buffer.concat([Buffer.from(`${stanza} ${base64(mac)}\n`), salt, payload]));
}

/** Opens what {@link sealAge} or any other writer sealed to one recipient, up to 64 KiB. */
export function openAge(file: Uint8Array, identity: Uint8Array): Uint8Array {
  const text = Buffer.from(file).toString("latin1");
  const found = /^(age-encryption\.org\/v1\n-> mlkem768x25519 ([^\n]+)\n([^\n]+)\n---) ([^\n]+)\n/.exec(text);
  if (!found) throw new Error("no hybrid file for one recipient");
  const [head = "", covered = "", args = "", body = "", mac = ""] = found;
  const { secretKey, scalar, recipient } = expand(identity);
  const shares = new Uint8Array(Buffer.from(args, "base64"));
  const [cipherText, share] = [shares.slice(0, 1088), shares.slice(1088)];
  const own = recipient.slice(1184);
  const dh = x25519.getSharedSecret(scalar, share);
  const { key, nonce } = schedule(mlkem.decapsulate(cipherText, secretKey), dh, share, own);
  const fileKey = unseal(key, new Uint8Array(Buffer.from(body, "base64")), undefined, nonce);
  if (base64(hmac(hkdf(fileKey, new Uint8Array(), "header"), covered)) !== mac) throw new Error("header MAC");
  const payload = file.slice(head.length);
  const last = new Uint8Array(12);
  last[11] = 1;
  return unseal(hkdf(fileKey, payload.slice(0, 16), "payload"), payload.slice(16), undefined, last);
}

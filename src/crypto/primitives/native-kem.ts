import * as crypto from "node:crypto";

import { concat } from "../../bytes.js";
import { Recent } from "../recent.js";
import { MLKEM_PUBLIC_SIZE, MLKEM_SHARE_SIZE, type HybridKem } from "./types.js";

/** What stands before a raw key in its DER form: SubjectPublicKeyInfo for public ones, PKCS #8 for private ones. */
const der = {
  mlkemPublic: Buffer.from("308204b2300b0609608648016503040402038204a100", "hex"),
  mlkemSeed: Buffer.from("3054020100300b060960864801650304040204428040", "hex"),
  x25519Public: Buffer.from("302a300506032b656e032100", "hex"),
  x25519Private: Buffer.from("302e020100300506032b656e04220420", "hex"),
};
const LABEL = Buffer.from("\\.//^\\");

/** True where this Node has ML-KEM (24.7 with OpenSSL 3.5, or later). */
export const hasNativeKem = ((): boolean => {
  try {
    // both are needed, and older versions lack the first altogether
    return (
      typeof crypto.encapsulate === "function" && mlkemPrivate(Buffer.alloc(64)).asymmetricKeyType === "ml-kem-768"
    );
  } catch {
    return false;
  }
})();

/** Both halves of a public key. */
interface PublicKeys {
  readonly mlkem: crypto.KeyObject;
  readonly x25519: crypto.KeyObject;
}

/** Both halves of an identity, and its own X25519 share. */
interface PrivateKeys extends PublicKeys {
  readonly share: Uint8Array;
}

const publicKeys = new Recent<PublicKeys>(32);
// who opens with an identity holds it as text anyway
const privateKeys = new Recent<PrivateKeys>(2);

/** {@link HybridKem} on node:crypto. */
export const nativeKem: HybridKem = {
  publicKey: (seed) =>
    attempt(() => {
      const { mlkem, share } = expand(seed);
      return concat([rawPublic(mlkem, MLKEM_PUBLIC_SIZE), share]);
    }),
  encapsulate: (publicKey) =>
    attempt(() => {
      const recipient = readPublic(publicKey);
      const { ciphertext, sharedKey } = crypto.encapsulate(recipient.mlkem);
      const { privateKey } = crypto.generateKeyPairSync("x25519");
      const ephemeral = x25519Share(privateKey);
      const agreed = crypto.diffieHellman({ privateKey, publicKey: recipient.x25519 });
      const secret = combine(sharedKey, agreed, ephemeral, publicKey.subarray(MLKEM_PUBLIC_SIZE));
      return { share: concat([ciphertext, ephemeral]), secret };
    }),
  decapsulate: (share, seed) =>
    attempt(() => {
      const identity = expand(seed);
      const ephemeral = share.subarray(MLKEM_SHARE_SIZE);
      const secret = crypto.decapsulate(identity.mlkem, share.subarray(0, MLKEM_SHARE_SIZE));
      const agreed = crypto.diffieHellman({ privateKey: identity.x25519, publicKey: x25519Public(ephemeral) });
      return combine(secret, agreed, ephemeral, identity.share);
    }),
};

/** ML-KEM-768 alone (FIPS 203, algorithm 20). Throws for a key that fails the modulus check. */
export function mlkemEncapsulate(publicKey: Uint8Array): { share: Uint8Array; secret: Uint8Array } {
  const { ciphertext, sharedKey } = crypto.encapsulate(mlkemPublic(publicKey));
  return { share: ciphertext, secret: sharedKey };
}

/** ML-KEM-768 alone (FIPS 203, algorithm 21), for the seed of 64 bytes. Throws for a share of another length. */
export function mlkemDecapsulate(share: Uint8Array, seed: Uint8Array): Uint8Array {
  return crypto.decapsulate(mlkemPrivate(seed), share);
}

/** The 1,184 public bytes of an ML-KEM-768 seed of 64 bytes. */
export function mlkemPublicKey(seed: Uint8Array): Uint8Array {
  return rawPublic(mlkemPrivate(seed), MLKEM_PUBLIC_SIZE);
}

/** X25519 alone (RFC 7748). Throws where the result is zero, as for points of low order. */
export function x25519(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return crypto.diffieHellman({ privateKey: x25519Private(scalar), publicKey: x25519Public(point) });
}

/** Throws inside become a rejection. */
function attempt<Value>(work: () => Value): Promise<Value> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function readPublic(raw: Uint8Array): PublicKeys {
  return publicKeys.of(Buffer.from(raw).toString("latin1"), () => ({
    mlkem: mlkemPublic(raw.subarray(0, MLKEM_PUBLIC_SIZE)),
    x25519: x25519Public(raw.subarray(MLKEM_PUBLIC_SIZE)),
  }));
}

function expand(seed: Uint8Array): PrivateKeys {
  return privateKeys.of(Buffer.from(seed).toString("latin1"), () => {
    const seeds = crypto.createHash("shake256", { outputLength: 96 }).update(seed).digest();
    const x25519 = x25519Private(seeds.subarray(64));
    return { mlkem: mlkemPrivate(seeds.subarray(0, 64)), x25519, share: x25519Share(x25519) };
  });
}

function mlkemPrivate(seed: Uint8Array): crypto.KeyObject {
  return crypto.createPrivateKey({ key: derOf(der.mlkemSeed, seed, 64), format: "der", type: "pkcs8" });
}

function mlkemPublic(raw: Uint8Array): crypto.KeyObject {
  return crypto.createPublicKey({ key: derOf(der.mlkemPublic, raw, MLKEM_PUBLIC_SIZE), format: "der", type: "spki" });
}

function x25519Private(scalar: Uint8Array): crypto.KeyObject {
  return crypto.createPrivateKey({ key: derOf(der.x25519Private, scalar, 32), format: "der", type: "pkcs8" });
}

function x25519Public(raw: Uint8Array): crypto.KeyObject {
  return crypto.createPublicKey({ key: derOf(der.x25519Public, raw, 32), format: "der", type: "spki" });
}

/** Its reader would overlook what stands behind the key. */
function derOf(prefix: Buffer, raw: Uint8Array, size: number): Buffer {
  if (raw.length !== size) throw new RangeError(`A key of ${raw.length} bytes, not ${size}`);
  return Buffer.concat([prefix, raw]);
}

/** The 32 public bytes of a private key: as a JWK, which is exported much sooner than DER. */
function x25519Share(privateKey: crypto.KeyObject): Uint8Array {
  return Buffer.from(crypto.createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
}

function rawPublic(privateKey: crypto.KeyObject, size: number): Uint8Array {
  return crypto.createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-size);
}

/** X-Wing's combiner: it stays secret while either of the two shared secrets does. */
function combine(mlkem: Uint8Array, x25519: Uint8Array, share: Uint8Array, recipient: Uint8Array): Uint8Array {
  return crypto
    .createHash("sha3-256")
    .update(concat([mlkem, x25519, share, recipient, LABEL]))
    .digest();
}

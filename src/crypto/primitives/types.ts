/**
 * The primitives that the age format is made of. One set of them is imported: `native.ts` in Node, and in its place
 * `portable.ts` wherever a bundler builds for browsers (package.json, "browser"). All else in this folder's parent is the same
 * source for both.
 */
export interface Primitives {
  /** HKDF-SHA256 (RFC 5869): `size` bytes, at most 8,160. */
  readonly hkdf: (material: Uint8Array, salt: Uint8Array, info: string | Uint8Array, size: number) => Uint8Array;
  /** HMAC-SHA256 (RFC 2104): 32 bytes. */
  readonly hmac: (key: Uint8Array, message: Uint8Array) => Uint8Array;
  /** Compares in constant time; false where the lengths differ. */
  readonly equal: (a: Uint8Array, b: Uint8Array) => boolean;
  /** Base64 (RFC 4648, section 4) without padding. */
  readonly encodeBase64: (bytes: Uint8Array) => string;
  /** The bytes of canonical base64 without padding; undefined for any other text. */
  readonly decodeBase64: (text: string) => Uint8Array | undefined;
  /**
   * scrypt (RFC 7914) of N = 2^workFactor, r = 8, p = 1: 32 bytes, in 128 × 8 × N bytes of memory. Throws the reason of `signal`.
   */
  readonly scrypt: (
    password: Uint8Array,
    salt: Uint8Array,
    workFactor: number,
    signal?: AbortSignal,
  ) => Promise<Uint8Array>;
  /** ChaCha20-Poly1305 under a key of 32 bytes. */
  readonly cipher: (key: Uint8Array) => Cipher;
  readonly kem: HybridKem;
}

/** ChaCha20-Poly1305 (RFC 8439) without associated data, for many messages under one key. */
export interface Cipher {
  /** Writes ciphertext and tag to `target`, which is 16 bytes longer than `plaintext`. The nonce has 12 bytes. */
  seal(nonce: Uint8Array, plaintext: Uint8Array, target: Uint8Array): void;
  /** Writes the plaintext to `target`, which is 16 bytes shorter than `sealed`; false, with nothing written, unless it authenticates. */
  open(nonce: Uint8Array, sealed: Uint8Array, target: Uint8Array): boolean;
}

/**
 * The KEM that joins ML-KEM-768 (FIPS 203) with X25519 (RFC 7748): X-Wing (draft-connolly-cfrg-xwing-kem), which C2SP age
 * calls MLKEM768-X25519. Public key and share are the ML-KEM half, then the X25519 half; the secret has 32 bytes.
 */
export interface HybridKem {
  /** The 1,216 public bytes of a seed of 32 bytes. */
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
  /** A fresh secret, and the 1,120 bytes that carry it to the holder of the key. Throws where that is no valid key. */
  encapsulate(publicKey: Uint8Array): Promise<{ share: Uint8Array; secret: Uint8Array }>;
  /** The secret of a share; a wrong one for a share of another key. Throws where the share is no valid one. */
  decapsulate(share: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
}

/** Bytes of an ML-KEM-768 encapsulation key, ahead of X25519's 32. */
export const MLKEM_PUBLIC_SIZE = 1184;
/** Bytes of an ML-KEM-768 ciphertext, ahead of X25519's 32. */
export const MLKEM_SHARE_SIZE = 1088;
/** Poly1305's tag. */
export const TAG_SIZE = 16;
/** Parameters of scrypt for a work factor, and the bytes of memory that it may take. */
export const scryptCost = (workFactor: number) => ({ N: 2 ** workFactor, r: 8, p: 1, maxmem: 2 ** 31 });

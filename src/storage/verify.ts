import { base32upper } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import { equalBytes } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import { sha256 } from "./sha256.js";
import { type Block, MAX_BLOCK } from "./types.js";

/** Codecs of the multicodec table that CareKey stores: bytes as they are, and nodes of a UnixFS file. */
export const RAW = 0x55;
export const DAG_PB = 0x70;
const SHA2_256 = 0x12;
const DIGEST_LENGTH = 32;

/** True for the CIDs that CareKey stores: version 1, codec raw or dag-pb, a whole sha2-256 digest. */
export function isSupported(cid: CID): boolean {
  const { code, digest } = cid.multihash;
  const codec: number = cid.code;
  return (
    cid.version === 1 && (codec === RAW || codec === DAG_PB) && code === SHA2_256 && digest.length === DIGEST_LENGTH
  );
}

/** True for a node, which may lead to other blocks; raw blocks lead nowhere. */
export function isDagPb(cid: CID): boolean {
  const codec: number = cid.code;
  return codec === DAG_PB;
}

/**
 * The name under which a store keeps a block: base32 of its multihash, as Kubo's flatfs writes it. Raw and dag-pb CIDs of
 * the same bytes share it. Throws BLOCK_INVALID for a CID that CareKey does not store, so no driver ever meets one.
 */
export function keyOf(cid: CID): string {
  if (!isSupported(cid)) {
    const details = { cid: cid.toString(), reason: "cid" };
    throw new CareKeyError("BLOCK_INVALID", "The CID is not a CIDv1 of raw or dag-pb by sha2-256", details);
  }
  return base32upper.encoder.baseEncode(cid.multihash.bytes);
}

/** The raw CID of what lies under a name of {@link keyOf}; undefined for what is no such name. */
export function cidOfKey(key: string): CID | undefined {
  try {
    const cid = CID.createV1(RAW, Digest.decode(base32upper.decoder.baseDecode(key)));
    return isSupported(cid) ? cid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks that `bytes` are what `cid` names: https://github.com/multiformats/cid.
 *
 * Throws BLOCK_INVALID with `{ cid, reason }`: "cid" for another version, codec or hash function, "size" past
 * {@link MAX_BLOCK}, "hash" for other bytes.
 *
 * @example
 * await verifyBlock(cid, await response.bytes());
 */
export async function verifyBlock(cid: CID, bytes: Uint8Array): Promise<void> {
  keyOf(cid);
  checkSize(bytes, cid);
  if (!equalBytes(await sha256(bytes), cid.multihash.digest)) {
    throw new CareKeyError("BLOCK_INVALID", "The bytes hash to another CID", { cid: cid.toString(), reason: "hash" });
  }
}

/** Blocks that were named here by their hash: nothing else can be in them. */
const named = new WeakSet<Block>();

/**
 * {@link verifyBlock} for a block that comes into a store. One that {@link rawBlock} or {@link dagPbBlock} made is not hashed again: a large file
 * would else be hashed twice on its way.
 */
export async function verifyPut(block: Block): Promise<void> {
  if (!named.has(block)) await verifyBlock(block.cid, block.bytes);
}

/**
 * Names `bytes` by their hash: a block with a raw CID, for a leaf of a file or an encrypted record that fits one block.
 * Throws BLOCK_INVALID past {@link MAX_BLOCK} bytes. The bytes are not copied: do not change
 * them until it was put.
 *
 * @example
 * const block = await rawBlock(sealed);
 * await store.put(block);
 */
export function rawBlock(bytes: Uint8Array): Promise<Block> {
  return blockOf(RAW, bytes);
}

/** Like {@link rawBlock}, for an encoded dag-pb node: https://ipld.io/specs/codecs/dag-pb/spec/. */
export function dagPbBlock(bytes: Uint8Array): Promise<Block> {
  return blockOf(DAG_PB, bytes);
}

/**
 * The raw CID of a sha2-256 digest, e.g. of the 32 bytes that a chain keeps as a pointer.
 * Throws INVALID_ARGUMENT for another length.
 *
 * @example
 * const cid = cidOfDigest(getBytes(pointer)); // bafkrei…
 */
export function cidOfDigest(digest: Uint8Array): CID {
  if (digest.length !== DIGEST_LENGTH) {
    const details = { length: digest.length };
    throw new CareKeyError("INVALID_ARGUMENT", `A sha2-256 digest has 32 bytes, this has ${digest.length}`, details);
  }
  return CID.createV1(RAW, Digest.create(SHA2_256, digest));
}

async function blockOf(codec: number, bytes: Uint8Array): Promise<Block> {
  checkSize(bytes);
  const block = Object.freeze({ cid: CID.createV1(codec, Digest.create(SHA2_256, await sha256(bytes))), bytes });
  named.add(block);
  return block;
}

function checkSize({ length: size }: Uint8Array, cid?: CID): void {
  if (size > MAX_BLOCK) {
    const details = { cid: cid?.toString(), reason: "size", size, limit: MAX_BLOCK };
    throw new CareKeyError("BLOCK_INVALID", `A block of ${size} bytes is longer than ${MAX_BLOCK}`, details);
  }
}

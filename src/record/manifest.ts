import type { CID } from "multiformats/cid";
import { CID as MultiformatsCid } from "multiformats/cid";
import { z } from "zod";

import { toHex } from "../bytes.js";
import type { Chain } from "../chain/connection.js";
import type { Hex32 } from "../chain/ids.js";
import { type OpeningKey, open, sealBytes } from "../crypto/age.js";
import type { Stamp } from "../crypto/stamp.js";
import { collect } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import type { FileLocation } from "../storage/pool/types.js";
import type { Block } from "../storage/types.js";
import { rawBlock } from "../storage/verify.js";
import { type Body, contentOf, decodeBody } from "./body.js";
import { MAX_OBJECT, address, bytes, decode, encode, hex, integer, raw, text } from "./codec.js";

const cid = z.custom<CID>((value) => MultiformatsCid.asCID(value) !== null);
/** As many as a field of 256 elements allows. */
const fragments = integer.min(1).max(255);

const schema = z.object({
  version: z.literal(1),
  body: z.instanceof(Uint8Array),
  parts: z.array(
    z.object({ cid, key: bytes(16), parity: z.object({ cid, data: fragments, parity: fragments }).optional() }),
  ),
  stamps: z
    .array(
      z.object({
        signer: address,
        role: hex(32),
        statement: text(64),
        previous: hex(32),
        issuedAt: integer.max(2 ** 48 - 1),
        signature: bytes(65),
      }),
    )
    .max(64),
});

/** Where one part lies, and the file key that opens it. */
export interface PartLocation extends FileLocation {
  readonly key: Uint8Array;
}

/** A record's manifest (docs/format.md §8), body decoded and stamps completed by what they are about. */
export interface Manifest {
  readonly body: Body;
  /** The body's bytes exactly as hashed: they may hold keys that this version does not know. */
  readonly encodedBody: Uint8Array;
  readonly content: Hex32;
  readonly parts: readonly PartLocation[];
  readonly stamps: readonly Stamp[];
}

/** A manifest with what opened it. */
export interface OpenedManifest {
  readonly manifest: Manifest;
  readonly fileKey: Uint8Array;
  /** How many keys its header is sealed to. */
  readonly recipients: number;
}

/**
 * Seals a manifest to patient and author as one raw block.
 * @param encodedBody The body's bytes exactly as hashed.
 * @param fileKey The old one where the same record is sealed again, so that capsules stay good.
 * @throws RECORD_TOO_LARGE past 1 MiB.
 */
export async function sealManifest(
  manifest: { encodedBody: Uint8Array; parts: readonly PartLocation[]; stamps: readonly Stamp[] },
  recipients: readonly string[],
  fileKey?: Uint8Array,
): Promise<{ block: Block; fileKey: Uint8Array }> {
  const plaintext = encode({
    version: 1,
    body: manifest.encodedBody,
    parts: manifest.parts.map(({ cid, key, parity }) => ({ cid, key, ...(parity && { parity }) })),
    stamps: manifest.stamps.map(({ signer, role, statement, previous, issuedAt, signature }) => ({
      signer: raw(signer),
      role: raw(role),
      statement,
      previous: raw(previous),
      issuedAt,
      signature,
    })),
  });
  const sealed = await sealBytes(plaintext, recipients, { fileKey });
  const size = sealed.bytes.length;
  if (size > MAX_OBJECT)
    throw new CareKeyError("RECORD_TOO_LARGE", `The manifest has ${size} bytes; one block holds ${MAX_OBJECT}`, {
      size,
    });
  return { block: await rawBlock(sealed.bytes), fileKey: sealed.fileKey };
}

/**
 * Opens a manifest's block. Whether it is the record that the chain means is for {@link requireRecord} to say.
 * @throws SEALED_INVALID, NOT_A_RECIPIENT, RECORD_INVALID, also for more than 1 MiB
 */
export async function openManifest(block: Uint8Array, key: OpeningKey): Promise<OpenedManifest> {
  if (block.length > MAX_OBJECT)
    throw new CareKeyError("RECORD_INVALID", `The manifest has ${block.length} bytes; one has at most ${MAX_OBJECT}`, {
      what: "manifest",
      size: block.length,
    });
  const opened = await open([block], key);
  const decoded = decode(schema, await collect(opened.plaintext, MAX_OBJECT), "manifest");
  const body = decodeBody(decoded.body);
  if (decoded.parts.length !== body.parts.length)
    throw new CareKeyError("RECORD_INVALID", "Body and manifest have different numbers of parts", {
      what: "manifest",
      field: "parts",
    });
  const content = contentOf(decoded.body);
  const { patient, compartment } = body;
  const stamps = decoded.stamps.map((stamp) => ({ ...stamp, patient, compartment, content }));
  const manifest = { body, encodedBody: decoded.body, content, parts: decoded.parts, stamps };
  return { manifest, fileKey: opened.fileKey, recipients: opened.header.stanzas.length };
}

/** The digest that the chain holds of a block. */
export function digestOf(block: Block): Hex32 {
  return toHex(block.cid.multihash.digest);
}

/** A body of this chain's registry, before salt. */
export function bodyFor(chain: Chain): Pick<Body, "version" | "chainId" | "registry"> {
  return { version: 1, chainId: chain.chainId, registry: chain.addresses.RecordRegistry };
}

import { z } from "zod";

import type { Chain } from "../chain/connection.js";
import { type Hex32, checkLabel } from "../chain/ids.js";
import type { PublishedKey } from "../chain/keys.js";
import { type OpeningKey, openBytes, sealBytes } from "../crypto/age.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { CareKeyError } from "../errors.js";
import type { Block } from "../storage/types.js";
import { rawBlock } from "../storage/verify.js";
import { MAX_OBJECT, address, bytes, decode, encode, hex, integer, raw, text } from "./codec.js";

/** Most grantees of one capsule (Announcements.MAX_GRANTEES). */
export const MAX_GRANTEES = 14;

/** Most records of one capsule: with 14 stanzas, and names beside them, it then stays below 1 MiB. */
export const MAX_CAPSULE_RECORDS = 6000;

const compartmentName = text(255);

const schema = z.object({
  version: z.literal(1),
  chainId: integer,
  registry: address,
  patient: address,
  grantees: z
    .array(z.object({ address, keyVersion: integer.min(1) }))
    .min(1)
    .max(MAX_GRANTEES),
  compartments: z.array(z.object({ label: hex(32), name: compartmentName })),
  records: z.array(z.object({ compartment: hex(32), content: hex(32), key: bytes(16), under: hex(32).optional() })),
});

/** A compartment's label with its name, which only holders of keys know. */
export interface Compartment {
  readonly label: Hex32;
  readonly name: string;
}

/**
 * The same with its label in lower case.
 * @throws INVALID_ARGUMENT for a label that is none, and for a name that {@link openCapsule} would not accept.
 */
export function checkCompartment({ label, name }: Compartment): Compartment {
  if (!compartmentName.safeParse(name).success)
    throw new CareKeyError("INVALID_ARGUMENT", "The name of a compartment has 1 to 255 bytes", { label });
  return { label: checkLabel(label), name };
}

/** The key of one record's manifest. */
export interface RecordKey {
  readonly compartment: Hex32;
  readonly content: Hex32;
  readonly key: Uint8Array;
  /** Id of the index record that lists it, where it has no anchor of its own. */
  readonly under?: Hex32 | undefined;
}

/** What a capsule carries. */
export interface Capsule {
  readonly patient: string;
  readonly compartments: readonly Compartment[];
  readonly records: readonly RecordKey[];
}

/**
 * Seals manifest keys to the grantees' published keys as one raw block (docs/format.md §9).
 * @throws INVALID_ARGUMENT for more than 14 grantees, RECORD_TOO_LARGE past 1 MiB.
 */
export async function sealCapsule(
  chain: Chain,
  capsule: Capsule,
  grantees: readonly Pick<PublishedKey, "actor" | "version" | "recipient">[],
): Promise<Block> {
  if (grantees.length > MAX_GRANTEES)
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `A capsule is for at most ${MAX_GRANTEES} grantees, not ${grantees.length}`,
    );
  const plaintext = encode({
    version: 1,
    chainId: chain.chainId,
    registry: raw(chain.addresses.RecordRegistry),
    patient: raw(capsule.patient),
    grantees: grantees.map(({ actor, version }) => ({ address: raw(actor), keyVersion: version })),
    compartments: capsule.compartments.map(({ label, name }) => ({ label: raw(label), name })),
    records: capsule.records.map(({ compartment, content, key, under }) => ({
      compartment: raw(compartment),
      content: raw(content),
      key,
      ...(under !== undefined && { under: raw(under) }),
    })),
  });
  // two actors may publish the same key: one stanza is for both
  const recipients = [...new Set(grantees.map(({ recipient }) => recipientFromBytes(recipient)))];
  const { bytes: sealed } = await sealBytes(plaintext, recipients);
  if (sealed.length > MAX_OBJECT)
    throw new CareKeyError(
      "RECORD_TOO_LARGE",
      `The capsule has ${sealed.length} bytes; one block holds ${MAX_OBJECT}`,
      { size: sealed.length },
    );
  return rawBlock(sealed);
}

/**
 * Opens a capsule and makes sure that it was made for this chain, this patient and this grantee: a capsule that was announced in
 * another's place opens nothing.
 * @param expected Whom the announcement on chain names, and the number of the grantee's newest key.
 * @throws RECORD_MISMATCH, SEALED_INVALID, NOT_A_RECIPIENT, RECORD_INVALID
 */
export async function openCapsule(
  block: Uint8Array,
  key: OpeningKey,
  chain: Chain,
  expected: { patient: string; grantee: string; keyVersion: number },
): Promise<Capsule> {
  const capsule = decode(schema, await openBytes(block, key, MAX_OBJECT), "capsule");
  const mine = capsule.grantees.find((grantee) => grantee.address === expected.grantee);
  const fits =
    capsule.chainId === chain.chainId &&
    capsule.registry === chain.addresses.RecordRegistry &&
    capsule.patient === expected.patient &&
    mine !== undefined &&
    mine.keyVersion <= expected.keyVersion;
  if (!fits) throw new CareKeyError("RECORD_MISMATCH", "The capsule was made for another chain, patient or grantee");
  return capsule;
}

import { concat, equalBytes } from "../bytes.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import { type Stanza, encodeHeader, readHeader, verifyHeader } from "./header.js";
import { recipientOf, requireStanzas, unwrapFileKey, wrapFileKey } from "./recipients.js";

/**
 * Puts a header for an actor's newest identity before the payload of a sealed object: file key and payload stay as they are (C2SP age: a header
 * is authenticated by the file key alone). Stanzas of the actor's older identities go; those of others stay byte by byte, so nobody else's key is
 * needed for it.
 *
 * @param identities The actor's, newest first.
 * @returns undefined where the header is for the newest already and for none of the older
 *
 * Errors: SEALED_INVALID, NOT_A_RECIPIENT when it is sealed to none of them, IDENTITY_INVALID.
 *
 * @example
 * const block = await resealBytes(manifest, [rotated, before]);
 */
export async function resealBytes(
  bytes: Uint8Array,
  identities: readonly [string, ...string[]],
): Promise<Uint8Array | undefined> {
  const { header, rest } = await readHeader([bytes]);
  await rest.return();
  requireStanzas(header);
  const fileKey = await anyFileKey(header, identities);
  verifyHeader(header, fileKey);
  const owners: (number | undefined)[] = [];
  for (const stanza of header.stanzas) owners.push(await ownerOf(fileKey, stanza, identities));
  if (owners.includes(0) && owners.every((owner) => owner === undefined || owner === 0)) return undefined;
  const others = header.stanzas.filter((_, position) => owners[position] === undefined);
  const own = await wrapFileKey(fileKey, [await recipientOf(identities[0])]);
  return concat([encodeHeader(fileKey, [...own, ...others]).bytes, bytes.subarray(header.bytes.length)]);
}

/** True when two sealed objects differ in their headers at most. Errors: SEALED_INVALID. */
export async function haveSamePayload(one: Uint8Array, other: Uint8Array): Promise<boolean> {
  return equalBytes(await payloadOf(one), await payloadOf(other));
}

async function payloadOf(bytes: Uint8Array): Promise<Uint8Array> {
  const { header, rest } = await readHeader([bytes]);
  await rest.return();
  return bytes.subarray(header.bytes.length);
}

async function anyFileKey(
  header: Parameters<typeof unwrapFileKey>[0],
  identities: readonly string[],
): Promise<Uint8Array> {
  for (const identity of identities) {
    const fileKey = await unwrapFileKey(header, identity).catch(unlessOthers);
    if (fileKey) return fileKey;
  }
  const details = { stanzas: header.stanzas.length };
  throw new CareKeyError("NOT_A_RECIPIENT", "No stanza of the header is for these identities", details);
}

/** Position of the identity that a stanza is for; undefined where it is somebody else's. */
async function ownerOf(
  fileKey: Uint8Array,
  stanza: Stanza,
  identities: readonly string[],
): Promise<number | undefined> {
  const alone = encodeHeader(fileKey, [stanza]);
  for (const [position, identity] of identities.entries())
    if (await unwrapFileKey(alone, identity).catch(unlessOthers)) return position;
  return undefined;
}

function unlessOthers(error: unknown): undefined {
  if (!isCareKeyError(error, "NOT_A_RECIPIENT")) throw error;
}

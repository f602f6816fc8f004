import type { CID } from "multiformats/cid";

import type { OperationOptions } from "../bytes.js";
import type { RecordName } from "../chain/records.js";
import type { Hex32 } from "../chain/ids.js";
import { noStamp, signStamp, stampDomain } from "../crypto/stamp.js";
import { CareKeyError } from "../errors.js";
import { describe } from "../format/describe.js";
import { rootsOf } from "../storage/files.js";
import type { Block, BlockStore } from "../storage/types.js";
import type { Authority } from "./authority.js";
import { MAX_PARTS, contentOf, encodeBody, isMediaType, isPartName, recordIdOfBody, withSalt } from "./body.js";
import type { Context, PipelineOptions } from "./context.js";
import { bodyFor, digestOf, sealManifest } from "./manifest.js";
import { type SealedPart, sealPart } from "./seal-part.js";
import type { Source } from "./source.js";

/** @throws INVALID_ARGUMENT, FILE_EMPTY: before anything is written */
export function checkSources(sources: readonly Source[]): void {
  if (sources.length === 0 || sources.length > MAX_PARTS)
    throw new CareKeyError("INVALID_ARGUMENT", `A record has 1 to ${MAX_PARTS} parts, not ${sources.length}`);
  sources.forEach(({ name, size, mediaType }, part) => {
    if (!isPartName(name))
      throw new CareKeyError("INVALID_ARGUMENT", `The name of part ${part} is no plain file name`, { part });
    if (mediaType !== undefined && !isMediaType(mediaType))
      throw new CareKeyError("INVALID_ARGUMENT", `The media type of part ${part} is none`, { part });
    if (size === 0) throw new CareKeyError("FILE_EMPTY", `Part ${part} has no bytes`, { part, size });
  });
}

/** Seals and stores the parts of one record. */
export async function sealParts(
  store: BlockStore,
  sources: readonly Source[],
  { recipients }: Authority,
  { signal, onProgress }: PipelineOptions,
  added: CID[],
): Promise<SealedPart[]> {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const parts: SealedPart[] = [];
  let done = 0;
  for (const [part, source] of sources.entries()) {
    const onBytes = (bytes: number): void => {
      done += bytes;
      onProgress?.({ step: "sealing", part, done, total });
    };
    const sealed = await sealPart(source, part, recipients, store, { signal, onBytes });
    added.push(...sealed.added);
    parts.push(sealed);
  }
  return parts;
}

/** A record that was sealed, and is not stamped yet. */
export interface Identified {
  readonly name: RecordName;
  readonly recordId: Hex32;
  readonly encodedBody: Uint8Array;
}

/** Body, content and id of a record. The description holds nothing but what the files say, so that a repeated share has the same id. */
export function identify(
  { chain, identities: [newest] }: Context,
  parts: readonly SealedPart[],
  { place: { patient, compartment } }: Authority,
  { title, previous }: { readonly title?: string | undefined; readonly previous?: Hex32 | undefined },
): Identified {
  const did = (address: string): string => `did:pkh:eip155:${chain.chainId}:${address}`;
  const described = parts.map(({ body: { name, size }, recognised }) => ({ name, size, recognised }));
  const description = describe(described, {
    ...(title === undefined ? {} : { title }),
    subject: did(patient),
    author: did(chain.address),
  });
  const unsalted = {
    ...bodyFor(chain),
    patient,
    compartment,
    description: JSON.stringify(description),
    parts: parts.map(({ body }) => body),
    previous: previous ?? null,
  };
  const body = withSalt(unsalted, newest);
  const encodedBody = encodeBody(body);
  const content = contentOf(encodedBody);
  return { name: { patient, compartment, content }, recordId: recordIdOfBody(body, content), encodedBody };
}

/** A record that is whole in the store, and the key of its manifest. */
export interface Kept {
  /** sha2-256 digest of the manifest's block. */
  readonly manifest: Hex32;
  readonly key: Uint8Array;
}

/** Stamps a record, stores its manifest, and pins that with the parts. */
export async function keepRecord(
  context: Context,
  store: BlockStore,
  record: Omit<Identified, "recordId"> & { readonly parts: readonly SealedPart[] },
  authority: Authority,
  options: OperationOptions,
  added: CID[],
): Promise<Kept> {
  const { block, key } = await stampAndSeal(context, record, authority);
  added.push(block.cid);
  await store.putMany([block], options);
  for (const cid of rootsWith(block, record.parts)) await store.pin(cid, options);
  return { manifest: digestOf(block), key };
}

/** What of a record is pinned. */
export function rootsWith(block: Block, parts: readonly SealedPart[]): CID[] {
  return [...parts.flatMap(({ location }) => rootsOf(location)), block.cid];
}

/** The author's stamp, and the manifest with it. */
export async function stampAndSeal(
  { chain }: Context,
  { parts, name, encodedBody }: Omit<Identified, "recordId"> & { readonly parts: readonly SealedPart[] },
  { role, recipients, view }: Authority,
): Promise<{ block: Block; key: Uint8Array }> {
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  const statement = { ...name, role, statement: "authored", previous: noStamp, issuedAt: view.block.time };
  const stamp = await signStamp(chain.signer, domain, statement);
  const locations = parts.map(({ location }) => location);
  const { block, fileKey } = await sealManifest({ encodedBody, parts: locations, stamps: [stamp] }, recipients);
  return { block, key: fileKey };
}

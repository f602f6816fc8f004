import type { CID } from "multiformats/cid";

import { chainTime, presentTime } from "../chain/connection.js";
import { credentialFor } from "../chain/credentials.js";
import { canWrite } from "../chain/delegations.js";
import { type Hex32, type Role, checkAddress, checkLabel, roleId } from "../chain/ids.js";
import { type RecordName, anchor, anchorOf } from "../chain/records.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { noStamp, signStamp, stampDomain } from "../crypto/stamp.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { describe } from "../format/describe.js";
import { rootsOf } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import { MAX_PARTS, contentOf, encodeBody, isMediaType, isPartName, recordIdOfBody, withSalt } from "./body.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { type Delivery, deliverKeys, keysOf, readersOf } from "./deliver.js";
import { bodyFor, digestOf, sealManifest } from "./manifest.js";
import { manifestKey } from "./own.js";
import { type SealedPart, sealPart } from "./seal-part.js";
import type { Source } from "./source.js";
import { trustedKey } from "./trust.js";
import { withdraw, withdrawing } from "./withdraw.js";

export interface ShareOptions extends PipelineOptions {
  readonly patient: string;
  /** Label of the compartment that the record goes into. */
  readonly compartment: Hex32;
  /** The role that the author stamps in; omit it for what patients report of themselves. */
  readonly role?: Role | undefined;
  /** Title of the FHIR description; sealed with the record. */
  readonly title?: string | undefined;
  /** Content of the record that this one amends. */
  readonly previous?: Hex32 | undefined;
}

/** What became of a share. */
export interface Shared extends Delivery {
  readonly recordId: Hex32;
  readonly content: Hex32;
  /** Hash of the anchoring transaction; undefined when an earlier, interrupted share had anchored the record already. */
  readonly transaction: string | undefined;
}

/** What a share was found to be entitled to. */
interface Authority {
  readonly patient: string;
  readonly compartment: Hex32;
  readonly role: Hex32;
  readonly recipients: readonly string[];
}

/**
 * The pipeline format → seal → store → anchor → deliver: one record of one patient from files.
 *
 * What can be refused is refused before anything is written. Nothing is visible before the anchor; what a failure leaves in the
 * store is removed, unless its transaction may still be mined. Repeating an interrupted share ends in the same record.
 *
 * @throws INVALID_ARGUMENT, FILE_EMPTY, FILE_UNREADABLE, FILE_CHANGED, NO_CREDENTIAL, WRITE_REFUSED, NO_PUBLISHED_KEY, KEY_HELD (the
 * patient's), KEY_CHANGED, KEY_SUPERSEDED, RECORD_TOO_LARGE, STORE_FAILED, CHAIN_UNREACHABLE, TRANSACTION_FAILED, TRANSACTION_PENDING, CANCELLED
 */
export async function share(context: Context, sources: readonly Source[], options: ShareOptions): Promise<Shared> {
  checkSources(sources);
  throwIfCancelled(options.signal);
  const { chain } = context;
  const authority = await authorise(context, options);
  const before = await readersOf(chain, authority);
  await keysOf(context, before);
  const store = storeFor(context, authority.compartment);

  return withdrawing(context, async ({ added, onSend, reached }) => {
    const parts = await sealParts(store, sources, authority, options, added);
    const { name, recordId, encodedBody } = identify(context, parts, authority, options);
    const earlier = await anchorOf(chain, recordId);
    let key: Uint8Array | undefined;
    let transaction: string | undefined;
    if (earlier.status === "none") {
      const sealed = await stampAndSeal(context, { parts, name, encodedBody }, authority);
      added.push(sealed.block.cid);
      await store.putMany([sealed.block], options);
      const roots = [...parts.flatMap(({ location }) => rootsOf(location)), sealed.block.cid];
      for (const cid of roots) await store.pin(cid, options);
      options.onProgress?.({ step: "anchoring", done: 0, total: 1 });
      transaction = await anchor(chain, name, digestOf(sealed.block), { signal: options.signal, onSend });
      if (transaction !== undefined) ({ key } = sealed);
    }
    reached();
    if (!key) {
      // anchored before, or just now by an earlier attempt: what was sealed now is not needed
      await withdraw(context, added);
      key = await manifestKey(context, recordId);
    }
    const delivery = await deliverKeys(context, name, key, before, options);
    return { recordId, content: name.content, transaction, ...delivery };
  });
}

function checkSources(sources: readonly Source[]): void {
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

async function authorise(context: Context, options: ShareOptions): Promise<Authority> {
  const { chain, recipient } = context;
  const patient = checkAddress(options.patient, "Patient");
  const compartment = checkLabel(options.compartment);
  const own = patient === chain.address;
  if (options.role === undefined && !own)
    throw new CareKeyError("INVALID_ARGUMENT", "Name the role that you stamp another's record in");
  const role = roleId(options.role ?? "patient");
  if (options.role !== undefined && !(await isCredentialed(chain, role)))
    throw new CareKeyError("NO_CREDENTIAL", `${chain.address} has no credential as ${options.role} now`, {
      role: options.role,
    });
  if (!(await canWrite(chain, { patient, actor: chain.address, compartment })))
    throw new CareKeyError("WRITE_REFUSED", `${chain.address} may not add records of ${patient} to ${compartment}`, {
      patient,
      compartment,
    });
  const key = await trustedKey(context, patient);
  const recipients = own ? [recipient] : [...new Set([recipientFromBytes(key.recipient), recipient])];
  return { patient, compartment, role, recipients };
}

/** At the stamp's time, that of the newest block, and at the anchor's: on a chain that was idle the two may lie far apart. */
async function isCredentialed(chain: Context["chain"], role: Hex32): Promise<boolean> {
  const times = [await chainTime(chain), await presentTime(chain)];
  return (await credentialFor(chain, chain.address, role, times)) !== undefined;
}

async function sealParts(
  store: BlockStore,
  sources: readonly Source[],
  { recipients }: Authority,
  { signal, onProgress }: ShareOptions,
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

/** Body, content and id of the record. The description holds nothing but what the files say, so that a repeated share has the same id. */
function identify(
  { chain, identities: [newest] }: Context,
  parts: readonly SealedPart[],
  { patient, compartment }: Authority,
  { title, previous }: ShareOptions,
): { name: RecordName; recordId: Hex32; encodedBody: Uint8Array } {
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

async function stampAndSeal(
  { chain }: Context,
  { parts, name, encodedBody }: { parts: readonly SealedPart[]; name: RecordName; encodedBody: Uint8Array },
  { role, recipients }: Authority,
): Promise<{ block: Awaited<ReturnType<typeof sealManifest>>["block"]; key: Uint8Array }> {
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  const statement = { ...name, role, statement: "authored", previous: noStamp, issuedAt: await chainTime(chain) };
  const stamp = await signStamp(chain.signer, domain, statement);
  const locations = parts.map(({ location }) => location);
  const { block, fileKey } = await sealManifest({ encodedBody, parts: locations, stamps: [stamp] }, recipients);
  return { block, key: fileKey };
}

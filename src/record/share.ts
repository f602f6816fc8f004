import type { CID } from "multiformats/cid";

import { canWrite } from "../chain/delegations.js";
import { type Hex32, type Role, checkAddress, checkLabel, reasonId, roleId } from "../chain/ids.js";
import { type AnchoredRecord, type RecordName, anchor, anchorOf, findRecord } from "../chain/records.js";
import { keySlots } from "../chain/slots.js";
import { type SendOptions, send } from "../chain/transactions.js";
import type { View } from "../chain/view.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { noStamp, signStamp, stampDomain } from "../crypto/stamp.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import { describe } from "../format/describe.js";
import { rootsOf } from "../storage/files.js";
import type { BlockStore } from "../storage/types.js";
import { MAX_PARTS, contentOf, encodeBody, isMediaType, isPartName, recordIdOfBody, withSalt } from "./body.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { type Delivery, type Readers, deliverKeys, keysOf, readersOf } from "./deliver.js";
import { bestFor, credentialsAt } from "./entitled.js";
import { bodyFor, digestOf, sealManifest } from "./manifest.js";
import { manifestKey } from "./own.js";
import { type Place, mayWriteNow, standingOf } from "./readers.js";
import { type SealedPart, sealPart } from "./seal-part.js";
import type { Source } from "./source.js";
import { trustedKey } from "./trust.js";
import { withdraw, withdrawing } from "./withdraw.js";
import { freshView, presentAt } from "./words.js";

export interface ShareOptions extends PipelineOptions {
  readonly patient: string;
  /** Label of the compartment that the record goes into. */
  readonly compartment: Hex32;
  /** The role that the author stamps in; omit it for what patients report of themselves. */
  readonly role?: Role | undefined;
  /** Title of the FHIR description; sealed with the record. */
  readonly title?: string | undefined;
}

/** What became of a share. */
export interface Shared extends Delivery {
  readonly recordId: Hex32;
  readonly content: Hex32;
  /** Hash of the anchoring transaction; undefined when an earlier, interrupted share had anchored the record already. */
  readonly transaction: string | undefined;
}

/** A record that a new one takes the place of, and the code of why. */
export interface Amending {
  readonly record: AnchoredRecord;
  readonly reason: string;
}

/** What was found to be entitled, and who was found to read, before anything is written. */
interface Authority {
  readonly place: Place;
  readonly role: Hex32;
  readonly recipients: readonly string[];
  readonly before: Readers;
  /** Time of the block that it was looked at. */
  readonly time: number;
}

/**
 * The pipeline format → seal → store → anchor → deliver: one record of one patient from files.
 *
 * What can be refused is refused before anything is written. Nothing is visible before the anchor; what a failure leaves in the
 * store is removed, unless its transaction may still be mined. Repeating an interrupted share ends in the same record.
 *
 * @throws INVALID_ARGUMENT, FILE_EMPTY, FILE_UNREADABLE, FILE_CHANGED, NO_CREDENTIAL, WRITE_REFUSED, NO_PUBLISHED_KEY, KEY_HELD (the
 * patient's), KEY_CHANGED, KEY_SUPERSEDED, RECORD_TOO_LARGE, STORE_FAILED, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE, TRANSACTION_FAILED,
 * TRANSACTION_PENDING, CANCELLED
 */
export function share(context: Context, sources: readonly Source[], options: ShareOptions): Promise<Shared> {
  return shareRecord(context, sources, options);
}

/** {@link share} of a record that may take another's place. */
export async function shareRecord(
  context: Context,
  sources: readonly Source[],
  options: ShareOptions & { readonly previous?: Hex32 | undefined },
  amending?: Amending,
): Promise<Shared> {
  checkSources(sources);
  throwIfCancelled(options.signal);
  const { chain } = context;
  const authority = await authorise(context, options, amending);
  const store = storeFor(context, authority.place.compartment);

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
      const sending = { signal: options.signal, onSend };
      transaction = await putOnChain(context, name, digestOf(sealed.block), amending, sending);
      if (transaction !== undefined) ({ key } = sealed);
    }
    reached();
    if (!key) {
      // anchored before, or just now by an earlier attempt: what was sealed now is not needed
      await withdraw(context, added);
      key = await manifestKey(context, await findRecord(chain, recordId));
    }
    const record = { ...name, origin: authority.place.origin ?? name.content };
    const delivery = await deliverKeys(context, record, key, authority.before, options);
    return { recordId, content: name.content, transaction, ...delivery };
  });
}

/** Anchors it, by itself or in another's place. */
async function putOnChain(
  { chain }: Context,
  name: RecordName,
  manifest: Hex32,
  amending: Amending | undefined,
  options: SendOptions,
): Promise<string | undefined> {
  if (!amending) return anchor(chain, name, manifest, options);
  const { patient, compartment, content } = amending.record;
  const amendment = { patient, compartment, content, newContent: name.content, manifest };
  const reason = reasonId(amending.reason);
  const { hash } = await send(
    chain.provider,
    (fees) => chain.recordRegistry.amend({ ...amendment, reason }, fees),
    options,
  );
  return hash;
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

async function authorise(
  context: Context,
  options: ShareOptions,
  amending: Amending | undefined,
): Promise<Authority> {
  const { chain, recipient } = context;
  const patient = checkAddress(options.patient, "Patient");
  const compartment = checkLabel(options.compartment);
  const own = patient === chain.address;
  if (options.role === undefined && !own)
    throw new CareKeyError("INVALID_ARGUMENT", "Name the role that you stamp another's record in");
  if (amending) reasonId(amending.reason);
  const role = roleId(options.role ?? "patient");
  const view = await freshView(chain);
  if (options.role !== undefined && !(await isCredentialed(chain, role, view)))
    throw new CareKeyError("NO_CREDENTIAL", `${chain.address} has no credential as ${options.role} now`, {
      role: options.role,
    });
  const place: Place = amending ? amending.record : { patient, compartment };
  await requireWriter(context, place, view);
  const before = await readersOf(context, place, view);
  await view.words([patient, ...before.readers].flatMap((actor) => keySlots(actor)));
  const key = await trustedKey(context, patient, view);
  await keysOf(context, before.readers, view);
  const recipients = own ? [recipient] : [...new Set([recipientFromBytes(key.recipient), recipient])];
  return { place, role, recipients, before, time: view.block.time };
}

/** At the stamp's time, that of the newest block, and at the anchor's: on a chain that was idle the two may lie far apart. */
async function isCredentialed(chain: Context["chain"], role: Hex32, view: View): Promise<boolean> {
  const times = [view.block.time, presentAt(view)];
  return bestFor(await credentialsAt(chain, view, chain.address, role), times)?.coverage === "holds";
}

/** A record is added to a compartment, and where it amends one, to that one's lineage. */
async function requireWriter({ chain }: Context, place: Place, view: View): Promise<void> {
  const { address: actor } = chain;
  const { patient, compartment, origin } = place;
  const places: Place[] = origin === undefined ? [place] : [{ patient, compartment }, place];
  for (const each of places) {
    if (mayWriteNow(await standingOf(view, each, actor))) continue;
    // a delegation permits it, too
    const { origin: content } = each;
    if (await canWrite(chain, { patient, actor, compartment, ...(content !== undefined && { content }) })) continue;
    throw new CareKeyError("WRITE_REFUSED", `${actor} may not add records of ${patient} to ${compartment}`, {
      patient,
      compartment,
    });
  }
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
  { place: { patient, compartment } }: Authority,
  { title, previous }: ShareOptions & { readonly previous?: Hex32 | undefined },
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
  { role, recipients, time }: Authority,
): Promise<{ block: Awaited<ReturnType<typeof sealManifest>>["block"]; key: Uint8Array }> {
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  const statement = { ...name, role, statement: "authored", previous: noStamp, issuedAt: time };
  const stamp = await signStamp(chain.signer, domain, statement);
  const locations = parts.map(({ location }) => location);
  const { block, fileKey } = await sealManifest({ encodedBody, parts: locations, stamps: [stamp] }, recipients);
  return { block, key: fileKey };
}

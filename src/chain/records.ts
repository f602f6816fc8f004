import { toBeHex } from "ethers";

import { CareKeyError } from "../errors.js";
import { type ItemOutcome, carryAll, inBatches } from "./batches.js";
import { chartState } from "./chart.js";
import type { Chain } from "./connection.js";
import { holdsNow } from "./differences.js";
import { type Hex32, checkAddress, checkRecordId, recordIdOf, scopeOf } from "./ids.js";
import { unpackLink } from "./links.js";
import type { ReadingChain } from "./logs.js";
import { type Purpose, purposeBit } from "./purposes.js";
import { anchoredIn, chartName, pointersList } from "./record-events.js";
import { anchorSlot, originSlot, pointersSlot } from "./slots.js";
import { type AnchorState, anchorOfWord } from "./stored-words.js";
import { type SendOptions, read, send } from "./transactions.js";
import { type View, viewOf, wordOf } from "./view.js";
import { incomplete, walk, walkBack } from "./walk.js";

/** What the chain knows of a record. */
export interface AnchoredRecord extends AnchorState {
  readonly recordId: Hex32;
  readonly patient: string;
  readonly compartment: Hex32;
  /** sha2-256 of the record's body. */
  readonly content: Hex32;
  /** Content of the first record of its lineage: what grants and DENYs on it name. The record's own where it is no amendment. */
  readonly origin: Hex32;
  /** sha2-256 digest of the newest manifest's block. */
  readonly manifest: Hex32;
  /** How many newer manifests were announced than the one that it was anchored with. */
  readonly pointers: number;
  /** Where on the chain the newest manifest was announced: see `placeOf`. */
  readonly place: number;
}

/** What identifies a record and, for the chain, everything it is made of. */
export interface RecordName {
  readonly patient: string;
  readonly compartment: Hex32;
  readonly content: Hex32;
}

/** The place that consents to a record name. */
export function consentPlaceOf({ patient, compartment, origin }: AnchoredRecord): RecordName {
  return { patient, compartment, content: origin };
}

/** The scope of consents to a record alone. */
export function consentScopeOf({ patient, compartment, origin }: AnchoredRecord): Hex32 {
  return scopeOf(patient, compartment, origin);
}

/**
 * Anchors a record. Anchored already by the same author: success without effect.
 * @returns Hash of the transaction; undefined where there was none.
 * @throws CONTRACT_REFUSED (NotWriter, AlreadyAnchored by somebody else)
 */
export async function anchor(
  chain: Chain,
  name: RecordName,
  manifest: Hex32,
  options?: SendOptions,
): Promise<string | undefined> {
  const { patient, compartment, content } = name;
  const { author } = await anchorOf(chain, recordIdOf(patient, compartment, content));
  if (author === chain.address) return undefined;
  const { hash } = await send(
    chain.provider,
    (fees) => chain.recordRegistry.anchor(patient, compartment, content, manifest, fees),
    options,
  );
  return hash;
}

/** One record of a batch: sha2-256 of its body, and of its manifest's block. */
export interface Entry {
  readonly content: Hex32;
  readonly manifest: Hex32;
}

/**
 * Anchors many records of one compartment, up to 200 in one transaction. What is bad is left out, and the outcome says why; a record
 * that is anchored already, by anybody, is among it.
 * @param size Most records of one transaction.
 * @throws CONTRACT_REFUSED (NotWriter, InvalidCompartment)
 * @example const outcomes = await anchorMany(chain, { patient, compartment }, [{ content, manifest }]);
 */
export async function anchorMany(
  chain: Chain,
  { patient, compartment }: Omit<RecordName, "content">,
  entries: readonly Entry[],
  size?: number,
): Promise<ItemOutcome[]> {
  return carryAll(inBatches(entries, size), chain.addresses.RecordRegistry, (items) =>
    send(chain.provider, (fees) => chain.recordRegistry.anchorMany(patient, compartment, items, fees)),
  );
}

/** Announces a newer manifest of a record. By its author while WRITE is active, or by the patient. */
export async function point(chain: Chain, name: RecordName, manifest: Hex32, options?: SendOptions): Promise<string> {
  const { patient, compartment, content } = name;
  const { hash } = await send(
    chain.provider,
    (fees) => chain.recordRegistry.point(patient, compartment, content, manifest, fees),
    options,
  );
  return hash;
}

/** Longest list of pointers that one call takes. */
const maxPointers = 100;

/**
 * Announces newer manifests of many records of one patient, up to 100 in one transaction. What is bad is left out, and the outcome says why.
 * @throws INVALID_ARGUMENT for a size that is not 1 to 100
 */
export async function pointMany(
  chain: Chain,
  patient: string,
  pointers: readonly (Omit<RecordName, "patient"> & Entry)[],
  size = maxPointers,
): Promise<ItemOutcome[]> {
  return carryAll(inBatches(pointers, size, maxPointers), chain.addresses.RecordRegistry, (items) =>
    send(chain.provider, (fees) => chain.recordRegistry.pointMany(patient, items, fees)),
  );
}

/** Stands for what was never anchored. */
const nothing: AnchorState = { author: "0x" + "00".repeat(20), anchoredAt: 0, status: "none", index: 0, block: 0 };

/** Author, time, status and place on the chart; status "none" where no such record is anchored. */
export async function anchorOf(chain: ReadingChain, recordId: Hex32, view?: View): Promise<AnchorState> {
  return anchorOfWord(await wordOf(chain, anchorSlot(recordId), view)) ?? nothing;
}

/**
 * One record by its id: its words, and the events of the two blocks that they name.
 * @throws RECORD_UNKNOWN, INVALID_ARGUMENT for what is no record id, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function findRecord(chain: ReadingChain, id: Hex32, view?: View): Promise<AnchoredRecord> {
  const recordId = checkRecordId(id);
  const at = view ?? (await viewOf(chain));
  const [word = 0n, origin = 0n, head = 0n] = await at.words([
    anchorSlot(recordId),
    originSlot(recordId),
    pointersSlot(recordId),
  ]);
  const anchor = anchorOfWord(word);
  if (!anchor) throw new CareKeyError("RECORD_UNKNOWN", `No record ${recordId} is anchored there`, { recordId });
  const { block, index } = anchor;
  const [[anchored], pointer] = await Promise.all([
    anchoredIn(chain, [undefined, recordId], block, block),
    walkBack(pointersList(chain, recordId, unpackLink(head))).next(),
  ]);
  const { patient = "", compartment = "", content = "", manifest = "", link = 0n } = anchored?.args ?? {};
  if (!anchored || unpackLink(link).number !== index || recordIdOf(patient, compartment, content) !== recordId)
    throw incomplete(chartName, index, block);
  const newest = pointer.value ?? { manifest, place: anchored.place, number: 0 };
  return {
    ...{ recordId, patient, compartment, content, ...anchor },
    origin: origin === 0n ? content : toBeHex(origin, 32),
    ...{ manifest: newest.manifest, place: newest.place, pointers: newest.number },
  };
}

/**
 * All records of a patient, oldest first; of one compartment where it is named.
 * @throws as {@link chartState}
 */
export async function findRecords(
  chain: ReadingChain,
  patient: string,
  compartment?: Hex32,
): Promise<AnchoredRecord[]> {
  const label = compartment?.toLowerCase();
  const { records } = await chartState(chain, patient);
  return records.filter((record) => label === undefined || record.compartment === label);
}

/** Content of the first record of a lineage: what consents to a record name. The record's own where it is no amendment, or not anchored. */
export async function originOf(chain: ReadingChain, { patient, compartment, content }: RecordName): Promise<Hex32> {
  const origin = await wordOf(chain, originSlot(recordIdOf(patient, compartment, content)));
  return origin === 0n ? content : toBeHex(origin, 32);
}

/** May `reader` open the record for this purpose? It is anchored and not erased, and the patient's consents permit it. The chain's answer. */
export async function canRead(
  chain: Chain,
  {
    patient,
    compartment,
    content,
    reader,
    purpose,
  }: RecordName & { readonly reader: string; readonly purpose: Purpose },
): Promise<boolean> {
  const [owner, by] = [checkAddress(patient, "Patient"), checkAddress(reader, "Reader")];
  const bit = purposeBit(purpose);
  return read(holdsNow((at) => chain.recordRegistry.canRead(owner, by, compartment, content, bit, at)));
}

/** The same for a member of a group, by a grant to the group; see `canAccessAs`. The chain's answer. */
export async function canReadAs(
  chain: Chain,
  {
    patient,
    compartment,
    content,
    group,
    member,
    purpose,
  }: RecordName & { readonly group: string; readonly member: string; readonly purpose: Purpose },
): Promise<boolean> {
  const [of, by] = [checkAddress(group, "Group"), checkAddress(member, "Member")];
  const [owner, bit] = [checkAddress(patient, "Patient"), purposeBit(purpose)];
  return read(holdsNow((at) => chain.recordRegistry.canReadAs(of, by, owner, compartment, content, bit, at)));
}

/** A manifest that a record's pointer led to at some time. */
export interface PlacedManifest {
  readonly recordId: Hex32;
  readonly manifest: Hex32;
  /** Who pointed to it; undefined for the one that it was anchored with. */
  readonly by: string | undefined;
  readonly block: number;
  readonly place: number;
}

/**
 * All manifests that a record ever had, oldest first: the last one counts. Empty where it is not anchored.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function manifestsOf(
  chain: ReadingChain,
  { recordId }: Pick<AnchoredRecord, "recordId">,
  view?: View,
): Promise<PlacedManifest[]> {
  const at = view ?? (await viewOf(chain));
  const [word = 0n, head = 0n] = await at.words([anchorSlot(recordId), pointersSlot(recordId)]);
  const anchor = anchorOfWord(word);
  if (!anchor) return [];
  const { block, index } = anchor;
  const [[anchored], pointed] = await Promise.all([
    anchoredIn(chain, [undefined, recordId], block, block),
    walk(pointersList(chain, recordId, unpackLink(head))),
  ]);
  if (!anchored) throw incomplete(chartName, index, block);
  const first = { recordId, manifest: anchored.args.manifest, by: undefined, block, place: anchored.place };
  return [
    first,
    ...pointed.map(({ manifest, by, ...told }) => ({ recordId, manifest, by, block: told.block, place: told.place })),
  ];
}

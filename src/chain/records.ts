import { CareKeyError } from "../errors.js";
import { type ItemOutcome, inBatches, outcomesOf } from "./batches.js";
import type { Chain } from "./connection.js";
import { type Hex32, isRecordId, recordIdOf } from "./ids.js";
import { placeOf, scan } from "./scan.js";
import { type SendOptions, read, send } from "./transactions.js";

/** State of a record; the place is the number that the contract uses. */
export const statuses = ["none", "anchored", "amended", "retracted", "erased"] as const;

export type Status = (typeof statuses)[number];

/** What the chain knows of a record. */
export interface AnchoredRecord {
  readonly recordId: Hex32;
  readonly patient: string;
  readonly compartment: Hex32;
  readonly author: string;
  /** Seconds since 1970, by the chain's clock. */
  readonly anchoredAt: number;
  readonly status: Status;
  /** sha2-256 digest of the newest manifest's block. */
  readonly manifest: Hex32;
}

/** What identifies a record and, for the chain, everything it is made of. */
export interface RecordName {
  readonly patient: string;
  readonly compartment: Hex32;
  readonly content: Hex32;
}

/**
 * Anchors a record. Anchored already by the same author: success without effect.
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
  const outcomes: ItemOutcome[] = [];
  for (const { first, items } of inBatches(entries, size)) {
    const receipt = await send(chain.provider, (fees) =>
      chain.recordRegistry.anchorMany(patient, compartment, items, fees),
    );
    const told = outcomesOf(receipt, chain.addresses.RecordRegistry, items.length);
    outcomes.push(...told.map((outcome) => ({ ...outcome, index: first + outcome.index })));
  }
  return outcomes;
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

/** Author, time and status; status "none" where no such record is anchored. */
export async function anchorOf(
  chain: Chain,
  recordId: Hex32,
): Promise<Pick<AnchoredRecord, "author" | "anchoredAt" | "status">> {
  const { author, anchoredAt, status } = await read(chain.recordRegistry.anchorOf(recordId));
  // Stryker disable next-line StringLiteral: the contract has no other status
  return { author, anchoredAt: Number(anchoredAt), status: statuses[Number(status)] ?? "none" };
}

/**
 * One record by its id.
 * @throws RECORD_UNKNOWN, INVALID_ARGUMENT for what is no record id
 */
export async function findRecord(chain: Chain, recordId: Hex32): Promise<AnchoredRecord> {
  if (!isRecordId(recordId))
    throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(recordId)} is no record id (32 bytes, top bit set)`);
  const [record] = await find(chain, { recordId });
  if (!record)
    throw new CareKeyError("RECORD_UNKNOWN", `No record ${recordId} is anchored on chain ${chain.chainId}`, {
      recordId,
    });
  return record;
}

/** All records of a patient, oldest first; of one compartment where it is named. */
export function findRecords(chain: Chain, patient: string, compartment?: Hex32): Promise<AnchoredRecord[]> {
  return find(chain, { patient, compartment });
}

async function find(
  chain: Chain,
  by: { patient?: string; recordId?: Hex32; compartment?: Hex32 | undefined },
): Promise<AnchoredRecord[]> {
  const { recordRegistry } = chain;
  const { filters } = recordRegistry;
  const topics = [by.patient, by.recordId, by.compartment] as const;
  const anchored = await scan(chain, recordRegistry, filters.Anchored(...topics));
  const pointed = await scan(chain, recordRegistry, filters.Pointed(...topics));
  const newest = new Map(pointed.map(({ args }) => [args.recordId, args.manifest]));
  return Promise.all(
    anchored.map(async ({ args: { patient, recordId, compartment, manifest } }) => ({
      recordId,
      patient,
      compartment,
      manifest: newest.get(recordId) ?? manifest,
      ...(await anchorOf(chain, recordId)),
    })),
  );
}

/** A manifest that a record's pointer led to at some time. */
export interface PlacedManifest {
  readonly recordId: Hex32;
  readonly manifest: Hex32;
  /** Who pointed to it; undefined for the one that it was anchored with. */
  readonly by: string | undefined;
  readonly place: number;
}

/** All manifests that a record, or each record of a patient, ever had, oldest first: the last one counts. */
export async function manifestsOf(
  chain: Chain,
  { patient, recordId }: { readonly patient?: string; readonly recordId?: Hex32 },
): Promise<PlacedManifest[]> {
  const { recordRegistry } = chain;
  const anchored = await scan(chain, recordRegistry, recordRegistry.filters.Anchored(patient, recordId));
  const pointed = await scan(chain, recordRegistry, recordRegistry.filters.Pointed(patient, recordId));
  return [
    ...anchored.map((event) => ({ event, by: undefined })),
    ...pointed.map((event) => ({ event, by: event.args.by })),
  ].map(({ event, by }) => {
    const { recordId: id, manifest } = event.args;
    return { recordId: id, manifest, by, place: placeOf(event) };
  });
}

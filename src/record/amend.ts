import { retract } from "../chain/corrections.js";
import { isDelegate } from "../chain/delegations.js";
import type { Hex32, Role } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import { CareKeyError, throwIfCancelled } from "../errors.js";
import type { Context } from "./context.js";
import { type ListedOptions, anchoredRecord } from "./listed.js";
import { requireReadable } from "./open-manifest.js";
import { type Shared, shareRecord } from "./share.js";
import type { Source } from "./source.js";

export interface AmendOptions extends ListedOptions {
  /** Why, in public: 1 to 31 bytes, best one of `correctionReasons`. */
  readonly reason: string;
  /** The role that the author stamps in; omit it for what patients report of themselves. */
  readonly role?: Role | undefined;
  /** Title of the FHIR description; sealed with the record. */
  readonly title?: string | undefined;
}

/** What became of an amendment. */
export interface Amended extends Shared {
  /** The record whose place it takes. */
  readonly replaces: Hex32;
}

/**
 * Puts a new record in the place of another one, from files. Whoever may read the one, or may not, may the other: consent is to the lineage. By the patient, the author while WRITE is active, or a
 * delegate with MANAGE; each of whom may also add records there. Interrupted: do it again with the same files.
 *
 * @throws RECORD_UNKNOWN, RECORD_RETRACTED, CONTRACT_REFUSED (InvalidStatus for a record that was amended before), and what {@link share} throws
 * @example
 * const { recordId } = await amendRecord(context, wrong, [await fileSource("corrected.pdf")], { reason: "wrong content", role: "practitioner" });
 */
export async function amendRecord(
  context: Context,
  recordId: Hex32,
  sources: readonly Source[],
  { reason, ...options }: AmendOptions,
): Promise<Amended> {
  throwIfCancelled(options.signal);
  const record = await anchoredRecord(context, recordId, options);
  requireReadable(record);
  await requireCorrector(context, record);
  const { patient, compartment, content } = record;
  const place = { ...options, patient, compartment, previous: content };
  return { ...(await shareRecord(context, sources, place, { record, reason })), replaces: record.recordId };
}

/**
 * Withdraws a record: who has its key can still open it, and no reader of CareKey shows it. By whom it may be amended.
 * @param reason Why, in public: 1 to 31 bytes, best one of `correctionReasons`.
 * @throws RECORD_UNKNOWN, INVALID_ARGUMENT, WRITE_REFUSED, CONTRACT_REFUSED (InvalidStatus for what is retracted or erased), CHAIN_UNREACHABLE
 */
export async function retractRecord(
  context: Context,
  recordId: Hex32,
  reason: string,
  options: ListedOptions = {},
): Promise<void> {
  const record = await anchoredRecord(context, recordId, options);
  await requireCorrector(context, record);
  await retract(context.chain, record, reason);
}

/** The patient, the author, or a delegate with MANAGE; whether an author may still write is asked where it counts. */
async function requireCorrector({ chain }: Context, record: AnchoredRecord): Promise<void> {
  const { address: actor } = chain;
  const { recordId, patient, author, compartment, origin } = record;
  if (actor === patient || actor === author) return;
  if (await isDelegate(chain, { patient, actor, compartment, content: origin }, ["MANAGE"])) return;
  throw new CareKeyError(
    "WRITE_REFUSED",
    `${actor} is neither patient, author nor a delegate with MANAGE of ${recordId}`,
    {
      patient,
      compartment,
    },
  );
}

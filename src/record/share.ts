import type { Chain } from "../chain/connection.js";
import { type Hex32, type Role, reasonId, recordIdOf } from "../chain/ids.js";
import { type RecordName, anchorOf, findRecord } from "../chain/records.js";
import { type SendOptions, send } from "../chain/transactions.js";
import { isCareKeyError, throwIfCancelled } from "../errors.js";
import { type Amending, authorise } from "./authority.js";
import { type Context, type PipelineOptions, storeFor } from "./context.js";
import { type Delivery, deliverKeys } from "./deliver.js";
import { checkSources, identify, keepRecord, sealParts } from "./make.js";
import { manifestKey } from "./own.js";
import type { Source } from "./source.js";
import { withdraw, withdrawing } from "./withdraw.js";

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
    const kept = await keepRecord(context, store, { parts, name, encodedBody }, authority, options, added);
    options.onProgress?.({ step: "anchoring", done: 0, total: 1 });
    const sending = { signal: options.signal, onSend };
    const transaction = await putOnChain(chain, name, kept.manifest, amending, sending);
    reached();
    let { key } = kept;
    if (transaction === undefined) {
      // an earlier attempt anchored it: what was sealed now is not needed
      await withdraw(context, added);
      key = await manifestKey(context, await findRecord(chain, recordId));
    }
    const record = { ...name, origin: authority.place.origin ?? name.content };
    const delivery = await deliverKeys(context, record, key, authority.before, options, authority.keys);
    return { recordId, content: name.content, transaction, ...delivery };
  });
}

/**
 * Anchors it, by itself or in another's place. That it is anchored already is not asked ahead: the contract says so before anything is sent, and a proven word decides.
 * @returns undefined where an earlier attempt of this actor's did it.
 */
async function putOnChain(
  chain: Chain,
  name: RecordName,
  manifest: Hex32,
  amending: Amending | undefined,
  options: SendOptions,
): Promise<string | undefined> {
  const { recordRegistry, provider } = chain;
  const { patient, compartment, content } = name;
  const amendment = amending && {
    ...{ patient, compartment, content: amending.record.content, newContent: content, manifest },
    reason: reasonId(amending.reason),
  };
  try {
    const { hash } = await send(
      provider,
      (fees) =>
        amendment
          ? recordRegistry.amend(amendment, fees)
          : recordRegistry.anchor(patient, compartment, content, manifest, fees),
      options,
    );
    return hash;
  } catch (error) {
    if (!isCareKeyError(error, "CONTRACT_REFUSED")) throw error;
    const { author } = await anchorOf(chain, recordIdOf(patient, compartment, content));
    if (author === chain.address) return undefined;
    throw error;
  }
}

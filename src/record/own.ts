import { getBytes } from "ethers";

import type { AnchoredRecord } from "../chain/records.js";
import type { OpeningKey } from "../crypto/age.js";
import { CareKeyError } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { recordIdOfBody } from "./body.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import { type OpenedManifest, openManifest } from "./manifest.js";

/** An opened manifest with its sealed bytes. */
export interface FetchedManifest extends OpenedManifest {
  readonly block: Uint8Array;
}

/**
 * Fetches and opens the manifest that a record's pointer leads to, and makes sure that it is this record's.
 * @throws BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, NOT_A_RECIPIENT, RECORD_INVALID, RECORD_MISMATCH
 */
export async function fetchManifest(
  context: Context,
  record: AnchoredRecord,
  key: OpeningKey,
  options: PipelineOptions = {},
): Promise<FetchedManifest> {
  return openFetched(context, record, await fetchSealed(context, record, options), key);
}

/** @throws BLOCK_MISSING, BLOCK_INVALID */
export function fetchSealed(
  { store }: Context,
  { manifest }: Pick<AnchoredRecord, "manifest">,
  { signal }: PipelineOptions = {},
): Promise<Uint8Array> {
  return store.get(cidOfDigest(getBytes(manifest)), { signal });
}

/** @throws SEALED_INVALID, NOT_A_RECIPIENT, RECORD_INVALID, RECORD_MISMATCH */
export async function openFetched(
  { chain }: Context,
  record: AnchoredRecord,
  block: Uint8Array,
  key: OpeningKey,
): Promise<FetchedManifest> {
  const opened = await openManifest(block, key);
  const { body, content } = opened.manifest;
  const expected = {
    chainId: chain.chainId,
    registry: chain.addresses.RecordRegistry,
    patient: record.patient,
    compartment: record.compartment,
  };
  for (const [field, value] of Object.entries(expected)) {
    if (body[field as keyof typeof expected] !== value)
      throw new CareKeyError("RECORD_MISMATCH", `The manifest names another ${field} than the chain`, {
        field,
        recordId: record.recordId,
      });
  }
  if (recordIdOfBody(body, content) !== record.recordId)
    throw new CareKeyError("RECORD_MISMATCH", "The manifest is that of another record", {
      field: "content",
      recordId: record.recordId,
    });
  return { ...opened, block };
}

/** The key of a manifest that is sealed to this actor: as patient or as author. */
export async function manifestKey(context: Context, record: AnchoredRecord): Promise<Uint8Array> {
  return (await fetchManifest(context, record, asActor(context))).fileKey;
}

import { getBytes } from "ethers";

import type { Hex32 } from "../chain/ids.js";
import { type AnchoredRecord, findRecord } from "../chain/records.js";
import type { OpeningKey } from "../crypto/age.js";
import { CareKeyError } from "../errors.js";
import { cidOfDigest } from "../storage/verify.js";
import { recordIdOfBody } from "./body.js";
import type { Context, PipelineOptions } from "./context.js";
import { asActor } from "./identities.js";
import { type OpenedManifest, openManifest } from "./manifest.js";

/**
 * Fetches and opens the manifest that a record's pointer leads to, and makes sure that it is this record's.
 * @throws BLOCK_MISSING, BLOCK_INVALID, SEALED_INVALID, NOT_A_RECIPIENT, RECORD_INVALID, RECORD_MISMATCH
 */
export async function fetchManifest(
  { chain, store }: Context,
  record: AnchoredRecord,
  key: OpeningKey,
  { signal }: PipelineOptions = {},
): Promise<OpenedManifest & { readonly block: Uint8Array }> {
  const block = await store.get(cidOfDigest(getBytes(record.manifest)), { signal });
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
export async function manifestKey(context: Context, recordId: Hex32): Promise<Uint8Array> {
  const record = await findRecord(context.chain, recordId);
  const { fileKey } = await fetchManifest(context, record, asActor(context));
  return fileKey;
}

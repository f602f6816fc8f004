import { CID } from "multiformats/cid";
import { z } from "zod";

import { CareKeyError } from "../errors.js";
import type { BlockStore, StoreOptions } from "../storage/types.js";
import { keyOf } from "../storage/verify.js";

/** Blocks of one demand: with 65 bytes each they fit a body of 16 MiB. */
const MAX_BLOCKS = 250_000;

const demand = z.object({
  recordId: z.string().regex(/^0x[0-9a-f]{64}$/),
  blocks: z.array(z.string().max(100)).max(MAX_BLOCKS),
});

/** Who vouches for a demand and signs that it was met: {@link erasureReceipts} does it with a chain. */
export interface ReceiptSigner {
  /** Throws unless the record is to be erased. */
  requireDemand(recordId: string): Promise<void>;
  sign(recordId: string): Promise<unknown>;
}

/** What a node answers to a demand. */
export interface ErasureOutcome {
  /** CIDs of blocks that are still there. */
  readonly left: readonly string[];
  /** Missing where blocks are left, or nobody signs here. */
  readonly receipt?: unknown;
}

/**
 * Unpins and removes blocks of a record, and has it signed once none is left. Without a signer it removes and signs nothing.
 *
 * @param body `{ recordId, blocks }`, as it came.
 * @throws INVALID_ARGUMENT, BLOCK_INVALID for a CID that no store here keeps, ERASURE_NOT_DEMANDED; before anything is removed
 */
export async function eraseBlocks(
  store: BlockStore,
  body: unknown,
  signer: ReceiptSigner | undefined,
  options: StoreOptions = {},
): Promise<ErasureOutcome> {
  const { recordId, blocks } = parse(body);
  await signer?.requireDemand(recordId);
  const left: string[] = [];
  for (const cid of blocks) await store.unpin(cid, options);
  for (const cid of blocks) {
    await store.delete(cid, options);
    if (await store.has(cid, options)) left.push(cid.toString());
  }
  if (!signer || left.length > 0) return { left };
  return { left, receipt: await signer.sign(recordId) };
}

function parse(body: unknown): { readonly recordId: string; readonly blocks: readonly CID[] } {
  const parsed = demand.safeParse(body);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new CareKeyError("INVALID_ARGUMENT", `The demand's field ${JSON.stringify(field)} is wrong`, { field });
  }
  return { recordId: parsed.data.recordId, blocks: parsed.data.blocks.map(parseCid) };
}

function parseCid(text: string, index: number): CID {
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch (cause) {
    throw new CareKeyError("INVALID_ARGUMENT", `Block ${index} of the demand is no CID`, { index }, { cause });
  }
  keyOf(cid);
  return cid;
}

import type { CID } from "multiformats/cid";
import { CareKeyError, isCareKeyError } from "../../errors.js";
import { listBlocks } from "../../storage/unixfs/blocks.js";
import type { Call } from "./command.js";

/** Why a block stays: it is a pinned root, or lies below one. */
export interface Holder {
  readonly root: string;
  readonly isRoot: boolean;
}

/**
 * Finds out which of `wanted` are pinned, by their names. Reads the nodes of pinned files, until all are found: as long as it
 * takes, as for Kubo. `nameOf` says when two CIDs are the same.
 */
export async function holdersOf(
  wanted: readonly CID[],
  nameOf: (cid: CID) => string,
  { store, signal }: Call,
): Promise<Map<string, Holder>> {
  const found = new Map<string, Holder>();
  const open = new Set(wanted.map(nameOf));
  const note = (cid: CID, holder: Holder) => {
    if (open.delete(nameOf(cid))) found.set(nameOf(cid), holder);
  };
  const roots: CID[] = [];
  for await (const root of store.pins({ signal })) {
    roots.push(root);
    note(root, { root: root.toString(), isRoot: true });
  }
  for (const root of roots) {
    if (open.size === 0) break;
    const holder = { root: root.toString(), isRoot: false };
    for await (const cid of listBlocks(root, store, { signal, skipMissing: true })) note(cid, holder);
  }
  return found;
}

/**
 * Pins a file of which every block is here. Throws BLOCK_MISSING with the first `{ cid }` that is not, and pins nothing then.
 * Looks twice: a collection that ran while the first look went on may have taken what was not pinned yet.
 */
export async function pinWhole(root: CID, call: Call): Promise<void> {
  const { store, signal } = call;
  await checkWhole(root, call);
  await store.pin(root, { signal });
  try {
    await checkWhole(root, call);
  } catch (error) {
    if (isCareKeyError(error, "BLOCK_MISSING")) await store.unpin(root);
    throw error;
  }
}

async function checkWhole(root: CID, { store, uploads, signal }: Call): Promise<void> {
  for await (const cid of listBlocks(root, store, { signal })) {
    if (await uploads.rely(cid, { signal })) continue;
    throw new CareKeyError("BLOCK_MISSING", "The node has no such block", { cid: cid.toString() });
  }
}

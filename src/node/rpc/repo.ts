import type { GuardedStore } from "../guarded-store.js";
import { flag } from "./arguments.js";
import { command } from "./command.js";
import { REPOSITORY } from "./identity.js";
import { each } from "./lines.js";

/** What the node holds. The path is the operator's matter and stays empty. */
export const repoStat = command({ "size-only": flag.default(false) }, async ({ "size-only": sizeOnly }, { store }) => {
  const { blocks, bytes, quota = Number.MAX_SAFE_INTEGER } = await store.usage();
  const more = { NumObjects: sizeOnly ? 0 : blocks, RepoPath: "", Version: sizeOnly ? "" : `fs-repo@${REPOSITORY}` };
  return { document: { RepoSize: bytes, StorageMax: quota, ...more } };
});

export const repoVersion = command({}, () => Promise.resolve({ document: { Version: REPOSITORY } }));

/** Every block, pinned or not. */
export const refsLocal = command({}, (_, { store, signal }) => Promise.resolve({ lines: refs(store, signal) }));

async function* refs(store: GuardedStore, signal: AbortSignal) {
  for await (const { cid } of store.blocks({ signal })) yield { Ref: cid.toString(), Err: "" };
}

/** Removes what no pin leads to and is not too young to be pinned yet; says which blocks those were. */
export const repoGc = command({ quiet: flag.default(false) }, async (_, { store, signal }) => {
  const removed: string[] = [];
  await store.collect({ signal, onRemoved: (cid) => removed.push(cid.toString()) });
  return { lines: each(removed.map((cid) => ({ Key: { "/": cid } }))) };
});

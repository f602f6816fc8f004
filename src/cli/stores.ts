import path from "node:path";

import { type ErasureOperator } from "../record/erase.js";
import { operatorAt } from "../record/erasure-operator.js";
import { fsStore } from "../storage/fs.js";
import { httpStore } from "../storage/http.js";
import { kuboStoreAt } from "../storage/kubo-url.js";
import type { BlockStore } from "../storage/types.js";
import { nodePool } from "../storage/pool/pool.js";
import type { Pool } from "../storage/pool/types.js";
import { type PoolFile, readPoolFile } from "./pool-file.js";
import type { SingleStore, StoreSettings } from "./store-settings.js";
import { textOf } from "./text-file.js";

/**
 * Opens the store that a profile names.
 * @throws STORE_UNREACHABLE, STORE_FAILED, FILE_UNREADABLE, INVALID_ARGUMENT
 */
export async function openStore(store: StoreSettings): Promise<BlockStore> {
  return store.kind === "pool" ? openPool(await readPoolFile(store.file)) : openSingle(store);
}

/** The same for one store. */
async function openSingle(store: SingleStore): Promise<BlockStore> {
  switch (store.kind) {
    case "fs":
      return fsStore(store.directory);
    case "ipfs":
      return kuboStoreAt(store.url);
    case "node":
      return httpStore(store.url, { token: await tokenIn(store.tokenFile) });
  }
}

/** Opens all nodes of a pool. */
async function openPool({ nodes, policy }: PoolFile): Promise<Pool> {
  const opened = nodes.map(async ({ name, operator, store }) => ({ name, operator, store: await openSingle(store) }));
  return nodePool(await Promise.all(opened), policy === undefined ? {} : { policy });
}

/** Whom a profile can ask to erase: the storage nodes among its stores. */
export async function erasersOf(store: StoreSettings): Promise<ErasureOperator[]> {
  const nodes = store.kind === "pool" ? (await readPoolFile(store.file)).nodes : [{ name: "node", store }];
  const operators: ErasureOperator[] = [];
  for (const { name, store: single } of nodes)
    if (single.kind === "node")
      operators.push(operatorAt(single.url, { name, token: await tokenIn(single.tokenFile) }));
  return operators;
}

async function tokenIn(file: string | undefined): Promise<string | undefined> {
  return file === undefined
    ? undefined
    : (await textOf(path.resolve(file), "The file of the storage node's token")).trim();
}

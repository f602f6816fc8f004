import path from "node:path";

import { jsonRpcChainId } from "../chain/connection.js";
import type { Deployment } from "../chain/deployment.js";
import { CareKeyError } from "../errors.js";
import { checkingOf } from "./checking.js";
import { type Settings, defaultBlocks } from "./profile.js";
import { type Session, deploymentOf } from "./session.js";
import type { StoreSettings } from "./store-settings.js";

/** Options of every command that makes a profile. */
export const placeOptions = {
  rpc: ["--rpc <url>", "JSON-RPC node of the chain (http://127.0.0.1:18545)"],
  deployment: ["--deployment <file>", "carekey.json of the deployment (default: the one recorded for the chain)"],
  store: ["--store <folder>", "folder for IPFS blocks (default: blocks in CAREKEY_HOME, shared by its profiles)"],
  ipfs: ["--ipfs <url>", "RPC of an IPFS node to use instead of a folder"],
  node: ["--node <url>", "storage node (carekey node) to use instead of a folder"],
  tokenFile: ["--token-file <file>", "file with the storage node's token"],
  pool: ["--pool <file>", "file that lists several storage nodes to use together"],
} as const;

/** What these options were. */
export interface PlaceOptions {
  readonly rpc?: string | undefined;
  readonly deployment?: string | undefined;
  readonly store?: string | undefined;
  readonly ipfs?: string | undefined;
  readonly node?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly pool?: string | undefined;
}

/** Settings of an actor who is not known yet. */
export type Place = Omit<Settings, "address" | "recovery">;

/**
 * Which chain and which store are meant; a person is asked for the node.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE, NOT_DEPLOYED, FILE_UNREADABLE
 */
export async function placeOf(
  { terminal, home, checking }: Session,
  options: PlaceOptions,
): Promise<{ place: Place; deployment: Deployment }> {
  const store = storeOf(options, home);
  const fallback = "http://127.0.0.1:18545";
  const rpc = options.rpc ?? (terminal.isInteractive ? await terminal.ask("JSON-RPC node", fallback) : fallback);
  const chainId = await jsonRpcChainId(rpc);
  const file = options.deployment === undefined ? {} : { deployment: path.resolve(options.deployment) };
  const deployment = await deploymentOf({ chainId, ...file });
  return { place: { version: 1, rpc, ...checkingOf(checking), chainId, ...file, store }, deployment };
}

/** True where the options say which store is meant. */
export function namesStore({ store, ipfs, node, pool }: PlaceOptions): boolean {
  return [store, ipfs, node, pool].some((each) => each !== undefined);
}

function storeOf({ store, ipfs, node, tokenFile, pool }: PlaceOptions, home: string): StoreSettings {
  if ([store, ipfs, node, pool].filter((each) => each !== undefined).length > 1)
    throw new CareKeyError("INVALID_ARGUMENT", "Give one of --store, --ipfs, --node and --pool");
  if (tokenFile !== undefined && node === undefined)
    throw new CareKeyError("INVALID_ARGUMENT", "Give --token-file with --node");
  if (ipfs !== undefined) return { kind: "ipfs", url: ipfs };
  if (pool !== undefined) return { kind: "pool", file: path.resolve(pool) };
  if (node === undefined) return { kind: "fs", directory: path.resolve(store ?? defaultBlocks(home)) };
  if (!/^https?:/.test(node) || !URL.canParse(node))
    throw new CareKeyError("INVALID_ARGUMENT", "The address of a storage node is an http or https URL");
  return { kind: "node", url: node, ...(tokenFile !== undefined && { tokenFile: path.resolve(tokenFile) }) };
}

/** The options that a store was named by. */
export function optionsOf(store: StoreSettings): PlaceOptions {
  switch (store.kind) {
    case "fs":
      return { store: store.directory };
    case "ipfs":
      return { ipfs: store.url };
    case "node":
      return { node: store.url, tokenFile: store.tokenFile };
    case "pool":
      return { pool: store.file };
  }
}

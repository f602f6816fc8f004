import path from "node:path";

import { jsonRpcChainId } from "../chain/connection.js";
import type { Deployment } from "../chain/deployment.js";
import { CareKeyError } from "../errors.js";
import { type Settings, defaultBlocks } from "./profile.js";
import { type Session, deploymentOf } from "./session.js";

/** Options of every command that makes a profile. */
export const placeOptions = {
  rpc: ["--rpc <url>", "JSON-RPC node of the chain (http://127.0.0.1:18545)"],
  deployment: ["--deployment <file>", "carekey.json of the deployment (default: the one recorded for the chain)"],
  store: ["--store <folder>", "folder for IPFS blocks (default: blocks in CAREKEY_HOME, shared by its profiles)"],
  ipfs: ["--ipfs <url>", "RPC of an IPFS node to use instead of a folder"],
} as const;

/** What these options were. */
export interface PlaceOptions {
  readonly rpc?: string | undefined;
  readonly deployment?: string | undefined;
  readonly store?: string | undefined;
  readonly ipfs?: string | undefined;
}

/** Settings of an actor who is not known yet. */
export type Place = Omit<Settings, "address" | "recovery">;

/**
 * Which chain and which store are meant; a person is asked for the node.
 * @throws INVALID_ARGUMENT, CHAIN_UNREACHABLE, NOT_DEPLOYED, FILE_UNREADABLE
 */
export async function placeOf(
  { terminal, home }: Session,
  options: PlaceOptions,
): Promise<{ place: Place; deployment: Deployment }> {
  if (options.store !== undefined && options.ipfs !== undefined)
    throw new CareKeyError("INVALID_ARGUMENT", "Give --store or --ipfs, not both");
  const fallback = "http://127.0.0.1:18545";
  const rpc = options.rpc ?? (terminal.isInteractive ? await terminal.ask("JSON-RPC node", fallback) : fallback);
  const chainId = await jsonRpcChainId(rpc);
  const file = options.deployment === undefined ? {} : { deployment: path.resolve(options.deployment) };
  const deployment = await deploymentOf({ chainId, ...file });
  const store: Settings["store"] =
    options.ipfs === undefined
      ? { kind: "fs", directory: path.resolve(options.store ?? defaultBlocks(home)) }
      : { kind: "ipfs", url: options.ipfs };
  return { place: { version: 1, rpc, chainId, ...file, store }, deployment };
}

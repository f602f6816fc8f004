import * as former from "ipfs-http-client";
import * as current from "kubo-rpc-client";
import type { KuboRPCClient } from "kubo-rpc-client";

/** Makes a client for the RPC at a URL. */
type Create = (options: { url: string; headers?: Record<string, string> }) => KuboRPCClient;

export const createCurrent: Create = current.create;
/** The deprecated predecessor; where modules are resolved as Node does it, its declarations say nothing of what it makes. */
export const createFormer: Create = former.create;

/** Both, by their names. */
export const clients: readonly (readonly [string, Create])[] = [
  ["kubo-rpc-client", createCurrent],
  ["ipfs-http-client", createFormer],
];

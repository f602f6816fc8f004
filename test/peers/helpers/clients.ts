import * as former from "ipfs-http-client";
import * as current from "kubo-rpc-client";
import type { KuboClient } from "../../../src/storage/kubo-client.js";

/** Makes a client for the RPC at a URL. */
type Create = (options: { url: string }) => KuboClient;

export const createCurrent: Create = current.create;
/** The deprecated predecessor; where modules are resolved as Node does it, its declarations say nothing of what it makes. */
export const createFormer: Create = former.create;

/** Both, by their names. */
export const clients: readonly (readonly [string, Create])[] = [
  ["kubo-rpc-client", createCurrent],
  ["ipfs-http-client", createFormer],
];

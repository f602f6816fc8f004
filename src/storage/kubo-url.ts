import { CareKeyError, isCareKeyError } from "../errors.js";
import { withDeadline } from "./deadline.js";
import { type KuboStoreOptions, kuboStore } from "./kubo.js";
import type { BlockStore, StoreOptions } from "./types.js";

/** A node that is there says its version at once, also over a slow line. */
const ANSWER = 10_000;

/**
 * The store of the IPFS node whose RPC has this URL, after the node has answered. Loads `kubo-rpc-client`, which other stores
 * do not need. For a node that asks for credentials, make the client and give it to `kuboStore`.
 *
 * Throws INVALID_ARGUMENT for what is no http(s) URL or holds credentials, CANCELLED, and STORE_UNREACHABLE with `{ url }` when no
 * node answers within 10 s or the deadline, whichever is shorter.
 *
 * @example
 * const store = await kuboStoreAt("http://127.0.0.1:5001");
 */
export async function kuboStoreAt(
  url: string,
  { signal, ...options }: KuboStoreOptions & Pick<StoreOptions, "signal"> = {},
): Promise<BlockStore> {
  const origin = originOf(url);
  const { create } = await import("kubo-rpc-client");
  const client = create({ url });
  const deadline = Math.min(options.deadline ?? ANSWER, ANSWER);
  try {
    await withDeadline({ signal }, deadline, (stop) => client.version({ signal: stop }));
  } catch (error) {
    if (!isCareKeyError(error, "STORE_FAILED")) throw error;
    throw new CareKeyError("STORE_UNREACHABLE", `No IPFS node answers at ${origin}`, { url: origin }, { cause: error });
  }
  return kuboStore(client, options);
}

/** Checks the address of a service and returns what of it may stand in a message: an URL’s user, password and query may be secrets. */
export function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CareKeyError("INVALID_ARGUMENT", "The address of an IPFS node is an http or https URL");
  }
  if (url.username || url.password) {
    throw new CareKeyError("INVALID_ARGUMENT", "The URL holds credentials, which belong into the headers of a client");
  }
  return url.origin;
}

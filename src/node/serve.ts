import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { CareKeyError } from "../errors.js";
import { systemCode } from "../system-error.js";
import type { ReceiptSigner } from "./erasures.js";
import { gatewayListener } from "./gateway/listener.js";
import type { GuardedStore } from "./guarded-store.js";
import { rpcListener } from "./rpc/listener.js";
import { requireToken } from "./tokens.js";

/** Where a listener listens. */
export interface Address {
  /** 127.0.0.1 by default: whatever else is reached through a proxy that speaks TLS. */
  readonly host?: string | undefined;
  /** 0, the default, is one that is free. */
  readonly port?: number | undefined;
}

export interface ServeOptions extends Address {
  readonly store: GuardedStore;
  /** 32 bytes that tokens are made with: `tokenSecret`. */
  readonly secret: Uint8Array;
  /** Who signs that erasures were made; `erasureReceipts` does, by an account of the chain. Nobody where omitted. */
  readonly receipts?: ReceiptSigner | undefined;
  /** A second listener that speaks Kubo's RPC to whoever has a token of scope "manage"; none by default. */
  readonly rpc?: Address | undefined;
}

export interface StorageNode {
  /** Of the gateway. */
  readonly url: string;
  /** Of the RPC, where there is one. */
  readonly rpcUrl: string | undefined;
  /** Takes no more requests, and ends when those under way have, at most 10 seconds later. The store stays open. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** Milliseconds: who sends its head, or all of a request, more slowly is cut off, as who takes nothing of an answer. */
const HEADERS = 15_000;
const REQUEST = 10 * 60_000;
const SILENCE = 2 * 60_000;
const KEEP_ALIVE = 30_000;
const ENDING = 10_000;
const MAX_HEADER = 16 * 1024;
const MAX_CONNECTIONS = 1024;

/**
 * Serves a store as a storage node: a trustless gateway that takes blocks from who has a token, and the needed part of Kubo's RPC.
 *
 * Throws STORE_FAILED with the system's `{ code }`, e.g. EADDRINUSE, where it cannot listen.
 *
 * @example
 * const store = guardedStore(await fsStore(folder), { quota: 100e9 });
 * const node = await serveNode({ store, secret: await tokenSecret(folder), port: 8080 });
 */
export async function serveNode({ store, secret, receipts, host, port, rpc }: ServeOptions): Promise<StorageNode> {
  const gateway = await listen(gatewayListener(store, { secret, receipts }), { host, port }, SILENCE);
  let second: Listening | undefined;
  try {
    const authorise = ({ headers }: IncomingMessage) => requireToken(headers, "manage", secret);
    // a collection may be silent for long
    if (rpc) second = await listen(rpcListener(store, { authorise }), rpc, 0);
  } catch (error) {
    await gateway.close();
    throw error;
  }
  return {
    url: gateway.url,
    rpcUrl: second?.url,
    close: async () => {
      await Promise.all([gateway.close(), second?.close()]);
    },
  };
}

interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(
  listener: RequestListener,
  { host = LOOPBACK, port = 0 }: Address,
  silence: number,
): Promise<Listening> {
  const server = createServer({
    headersTimeout: HEADERS,
    // where silence is allowed, a request may be as long as a file
    requestTimeout: silence === 0 ? 0 : REQUEST,
    keepAliveTimeout: KEEP_ALIVE,
    maxHeaderSize: MAX_HEADER,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(silence);
  server.on("request", (request, response) => {
    response.once("close", () => {
      // once it closes, a connection is kept for no further request
      if (!server.listening)
        setImmediate(() => {
          server.closeIdleConnections();
        });
    });
    listener(request, response);
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const code = systemCode(cause);
    throw new CareKeyError("STORE_FAILED", `The node cannot listen (${code ?? "?"})`, { code, port }, { cause });
  }
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, ENDING);
  await closed;
  clearTimeout(timer);
}

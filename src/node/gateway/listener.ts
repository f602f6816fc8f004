import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import type { ReceiptSigner } from "../erasures.js";
import type { GuardedStore } from "../guarded-store.js";
import { closing } from "../stream.js";
import { requireToken } from "../tokens.js";
import type { Route } from "./call.js";
import { eraseRoute } from "./erase.js";
import { blocksRoute, deleteRoute, healthRoute, pinRoute, pinsRoute, unpinRoute } from "./manage.js";
import { readRoute } from "./read.js";
import { type Direction, refusal, refuse } from "./refusal.js";
import { targetOf } from "./target.js";
import { putBlockRoute, putCarRoute } from "./write.js";

export interface GatewayOptions {
  /** 32 bytes that tokens are made with. */
  readonly secret: Uint8Array;
  /** Who vouches for demands to erase and signs that they were met; nothing is signed where omitted. */
  readonly receipts?: ReceiptSigner | undefined;
}

type Routes = ReadonlyMap<string, ReadonlyMap<string, Route>>;

const put = { scope: "put", direction: "brings" } as const;
const manage = { scope: "manage" } as const;

/** Paths with their methods; "*" stands for a CID. */
const routes: Routes = new Map(
  Object.entries({
    "ipfs/*": {
      GET: { answer: readRoute },
      PUT: { ...put, answer: putBlockRoute },
      DELETE: { ...manage, answer: deleteRoute },
    },
    ipfs: { POST: { ...put, answer: putCarRoute } },
    "pins/*": { PUT: { scope: "put", answer: pinRoute }, DELETE: { ...manage, answer: unpinRoute } },
    pins: { GET: { ...manage, answer: pinsRoute } },
    erasures: { POST: { ...manage, direction: "brings", answer: eraseRoute } },
    blocks: { GET: { ...manage, answer: blocksRoute } },
    health: { GET: { answer: healthRoute } },
  } satisfies Record<string, Record<string, Route>>).map(([path, methods]) => [path, new Map(Object.entries(methods))]),
);

/** Pages of any origin may read, and put with a token; none sends credentials by itself. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "content-length, content-type, etag, x-ipfs-path, x-ipfs-roots",
};
const PREFLIGHT = {
  "access-control-allow-methods": "GET, HEAD, PUT, POST",
  "access-control-allow-headers": "authorization, content-type, accept, cache-control, if-none-match",
  "access-control-max-age": "86400",
};

/**
 * A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/) to which blocks can be put: docs/operations.md lists the
 * paths. Refusals are JSON `{ code, message, details }`.
 *
 * @example
 * createServer(gatewayListener(store, { secret })).listen(8080, "127.0.0.1");
 */
export function gatewayListener(store: GuardedStore, options: GatewayOptions): RequestListener {
  return (request, response) => {
    void answer(store, options, request, response);
  };
}

async function answer(
  store: GuardedStore,
  { secret, receipts }: GatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const signal = closing(response);
  const head = request.method === "HEAD";
  let direction: Direction = "asks";
  try {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    const { name, argument, query } = targetOf(request.url ?? "");
    const methods = routes.get(argument === undefined ? name : `${name}/*`);
    if (!methods) throw refusal(404, "The node has no such path", { reason: "path" });
    if (request.method === "OPTIONS") {
      response.writeHead(204, PREFLIGHT).end();
      return;
    }
    const route = methods.get(head ? "GET" : (request.method ?? ""));
    if (!route) throw notAllowed(response, methods);
    if (route.scope) await requireToken(request.headers, route.scope, secret);
    direction = route.direction ?? direction;
    const call = { store, receipts, request, response, query, argument: argument ?? "", head, signal };
    await route.answer(call);
  } catch (error) {
    refuse(response, error, direction);
  }
}

function notAllowed(response: ServerResponse, methods: ReadonlyMap<string, Route>): Error {
  const names = [...methods.keys()].flatMap((name) => (name === "GET" ? [name, "HEAD"] : [name]));
  response.setHeader("allow", [...names, "OPTIONS"].join(", "));
  return refusal(405, "The path knows no such method");
}

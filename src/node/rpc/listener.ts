import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isCareKeyError } from "../../errors.js";
import type { GuardedStore } from "../guarded-store.js";
import { breakOff, closing } from "../stream.js";
import { isFromBrowser, refusedStatus } from "./access.js";
import { refusalOf, refuse, refusePlainly, send } from "./answer.js";
import type { Call, Command } from "./command.js";
import { commands } from "./commands.js";
import { Uploads } from "./uploads.js";

const PREFIX = "/api/v0/";

type Node = Pick<Call, "store" | "uploads">;

export interface RpcOptions {
  /** Rejects where the request carries no token that allows to manage the node: with `{ status: 403 }` for one of too little scope. */
  readonly authorise: (request: IncomingMessage) => Promise<void>;
}

/**
 * The part of Kubo's RPC (https://docs.ipfs.tech/reference/kubo/rpc/) that stock clients need, over a storage node's store:
 * version, id, add, cat, block, pin, dag import and export, files/stat, refs/local and repo. `kubo-rpc-client` and
 * `ipfs-http-client` work as they are, given `headers: { authorization: "Bearer …" }`.
 *
 * Statuses: 400 for what the caller has to correct, 401 without a right token, 403 for browsers, 404 for a command that is not
 * there, 405 for anything but POST, 507 past the quota, and 500, as Kubo has it, for all else. Texts are Kubo's where clients
 * tell failures apart by them.
 *
 * @example
 * const listener = rpcListener(store, { authorise: (request) => requireToken(request.headers, "manage") });
 * createServer(listener).listen(5001, "127.0.0.1");
 */
export function rpcListener(store: GuardedStore, { authorise }: RpcOptions): RequestListener {
  const uploads = new Uploads(store);
  return (request, response) => {
    void answer({ store, uploads }, authorise, request, response);
  };
}

async function answer(
  node: Node,
  authorise: RpcOptions["authorise"],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isFromBrowser(request)) {
    refusePlainly(response, 403, "403 - Forbidden");
    return;
  }
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    refusePlainly(response, 405, "405 - Method Not Allowed");
    return;
  }
  try {
    await authorise(request);
  } catch (error) {
    const status = refusedStatus(error);
    if (status === 401) response.setHeader("www-authenticate", "Bearer");
    refusePlainly(response, status, status === 401 ? "401 Unauthorized" : "403 - Forbidden");
    return;
  }
  const { path, query } = partsOf(request.url ?? "");
  const command = path.startsWith(PREFIX) ? commands.get(path.slice(PREFIX.length)) : undefined;
  if (command) await run(command, query, node, request, response);
  else refusePlainly(response, 404, "404 page not found");
}

async function run(
  command: Command,
  query: URLSearchParams,
  node: Node,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = closing(response);
  let timer: AbortSignal | undefined;
  try {
    const timeout = command.timeout(query);
    timer = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    const signal = AbortSignal.any(timer ? [gone, timer] : [gone]);
    await send(response, await command.run(query, { ...node, request, signal }));
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      breakOff(response);
    } else if (timer?.aborted && (!isCareKeyError(error) || error.code === "CANCELLED")) {
      refuse(response, 500, "context deadline exceeded");
    } else {
      const { status, message } = refusalOf(error, command.takesBlocks);
      refuse(response, status, message);
    }
  }
}

/** Path and query as they are: nothing of them is resolved, so that no path means another one. */
function partsOf(url: string): { path: string; query: URLSearchParams } {
  const [path = "", ...rest] = url.split("?");
  return { path, query: new URLSearchParams(rest.join("?")) };
}

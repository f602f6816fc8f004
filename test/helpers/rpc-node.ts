import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { GuardedStore } from "../../src/node/guarded-store.js";
import { rpcListener } from "../../src/node/rpc/listener.js";
import { CareKeyError } from "../../src/errors.js";

/** A server on a port of its own. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What a client of {@link startRpc} has to send. */
export const headers = { authorization: "Bearer of good news" };

/** The RPC over a store, for whoever sends {@link headers}. */
export function startRpc(store: GuardedStore): Promise<Listening> {
  const authorise = ({ headers: sent }: IncomingMessage) =>
    sent.authorization === headers.authorization
      ? Promise.resolve()
      : Promise.reject(new CareKeyError("INVALID_ARGUMENT", "No token", { status: 401 }));
  return listen(rpcListener(store, { authorise }));
}

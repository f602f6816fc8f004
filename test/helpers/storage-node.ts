import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type GuardedStoreOptions, guardedStore } from "../../src/node/guarded-store.js";
import { type StorageNode, serveNode } from "../../src/node/serve.js";
import { issueToken } from "../../src/node/tokens.js";
import { memoryStore } from "../../src/storage/memory.js";
import type { BlockStore } from "../../src/storage/types.js";

/** A storage node on a port of its own, with tokens for it. */
export interface RunningNode extends StorageNode {
  readonly secret: Uint8Array;
  readonly put: string;
  readonly manage: string;
}

export async function runNode(
  inner: BlockStore = memoryStore(),
  options: GuardedStoreOptions = {},
): Promise<RunningNode> {
  const secret = Uint8Array.from(randomBytes(32));
  const node = await serveNode({ store: guardedStore(inner, options), secret, rpc: {} });
  const lifetime = 60_000;
  return {
    ...node,
    secret,
    put: await issueToken(secret, { scope: "put", lifetime }),
    manage: await issueToken(secret, { scope: "manage", lifetime }),
  };
}

/** A server that answers as it is told, for what no node of ours does. */
export async function runServer(listener: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

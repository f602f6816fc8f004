import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What stands between a client and its node may do. All paths are those of the RPC, e.g. "block/get". */
export interface Meddling {
  /** True leaves a request without an answer. */
  readonly stalls?: (path: string) => boolean;
  /** Changes an answer. */
  readonly alters?: (path: string, answer: Buffer) => Uint8Array;
  /** Told of each piece of a request's body once it was passed on; true cuts the connections on both sides. */
  readonly cuts?: (path: string, size: number) => boolean;
}

export interface Proxy {
  readonly url: string;
  close(): void;
}

/** Starts a proxy in front of the RPC of a node. */
export async function startProxy(target: string, meddling: Meddling): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    pass(target, meddling, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(target: string, meddling: Meddling, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const url = incoming.url ?? "";
  const path = url.replace(/^\/api\/v0\/|\?.*$/g, "");
  const cut = () => {
    incoming.destroy();
    outgoing.destroy();
  };
  incoming.on("error", cut);
  if (meddling.stalls?.(path)) {
    incoming.resume();
    return;
  }
  const onward = request(new URL(url, target), { method: "POST", headers: incoming.headers, agent: false });
  onward.on("error", cut);
  onward.on("response", (response) => {
    buffer(response).then((answer) => {
      // all else is about a length that may have changed
      const type = response.headers["content-type"];
      outgoing.writeHead(response.statusCode ?? 500, type ? { "content-type": type } : {});
      outgoing.end(meddling.alters?.(path, answer) ?? answer);
    }, cut);
  });
  let size = 0;
  incoming.on("data", (piece: Buffer) => {
    onward.write(piece, () => {
      size += piece.length;
      if (!meddling.cuts?.(path, size)) return;
      onward.destroy();
      cut();
    });
  });
  incoming.on("end", () => onward.end());
}

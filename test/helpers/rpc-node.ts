import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type RequestListener,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
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

export interface RpcAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The message of a refusal in Kubo's form; undefined for anything else. */
  readonly message: string | undefined;
}

export interface RpcRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
}

/** Sends a request as it is, which neither fetch nor a client does. */
export async function send(node: Listening, path: string, options: RpcRequest = {}): Promise<RpcAnswer> {
  const { hostname, port } = new URL(node.url);
  const { method = "POST", headers: sent = headers, body } = options;
  const outgoing = request({ hostname, port, path, method, headers: sent, agent: false }).end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const text = await textOf(incoming);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text, message: messageOf(text) };
}

/** A part of an upload, as the stock clients write it unless `header` says otherwise. */
export interface SentPart {
  readonly header?: string;
  readonly body: Uint8Array | string;
}

const BOUNDARY = "-----------------------------boundary";
const FILE = 'Content-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream';

/** An upload: what has to be sent, and with which headers. */
export function upload(...parts: readonly SentPart[]): Required<Pick<RpcRequest, "headers" | "body">> {
  const pieces = parts.flatMap(({ header = FILE, body }) => [`--${BOUNDARY}\r\n${header}\r\n\r\n`, body, "\r\n"]);
  return {
    headers: { ...headers, "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece))),
  };
}

/** An upload of one file that is sent as it comes, and ends as asked. */
export async function* streamed(file: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from(`--${BOUNDARY}\r\n${FILE}\r\n\r\n`));
  yield* file;
  yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
}

function messageOf(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as { Message?: string; Code?: number; Type?: string };
    return answer.Code === 0 && answer.Type === "error" ? answer.Message : undefined;
  } catch {
    return undefined;
  }
}

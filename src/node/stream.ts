import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/**
 * Sends a body at the client's pace. What fails before its first piece is thrown, so that it can still become a status; what fails later is
 * thrown too, and the body then has to be broken off.
 */
export async function sendStream(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  source: AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    let next = await pieces.next();
    response.writeHead(200, headers);
    for (; !next.done; next = await pieces.next()) {
      if (!response.write(next.value)) await drained(response);
      if (response.destroyed) return;
    }
    response.end();
  } finally {
    await pieces.return?.();
  }
}

/** Waits until the client took what was written, or went away. */
async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const settled = new AbortController();
  const options = { signal: settled.signal };
  const events = [once(response, "drain", options), once(response, "close", options)];
  await Promise.race(events).finally(() => {
    settled.abort();
  });
}

/** Aborted when the client is gone, or has all of its answer. */
export function closing(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  return gone.signal;
}

/** Milliseconds for which a client that has its answer may go on sending. */
const LINGER = 5000;

/**
 * Sends an answer at once, but ends it only when the client has sent all, or had time to: a connection that is closed meanwhile takes the
 * answer along.
 */
export function sendWhole(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: string): void {
  const { req: request } = response;
  // with its length, so that it is understood before it has ended
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  if (request.complete) {
    response.end(body);
    return;
  }
  const end = (): void => {
    response.end();
  };
  const timer = setTimeout(end, LINGER);
  response.once("close", () => {
    clearTimeout(timer);
  });
  response.write(body);
  request.once("end", end).resume();
}

/** Closes the connection after what was sent of a body: the client sees that it is not whole. */
export function breakOff(response: ServerResponse): void {
  if (response.socket) response.socket.destroySoon();
  else response.destroy();
}

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

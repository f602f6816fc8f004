import { isCareKeyError } from "../../errors.js";
import type { Call } from "./call.js";
import { sendJson } from "./refusal.js";
import { sendStream } from "../stream.js";
import { cidOf } from "./target.js";

const LINES = {
  "content-type": "application/x-ndjson",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** DELETE /ipfs/{cid} */
export async function deleteRoute({ argument, store, response, signal }: Call): Promise<void> {
  await store.delete(cidOf(argument), { signal });
  response.writeHead(204).end();
}

/** PUT /pins/{cid}: 404 where the root is not here. */
export async function pinRoute({ argument, store, response, signal }: Call): Promise<void> {
  await store.pin(cidOf(argument), { signal });
  response.writeHead(204).end();
}

/** DELETE /pins/{cid} */
export async function unpinRoute({ argument, store, response, signal }: Call): Promise<void> {
  await store.unpin(cidOf(argument), { signal });
  response.writeHead(204).end();
}

/** GET /pins: a line `{ cid }` for each root. */
export async function pinsRoute({ store, response, signal }: Call): Promise<void> {
  const lines = linesOf(store.pins({ signal }), (cid) => ({ cid: cid.toString() }));
  await sendStream(response, LINES, lines);
}

/** GET /blocks: a line `{ cid, size, since }` for each block. */
export async function blocksRoute({ store, response, signal }: Call): Promise<void> {
  const lines = linesOf(store.blocks({ signal }), ({ cid, ...rest }) => ({ cid: cid.toString(), ...rest }));
  await sendStream(response, LINES, lines);
}

/** GET /health: how full the node is; 503 where its store fails. */
export async function healthRoute({ store, response }: Call): Promise<void> {
  try {
    const { blocks, bytes, quota } = await store.usage();
    // the count is kept here: the store itself has to answer too
    await store.pins()[Symbol.asyncIterator]().next();
    sendJson(response, 200, { ok: true, blocks, bytes, quota });
  } catch (error) {
    const code = isCareKeyError(error) ? error.code : "UNFORESEEN";
    sendJson(response, 503, { ok: false, code });
  }
}

async function* linesOf<T>(source: AsyncIterable<T>, line: (each: T) => object): AsyncGenerator<string> {
  for await (const each of source) yield `${JSON.stringify(line(each))}\n`;
}

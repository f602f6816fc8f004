import type { CID } from "multiformats/cid";
import { CareKeyError } from "../errors.js";

/** Longest line of a list. */
const MAX_LINE = 4096;

/**
 * The body of an answer, given up as soon as it is longer than `limit` bytes: BLOCK_INVALID with `{ reason: "size" }` for a block's, STORE_FAILED for
 * another's.
 */
export async function readAtMost(response: Response, limit: number, cid?: CID): Promise<Uint8Array> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  if (declared > limit) {
    await response.body?.cancel();
    throw tooLong(declared, limit, cid);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(response)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) throw tooLong(size, limit, cid);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The values of an answer of one JSON value a line. STORE_FAILED for a line without end. */
export async function* lines(response: Response): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunksOf(response)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part !== "") yield JSON.parse(part);
    if (rest.length > MAX_LINE) throw tooLong(rest.length, MAX_LINE);
  }
  if (rest !== "") yield JSON.parse(rest);
}

/** A body as it comes; whoever stops early ends the transfer. Not every browser iterates over a body by itself. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read();
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

function tooLong(size: number, limit: number, cid?: CID): CareKeyError {
  const details = { cid: cid?.toString(), reason: "size", size, limit };
  const code = cid ? "BLOCK_INVALID" : "STORE_FAILED";
  return new CareKeyError(code, `The answer is longer than ${limit} bytes`, details);
}

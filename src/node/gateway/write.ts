import type { IncomingMessage } from "node:http";

import { type ByteStream, collect } from "../../bytes.js";
import { CareKeyError } from "../../errors.js";
import { type Block, MAX_BLOCK } from "../../storage/types.js";
import { readCar } from "../car.js";
import type { Call } from "./call.js";
import { refusal, sendJson } from "./refusal.js";
import { cidOf } from "./target.js";

/** PUT /ipfs/{cid}: one block. */
export async function putBlockRoute({ argument, store, request, response, query, signal }: Call): Promise<void> {
  if ((query.get("format") ?? "raw") !== "raw")
    throw refusal(400, "A block is put with format=raw", { reason: "format" });
  const cid = cidOf(argument);
  const declared = Number(request.headers["content-length"] ?? 0);
  const bytes = declared > MAX_BLOCK ? tooLong(declared) : await bytesOf(request);
  await store.put({ cid, bytes }, { signal });
  response.writeHead(204).end();
}

/** POST /ipfs: the blocks of a CAR. Each is verified before it is kept; those before a wrong one may stay, unpinned. */
export async function putCarRoute({ store, request, response, signal }: Call): Promise<void> {
  const { blocks } = await readCar(bodyOf(request));
  const count = { blocks: 0, bytes: 0 };
  await store.putMany(counted(blocks, count), { signal });
  sendJson(response, 200, count);
}

async function* counted(blocks: AsyncIterable<Block>, count: { blocks: number; bytes: number }): AsyncGenerator<Block> {
  for await (const block of blocks) {
    count.blocks++;
    count.bytes += block.bytes.length;
    yield block;
  }
}

/** A body that is left in the middle does not break the connection: the answer still has to go over it. */
export function bodyOf(request: IncomingMessage): ByteStream {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  try {
    return await collect(bodyOf(request), MAX_BLOCK);
  } catch (error) {
    if (error instanceof RangeError) return tooLong();
    throw error;
  }
}

function tooLong(size?: number): never {
  const details = { reason: "size", size, limit: MAX_BLOCK };
  throw new CareKeyError("BLOCK_INVALID", `A block is longer than ${MAX_BLOCK} bytes`, details);
}

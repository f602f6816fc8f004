import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BlackHoleBlockstore } from "blockstore-core";
import { importByteStream } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";
import type { ByteStream } from "../../src/bytes.js";
import { type BlockStore } from "../../src/storage/types.js";
import { memoryStore } from "../../src/storage/memory.js";
import { forward } from "./stores.js";
import { PROFILE } from "../../src/storage/unixfs/node.js";

export const MiB = 1024 * 1024;

/** Bytes that look random and are the same in every run, in pieces that fit no chunk. */
export function* noise(size: number, piece = 65_537): Generator<Uint8Array, void, undefined> {
  let state = 1;
  for (let left = size; left > 0; left -= piece) {
    const words = new Uint32Array(Math.ceil(Math.min(left, piece) / 4));
    for (let index = 0; index < words.length; index++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
    yield new Uint8Array(words.buffer, 0, Math.min(left, piece));
  }
}

/** `count` times the same chunk, without holding it twice. */
export function* repeat(chunk: Uint8Array, count: number): Generator<Uint8Array, void, undefined> {
  for (let index = 0; index < count; index++) yield chunk;
}

/** The CID that the stock importer gives a file. */
export async function stockCid(source: ByteStream, shape = PROFILE): Promise<string> {
  const { cid } = await importByteStream(source, new BlackHoleBlockstore(), {
    cidVersion: 1,
    rawLeaves: true,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: shape.chunk }),
    layout: balanced({ maxChildrenPerNode: shape.children }),
  });
  return cid.toString();
}

/** A store in memory, some calls of which are replaced. */
export function storeWith(replaced: (inner: BlockStore) => Partial<BlockStore>): BlockStore {
  const inner = memoryStore();
  return { ...forward(inner), ...replaced(inner) };
}

/**
 * Highest growth of the memory of buffers while `work` runs, looked at whenever `work` calls back. Garbage is collected before a growth
 * up to `limit` is believed, and not before others: what lives is no more than what there is.
 */
export async function peakOfBuffers(limit: number, work: (look: () => void) => Promise<void>): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  const all = () => process.memoryUsage().arrayBuffers;
  // the buffers that one collection finds are freed aside; the next waits for that, also on a busy machine
  const minor = () => {
    collect({ type: "minor" });
    collect({ type: "minor" });
  };
  const full = () => {
    collect();
    collect();
  };
  full();
  const before = all();
  let peak = 0;
  await work(() => {
    // young garbage first: to look at the whole heap takes a hundred times as long
    for (const some of [minor, full]) if (all() - before >= limit) some();
    peak = Math.max(peak, all() - before);
  });
  return peak;
}

import * as CarBufferWriter from "@ipld/car/buffer-writer";
import type { Block } from "./types.js";

/** Bytes and blocks that go into one CAR, which is held in memory. */
const BATCH = 8 * 1024 * 1024;
const BATCH_BLOCKS = 1024;

/** Groups blocks for CARs of about 8 MiB: each group ends with the block that fills it. The last one may be empty. */
export async function* batchesOf(
  blocks: AsyncIterable<Block> | Iterable<Block>,
): AsyncGenerator<Block[], void, undefined> {
  let batch: Block[] = [];
  let size = 0;
  for await (const block of blocks) {
    batch.push(block);
    size += block.bytes.length;
    if (size < BATCH && batch.length < BATCH_BLOCKS) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  yield batch;
}

/**
 * A CAR (version 1, https://ipld.io/specs/transport/car/carv1/) of these blocks. It names no root, as a node may announce
 * roots to the network.
 *
 * @example
 * const results = client.dag.import([carOf(blocks)], { pinRoots: false });
 */
export function carOf(blocks: readonly Block[]): Uint8Array<ArrayBuffer> {
  const roots: Block["cid"][] = [];
  const size = blocks.reduce(
    (sum, block) => sum + CarBufferWriter.blockLength(block),
    CarBufferWriter.headerLength({ roots }),
  );
  const buffer = new ArrayBuffer(size);
  const writer = CarBufferWriter.createWriter(buffer, { roots });
  for (const block of blocks) writer.write(block);
  writer.close();
  return new Uint8Array(buffer);
}

import type { ByteStream } from "../../bytes.js";
import { throwIfCancelled } from "../../errors.js";

/**
 * Cuts a stream into chunks of `size`, the last one shorter; an empty stream is one empty chunk, as the stock importers have it. Copies what it gets, into memory
 * of `spare` where there is some: arrays of `size` that nobody needs any more.
 */
export async function* cut(
  source: ByteStream,
  size: number,
  signal: AbortSignal | undefined,
  spare: Uint8Array[] = [],
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfCancelled(signal);
  let chunk: Uint8Array = new Uint8Array(size);
  let filled = 0;
  let any = false;
  for await (const piece of source) {
    throwIfCancelled(signal);
    for (let taken = 0; taken < piece.length;) {
      const part = piece.subarray(taken, taken + size - filled);
      chunk.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < size) continue;
      yield chunk;
      chunk = spare.pop() ?? new Uint8Array(size);
      filled = 0;
      any = true;
    }
  }
  if (filled > 0 || !any) yield chunk.slice(0, filled);
}

/** Groups of `count` chunks, the last one smaller. */
export async function* batchesOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  count: number,
): AsyncGenerator<T[], void, undefined> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < count) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Bytes as they pass through every pipeline: any iterable of chunks, of any chunk size. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What every operation that can take long accepts. */
export interface OperationOptions {
  /** Stops the work with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

/** Lower-case hex with 0x, as ethers writes it. */
export function toHex(bytes: Uint8Array): string {
  let hex = "0x";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** True when both have the same length and content. Not constant time: for public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Joins the chunks of a stream. Throws a RangeError past `limit` bytes, so that nobody fills the memory. */
export async function collect(stream: ByteStream, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new RangeError(`more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return concat(chunks, size);
}

/** Joins chunks whose lengths sum up to `size`. */
export function concat(
  chunks: readonly Uint8Array[],
  size = chunks.reduce((sum, chunk) => sum + chunk.length, 0),
): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

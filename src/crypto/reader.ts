import type { ByteStream } from "../bytes.js";

/** Pulls a byte stream piece by piece and can take back what was read too far. Closing it closes the stream below. */
export class ByteReader implements AsyncIterableIterator<Uint8Array, undefined, undefined> {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #returned: Uint8Array | undefined;
  #done = false;

  constructor(source: ByteStream) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** The next piece, however long the stream makes it. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const returned = this.#returned;
    this.#returned = undefined;
    if (returned) return { done: false, value: returned };
    if (this.#done) return { done: true, value: undefined };
    const result = await this.#source.next();
    if (!result.done) return { done: false, value: result.value };
    this.#done = true;
    return { done: true, value: undefined };
  }

  /** Gives back the tail of the piece that was read last. */
  unread(tail: Uint8Array): void {
    if (tail.length > 0) this.#returned = tail;
  }

  /** Reads `size` bytes into a fresh array; fewer when the stream ends before. */
  async take(size: number): Promise<Uint8Array> {
    const taken = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const { done, value } = await this.next();
      if (done) break;
      const wanted = value.subarray(0, size - filled);
      taken.set(wanted, filled);
      filled += wanted.length;
      this.unread(value.subarray(wanted.length));
    }
    return taken.subarray(0, filled);
  }

  /** Ends the reading and closes the stream below, e.g. its file handle. Calling it twice is harmless. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const open = !this.#done;
    this.#done = true;
    this.#returned = undefined;
    if (open) await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

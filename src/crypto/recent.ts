/**
 * Keeps what was made of the few keys that were used last: charts have a thousand headers for the same two recipients, and to
 * read a key takes as long as to use it.
 */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  /** @param limit Most values to keep. */
  constructor(readonly limit: number) {}

  /** The value of a key, made now unless it is there still. Nothing is kept of a `make` that throws. */
  of(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    // the last one in order of insertion is the last one used
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.limit) break;
      this.#values.delete(oldest);
    }
    return value;
  }
}

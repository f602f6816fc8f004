/**
 * A door that many may pass together, or one alone: writers of a store share it, and whoever deletes what nobody needs has it to itself.
 * Who waits to be alone is not overtaken by those who come later. Never ask for it inside it.
 *
 * @example
 * await gate.together(() => store.put(block));
 * await gate.alone(() => store.delete(cid));
 */
export class Gate {
  #inside = 0;
  /** Settles when whoever is, or waits to be, alone has left. */
  #closed: Promise<void> | undefined;
  #emptied: () => void = () => undefined;

  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed;
    this.#inside++;
    try {
      return await work();
    } finally {
      if (--this.#inside === 0) this.#emptied();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#closed = promise;
    try {
      if (this.#inside > 0) await new Promise<void>((emptied) => (this.#emptied = emptied));
      return await work();
    } finally {
      this.#closed = undefined;
      resolve(undefined);
    }
  }
}

/**
 * Lets many share or one alone: work that shares runs at once with other work that shares; work that is exclusive waits until
 * that has ended and keeps what comes later waiting.
 *
 * @example
 * await gate.share(() => store.put(block));
 * await gate.exclude(() => store.delete(cid));
 */
export class Gate {
  readonly #sharing = new Set<Promise<unknown>>();
  #last: Promise<unknown> = Promise.resolve();

  async share<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const last = this.#last;
      await last;
      // others who exclude may have come meanwhile
      if (last === this.#last) break;
    }
    const running = work();
    const settled = running.catch(() => undefined);
    this.#sharing.add(settled);
    try {
      return await running;
    } finally {
      this.#sharing.delete(settled);
    }
  }

  async exclude<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const running = (async () => {
      await before;
      await Promise.all(this.#sharing);
      return await work();
    })();
    this.#last = running.catch(() => undefined);
    return await running;
  }
}

/** All items of a stream. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

/** The items of an array as a stream. */
export async function* each<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  for (const item of items) yield await Promise.resolve(item);
}

/**
 * Runs `work` and yields what it reports meanwhile; returns its result. Of reports that come faster than they are taken, the
 * latest stays.
 *
 * @example
 * const steps = reporting<number, ImportedFile>((onProgress) => importFile(source, store, { onProgress }));
 */
export async function* reporting<Report, Result>(
  work: (report: (value: Report) => void) => Promise<Result>,
): AsyncGenerator<Report, Result, undefined> {
  const latest: Report[] = [];
  let wake = (): void => undefined;
  const result = work((value) => {
    latest[0] = value;
    wake();
  });
  const state = { ended: false };
  const end = () => {
    state.ended = true;
    wake();
  };
  result.then(end, end);
  for (;;) {
    if (latest.length > 0) {
      yield* latest.splice(0);
    } else if (state.ended) {
      return await result;
    } else {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
}

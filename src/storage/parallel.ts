/**
 * Does `work` for every item, at most `limit` at a time. Starts no more after a failure, waits until all that began has
 * ended, and throws the first failure: nothing runs on behind the caller's back.
 *
 * @example
 * await inParallel(files, 4, (file) => rm(file));
 */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done && failures.length === 0; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
}

import { CareKeyError, isCareKeyError, throwIfCancelled } from "../errors.js";
import { writeFailure } from "../system-error.js";
import type { StoreOptions } from "./types.js";

/**
 * Runs one call of a driver under the caller's signal and a deadline, and gives its failures their codes: CANCELLED when the
 * caller stopped it, STORE_FAILED with `{ deadline }` when time ran out, DISK_FULL, or STORE_FAILED with `{ code }` and its cause for any
 * foreign error. CareKey's own errors pass.
 *
 * It never returns before `work` does: a call that failed must not go on writing behind the caller's back. So `work` has to
 * heed the signal itself (hand it on, or call `signal.throwIfAborted()` between steps).
 *
 * @param deadline milliseconds where the caller gives none; Infinity for none
 * @example
 * const bytes = await withDeadline(options, 30_000, (signal) => download(url, { signal }));
 */
export async function withDeadline<T>(
  options: StoreOptions | undefined,
  deadline: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal: caller, deadline: milliseconds = deadline } = options ?? {};
  throwIfCancelled(caller);
  const timer = milliseconds === Infinity ? undefined : AbortSignal.timeout(milliseconds);
  try {
    return await work(AbortSignal.any([caller, timer].filter((signal) => signal !== undefined)));
  } catch (error) {
    if (isCareKeyError(error)) throw error;
    throwIfCancelled(caller);
    if (timer?.aborted) {
      const details = { deadline: milliseconds };
      throw new CareKeyError("STORE_FAILED", `No answer within ${milliseconds} ms`, details, { cause: error });
    }
    throw writeFailure("The store failed", behindFetch(error));
  }
}

/** What fetch hides: the system's error, with its code, behind "fetch failed". */
function behindFetch(error: unknown): unknown {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
}

import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";

import type { OperationOptions } from "../../bytes.js";
import { CareKeyError, throwIfCancelled } from "../../errors.js";
import { groupCount, groupsTaken, type Pass, PassWork, stop } from "./pass.js";
import { startThread } from "./start-thread.js";
import type { Outcome } from "./thread.js";

/*
 * How many threads turn a file, chosen by measurement (docs/decisions/0014-threads-for-files.md, scripts/bench-crypto/ways.ts):
 * below 32 MiB a thread takes longer to start than to work; above, each core does its share with nothing to pass between
 * threads. The caller's thread is one of them, so that work begins while the others start. More than four share one file's
 * locks, and each holds about 30 MiB.
 */
const THREADED_SIZE = 32 * 1024 * 1024;
const MOST_THREADS = 4;

/** Options of work on whole files. */
export interface FileOptions extends OperationOptions {
  /** Told now and then how many bytes of the plaintext were turned. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Threads beside the caller's; chosen by size and cores unless given. */
  readonly threads?: number | undefined;
}

/** Turns the whole of a payload from file to file. Errors: those of {@link PassWork.step}, and CANCELLED. */
export async function runPass(pass: Pass, { signal, onProgress, threads }: FileOptions = {}): Promise<void> {
  throwIfCancelled(signal);
  const { plaintextSize, next } = pass;
  const chosen = plaintextSize < THREADED_SIZE ? 0 : Math.min(availableParallelism(), MOST_THREADS) - 1;
  const report = (): void => {
    const done = Math.round((groupsTaken(next) / groupCount(plaintextSize)) * plaintextSize);
    onProgress?.(Math.min(done, plaintextSize), plaintextSize);
  };
  const end = (): void => {
    stop(next);
  };
  signal?.addEventListener("abort", end, { once: true });
  const ticking = onProgress && setInterval(report, 100);
  try {
    await runAll(pass, threads ?? chosen);
  } finally {
    signal?.removeEventListener("abort", end);
    clearInterval(ticking);
  }
  throwIfCancelled(signal);
  onProgress?.(plaintextSize, plaintextSize);
}

async function runAll(pass: Pass, threads: number): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      failures.push(error);
      // the others end, and their errors, if any, say the same
      stop(pass.next);
    }
  };
  await Promise.all([...Array.from({ length: threads }, () => attempt(runThread(pass))), attempt(runHere(pass))]);
  if (failures.length > 0) throw failures[0];
}

async function runHere(pass: Pass): Promise<void> {
  const work = new PassWork(pass);
  // what else the process has to do comes in between
  while (work.step()) await setImmediate();
}

async function runThread(pass: Pass): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const isSource = import.meta.url.endsWith(".ts");
  const file = new URL(isSource ? "./thread.ts" : "./thread.js", import.meta.url);
  const worker = startThread(file, pass);
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) => {
    reject(new Error(`A thread ended with ${code}`));
  });
  const failure = errorOf(await promise);
  if (failure) throw failure;
}

/** Errors lose their class and code between threads. */
function errorOf(outcome: Outcome): Error | undefined {
  if (outcome.ended) return undefined;
  if ("refusal" in outcome) {
    const { code, what, details } = outcome.refusal;
    return new CareKeyError(code, what, details);
  }
  return Object.assign(new Error(outcome.message), { code: outcome.code });
}

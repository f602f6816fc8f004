import { Worker } from "node:worker_threads";

/** Starts a thread of a file of this folder, named as it lies beside the caller's: `.ts` where the source runs, as in tests, else `.js`. */
export function startThread(file: URL, workerData: unknown): Worker {
  return new Worker(file, {
    workerData,
    // little garbage is made, so that a small nursery does
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
    // a new thread can't read TypeScript by itself
    ...(file.pathname.endsWith(".ts") && { execArgv: ["--import", "tsx"] }),
  });
}

import { parentPort, workerData } from "node:worker_threads";

import { CareKeyError } from "../../errors.js";
import { systemCode } from "../../system-error.js";
import { type Pass, PassWork } from "./pass.js";

/** What a thread tells when it is done. */
export type Outcome =
  | { readonly ended: true }
  | { readonly ended: false; readonly refusal: Pick<CareKeyError, "code" | "what" | "details"> }
  | { readonly ended: false; readonly message: string; readonly code: string | undefined };

parentPort?.postMessage(turn(workerData as Pass));

function turn(pass: Pass): Outcome {
  try {
    const work = new PassWork(pass);
    while (work.step());
    return { ended: true };
  } catch (error) {
    if (error instanceof CareKeyError) {
      const { code, what, details } = error;
      return { ended: false, refusal: { code, what, details } };
    }
    const message = error instanceof Error ? error.message : String(error);
    return { ended: false, message, code: systemCode(error) };
  }
}

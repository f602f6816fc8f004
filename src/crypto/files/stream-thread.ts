import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

import { CareKeyError } from "../../errors.js";
import { decryptPayload, encryptPayload } from "../stream.js";
import type { FromThread, StreamWork, ToThread } from "./stream-on-thread.js";

/** Shorter arrays the cipher may still need; they are copied to the other thread. */
const OWN = 64 * 1024;

const { direction, fileKey } = workerData as StreamWork;
const hash = createHash("sha256");
const arrived: ToThread[] = [];
let wake = (): void => undefined;
parentPort?.on("message", (message: ToThread) => {
  arrived.push(message);
  wake();
});
try {
  const turned = direction === "seal" ? encryptPayload(fileKey, pieces()) : decryptPayload(fileKey, pieces());
  for await (const bytes of turned) {
    if (direction === "open") hash.update(bytes);
    tell({ bytes }, bytes.length >= OWN && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []);
  }
  tell({ sha256: new Uint8Array(hash.digest()) });
} catch (error) {
  if (!(error instanceof CareKeyError)) throw error;
  // errors lose their class and code between threads
  const { code, what, details } = error;
  tell({ refusal: { code, what, details } });
} finally {
  parentPort?.close();
}

async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const message = arrived.shift();
    if (message === undefined) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    if (message.piece === undefined) return;
    if (direction === "seal") hash.update(message.piece);
    yield message.piece;
    const { buffer } = message.piece;
    tell({ taken: buffer }, [buffer]);
  }
}

function tell(message: FromThread, memory: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, memory);
}

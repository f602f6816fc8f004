import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

import { encryptPayload } from "../stream.js";
import type { FromThread, ToThread } from "./seal-stream.js";

/** Shorter arrays the cipher may still need; they are copied to the other thread. */
const OWN = 64 * 1024;

const hash = createHash("sha256");
const arrived: ToThread[] = [];
let wake = (): void => undefined;
parentPort?.on("message", (message: ToThread) => {
  arrived.push(message);
  wake();
});

async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const message = arrived.shift();
    if (message === undefined) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    if (message.piece === undefined) return;
    hash.update(message.piece);
    yield message.piece;
    message.piece.buffer.transfer(0);
    tell({ taken: true });
  }
}

function tell(message: FromThread, memory: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, memory);
}

const { fileKey } = workerData as { readonly fileKey: Uint8Array };
for await (const sealed of encryptPayload(fileKey, pieces())) {
  tell({ sealed }, sealed.length >= OWN && sealed.buffer instanceof ArrayBuffer ? [sealed.buffer] : []);
}
tell({ sha256: new Uint8Array(hash.digest()) });
parentPort?.close();

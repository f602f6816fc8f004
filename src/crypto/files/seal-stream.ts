import { createHash } from "node:crypto";

import type { ByteStream, OperationOptions } from "../../bytes.js";
import { throwIfCancelled } from "../../errors.js";
import { newFileKey, seal, type Sealed } from "../age.js";
import { encodeHeader } from "../header.js";
import { wrapFileKey } from "../recipients.js";
import { startThread } from "./start-thread.js";

/** From this size on a thread saves more time than its start takes. */
const THREADED_SIZE = 32 * 1024 * 1024;
/** Pieces on their way to the thread or in it: work for it while the caller stores what came back. */
const WINDOW = 12;

/** What the thread gets: a piece of the plaintext, or its end. */
export interface ToThread {
  readonly piece: Uint8Array<ArrayBuffer> | undefined;
}

/** What it gives: sealed bytes in order, word that it needs a piece no more, and at the end the plaintext's hash. */
export type FromThread =
  | { readonly sealed: Uint8Array }
  | { readonly taken: true }
  | { readonly sha256: Uint8Array };

export interface HashedSealing extends Sealed {
  /** SHA-256 of the plaintext, once the stream has ended. */
  readonly plaintextHash: () => Uint8Array;
}

export interface SealStreamOptions extends OperationOptions {
  /** Bytes that are expected: a large stream is sealed and hashed on a thread of its own. */
  readonly size: number;
}

/**
 * {@link seal}, and the plaintext's hash: whoever stores a stream while it is sealed uses a second core so. Node only. A thread does not hasten the work itself, see
 * docs/decisions/0014-threads-for-files.md. Errors: those of `seal`.
 *
 * @example
 * const { stream, plaintextHash } = await sealStream(source.stream(), recipients, { size: source.size });
 */
export async function sealStream(
  source: ByteStream,
  recipients: readonly string[],
  { size, signal }: SealStreamOptions,
): Promise<HashedSealing> {
  const digest: { sha256?: Uint8Array } = {};
  const plaintextHash = (): Uint8Array => {
    if (!digest.sha256) throw new Error("the stream has not ended");
    return digest.sha256;
  };
  const found = (sha256: Uint8Array): void => void (digest.sha256 = sha256);
  if (size < THREADED_SIZE)
    return { ...(await seal(hashed(source, found), recipients, { signal })), plaintextHash };
  throwIfCancelled(signal);
  const fileKey = newFileKey();
  const header = encodeHeader(fileKey, await wrapFileKey(fileKey, recipients));
  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield header.bytes.slice();
    yield* onThread(fileKey, source, found, signal);
  }
  return { fileKey, header, stream: stream(), plaintextHash };
}

async function* hashed(
  source: ByteStream,
  found: (sha256: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  found(new Uint8Array(hash.digest()));
}

async function* onThread(
  fileKey: Uint8Array,
  source: ByteStream,
  found: (sha256: Uint8Array) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const thread = new SealingThread(fileKey);
  try {
    for await (const piece of source) {
      throwIfCancelled(signal);
      thread.give(piece);
      while (thread.isBusy) {
        const sealed = await thread.next();
        if (sealed) yield sealed;
      }
    }
    throwIfCancelled(signal);
    thread.end();
    while (!thread.sha256) {
      const sealed = await thread.next();
      if (sealed) yield sealed;
    }
    found(thread.sha256);
  } finally {
    await thread.stop();
  }
}

/** The thread's end of a sealing, as seen from here. */
class SealingThread {
  sha256: Uint8Array | undefined;
  #inFlight = 0;
  #failure: unknown;
  #wake = (): void => undefined;
  readonly #told: FromThread[] = [];
  readonly #worker;

  constructor(fileKey: Uint8Array) {
    const isSource = import.meta.url.endsWith(".ts");
    const file = new URL(isSource ? "./stream-thread.ts" : "./stream-thread.js", import.meta.url);
    this.#worker = startThread(file, { fileKey });
    this.#worker.on("message", (message: FromThread) => {
      this.#told.push(message);
      this.#wake();
    });
    const failed = (cause: unknown): void => {
      this.#failure ??= cause;
      this.#wake();
    };
    this.#worker.once("error", failed);
    this.#worker.once("exit", (code) => {
      failed(new Error(`A thread ended with ${code}`));
    });
  }

  /** True when it should be listened to before it gets more. */
  get isBusy(): boolean {
    return this.#inFlight >= WINDOW || this.#told.length > 0;
  }

  give(piece: Uint8Array): void {
    // a copy: the source may use its memory again
    const copy = new Uint8Array(piece);
    this.#send({ piece: copy }, [copy.buffer]);
    this.#inFlight++;
  }

  end(): void {
    this.#send({ piece: undefined });
  }

  /** Waits for what it tells next; bytes where there are some. */
  async next(): Promise<Uint8Array | undefined> {
    let message = this.#told.shift();
    while (!message) {
      if (this.#failure !== undefined) throw this.#failure as Error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      message = this.#told.shift();
    }
    if ("sealed" in message) return message.sealed;
    if ("taken" in message) this.#inFlight--;
    else this.sha256 = message.sha256;
    return undefined;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(message: ToThread, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, memory);
  }
}

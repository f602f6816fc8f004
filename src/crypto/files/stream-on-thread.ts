import type { ByteStream } from "../../bytes.js";
import { CareKeyError, throwIfCancelled } from "../../errors.js";
import { startThread } from "./start-thread.js";

/** From this size on a thread saves more time than its start takes. */
export const THREADED_SIZE = 32 * 1024 * 1024;
/** Pieces on their way to the thread or in it: work for it while the caller stores what came back. */
const WINDOW = 8;

/** What a thread is started for. */
export interface StreamWork {
  readonly direction: "seal" | "open";
  readonly fileKey: Uint8Array;
}

/** What the thread gets: a piece, or the end. */
export interface ToThread {
  readonly piece: Uint8Array<ArrayBuffer> | undefined;
}

/** What it gives: turned bytes in order, the memory of a piece that it needs no more, and at the end the plaintext's hash or why there is none. */
export type FromThread =
  | { readonly bytes: Uint8Array }
  | { readonly taken: ArrayBuffer }
  | { readonly sha256: Uint8Array }
  | { readonly refusal: Pick<CareKeyError, "code" | "what" | "details"> };

/**
 * Turns a payload on a thread of its own, in constant memory, while the caller does something with what came before; gives the plaintext's SHA-256 to
 * `found` at the end. Node only. Errors: those of `encryptPayload` and `decryptPayload`.
 */
export async function* onThread(
  work: StreamWork,
  source: ByteStream,
  found: (sha256: Uint8Array) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const thread = new StreamThread(work);
  try {
    for await (const piece of source) {
      throwIfCancelled(signal);
      thread.give(piece);
      while (thread.isBusy) {
        const bytes = await thread.next();
        if (bytes) yield bytes;
      }
    }
    throwIfCancelled(signal);
    thread.end();
    while (!thread.sha256) {
      const bytes = await thread.next();
      if (bytes) yield bytes;
    }
    found(thread.sha256);
  } finally {
    await thread.stop();
  }
}

/** The thread, as seen from here. */
class StreamThread {
  sha256: Uint8Array | undefined;
  #inFlight = 0;
  #failure: unknown;
  #wake = (): void => undefined;
  readonly #told: FromThread[] = [];
  /** Memory of pieces that came back. */
  readonly #spare: ArrayBuffer[] = [];
  readonly #worker;

  constructor(work: StreamWork) {
    const isSource = import.meta.url.endsWith(".ts");
    const file = new URL(isSource ? "./stream-thread.ts" : "./stream-thread.js", import.meta.url);
    this.#worker = startThread(file, work);
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
    const copy = new Uint8Array(this.#memory(piece.length), 0, piece.length);
    copy.set(piece);
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
    if ("bytes" in message) return message.bytes;
    if ("refusal" in message)
      throw new CareKeyError(message.refusal.code, message.refusal.what, message.refusal.details);
    if ("taken" in message) {
      this.#inFlight--;
      this.#spare.push(message.taken);
    } else this.sha256 = message.sha256;
    return undefined;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Pieces of a source are mostly of one length. */
  #memory(size: number): ArrayBuffer {
    const spare = this.#spare.pop();
    return spare && spare.byteLength >= size ? spare : new ArrayBuffer(size);
  }

  #send(message: ToThread, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, memory);
  }
}

import { CareKeyError } from "../errors.js";

/**
 * Ctrl-C. Work that has something to clean up runs in {@link careful} and gets a signal; everything else is left where it is, at once.
 * A second Ctrl-C ends even careful work: `onForce` is called.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #careful = 0;
  #leave: (error: CareKeyError) => void = () => undefined;

  /** Rejects with CANCELLED when nothing has to be cleaned up first. */
  readonly atOnce = new Promise<never>((_, reject) => {
    this.#leave = reject;
  });

  constructor(private readonly onForce: () => void) {
    // nobody may be waiting any more when it rejects
    this.atOnce.catch(() => undefined);
  }

  /** Whether somebody pressed it. */
  get happened(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The key was pressed, or the system asks the process to end. */
  interrupt(): void {
    if (this.happened) {
      this.onForce();
      return;
    }
    this.#controller.abort(new Error("interrupted"));
    if (this.#careful === 0) this.#leave(interrupted());
  }

  /** Runs work that cleans up after itself when the signal is aborted. */
  async careful<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.happened) throw interrupted();
    this.#careful++;
    try {
      return await work(this.#controller.signal);
    } finally {
      this.#careful--;
      // it may have ended well in the last moment; then its result is shown
    }
  }
}

function interrupted(): CareKeyError {
  return new CareKeyError("CANCELLED", "Interrupted");
}

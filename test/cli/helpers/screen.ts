import { type IPty, spawn } from "@lydell/node-pty";

/** Ctrl-C as a keyboard sends it. */
export const ctrlC = "\u0003";

/** A program in a real pseudo-terminal, and what a person sees of it. */
export class Screen {
  readonly #terminal: IPty;
  /** All that was written, with its escape codes. */
  text = "";
  /** The exit status. */
  readonly ended: Promise<number>;
  #seen = 0;
  #over = false;
  #look: () => void = () => undefined;

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv, columns = 200) {
    this.#terminal = spawn(program, [...args], { name: "xterm-256color", cols: columns, rows: 40, env });
    this.#terminal.onData((text) => {
      this.text += text;
      this.#look();
    });
    this.ended = new Promise((resolve) => {
      this.#terminal.onExit(({ exitCode }) => {
        this.#over = true;
        this.#look();
        resolve(exitCode);
      });
    });
  }

  /** Waits until the pattern is shown, after what was waited for before. */
  shows(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        const found = pattern.exec(this.text.slice(this.#seen));
        if (found) {
          this.#seen += found.index + found[0].length;
          this.#look = () => undefined;
          resolve();
        } else if (this.#over) reject(new Error(`It ended without ${String(pattern)}:\n${this.text}`));
      };
      this.#look();
    });
  }

  /** Types keys. */
  type(keys: string): void {
    this.#terminal.write(keys);
  }

  /** Asks the program to end, as `kill` does. */
  terminate(): void {
    this.#terminal.kill("SIGTERM");
  }

  /** Waits for a question and answers it with a line. */
  async answer(question: RegExp, line: string): Promise<void> {
    await this.shows(question);
    this.type(`${line}\r`);
  }

  /** What stays on the screen once lines that were written over are gone, without escape codes. */
  get plain(): string {
    const lines = this.text.split("\n").map((line) => line.split("\u001b[2K").at(-1) ?? "");
    return lines.join("\n").replace(/\u001b\[[0-9;?]*[A-Za-z]|\r/g, "");
  }

  /** The cursor was shown again after it was last hidden. */
  get hasCursor(): boolean {
    return this.text.lastIndexOf("\u001b[?25h") >= this.text.lastIndexOf("\u001b[?25l");
  }
}

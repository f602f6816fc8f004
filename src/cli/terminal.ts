import { confirm, isCancel, password, text } from "@clack/prompts";
import type { Readable, Writable } from "node:stream";

import { CareKeyError } from "../errors.js";
import { printable, table } from "./text.js";

/** A stream that may be a terminal. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Where a command reads and writes: injected, so that tests and other programs can stand in for a person. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
}

/** How this call was asked to behave. */
export interface TerminalOptions {
  readonly json: boolean;
  /** Answer every confirmation with yes. */
  readonly yes: boolean;
}

/** One line that is written over. */
export interface ProgressLine {
  update(line: string): void;
  done(): void;
}

const eraseLine = "\r\u001b[2K";
const showCursor = "\u001b[?25h";
/** The alternate screen of a terminal, which leaves nothing behind, and the way back. */
const awayScreen = "\u001b[?1049h\u001b[H";
const backScreen = "\u001b[?1049l";

/** What a command says and asks. Results go to stdout; questions and progress to stderr, and only where a person sees them. */
export class Terminal {
  /** Something was drawn that has to be put right at the end. */
  #drawn = false;
  /** The alternate screen is shown. */
  #away = false;

  constructor(
    private readonly streams: Streams,
    private readonly options: () => TerminalOptions,
  ) {}

  /** A person sits there and can answer. */
  get isInteractive(): boolean {
    return this.streams.stdin.isTTY === true && this.streams.stderr.isTTY === true;
  }

  /** The result of a command: `value` as one JSON object with --json, else the lines. */
  result(value: object, lines: readonly string[]): void {
    this.#tell(value, lines, 2);
  }

  /** Something that happened while a command goes on: `value` as one line of JSON with --json, else the lines. */
  event(value: object, lines: readonly string[]): void {
    this.#tell(value, lines);
  }

  #tell(value: object, lines: readonly string[], indent?: number): void {
    if (this.options().json) this.streams.stdout.write(`${json(value, indent)}\n`);
    else for (const line of lines) this.streams.stdout.write(`${printable(line)}\n`);
  }

  /** Rows under a head, to fit the terminal that shows them; a pipe gets one line for each. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const { isTTY, columns } = this.streams.stdout;
    return table(head, rows, isTTY ? columns : undefined);
  }

  /** A remark beside the result; silent with --json. */
  note(line: string): void {
    if (!this.options().json) this.streams.stderr.write(`${printable(line)}\n`);
  }

  /** What went wrong: one JSON object with --json, else sentences. */
  failure(error: CareKeyError): void {
    const { code, what, remedy, details } = error;
    this.restore();
    if (this.options().json) this.streams.stderr.write(`${json({ error: { code, what, remedy, details } })}\n`);
    else this.streams.stderr.write(`${printable(what)}.\n${remedy} [${code}]\n`);
  }

  /** What nobody foresaw: for a report to those who write this program. */
  unforeseen(error: unknown): void {
    this.restore();
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const sentence = "Something went wrong that nobody foresaw";
    this.streams.stderr.write(
      this.options().json ? `${json({ error: { code: "UNFORESEEN", what } })}\n` : `${sentence}: ${what}\n`,
    );
  }

  /** Asks for a secret without showing it. */
  async askSecret(message: string): Promise<string> {
    return this.#answered<string>(({ stdin: input, stderr: output }) => password({ message, input, output }));
  }

  /** Asks for a line; an empty answer is the proposal. */
  async ask(message: string, proposal: string): Promise<string> {
    return this.#answered<string>(({ stdin: input, stderr: output }) =>
      text({ message, placeholder: proposal, defaultValue: proposal, input, output }),
    );
  }

  /** Shows and asks what shall not stay on the screen nor in what can be scrolled back to. Only where a person sits there. */
  async privately<T>(lines: readonly string[], ask: () => Promise<T>): Promise<T> {
    const { stderr } = this.streams;
    this.#away = true;
    stderr.write(awayScreen);
    for (const line of lines) stderr.write(`${printable(line)}\r\n`);
    try {
      return await ask();
    } finally {
      this.restore();
    }
  }

  /** Lets a person think again. Without a person, --yes must have been given. */
  async confirm(message: string): Promise<void> {
    if (this.options().yes) return;
    if (!this.isInteractive) throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to confirm: give --yes");
    const yes = await this.#answered<boolean>(({ stdin: input, stderr: output }) =>
      confirm({ message, input, output, initialValue: false }),
    );
    if (!yes) throw new CareKeyError("CANCELLED", "You said no");
  }

  /** One line that is written over while something takes long; nothing where no person sees it. */
  progress(): ProgressLine {
    const { stderr } = this.streams;
    if (stderr.isTTY !== true || this.options().json) return { update: () => undefined, done: () => undefined };
    let shown = "";
    return {
      update: (line) => {
        if (line !== shown) stderr.write(`${eraseLine}${line}`);
        shown = line;
        this.#drawn = true;
      },
      done: () => {
        if (shown !== "") stderr.write(eraseLine);
        shown = "";
        this.#drawn = false;
      },
    };
  }

  /** Leaves the terminal as it was, whatever was going on: no half line, and a cursor. */
  restore(): void {
    const { stderr } = this.streams;
    if (this.#drawn && stderr.isTTY === true) stderr.write(`${eraseLine}${showCursor}`);
    if (this.#away) stderr.write(backScreen);
    this.#away = false;
    this.#drawn = false;
  }

  async #answered<T extends string | boolean>(ask: (streams: Streams) => Promise<T | symbol>): Promise<T> {
    this.#drawn = true;
    const answer = await ask(this.streams);
    this.#drawn = false;
    if (isCancel(answer)) throw new CareKeyError("CANCELLED", "You stopped at a question");
    return answer as T;
  }
}

function json(value: object, indent?: number): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? each.toString() : each), indent);
}

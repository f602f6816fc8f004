import { confirm, isCancel, password, text } from "@clack/prompts";
import type { Readable, Writable } from "node:stream";

import { CareKeyError } from "../errors.js";

/** A stream that may be a terminal. */
type Output = Writable & { readonly isTTY?: boolean };

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

/** What a command says and asks. Results go to stdout; questions and progress to stderr, and only where a person sees them. */
export class Terminal {
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
    if (this.options().json) {
      const printable = JSON.stringify(
        value,
        (_, each: unknown) => (typeof each === "bigint" ? each.toString() : each),
        2,
      );
      this.streams.stdout.write(`${printable}\n`);
    } else {
      for (const line of lines) this.streams.stdout.write(`${line}\n`);
    }
  }

  /** A remark beside the result; silent with --json. */
  note(line: string): void {
    if (!this.options().json) this.streams.stderr.write(`${line}\n`);
  }

  /** What went wrong: one JSON object with --json, else sentences. */
  failure(error: CareKeyError): void {
    const { code, what, remedy, details } = error;
    if (this.options().json) {
      const printable = JSON.stringify({ error: { code, what, remedy, details } }, (_, each: unknown) =>
        typeof each === "bigint" ? each.toString() : each,
      );
      this.streams.stderr.write(`${printable}\n`);
    } else {
      this.streams.stderr.write(`${what}.\n${remedy} [${code}]\n`);
    }
  }

  /** Asks for a secret without showing it. */
  async askSecret(message: string): Promise<string> {
    return answered<string>(await password({ message, input: this.streams.stdin, output: this.streams.stderr }));
  }

  /** Asks for a line; an empty answer is the proposal. */
  async ask(message: string, proposal: string): Promise<string> {
    const { stdin: input, stderr: output } = this.streams;
    return answered<string>(await text({ message, placeholder: proposal, defaultValue: proposal, input, output }));
  }

  /** Lets a person think again. Without a person, --yes must have been given. */
  async confirm(message: string): Promise<void> {
    if (this.options().yes) return;
    if (!this.isInteractive) throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to confirm: give --yes");
    const { stdin: input, stderr: output } = this.streams;
    if (!answered<boolean>(await confirm({ message, input, output, initialValue: false })))
      throw new CareKeyError("CANCELLED", "You said no");
  }

  /** One line that is written over while something takes long; nothing where no person sees it. */
  progress(): { update(line: string): void; done(): void } {
    const { stderr } = this.streams;
    if (stderr.isTTY !== true || this.options().json) return { update: () => undefined, done: () => undefined };
    let shown = "";
    return {
      update: (line) => {
        if (line !== shown) stderr.write(`\r\x1b[2K${line}`);
        shown = line;
      },
      done: () => {
        if (shown !== "") stderr.write("\r\x1b[2K");
        shown = "";
      },
    };
  }
}

function answered<T extends string | boolean>(answer: T | symbol): T {
  if (isCancel(answer)) throw new CareKeyError("CANCELLED", "You stopped at a question");
  return answer as T;
}

/** Rows under a head, columns as wide as they must be. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [head, widths.map((width) => "─".repeat(width)), ...rows].map(line);
}

/** Seconds since 1970 as people read them, in UTC. */
export function dateTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

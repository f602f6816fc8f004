import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { main, root } from "./built.js";
import { Screen } from "./screen.js";

/** How a call ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What --json says of a failure. */
export interface Failure {
  readonly exit: number | null;
  readonly code: string;
  readonly what: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Somebody who uses the built command under a profile of their own. */
export class Person {
  /** Set by {@link init}. */
  address = "";

  private constructor(
    readonly name: string,
    readonly home: string,
    readonly passphrase: string,
    readonly passphraseFile: string,
  ) {}

  static async of(name: string, home: string): Promise<Person> {
    const passphrase = `a long passphrase of ${name}`;
    const file = path.join(home, `${name}.passphrase`);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await writeFile(file, `${passphrase}\n`, { mode: 0o600 });
    return new Person(name, home, passphrase, file);
  }

  /** Folder of the profile. */
  get folder(): string {
    return path.join(this.home, "profiles", this.name);
  }

  async init(args: readonly string[]): Promise<void> {
    const { address } = await this.json<{ address: string }>("init", ...args);
    this.address = address;
  }

  /** Calls the command without a terminal. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return outcomeOf(
      process.execPath,
      [main, ...args],
      this.#env({ CAREKEY_PASSPHRASE_FILE: this.passphraseFile, ...env }),
    );
  }

  /** Calls the command with --json; it has to succeed with one object and nothing else. */
  async json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run([...args, "--json"]);
    expect({ code, stderr }, `carekey ${args.join(" ")}`).to.deep.equal({ code: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }

  /** Calls the command with --json; it has to fail, and say so on stderr only. */
  async fails(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Failure> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], env);
    expect({ failed: code !== 0, stdout }, `carekey ${args.join(" ")}`).to.deep.equal({ failed: true, stdout: "" });
    const { error } = JSON.parse(stderr) as { error: Omit<Failure, "exit"> };
    return { ...error, exit: code };
  }

  /** Calls the command as a person does; nobody types the passphrase for them. */
  sit(...args: readonly string[]): Screen {
    return new Screen(process.execPath, [main, ...args], this.#env({}));
  }

  /** The same in a terminal that is `columns` wide. */
  sitAt(columns: number, ...args: readonly string[]): Screen {
    return new Screen(process.execPath, [main, ...args], this.#env({}), columns);
  }

  #env(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return {
      PATH,
      HOME: this.home,
      TERM: "xterm-256color",
      NODE_COMPILE_CACHE: path.join(root, "cache/compiled"), // starts of one program, some hundred times
      CAREKEY_HOME: this.home,
      CAREKEY_PROFILE: this.name,
      ...more,
    };
  }
}

/** Runs a program to its end, with an empty stdin. */
export async function outcomeOf(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd?: string,
): Promise<Outcome> {
  const child = spawn(program, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => (said[stream] += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

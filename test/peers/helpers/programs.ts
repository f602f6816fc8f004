import { type ChildProcess, fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What the keeper is told. */
export type Order =
  | { readonly do: "start"; readonly name: string; readonly command: string; readonly args: readonly string[] }
  | { readonly do: "signal"; readonly name: string; readonly signal: NodeJS.Signals };

/** What the keeper tells: a program ended, and how. */
export interface Report {
  readonly name: string;
  readonly how: string;
}

/** Programs that share a folder. They end, and the folder goes unless it was given, when this process ends, however it ends. */
export class Programs {
  readonly #ended = new Map<string, string>();

  private constructor(
    readonly folder: string,
    private readonly keeper: ChildProcess,
  ) {
    keeper.on("message", ({ name, how }: Report) => this.#ended.set(name, how));
  }

  /**
   * @param name Part of the name of the folder.
   * @param kept A folder that is there and stays; a temporary one where omitted.
   */
  static async open(name: string, kept?: string): Promise<Programs> {
    const folder = kept ?? (await mkdtemp(path.join(tmpdir(), `carekey-${name}-`)));
    const args = kept === undefined ? [folder] : [folder, "keep"];
    const keeper = fork(fileURLToPath(new URL("keeper.ts", import.meta.url)), args, {
      detached: true,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    // it waits for this process, not the other way round
    keeper.unref();
    keeper.channel?.unref();
    return new Programs(folder, keeper);
  }

  /** Starts a program; its output goes to `<name>.log` in the folder. */
  start(name: string, command: string, args: readonly string[]): void {
    this.#ended.delete(name);
    this.#order({ do: "start", name, command, args });
  }

  /** Ends one program and waits until it has ended; SIGKILL takes its children along at once. */
  async end(name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#ended.has(name)) return;
    const ended = new Promise<void>((resolve) => {
      const listen = (report: Report): void => {
        if (report.name !== name) return;
        this.keeper.off("message", listen);
        resolve();
      };
      this.keeper.on("message", listen);
    });
    this.#order({ do: "signal", name, signal });
    // the keeper's answer alone would not keep this process going
    const going = setInterval(() => undefined, 60_000);
    await ended;
    clearInterval(going);
  }

  /**
   * Asks until there is an answer. A program that has no way to say that it is ready has to be asked again and again.
   * @throws when the program ended, with the end of its log, or when it takes too long
   */
  async until<T>(name: string, what: string, ask: () => Promise<T | undefined>, seconds = 60): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    let last: unknown;
    while (Date.now() < deadline) {
      const how = this.#ended.get(name);
      if (how !== undefined) throw new Error(`${name} ended (${how}) before ${what}:\n${await this.#log(name)}`);
      try {
        const answer = await ask();
        if (answer !== undefined) return answer;
      } catch (error) {
        if (error instanceof Final) throw error;
        last = error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name}: no ${what} in ${seconds} s:\n${await this.#log(name)}`, { cause: last });
  }

  /** Ends all programs, and removes the folder unless it was given. */
  async close(): Promise<void> {
    if (!this.keeper.connected) return;
    this.keeper.ref();
    const ended = once(this.keeper, "exit");
    this.keeper.disconnect();
    await ended;
  }

  #order(order: Order): void {
    this.keeper.send(order);
  }

  async #log(name: string): Promise<string> {
    const log = await readFile(path.join(this.folder, `${name}.log`), "utf8").catch(() => "");
    return log.slice(-2000);
  }
}

/** Ends an `until` at once: waiting on would not help. */
export class Final extends Error {}

/** Below the ports that systems hand out by themselves: one that is free now is not taken by somebody's connection a moment later. */
const portRange = { from: 12_000, to: 32_000 };

/** Ports of this machine that are free, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(portRange.from, portRange.to);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

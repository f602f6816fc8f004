import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { type BundleOptions, bundleProgram } from "../bench-crypto/bundle.js";
import { timed } from "../bench-crypto/group.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";

const execute = promisify(execFile);
const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What is CommonJS in the program asks for Node's own modules. */
const requireToo = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** What a run of the program told. */
export interface Told {
  /** Of the work alone, without the start of the process. */
  readonly seconds: number;
  readonly rssMiB: number;
  readonly cid?: string;
  /** What opens a shared file, to be passed back. */
  readonly part?: string;
  readonly size?: number;
}

/** Mebibytes of a file, and runs of each figure: CAREKEY_BENCH=32x1 for a trial. */
const [mebibytes = 256, runs = 5] = (process.env.CAREKEY_BENCH ?? "").split("x").filter(Boolean).map(Number);
export const MEBIBYTES = mebibytes;
export const RUNS = runs;
export const isTrial = process.env.CAREKEY_BENCH !== undefined;

/** A folder on disk with a recipient, its key, and the program in one file. It is a disk, as fsync is part of what is measured; TMPDIR names another. */
export class BenchStage {
  #next = 0;
  #bareProgram: Promise<string> | undefined;

  private constructor(
    readonly folder: string,
    readonly recipient: string,
    private readonly program: string,
  ) {}

  static async run<Value>(work: (stage: BenchStage) => Promise<Value>): Promise<Value> {
    const folder = await mkdtemp(path.join(tmpdir(), "carekey-bench-"));
    try {
      const identity = await generateIdentity();
      await writeFile(path.join(folder, "key"), `${identity}\n`, { mode: 0o600 });
      return await work(new BenchStage(folder, await recipientOf(identity), await bundle(folder)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  /** A path that nobody used yet. */
  fresh(name: string): string {
    return this.at(`${name}-${++this.#next}`);
  }

  /** A file of noise. */
  async noise(name: string): Promise<string> {
    const piece = new Uint8Array(1024 * 1024);
    const handle = await open(this.at(name), "w");
    try {
      for (let written = 0; written < MEBIBYTES; written++) await handle.writeFile(randomFillSync(piece));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return this.at(name);
  }

  /** Has the disk finish what earlier runs left to it, which the next fsync would else wait for. */
  async settle(): Promise<void> {
    await execute("sync");
  }

  /** Seconds of `work` on a disk that rests. What it `wrote` is removed: unsynced, it would be written while another run waits. */
  async timed(work: () => Promise<unknown>, ...wrote: readonly string[]): Promise<number> {
    await this.settle();
    const seconds = await timed(work);
    for (const name of wrote) await rm(this.at(name), { recursive: true });
    return seconds;
  }

  /** Runs the program as a process of its own. */
  our(...args: readonly string[]): Promise<Told> {
    return told(this.program, args);
  }

  /** The same program, whose cipher copies. */
  async bare(...args: readonly string[]): Promise<Told> {
    this.#bareProgram ??= bundle(this.at("bare"), { "/primitives/native.js": here("no-cipher.mjs") });
    return told(await this.#bareProgram, args);
  }
}

function bundle(folder: string, replaced: BundleOptions["replaced"] = {}): Promise<string> {
  return bundleProgram(folder, here("program.mjs"), "stream-thread.js", { banner: requireToo, replaced });
}

async function told(program: string, args: readonly string[]): Promise<Told> {
  const { stdout } = await execute(process.execPath, [program, ...args]);
  return JSON.parse(stdout) as Told;
}

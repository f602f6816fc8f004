/** What the checks of the contracts share: the tools, and copies of the tree in which something may be broken. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const venv = path.resolve(root, process.env.CAREKEY_VENV ?? ".venv");
const folders = [path.join(root, "node_modules/.bin"), path.join(venv, "bin"), process.env.PATH ?? ""];
/** PATH of the tools. */
export const searched = folders.join(path.delimiter);

export interface Ended {
  readonly status: number;
  /** What it wrote to both, without colours. */
  readonly output: string;
}

export interface Options {
  /** Where; the project's root unless named. */
  readonly tree?: string;
  /** Of foundry.toml. */
  readonly profile?: string;
  readonly seconds?: number;
  readonly input?: string;
}

const running = new Set<ChildProcess>();

/** Where a tree's own compiler listens, if it has one. */
const socketOf = (tree: string): string => path.join(tree, "solc.sock");

/** Runs a tool to its end; one that takes too long is ended, with a status other than 0. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  const { tree = root, profile = "default", seconds = 3600, input = "" } = options;
  return await new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: searched, FOUNDRY_PROFILE: profile, NO_COLOR: "1" };
    const socket = socketOf(tree);
    const child = spawn(command, args, {
      cwd: tree,
      env: existsSync(socket) ? { ...env, CAREKEY_SOLC_SOCKET: socket } : env,
      timeout: seconds * 1000,
      killSignal: "SIGKILL",
    });
    running.add(child);
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on("error", () => undefined); // it may end without reading
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (status) => {
      running.delete(child);
      resolve({
        status: status ?? -1,
        output: Buffer.concat(chunks)
          .toString()
          .replace(/\x1b\[[\d;]*m/g, ""),
      });
    });
  });
}

/** Ends this check, saying why. */
export function fail(...lines: readonly string[]): never {
  console.error(lines.join("\n"));
  process.exit(1);
}

const origins: Readonly<Record<string, string>> = {
  forge: "npm ci brings it on Linux x64; elsewhere see https://getfoundry.sh",
  ...Object.fromEntries(
    ["slither", "halmos", "python3", "z3"].map((name) => [
      name,
      "python3 -m venv .venv && .venv/bin/pip install -r requirements-verify.txt (CAREKEY_VENV names another folder)",
    ]),
  ),
};

/** Ends this check where a tool is missing, or hides its failures. */
export async function requireTools(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const found = searched.split(path.delimiter).some((folder) => existsSync(path.join(folder, name)));
    if (!found) fail(`${name} is not installed: ${origins[name] ?? ""}`);
  }
  // there is a package of forge whose command ends with 0 whatever happened: every check would pass
  if (names.includes("forge") && (await run("forge", ["no-such-command"])).status === 0) {
    fail("forge hides its failures: install @foundry-rs/forge-linux-amd64, not @foundry-rs/forge");
  }
}

const copied = [
  ...["contracts", "test/solidity", "test/proofs", "test/smt"],
  ...["foundry.toml", "halmos.toml", "slither.config.json", "package.json", "scripts/verify/solc.mjs"],
];

/** Starts a compiler that stays, for the tools that run in this tree. */
async function startCompiler(tree: string): Promise<void> {
  const args = [path.join(root, "scripts/verify/solc.mjs"), "--serve", socketOf(tree)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  await once(child.stdout, "data");
}

/** Makes copies of what the checks read, each with a compiler of its own, hands them over and removes them. */
export async function withCopies<T>(count: number, use: (trees: readonly string[]) => Promise<T>): Promise<T> {
  const work = mkdtempSync(path.join(tmpdir(), "carekey-verify-"));
  // also where the process is ended, or ends itself
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.once(signal, () => fail(`ended by ${signal}`));
  const trees = Array.from({ length: count }, (_, i) => path.join(work, String(i)));
  for (const tree of trees) {
    for (const name of copied) await cp(path.join(root, name), path.join(tree, name), { recursive: true });
    await symlink(path.join(root, "node_modules"), path.join(tree, "node_modules"));
    await startCompiler(tree);
  }
  const result = await use(trees);
  for (const child of running) child.kill();
  return result;
}

/** Gives one tree's compiled contracts to the others. */
export async function shareCache(trees: readonly string[]): Promise<void> {
  const [first, ...others] = trees.map((tree) => path.join(tree, "cache"));
  if (first === undefined) return;
  for (const other of others) await cp(first, other, { recursive: true });
}

/** Does every job, each tree one at a time. */
export async function inEach<Job>(
  trees: readonly string[],
  jobs: readonly Job[],
  work: (tree: string, job: Job) => Promise<void>,
): Promise<void> {
  const queue = jobs.values();
  await Promise.all(
    trees.map(async (tree) => {
      for (const job of queue) await work(tree, job);
    }),
  );
}

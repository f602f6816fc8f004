/**
 * Builds the real programs that CareKey has to agree with, into .peers/bin: `npm run peers`; more of them, which take
 * longer, `npm run peers -- chain` (the permissioned chain) and `-- cluster` (IPFS Cluster); only some `npm run peers -- age geth`.
 * What this machine can't build is named and left out; `--required` makes that a failure.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, constants, cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const execute = promisify(execFile);
const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const bin = here("../.peers/bin");
// whatever Go is there: it must not fetch another
const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", GOWORK: "off" };

interface Peer {
  readonly name: string;
  /** Package of its program. */
  readonly source: string;
  /** Roughly, on two cores with an empty cache. */
  readonly seconds: number;
}

interface Module {
  /** Folder with go.mod, which pins every version. */
  readonly folder: string;
  readonly peers: readonly Peer[];
  /** How it is built, where its usual way takes much longer. */
  readonly flags?: readonly string[];
  /** Of the environment. */
  readonly settings?: NodeJS.ProcessEnv;
  /** Files of the sources that tests need, too: module, folder in it, name in .peers/bin. */
  readonly files?: readonly (readonly [string, string, string])[];
}

/** For programs whose speed nobody measures: without inlining a third less to compile. What is Go's own stays as the others have it. */
const UNOPTIMIZED = "-gcflags=github.com/...=-l";

const basic: Module = {
  folder: here("../test/peers/tools/basic"),
  peers: [
    { name: "age", source: "filippo.io/age/cmd/age", seconds: 15 },
    { name: "age-keygen", source: "filippo.io/age/cmd/age-keygen", seconds: 5 },
    { name: "geth", source: "github.com/ethereum/go-ethereum/cmd/geth", seconds: 70 },
    { name: "ipfs", source: "github.com/ipfs/kubo/cmd/ipfs", seconds: 50 },
  ],
  // as age's makers build it; geth has another secp256k1 then, and knows no hardware wallets
  settings: { CGO_ENABLED: "0" },
};
const chain: Module = {
  folder: here("../test/peers/tools/chain"),
  peers: [
    { name: "subnet-evm-plugin", source: ".", seconds: 55 },
    { name: "avalanchego", source: "github.com/ava-labs/avalanchego/main", seconds: 20 },
  ],
  // its profile would have everything compiled twice, once for each program
  flags: ["-pgo=off", UNOPTIMIZED],
  settings: { CGO_CFLAGS: "-O1" },
  files: [["github.com/ava-labs/avalanchego", "staking/local", "avalanchego-staking"]],
};
const cluster: Module = {
  folder: here("../test/peers/tools/cluster"),
  peers: [
    {
      name: "ipfs-cluster-service",
      source: "github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service",
      seconds: 30,
    },
  ],
  flags: [UNOPTIMIZED],
  settings: { CGO_ENABLED: "0" },
};
/** Modules that are built when they are asked for by name, beside the basic one. */
const more: Readonly<Record<string, Module>> = { chain, cluster };

const { values, positionals } = parseArgs({
  options: { required: { type: "boolean", default: false } },
  allowPositionals: true,
});
const names = [basic, ...Object.values(more)].flatMap(({ peers }) => peers.map(({ name }) => name));
const unknown = positionals.filter((name) => !(name in more) && !names.includes(name));
if (unknown.length > 0) {
  const usage = `npm run peers [-- ${Object.keys(more).join("] [-- ")}] [-- NAME…] [-- --required]`;
  console.error(`There is no ${unknown.join(", ")}: ${usage}`);
  process.exit(2);
}

await mkdir(bin, { recursive: true });
const missing: string[] = [];
const chosen = positionals.filter((name) => !(name in more));
const modules = Object.keys(more).filter((name) => chosen.length > 0 || positionals.includes(name));
for (const module of [basic, ...modules.map((name) => more[name])]) if (module) missing.push(...(await build(module)));
if (missing.length > 0) {
  console.log(`Not built: ${missing.join(", ")}. Tests that need them are skipped.`);
  if (values.required) process.exitCode = 1;
}

/** Builds what is missing or of another version; returns the names of what can't be built. */
async function build(module: Module): Promise<string[]> {
  const stamp = await stampOf(module);
  const stale: Peer[] = [];
  for (const peer of module.peers) {
    if (chosen.length > 0 && !chosen.includes(peer.name)) continue;
    if (await isBuilt(peer.name, stamp)) console.log(`${peer.name}: there already`);
    else stale.push(peer);
  }
  if (stale.length === 0) return [];
  const obstacle = await obstacleOf(module);
  if (obstacle !== undefined) {
    console.log(obstacle);
    return stale.map(({ name }) => name);
  }
  const failed: string[] = [];
  for (const peer of stale) {
    const complaint = await compile(module, peer);
    if (complaint === undefined) await writeFile(stampFile(peer.name), stamp);
    else {
      console.log(complaint);
      failed.push(peer.name);
    }
  }
  return failed;
}

/** Digest of all that decides what is built. */
async function stampOf({ folder, flags, settings }: Module): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify({ flags, settings }));
  for (const file of (await readdir(folder)).sort()) digest.update(await readFile(path.join(folder, file)));
  return digest.digest("hex");
}

function stampFile(name: string): string {
  return path.join(bin, `.${name}.stamp`);
}

async function isBuilt(name: string, stamp: string): Promise<boolean> {
  try {
    await access(path.join(bin, name), constants.X_OK);
    return (await readFile(stampFile(name), "utf8")) === stamp;
  } catch {
    return false;
  }
}

/** Why this machine can build nothing of a module, in a sentence. */
async function obstacleOf({ folder }: Module): Promise<string | undefined> {
  const needed = /^go (\S+)/m.exec(await readFile(path.join(folder, "go.mod"), "utf8"))?.[1] ?? "";
  let found: string;
  try {
    found = (await execute("go", ["env", "GOVERSION"], { env, cwd: here("..") })).stdout.trim().replace(/^go/, "");
  } catch {
    return `There is no Go here: install Go ${needed} or newer, then repeat.`;
  }
  return isOlder(found, needed) ? `Go ${found} is too old: install Go ${needed} or newer, then repeat.` : undefined;
}

function isOlder(found: string, needed: string): boolean {
  const numbers = (version: string): number[] => version.split(".").map((part) => Number.parseInt(part, 10));
  const [have, want] = [numbers(found), numbers(needed)];
  const index = want.findIndex((part, place) => part !== (have[place] ?? 0));
  return index >= 0 && (have[index] ?? 0) < (want[index] ?? 0);
}

/** Builds one program; returns what went wrong, or undefined. */
async function compile(module: Module, { name, source, seconds }: Peer): Promise<string | undefined> {
  const { folder, files = [], flags = [] } = module;
  const begin = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - begin) / 1000)} s`;
  const line = (text: string): void => void process.stdout.write(`\r\x1b[K${text}`);
  const show = (): void => {
    line(`${name}: building for ${elapsed()}, takes about ${seconds} s with an empty cache`);
  };
  const ticking = process.stdout.isTTY ? setInterval(show, 1000) : undefined;
  try {
    await rm(stampFile(name), { force: true });
    await run("go", ["build", ...flags, "-o", path.join(bin, name), source], folder, module.settings);
    for (const [from, inside, target] of files) await copyFiles(folder, from, inside, target);
  } catch (error) {
    return `${name}: could not be built: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearInterval(ticking);
    if (ticking) line("");
  }
  console.log(`${name}: built in ${elapsed()}`);
  return undefined;
}

/** Runs a program; its last words are the error where it fails. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(command, args, { cwd, env: { ...env, ...settings }, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ""} ended with ${String(code)}\n${said.trim()}`);
}

async function copyFiles(folder: string, module: string, inside: string, target: string): Promise<void> {
  const { stdout } = await execute("go", ["list", "-m", "-f", "{{.Dir}}", module], { cwd: folder, env });
  const copy = path.join(bin, target);
  await rm(copy, { recursive: true, force: true });
  await cp(path.join(stdout.trim(), inside), copy, { recursive: true });
  // as they lie in Go's cache nobody may change or remove them
  await chmod(copy, 0o755);
  for (const file of await readdir(copy)) await chmod(path.join(copy, file), 0o644);
}

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface KuboOptions {
  /** True lets the node listen for others on this machine. */
  readonly swarm?: boolean;
  /** True has the node know that it is alone, so that it searches for nothing. */
  readonly offline?: boolean;
}

/** A Kubo node in a folder of its own, which talks to nobody outside this machine. */
export class KuboNode {
  /** Base URLs of the RPC and the gateway; other ones after every start. */
  rpc = "";
  gateway = "";
  #process: ChildProcess | undefined;

  private constructor(
    readonly program: string,
    readonly directory: string,
    private readonly options: KuboOptions,
  ) {}

  /** Makes a repository and starts the node. */
  static async start(program: string, options: KuboOptions = {}): Promise<KuboNode> {
    const node = new KuboNode(program, await mkdtemp(join(tmpdir(), "carekey-kubo-")), options);
    try {
      await node.run("init", "--empty-repo", "--profile=unixfs-v1-2025");
      await node.#isolate();
      await node.start();
      return node;
    } catch (error) {
      await node.remove();
      throw error;
    }
  }

  /** Starts the node on its repository, also after it was stopped or killed. */
  async start(): Promise<void> {
    const args = this.options.offline ? ["daemon", "--offline"] : ["daemon"];
    const child = spawn(this.program, args, { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const last = () => child.kill("SIGKILL");
    process.once("exit", last);
    child.once("exit", () => process.off("exit", last));
    let complaints = "";
    child.stderr.on("data", (data: Buffer) => (complaints += data.toString()));
    if (!(await this.#ready(child.stdout))) throw new Error(`Kubo did not start: ${complaints}`);
    // a full pipe would stop the node
    child.stdout.resume();
  }

  /** Lets the node end by itself. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Ends the node without a warning, as a crash does. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Ends the node and removes its repository. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true });
  }

  /** Runs `ipfs` beside the node, and returns what it prints. */
  async run(...args: readonly string[]): Promise<string> {
    return (await this.bytes(...args)).toString();
  }

  /** Like `run`, for what is no text. */
  async bytes(...args: readonly string[]): Promise<Buffer> {
    const options = { env: this.#environment(), encoding: "buffer", maxBuffer: 2 ** 28 } as const;
    return (await execute(this.program, [...args], options)).stdout;
  }

  /** Like `bytes`, for what is too long to hold; it ends with an error where the program does. */
  stream(...args: readonly string[]): Readable {
    const child = spawn(this.program, args, { env: this.#environment(), stdio: ["ignore", "pipe", "inherit"] });
    child.once("exit", (code) => {
      if (code !== 0) child.stdout.destroy(new Error(`ipfs ended with ${String(code)}`));
    });
    return child.stdout;
  }

  /** Calls the RPC directly, which is faster than `run`. */
  async call(path: string): Promise<string> {
    const response = await fetch(`${this.rpc}/api/v0/${path}`, { method: "POST" });
    if (!response.ok) throw new Error(`Kubo refused ${path}: ${await response.text()}`);
    return response.text();
  }

  /** Removes everything that the node keeps. */
  async empty(): Promise<void> {
    const { Keys } = JSON.parse(await this.call("pin/ls?type=recursive")) as { Keys: object | null };
    for (const root of Object.keys(Keys ?? {})) await this.call(`pin/rm?arg=${root}`);
    await this.call("repo/gc");
  }

  /** Reads the addresses from what the node prints, until it says that it is ready. */
  async #ready(output: Readable): Promise<boolean> {
    const address = (line: string) => `http://127.0.0.1:${/\/tcp\/(\d+)$/.exec(line)?.[1] ?? ""}`;
    for await (const line of createInterface(output)) {
      if (line.startsWith("RPC API server listening on")) this.rpc = address(line);
      if (line.startsWith("Gateway server listening on")) this.gateway = address(line);
      if (line === "Daemon is ready") return true;
    }
    return false;
  }

  async #isolate(): Promise<void> {
    const path = join(this.directory, "config");
    const config = JSON.parse(await readFile(path, "utf8")) as Record<string, object>;
    const changes: Record<string, object> = {
      Addresses: {
        API: "/ip4/127.0.0.1/tcp/0",
        Gateway: "/ip4/127.0.0.1/tcp/0",
        Swarm: this.options.swarm ? ["/ip4/127.0.0.1/tcp/0"] : [],
      },
      AutoConf: { Enabled: false },
      AutoTLS: { Enabled: false, AutoWSS: false },
      Discovery: { MDNS: { Enabled: false } },
      DNS: { Resolvers: {} },
      Ipns: { DelegatedPublishers: [] },
      Provide: { Enabled: false },
      Routing: { Type: "none" },
      Swarm: { DisableNatPortMap: true, RelayClient: { Enabled: false }, RelayService: { Enabled: false } },
    };
    for (const [section, values] of Object.entries(changes)) config[section] = { ...config[section], ...values };
    await writeFile(path, JSON.stringify({ ...config, Bootstrap: [] }));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  #environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.directory, IPFS_PATH: this.directory, IPFS_TELEMETRY: "off" };
  }
}

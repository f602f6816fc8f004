import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { type Deployment, parseDeployment } from "../../../src/chain/deployment.js";
import type { TestChain } from "./chain.js";
import { Programs } from "./programs.js";

const script = fileURLToPath(new URL("../../../scripts/deploy.ts", import.meta.url));

export interface Outcome {
  /** Undefined when it was killed. */
  readonly status: number | undefined;
  readonly said: string;
}

export interface DeployOptions {
  readonly key?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the deployment without a warning as soon as its journal has an entry of this type. */
  readonly killAt?: string;
}

/** A folder of deployments' records of its own, and `npm run deploy:permissioned` with it. */
export class Deploying {
  private constructor(private readonly programs: Programs) {}

  static async open(): Promise<Deploying> {
    return new Deploying(await Programs.open("deploy"));
  }

  get folder(): string {
    return this.programs.folder;
  }

  close(): Promise<void> {
    return this.programs.close();
  }

  /** Forgets all records. */
  async forget(): Promise<void> {
    await rm(path.join(this.folder, "deployments"), { recursive: true, force: true });
  }

  async run(chain: TestChain, { key = chain.key, args = [], env = {}, killAt }: DeployOptions = {}): Promise<Outcome> {
    const settings = { PERMISSIONED_RPC_URL: chain.url, PERMISSIONED_PRIVATE_KEY: key, CAREKEY_DEPLOY: this.folder };
    const child = spawn(process.execPath, ["--import", "tsx", script, "--network", "permissioned", ...args], {
      env: { ...process.env, ...settings, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const output of [child.stdout, child.stderr]) output.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const closed = once(child, "close") as Promise<[number | null]>;
    const stopWatching = killAt === undefined ? () => undefined : await this.#killAt(child, chain.chainId, killAt);
    const [status] = await closed;
    stopWatching();
    return { status: status ?? undefined, said };
  }

  /** What is recorded of a chain. */
  async recorded({ chainId }: TestChain): Promise<Deployment> {
    return parseDeployment(JSON.parse(await readFile(this.#file(chainId, "carekey.json"), "utf8")));
  }

  isRecorded({ chainId }: TestChain): boolean {
    return existsSync(this.#file(chainId, "carekey.json"));
  }

  /** Addresses of the contracts whose deployment is in the journal, whether or not the whole got to its end. */
  async addresses({ chainId }: TestChain): Promise<string[]> {
    const journal = await readFile(this.#file(chainId, "journal.jsonl"), "utf8");
    const deployed = '"type":"DEPLOYMENT_EXECUTION_STATE_COMPLETE"';
    const lines = journal.split("\n").filter((line) => line.includes(deployed));
    return lines.flatMap((line) => /"address":"(0x[0-9a-fA-F]{40})"/.exec(line)?.[1] ?? []);
  }

  async #killAt(child: ChildProcess, chainId: number, type: string): Promise<() => void> {
    const journal = this.#file(chainId, "journal.jsonl");
    await mkdir(path.dirname(journal), { recursive: true });
    const watcher = watch(path.dirname(journal), () => {
      readFile(journal, "utf8").then(
        (text) => text.includes(`"type":"${type}"`) && child.kill("SIGKILL"),
        () => undefined,
      );
    });
    return () => {
      watcher.close();
    };
  }

  #file(chainId: number, name: string): string {
    return path.join(this.folder, "deployments", `chain-${chainId}`, name);
  }
}

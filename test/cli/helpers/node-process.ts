import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { issueToken, tokenSecret } from "../../../src/node/tokens.js";
import { httpStore } from "../../../src/storage/http.js";
import { nodePool } from "../../../src/storage/pool/pool.js";
import type { Pool } from "../../../src/storage/pool/types.js";
import { main } from "./built.js";

/** The first line of `carekey node --json`. */
export interface Ready {
  readonly event: string;
  readonly gateway: string;
  readonly rpc: string;
  readonly blocks: number;
  readonly quota: number;
}

/** A storage node in a process of its own. */
export class NodeProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly ready: Ready,
    /** Reads the next event. */
    readonly next: () => Promise<Ready>,
    /** Code and signal that it ends with. */
    readonly exit: Promise<unknown[]>,
  ) {}

  static async start(env: NodeJS.ProcessEnv, ...args: string[]): Promise<NodeProcess> {
    const command = [main, "node", "--port", "0", "--json", ...args];
    const child = spawn(process.execPath, command, { env, stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<Ready> => JSON.parse(String((await lines.next()).value)) as Ready;
    return new NodeProcess(child, await next(), next, exit);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }
}

/** The pool of nodes at these URLs, whose folders have the secrets of their tokens: 10 + 4 fragments, each node with an operator of its own. */
export async function poolOfNodes(urls: readonly string[], folder: (index: number) => string): Promise<Pool> {
  const members = urls.map(async (url, index) => {
    const token = await issueToken(await tokenSecret(folder(index)), { scope: "manage", lifetime: 3_600_000 });
    const store = httpStore(url, { token, deadline: 10_000 });
    return { name: `node-${index}`, operator: `operator-${index}`, store };
  });
  return nodePool(await Promise.all(members), { policy: { kind: "fragments", data: 10, parity: 4 } });
}

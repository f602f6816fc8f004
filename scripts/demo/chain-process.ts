import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import path from "node:path";

/** A Hardhat node of its own process, on loopback. */
export interface ChainProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a chain on a free port and waits until it answers. It ends with this process. */
export async function startChain(): Promise<ChainProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const hardhat = path.join(
    path.dirname(createRequire(import.meta.url).resolve("hardhat/package.json")),
    "dist/src/cli.js",
  );
  const child = spawn(process.execPath, [hardhat, "node", "--hostname", "127.0.0.1", "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) output.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const end = (): void => void child.kill();
  process.once("exit", end);
  // the line that says it listens; ending without it is a failure
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (said.join("").includes("Started HTTP")) resolve();
    });
    child.once("exit", (code) => {
      reject(new Error(`The chain process ended with ${String(code)}: ${said.join("")}`));
    });
    child.once("error", reject);
  });
  // of what it says from now on nothing is kept, nor looked through for each question
  for (const output of [child.stdout, child.stderr]) output.removeAllListeners("data").resume();
  return {
    url,
    stop: async () => {
      process.removeListener("exit", end);
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

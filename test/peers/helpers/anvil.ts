import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import path from "node:path";

import { Wallet } from "ethers";

import type { TestChain } from "./chain.js";
import { ask } from "./json-rpc.js";
import { Programs, freePorts } from "./programs.js";

/** The program that npm brings for Linux x64, or undefined elsewhere. Not the `anvil` command: killing that leaves the real process behind. */
export function anvilProgram(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/package.json");
    const program = path.join(path.dirname(manifest), "bin/anvil");
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** A chain as a consortium runs it: a block every second, gas for nothing, nobody holds a coin. */
export async function startAnvil(program: string, { chainId = 20231 } = {}): Promise<TestChain> {
  const programs = await Programs.open("anvil");
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  programs.start("anvil", program, [
    ...["--host", "127.0.0.1", "--port", String(port), "--chain-id", String(chainId), "--no-cors"],
    ...["--block-time", "1", "--slots-in-an-epoch", "1", "--hardfork", "cancun"],
    ...["--balance", "0", "--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee"],
    ...["--state", path.join(programs.folder, "state.json"), "--state-interval", "5", "--quiet"],
  ]);
  try {
    await programs.until("anvil", "answer", () => ask<string>(url, "eth_chainId"));
  } catch (error) {
    await programs.close();
    throw error;
  }
  return { url, chainId, key: Wallet.createRandom().privateKey, stop: () => programs.close() };
}

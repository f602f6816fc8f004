import { Wallet, parseEther, toQuantity } from "ethers";

import type { TestChain } from "./chain.js";
import { ask } from "./json-rpc.js";
import { Programs, freePorts } from "./programs.js";

/** What a funder starts with. */
const funds = parseEther("1000");

/** Ethereum's own client as a chain for developers: fees as on Ethereum, a block for each transaction and none without. */
export async function startGeth(program: string): Promise<TestChain> {
  const programs = await Programs.open("geth");
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  programs.start("geth", program, [
    ...["--dev", "--datadir", programs.folder, "--ipcdisable", "--nat", "none", "--verbosity", "2"],
    ...["--http", "--http.addr", "127.0.0.1", "--http.port", String(port), "--http.api", "eth,net,web3"],
  ]);
  try {
    const chainId = await programs.until("geth", "answer", () => ask<string>(url, "eth_chainId"));
    const funder = Wallet.createRandom();
    // the account of --dev is unlocked and holds all there is
    const [from] = await ask<string[]>(url, "eth_accounts");
    const sent = { from, to: funder.address, value: toQuantity(funds) };
    const hash = await ask<string>(url, "eth_sendTransaction", [sent]);
    await programs.until("geth", "receipt", async () => {
      return (await ask<object | null>(url, "eth_getTransactionReceipt", [hash])) ?? undefined;
    });
    return { url, chainId: Number(chainId), key: funder.privateKey, stop: () => programs.close() };
  } catch (error) {
    await programs.close();
    throw error;
  }
}

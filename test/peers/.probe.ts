import { permissionedPrograms, startPermissioned } from "./helpers/permissioned.js";
import { anvilProgram, startAnvil } from "./helpers/anvil.js";
import { startGeth } from "./helpers/geth.js";
import { ask } from "./helpers/json-rpc.js";
import { JsonRpcProvider, Wallet, ContractFactory, Contract, parseEther, toQuantity } from "ethers";
import type { TestChain } from "./helpers/chain.js";
import { setTimeout as sleep } from "node:timers/promises";

const starts: Record<string, () => Promise<TestChain>> = { anvil: () => startAnvil(anvilProgram()!), geth: () => startGeth("/tmp/peers/bin/geth"), l1: () => startPermissioned(permissionedPrograms()!) };
for (const [name, start] of Object.entries(starts)) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  const c = await start();
  console.log("=====", name);
  const p = new JsonRpcProvider(c.url, c.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const show = async (k: string, f: () => Promise<unknown>) => { try { console.log(k.padEnd(40), JSON.stringify(await f(), (_, v) => typeof v === "bigint" ? String(v) : v)); } catch (e: any) { console.log(k.padEnd(40), "THROWS", e.code, "|", e.shortMessage, "|", JSON.stringify(e.info?.error ?? e.error ?? e.message).slice(0, 300)); } };
  const zero = name === "anvil" ? { gasPrice: 0n } : {};
  const w = new Wallet(c.key, p);
  const poor = Wallet.createRandom().connect(p);
  await show("feeData", async () => p.getFeeData());
  await show("maxPrio", () => ask(c.url, "eth_maxPriorityFeePerGas"));
  // a contract that returns block.timestamp: PUSH code
  const init = "0x600a600c600039600a6000f3" + "4260005260206000f3" + "00"; // returns timestamp
  let address = "";
  await show("deploy", async () => { const f = new ContractFactory([], init, w); const d = await f.deploy(zero); const h = d.deploymentTransaction()!.hash; let r = null; while (!r) { await sleep(20); r = await p.getTransactionReceipt(h); } address = r.contractAddress!; return [r.status, r.blockNumber, Number((await p.getBlock(r.blockNumber))!.timestamp), Date.now() / 1000]; });
  const time = (tag: string) => ask<string>(c.url, "eth_call", [{ to: address }, tag]).then(Number);
  await sleep(4000);
  const blk = async () => { const b = await p.getBlock("latest"); return [b!.number, b!.timestamp]; };
  await show("latest block, clock", async () => [await blk(), Math.floor(Date.now() / 1000)]);
  await show("eth_call latest time", () => time("latest"));
  await show("eth_call pending time", () => time("pending"));
  await show("eth_call override", () => ask<string>(c.url, "eth_call", [{ to: address }, "latest", {}, { time: toQuantity(2000000000) }]).then(Number));
  // estimate time: contract reverting if timestamp <= X : use init code in estimate: if timestamp lt X revert
  const est = async (x: number, tag?: string) => ask<string>(c.url, "eth_estimateGas", [{ from: w.address, ...(name === "anvil" ? { gasPrice: "0x0" } : {}), data: "0x" + "64" + x.toString(16).padStart(10, "0") + "4210" + "600c57" + "00" + "5b" + "60006000fd" }, ...(tag ? [tag] : [])]);
  // bytecode: PUSH5 x; TIMESTAMP; LT (timestamp < x); PUSH1 dest; JUMPI; STOP; JUMPDEST; revert
  await show("estimate ok at clock-100000?", () => est(Math.floor(Date.now() / 1000) - 100000));
  await show("estimate at time>=clock-1 default", () => est(Math.floor(Date.now() / 1000) - 1));
  await show("estimate at time>=clock-1 pending", () => est(Math.floor(Date.now() / 1000) - 1, "pending"));
  await show("poor estimate", () => poor.estimateGas({ to: address, ...zero }));
  await show("poor estimate w/ fees", async () => { const pop = await poor.populateTransaction({ to: address, ...zero }); return pop; });
  await show("poor send", () => poor.sendTransaction({ to: address, ...zero }));
  await show("poor send forced", () => poor.sendTransaction({ to: address, gasLimit: 100000, ...zero }));
  await show("getLogs past head", () => ask(c.url, "eth_getLogs", [{ fromBlock: "0x0", toBlock: "0x100000" }]));
  await show("finalized", () => ask<any>(c.url, "eth_getBlockByNumber", ["finalized", false]).then((b) => b && Number(b.number)));
  await show("no such receipt", () => ask(c.url, "eth_getTransactionReceipt", ["0x" + "11".repeat(32)]));
  if (name !== "anvil") {
    const wait = async (h: string) => { let r = null; while (!r) { await sleep(20); r = await p.getTransactionReceipt(h); } return r; };
    await show("fund", async () => (await wait((await w.sendTransaction({ to: poor.address, value: name==="l1" ? 1000000000n : parseEther("1") })).hash)).status);
    await show("funded, estimate", () => poor.estimateGas({ to: address }));
    await show("funded, send", async () => (await wait((await poor.sendTransaction({ to: address })).hash)).status);
    await show("funded, send forced", async () => (await wait((await poor.sendTransaction({ to: address, gasLimit: 100000 })).hash)).status);
    await show("precompile code", () => p.getCode("0x0200000000000000000000000000000000000002"));
    const list = (a: string) => new Contract(a, ["function readAllowList(address) view returns (uint256)", "function setEnabled(address)"], w);
    await show("roles", async () => [await list("0x0200000000000000000000000000000000000002").getFunction("readAllowList")(w.address), await list("0x0200000000000000000000000000000000000002").getFunction("readAllowList")(poor.address)]);
    await show("enable", async () => (await wait((await list("0x0200000000000000000000000000000000000002").getFunction("setEnabled")(poor.address)).hash)).status);
    await show("listed, send", async () => (await wait((await poor.sendTransaction({ to: address })).hash)).status);
    await show("listed, deploy", async () => (await wait((await poor.sendTransaction({ data: init })).hash)).status);
    await show("listed, deploy forced", async () => (await wait((await poor.sendTransaction({ data: init, gasLimit: 300000 })).hash)).status);
  } else {
    await show("precompile code", () => p.getCode("0x0200000000000000000000000000000000000002"));
  }
  p.destroy();
  await c.stop();
}

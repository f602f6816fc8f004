/** A local chain with everything deployed, until Ctrl-C: `npm start [-- --port N]`. Its state lives as long as the process. */
import { once } from "node:events";
import { createServer } from "node:net";
import { parseArgs } from "node:util";

import { network } from "hardhat";

import { deployRecorded } from "../deploy/deploy.js";

const { values } = parseArgs({ options: { port: { type: "string", default: "18545" } } });
const host = "127.0.0.1";
const url = `http://${host}:${values.port}`;
process.env.LOCAL_RPC_URL = url;

if (!(await isFree(Number(values.port)))) {
  console.error(
    `Port ${values.port} is in use, perhaps by another \`npm start\`. Choose one: npm start -- --port 18546`,
  );
  process.exit(1);
}
const server = await network.createServer("node", host, Number(values.port));
await server.listen();
const connection = await network.create({ network: "localhost" });
const { deployment, file } = await deployRecorded(connection, { reset: true });
await connection.close();

console.log(`Chain ${deployment.chainId} at ${url}`);
for (const [name, { address }] of Object.entries(deployment.contracts)) console.log(`  ${name.padEnd(20)} ${address}`);
console.log(`Deployment for the SDK: ${file}`);
console.log("Ctrl-C ends it.");

const stop = (): void => void server.close().then(() => process.exit(0));
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await once(probe.listen(port, host), "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

/** A local chain with everything deployed, until Ctrl-C: `npm start [-- --port N]`. Its state lives as long as the process. */
import { parseArgs } from "node:util";

import { network } from "hardhat";

import { deployRecorded } from "../deploy/deploy.js";

const { values } = parseArgs({ options: { port: { type: "string", default: "18545" } } });
const host = "127.0.0.1";
const url = `http://${host}:${values.port}`;
process.env.LOCAL_RPC_URL = url;

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

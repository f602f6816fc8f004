/** Deploys CareKey to a network of hardhat.config.ts: `npm run deploy:local [-- --reset]`. */
import { parseArgs } from "node:util";

import { network } from "hardhat";

import { ChainWasReset, deployRecorded } from "../deploy/deploy.js";

const { values } = parseArgs({ options: { network: { type: "string" }, reset: { type: "boolean", default: false } } });

const connection = await network.create(values.network === undefined ? {} : { network: values.network });
try {
  const { deployment, file, isNew } = await deployRecorded(connection, { reset: values.reset });
  console.log(
    isNew
      ? `Deployed to chain ${deployment.chainId}:`
      : `Already deployed to chain ${deployment.chainId}, nothing changed:`,
  );
  for (const [name, { address }] of Object.entries(deployment.contracts))
    console.log(`  ${name.padEnd(20)} ${address}`);
  console.log(`Recorded in ${file}`);
} catch (error) {
  if (!(error instanceof ChainWasReset)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await connection.close();
}

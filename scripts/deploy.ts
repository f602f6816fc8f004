/** Deploys CareKey to a network of hardhat.config.ts: `npm run deploy:local [-- --reset]`, `npm run deploy:permissioned`. */
import { parseArgs } from "node:util";

import { network } from "hardhat";

import { ChainWasReset, deployRecorded } from "../deploy/deploy.js";
import { deploymentError, parsePrivateKey } from "../deploy/refusals.js";
import { isCareKeyError } from "../src/errors.js";

const { values } = parseArgs({ options: { network: { type: "string" }, reset: { type: "boolean", default: false } } });

try {
  const { PERMISSIONED_PRIVATE_KEY: key } = process.env;
  if (values.network === "permissioned" && key !== undefined) parsePrivateKey(key, "PERMISSIONED_PRIVATE_KEY");
  await deploy(values.network);
} catch (cause) {
  const error = deploymentError(cause);
  if (!isCareKeyError(error) && !(error instanceof ChainWasReset)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function deploy(name: string | undefined): Promise<void> {
  const connection = await network.create(name === undefined ? {} : { network: name });
  try {
    const { deployment, file, isNew } = await deployRecorded(connection, {
      reset: values.reset,
      onPending: (count, sender) => {
        console.error(`Waiting until ${count} earlier transactions of ${sender} are mined`);
      },
    });
    const { chainId, contracts } = deployment;
    console.log(isNew ? `Deployed to chain ${chainId}:` : `Already deployed to chain ${chainId}, nothing changed:`);
    for (const [contract, { address }] of Object.entries(contracts)) console.log(`  ${contract.padEnd(20)} ${address}`);
    console.log(`Recorded in ${file}`);
  } finally {
    await connection.close();
  }
}

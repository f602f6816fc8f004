import { JsonRpcProvider, type Signer, Wallet } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deployOnce } from "../../deploy/deploy.js";
import { deploymentError } from "../../deploy/refusals.js";
import { jsonRpcChainId } from "../../src/chain/connection.js";
import type { Deployment } from "../../src/index.js";
import { startChain } from "./chain-process.js";
import { type Onboarding, onboardingOf } from "./onboarding.js";

/** The chain that the story is played on, with everything deployed. */
export interface DemoChain {
  /** URL of the chain's node. */
  readonly rpc: string;
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  /** Whoever deployed: the consortium's administrator. */
  readonly administrator: Signer;
  readonly onboard: Onboarding;
  close(): Promise<void>;
}

/** An account on a chain that is there already. It deploys and administers, and pays for the others where that costs anything. */
export interface ChainAccess {
  readonly rpc: string;
  readonly privateKey: string;
}

/** A chain of its own process, which ends with the demo. */
export async function ownChain(): Promise<DemoChain> {
  const process = await startChain();
  const connection = await network.create({ network: "localhost", override: { url: process.url } });
  const deployment = await deployAndClose(connection);
  const provider = providerAt(process.url, deployment);
  return {
    rpc: process.url,
    provider,
    deployment,
    administrator: await provider.getSigner(0),
    onboard: () => Promise.resolve(),
    close: async () => {
      provider.destroy();
      await process.stop();
    },
  };
}

/**
 * A chain that is there already; CareKey is deployed to it for this demo alone.
 * @throws CHAIN_UNREACHABLE, FUNDS_MISSING, SENDER_NOT_ALLOWED
 */
export async function chainAt({ rpc, privateKey }: ChainAccess): Promise<DemoChain> {
  // says so at once where nobody answers
  await jsonRpcChainId(rpc);
  const override = { url: rpc, accounts: [privateKey] };
  const deployment = await deployAndClose(await network.create({ network: "permissioned", override }));
  const provider = providerAt(rpc, deployment);
  const administrator = new Wallet(privateKey, provider);
  const onboard = await onboardingOf(provider, administrator);
  return {
    rpc,
    provider,
    deployment,
    administrator,
    onboard,
    close: () => {
      provider.destroy();
      return Promise.resolve();
    },
  };
}

async function deployAndClose(connection: NetworkConnection): Promise<Deployment> {
  try {
    return await deployOnce(connection);
  } catch (cause) {
    throw deploymentError(cause);
  } finally {
    await connection.close();
  }
}

function providerAt(url: string, { chainId }: Deployment): JsonRpcProvider {
  return new JsonRpcProvider(url, chainId, { staticNetwork: true, cacheTimeout: -1 });
}

import { existsSync } from "node:fs";
import path from "node:path";

import { Wallet, computeAddress } from "ethers";

import type { TestChain } from "./chain.js";
import { ask } from "./json-rpc.js";
import { peer } from "./peer.js";
import { createChain } from "./permissioned-chain.js";
import { permissionedGenesis } from "./permissioned-genesis.js";
import { type NodePrograms, ValidatorNodes } from "./permissioned-nodes.js";

/** The three that make the network, or undefined where they are not built. */
export function permissionedPrograms(): NodePrograms | undefined {
  const avalanchego = peer("avalanchego");
  const plugin = peer("subnet-evm-plugin");
  if (avalanchego === undefined || plugin === undefined) return undefined;
  const staking = path.join(path.dirname(avalanchego), "avalanchego-staking");
  return existsSync(staking) ? { avalanchego, plugin, staking } : undefined;
}

/**
 * A consortium's chain: five validators, lists of who may send and who may deploy, a base fee of 1 so that senders need dust, and a block as soon as there is a
 * transaction. Its key is that of the administrator of both lists.
 */
export async function startPermissioned(programs: NodePrograms, { chainId = 43210 } = {}): Promise<TestChain> {
  const nodes = await ValidatorNodes.open(programs);
  try {
    await nodes.start("P");
    const key = Wallet.createRandom().privateKey;
    const genesis = permissionedGenesis({ chainId, admin: computeAddress(key) });
    const { subnetId, blockchainId } = await createChain(nodes, genesis);
    await nodes.end();
    nodes.subnet = subnetId;
    await nodes.start(blockchainId);
    const url = `${nodes.url(0)}/ext/bc/${blockchainId}/rpc`;
    await nodes.until("an answer of the chain", () => ask<string>(url, "eth_chainId"));
    return { url, chainId, key, stop: () => nodes.close() };
  } catch (error) {
    await nodes.close();
    throw error;
  }
}

import { Contract, type JsonRpcProvider, type Signer } from "ethers";

import { feesOf } from "../../src/chain/differences.js";
import { send } from "../../src/chain/transactions.js";

/** Lets a fresh account act on a chain. */
export type Onboarding = (address: string) => Promise<void>;

/** What an actor of the story spends at most, and some more. */
const gasForAll = 5_000_000n;
/** Where subnet-evm keeps the list of those who may send. */
const senders = "0x0200000000000000000000000000000000000002";
const allowList = ["function readAllowList(address) view returns (uint256)", "function setEnabled(address)"];

/**
 * What this chain asks for, nothing on most: `funder` puts the account on the list of senders where there is one, and sends it as much as the story
 * costs where gas costs anything.
 */
export async function onboardingOf(provider: JsonRpcProvider, funder: Signer): Promise<Onboarding> {
  const hasList = (await provider.getCode(senders)) !== "0x";
  return async (address) => {
    if (hasList) await list(provider, funder, address);
    const { maxFeePerGas } = await feesOf(provider);
    if (maxFeePerGas !== 0n) await fund(provider, funder, address);
  };
}

async function list(provider: JsonRpcProvider, admin: Signer, address: string): Promise<void> {
  const contract = new Contract(senders, allowList, admin);
  const role = (await contract.getFunction("readAllowList")(address)) as bigint;
  if (role === 0n) await send(provider, (fees) => contract.getFunction("setEnabled").send(address, fees));
}

async function fund(provider: JsonRpcProvider, funder: Signer, address: string): Promise<void> {
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const value = gasForAll * (maxFeePerGas ?? gasPrice ?? 0n);
  await send(provider, (fees) => funder.sendTransaction({ to: address, value, ...fees }));
}

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { type ArtifactResolver, trackTransaction, wipe } from "@nomicfoundation/ignition-core";
import type { NetworkConnection } from "hardhat/types/network";

/** A line of Ignition's journal, as far as it matters here. */
interface Message {
  readonly type: string;
  readonly futureId?: string;
  readonly nonce?: number;
}

/**
 * Mends the journal of a run that was killed between sending a transaction and writing down its hash, at which Ignition stops for good: one that the chain
 * has is tracked, one that never left is forgotten. Nothing of the account may be on its way, see `whenMined`.
 */
export async function findLost(connection: NetworkConnection, directory: string, startBlock: number): Promise<void> {
  const [sender] = await connection.ethers.getSigners();
  if (sender === undefined) return;
  const next = await sender.getNonce("latest");
  for (const [future, nonce] of await withoutHash(path.join(directory, "journal.jsonl"))) {
    if (nonce >= next) {
      await wipe(directory, noArtifacts, future);
      continue;
    }
    const hash = await hashOf(connection, sender.address, nonce, startBlock);
    if (hash !== undefined) await trackTransaction(directory, hash, connection.provider, 1);
  }
}

/** Nonces of the steps about which the journal says last that they are about to be sent. */
async function withoutHash(journal: string): Promise<ReadonlyMap<string, number>> {
  const lost = new Map<string, number>();
  if (!existsSync(journal)) return lost;
  for (const line of (await readFile(journal, "utf8")).split("\n").filter(Boolean)) {
    const { type, futureId, nonce } = JSON.parse(line) as Message;
    if (futureId === undefined) continue;
    if (type === "TRANSACTION_PREPARE_SEND" && nonce !== undefined) lost.set(futureId, nonce);
    else lost.delete(futureId);
  }
  return lost;
}

/** The transaction of an account and nonce, from the newest block back to where the deployment began. */
async function hashOf(
  { ethers: { provider } }: NetworkConnection,
  from: string,
  nonce: number,
  startBlock: number,
): Promise<string | undefined> {
  for (let number = await provider.getBlockNumber(); number >= startBlock; number--) {
    const block = await provider.getBlock(number, true);
    const found = block?.prefetchedTransactions.find((sent) => sent.from === from && sent.nonce === nonce);
    if (found) return found.hash;
  }
  return undefined;
}

/** A deployment in a folder has its own. */
const noArtifacts: ArtifactResolver = {
  loadArtifact: (name) => Promise.reject(new Error(`no artifact of ${name} is asked for`)),
  getBuildInfo: () => Promise.resolve(undefined),
};

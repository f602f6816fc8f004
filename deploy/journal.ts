import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { type ArtifactResolver, trackTransaction, wipe } from "@nomicfoundation/ignition-core";
import type { NetworkConnection } from "hardhat/types/network";

import { replaceFile } from "../src/new-file.js";

/** A line of Ignition's journal, as far as it matters here. */
interface Message {
  readonly type: string;
  readonly futureId?: string;
  readonly from?: string;
  readonly nonce?: number;
  readonly receipt?: { readonly blockNumber: number };
}

/** A step whose transaction was about to be sent, and may have been. */
interface Lost {
  readonly future: string;
  readonly nonce: number;
  /** The account that sends. */
  readonly from: string;
  /** Block of the last transaction that is known to be mined before it. */
  readonly after: number;
  /** Lines up to the hash of an earlier attempt; undefined where this is the first. */
  readonly hashed: number | undefined;
}

/**
 * Mends the journal of a run that was killed, where Ignition would stop at it for good: a last line that broke off is cut, and a transaction whose hash was
 * not written down any more is tracked where the chain has it, or forgotten. Nothing of the account may be on its way, see `whenMined`.
 */
export async function mendJournal(connection: NetworkConnection, directory: string, startBlock: number): Promise<void> {
  const file = path.join(directory, "journal.jsonl");
  const lines = await readJournal(file);
  const lost = lostIn(lines, startBlock);
  const [sender] = await connection.ethers.getSigners();
  // nonces of another account say nothing: Ignition asks for the hash then
  if (lost === undefined || sender?.address.toLowerCase() !== lost.from.toLowerCase()) return;
  if (lost.nonce >= (await sender.getNonce("latest"))) {
    // what has a hash Ignition sends again by itself
    if (lost.hashed === undefined) await wipe(directory, noArtifacts, lost.future);
  } else if (lost.hashed === undefined) {
    const hash = await hashOf(connection, lost);
    // undefined where the node has such old blocks no more: Ignition asks for it
    if (hash !== undefined) await trackTransaction(directory, hash, connection.provider, 1);
  } else {
    // one of the attempts is mined, and no other will be
    await writeJournal(file, lines.slice(0, lost.hashed));
  }
}

/** All that was written as a whole; what follows is cut from the file. */
async function readJournal(file: string): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
  const last = lines.at(-1);
  if (last === undefined || isJson(last)) return lines;
  await writeJournal(file, lines.slice(0, -1));
  return lines.slice(0, -1);
}

function writeJournal(file: string, lines: readonly string[]): Promise<void> {
  return replaceFile(file, lines.map((line) => `\n${line}`).join(""), "The journal");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The step of which the journal says last that it is about to be sent, or to be sent again. */
function lostIn(lines: readonly string[], startBlock: number): Lost | undefined {
  const senders = new Map<string, string>();
  const hashes = new Map<string, { readonly lines: number; readonly nonce: number }>();
  let lost: Lost | undefined;
  let after = startBlock;
  for (const [index, line] of lines.entries()) {
    const { type, futureId: future = "", from, nonce, receipt } = JSON.parse(line) as Message;
    if (from !== undefined) senders.set(future, from);
    after = receipt?.blockNumber ?? after;
    if (lost?.future === future) lost = undefined;
    const hash = hashes.get(future);
    if (about.includes(type)) {
      lost = { future, nonce: nonce ?? hash?.nonce ?? 0, from: senders.get(future) ?? "", after, hashed: hash?.lines };
    } else if (type === "TRANSACTION_SEND") hashes.set(future, { lines: index + 1, nonce: nonce ?? 0 });
    else if (afresh.includes(type)) hashes.delete(future);
  }
  return lost;
}

const about: readonly string[] = [
  "TRANSACTION_PREPARE_SEND",
  "ONCHAIN_INTERACTION_BUMP_FEES",
  "ONCHAIN_INTERACTION_DROPPED",
];
/** After these a step is sent as if for the first time. */
const afresh: readonly string[] = ["NETWORK_INTERACTION_REQUEST", "ONCHAIN_INTERACTION_REPLACED_BY_USER", "WIPE_APPLY"];

/** The transaction of an account and nonce. It is near: contracts are sent one after the other. */
async function hashOf(
  { ethers: { provider } }: NetworkConnection,
  { from, nonce, after }: Lost,
): Promise<string | undefined> {
  const newest = await provider.getBlockNumber();
  for (let number = after; number <= newest; number++) {
    const block = await provider.getBlock(number, true);
    const found = block?.prefetchedTransactions.find(
      (sent) => sent.from.toLowerCase() === from.toLowerCase() && sent.nonce === nonce,
    );
    if (found) return found.hash;
  }
  return undefined;
}

/** A deployment in a folder has its own. */
const noArtifacts: ArtifactResolver = {
  loadArtifact: (name) => Promise.reject(new Error(`no artifact of ${name} is asked for`)),
  getBuildInfo: () => Promise.resolve(undefined),
};

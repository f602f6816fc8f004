import { getBytes, hexlify, keccak256 } from "ethers";

import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import { type Hex32, checkAddress } from "./ids.js";
import { type ReadingChain, type Told, eventsIn } from "./logs.js";
import { keySlots, vaultSlots } from "./slots.js";
import { type Newest, newestOfWords } from "./stored-words.js";
import { send } from "./transactions.js";
import type { KeyPublishedEvent, VaultPointedEvent } from "./typechain/contracts/KeyRegistry.js";
import { type View, viewOf } from "./view.js";
import { type Entry, type List, walk, walkBack } from "./walk.js";

/** An encryption key that an actor has published. */
export interface PublishedKey {
  readonly actor: string;
  /** Counts the actor's keys from 1. */
  readonly version: number;
  /** keccak256 of the raw bytes, to compare out of band. */
  readonly digest: string;
  /** Second since 1970 at which it was published, by the chain's clock. */
  readonly since: number;
  /** Raw bytes of the hybrid age recipient, 1,216 of them. */
  readonly recipient: Uint8Array;
  /** Block of publication. */
  readonly block: number;
}

/**
 * Publishes the raw bytes of the caller's hybrid age recipient. The same key as the one published: success without effect.
 * @throws KEY_SUPERSEDED for a key that a newer one of the caller's has replaced, CONTRACT_REFUSED (InvalidRecipientLength), HISTORY_INCOMPLETE
 */
export async function publishKey(chain: Chain, recipient: Uint8Array): Promise<void> {
  const actor = chain.address;
  const newest = await newestKey(chain, actor);
  const own = keccak256(recipient);
  if (newest?.digest === own) return;
  if (newest)
    for await (const { number, recipient: earlier } of walkBack(keyList(chain, actor, newest)))
      if (keccak256(earlier) === own)
        throw new CareKeyError("KEY_SUPERSEDED", `This was key ${number} of ${actor}; the newest is ${newest.number}`, {
          actor,
          version: newest.number,
        });
  await send(chain.provider, (fees) => chain.keyRegistry.publish(hexlify(recipient), fees));
}

/** Number of the actor's newest key; 0 where there is none. */
export async function keyVersion(chain: ReadingChain, actor: string, view?: View): Promise<number> {
  return (await newestKey(chain, actor, view))?.number ?? 0;
}

/**
 * The actor's newest key, or undefined where there is none: its word has digest and block, its event the bytes.
 * @throws HISTORY_INCOMPLETE when the node leaves the event out, CHAIN_INCONSISTENT when it does not match the digest
 */
export async function publishedKey(chain: ReadingChain, actor: string, view?: View): Promise<PublishedKey | undefined> {
  const newest = await newestKey(chain, actor, view);
  if (!newest) return undefined;
  const { value } = await walkBack(keyList(chain, actor, newest)).next();
  const { digest, number: version, since, block } = newest;
  if (!value || keccak256(value.recipient) !== digest) throw falseKey(actor, version);
  return { actor, version, digest, since, recipient: value.recipient, block };
}

/**
 * All keys that an actor ever published, oldest first; the newest is as its digest says, older ones are as the node tells.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function keysOf(chain: ReadingChain, actor: string): Promise<Omit<PublishedKey, "since">[]> {
  const newest = await newestKey(chain, actor);
  if (!newest) return [];
  const keys = (await walk(keyList(chain, actor, newest))).map(({ number: version, recipient, block }) => {
    return { actor, version, digest: keccak256(recipient), recipient, block };
  });
  if (keys.at(-1)?.digest !== newest.digest) throw falseKey(actor, newest.number);
  return keys;
}

function falseKey(actor: string, version: number): CareKeyError {
  return new CareKeyError("CHAIN_INCONSISTENT", `The node's event for key ${version} of ${actor} is false`, { actor });
}

async function newestKey(chain: ReadingChain, actor: string, view?: View): Promise<Newest | undefined> {
  const at = view ?? (await viewOf(chain));
  const [first = 0n, second = 0n] = await at.words(keySlots(checkAddress(actor, "Actor")));
  return newestOfWords(first, second);
}

function keyList(
  chain: ReadingChain,
  actor: string,
  { number, block }: Newest,
): List<Entry & { readonly recipient: Uint8Array }> {
  const query = { contract: "KeyRegistry", names: ["KeyPublished"], topics: [checkAddress(actor, "Actor")] } as const;
  return {
    list: "actor's keys",
    head: { number, lastAt: block },
    entriesIn: async (from, to) =>
      (await eventsIn<{ KeyPublished: KeyPublishedEvent.OutputObject }>(chain, query, from, to)).map(
        ({ block: at, args: { version, before, recipient } }) => {
          return { number: Number(version), before: Number(before), block: at, recipient: getBytes(recipient) };
        },
      ),
  };
}

/** What is read of a chain to find a vault: no wallet is needed. */
export type VaultChain = ReadingChain;

/**
 * Announces where the caller's sealed vault is.
 * @param vault sha2-256 digest of the vault's block, sealed without its passphrase slot: on IPFS it can be guessed at for ever.
 * @throws CONTRACT_REFUSED (InvalidVault for zero)
 */
export async function pointVault(chain: Chain, vault: Hex32): Promise<void> {
  await send(chain.provider, (fees) => chain.keyRegistry.pointVault(vault, fees));
}

/** The vault that `actor` announced last, by its word; undefined where there is none. */
export async function vaultOf(chain: VaultChain, actor: string, view?: View): Promise<Hex32 | undefined> {
  return (await newestVault(chain, actor, view))?.digest;
}

/**
 * All vaults that `actor` announced, oldest first; the last is as its word says, older ones are as the node tells.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function vaultsOf(chain: VaultChain, actor: string): Promise<Hex32[]> {
  const newest = await newestVault(chain, actor);
  if (!newest) return [];
  const query = { contract: "KeyRegistry", names: ["VaultPointed"], topics: [checkAddress(actor, "Actor")] } as const;
  const pointed = await walk({
    list: "actor's vaults",
    head: { number: newest.number, lastAt: newest.block },
    entriesIn: async (from, to) =>
      (await eventsIn<{ VaultPointed: VaultPointedEvent.OutputObject }>(chain, query, from, to)).map(vaultEntryOf),
  });
  if (pointed.at(-1)?.vault !== newest.digest)
    throw new CareKeyError("CHAIN_INCONSISTENT", `The node's event for the vault of ${actor} is false`, { actor });
  return pointed.map(({ vault }) => vault);
}

function vaultEntryOf({ block, args }: Told & { readonly args: VaultPointedEvent.OutputObject }) {
  return { number: Number(args.number), before: Number(args.before), block, vault: args.vault };
}

async function newestVault(chain: VaultChain, actor: string, view?: View): Promise<Newest | undefined> {
  const at = view ?? (await viewOf(chain));
  const [first = 0n, second = 0n] = await at.words(vaultSlots(checkAddress(actor, "Actor")));
  return newestOfWords(first, second);
}

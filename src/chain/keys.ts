import { getBytes, hexlify, keccak256 } from "ethers";

import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import { type Hex32, checkAddress } from "./ids.js";
import { placeOf, scan } from "./scan.js";
import { read, send } from "./transactions.js";

/** The newest encryption key that an actor has published. */
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
}

/**
 * Publishes the raw bytes of the caller's hybrid age recipient. The same key as the one published: success without effect.
 * @throws KEY_SUPERSEDED for a key that a newer one of the caller's has replaced, CONTRACT_REFUSED (InvalidRecipientLength)
 */
export async function publishKey(chain: Chain, recipient: Uint8Array): Promise<void> {
  const actor = chain.address;
  const { digest, version } = await read(chain.keyRegistry.keyOf(actor));
  const own = keccak256(recipient);
  if (digest === own) return;
  const published =
    version === 0n ? [] : await scan(chain, chain.keyRegistry, chain.keyRegistry.filters.KeyPublished(actor));
  const earlier = published.find(({ args }) => keccak256(args.recipient) === own);
  if (earlier)
    throw new CareKeyError(
      "KEY_SUPERSEDED",
      `This was key ${earlier.args.version} of ${actor}; the newest is ${version}`,
      {
        actor,
        version: Number(version),
      },
    );
  await send(chain.provider, (fees) => chain.keyRegistry.publish(hexlify(recipient), fees));
}

/** Where on the chain an actor published their newest key; undefined where there is none. */
export async function newestKeyPlace(chain: Chain, actor: string): Promise<number | undefined> {
  const published = await scan(chain, chain.keyRegistry, chain.keyRegistry.filters.KeyPublished(actor));
  const newest = published.at(-1);
  return newest && placeOf(newest);
}

/** Number of the actor's newest key; 0 where there is none. */
export async function keyVersion(chain: Chain, actor: string): Promise<number> {
  return Number((await read(chain.keyRegistry.keyOf(actor))).version);
}

/**
 * The actor's newest key, or undefined where there is none.
 * @throws CHAIN_INCONSISTENT when the node's event does not match the digest that the contract keeps.
 */
export async function publishedKey(chain: Chain, actor: string): Promise<PublishedKey | undefined> {
  const { version, digest, since } = await read(chain.keyRegistry.keyOf(actor));
  if (version === 0n) return undefined;
  const [event] = await scan(chain, chain.keyRegistry, chain.keyRegistry.filters.KeyPublished(actor, version));
  const recipient = event?.args.recipient;
  if (recipient === undefined || keccak256(recipient) !== digest)
    throw new CareKeyError(
      "CHAIN_INCONSISTENT",
      `The node's event for key ${version} of ${actor} is missing or false`,
      {
        actor,
      },
    );
  return { actor, version: Number(version), digest, since: Number(since), recipient: getBytes(recipient) };
}

/** What is read of a chain to find a vault: no wallet is needed. */
export type VaultChain = Pick<Chain, "provider" | "startBlock" | "keyRegistry">;

/**
 * Announces where the caller's sealed vault is.
 * @param vault sha2-256 digest of the vault's block, sealed without its passphrase slot: on IPFS it can be guessed at for ever.
 * @throws CONTRACT_REFUSED (InvalidVault for zero)
 */
export async function pointVault(chain: Chain, vault: Hex32): Promise<void> {
  await send(chain.provider, (fees) => chain.keyRegistry.pointVault(vault, fees));
}

/** The vault that `actor` announced last; undefined where there is none. */
export async function vaultOf(chain: VaultChain, actor: string): Promise<Hex32 | undefined> {
  return (await vaultsOf(chain, actor)).at(-1);
}

/** All vaults that `actor` announced, oldest first. */
export async function vaultsOf(chain: VaultChain, actor: string): Promise<Hex32[]> {
  const { keyRegistry } = chain;
  const pointed = await scan(chain, keyRegistry, keyRegistry.filters.VaultPointed(checkAddress(actor, "Actor")));
  return pointed.map(({ args }) => args.vault);
}

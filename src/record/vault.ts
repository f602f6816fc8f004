import { getBytes } from "ethers";

import { type Hex32, checkAddress } from "../chain/ids.js";
import { pointVault, vaultOf, vaultsOf } from "../chain/keys.js";
import { decodeVault, portableVault, requireOwner } from "../crypto/keyring/vault.js";
import { CareKeyError } from "../errors.js";
import { cidOfDigest, rawBlock, verifyBlock } from "../storage/verify.js";
import type { Context, PipelineOptions } from "./context.js";
import { keep } from "./deliver.js";
import { digestOf } from "./manifest.js";

/** A vault's place for a blank machine to find it. */
export interface PublishedVault {
  /** sha2-256 of its block, as the chain has it. */
  readonly digest: Hex32;
  /** False where it was there already. */
  readonly published: boolean;
}

/**
 * Stores the actor's vault without its passphrase slot as one block and announces it in the key registry, so that a blank machine with one
 * recovery method and the actor's address finds it. Of the copies published before, all but the last are removed from the store.
 * Published already: success without effect.
 *
 * @throws VAULT_DAMAGED, VAULT_MISMATCH, RECOVERY_MISSING when only a passphrase would open it; before anything is written. STORE_FAILED,
 * CONTRACT_REFUSED.
 */
export async function publishVault(
  { chain, store }: Pick<Context, "chain" | "store">,
  file: Uint8Array,
  { signal }: PipelineOptions = {},
): Promise<PublishedVault> {
  requireOwner(decodeVault(file), { chainId: chain.chainId, actor: chain.address });
  const block = await rawBlock(portableVault(file));
  const digest = digestOf(block);
  const earlier = await vaultsOf(chain, chain.address);
  // put again where it was announced: a store may have lost it
  await keep(store, block);
  if (earlier.at(-1) === digest) return { digest, published: false };
  await pointVault(chain, digest);
  // the last stays: a chain may yet take back the newest blocks
  const old = new Set(earlier.slice(0, -1).filter((each) => each !== digest && each !== earlier.at(-1)));
  for (const each of old) {
    const cid = cidOfDigest(getBytes(each));
    await store.unpin(cid, { signal });
    await store.delete(cid, { signal });
  }
  return { digest, published: true };
}

/**
 * The vault that an actor published last, checked against the digest on chain. No key and no wallet is needed.
 *
 * @throws VAULT_UNKNOWN when there is none; BLOCK_MISSING, BLOCK_INVALID; VAULT_DAMAGED; VAULT_MISMATCH when it is another actor's
 */
export async function fetchVault(
  { chain, store }: Pick<Context, "chain" | "store">,
  actor: string,
  { signal }: PipelineOptions = {},
): Promise<Uint8Array> {
  const address = checkAddress(actor, "Actor");
  const digest = await vaultOf(chain, address);
  if (digest === undefined)
    throw new CareKeyError("VAULT_UNKNOWN", `${address} has published no vault on chain ${chain.chainId}`, {
      actor: address,
    });
  const cid = cidOfDigest(getBytes(digest));
  const file = await store.get(cid, { signal });
  // an older vault of the same actor would pass for the newest
  await verifyBlock(cid, file);
  requireOwner(decodeVault(file), { chainId: chain.chainId, actor: address });
  return file;
}

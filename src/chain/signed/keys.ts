import { hexlify } from "ethers";

import type { Chain } from "../connection.js";
import type { Hex32 } from "../ids.js";
import { keyVersion } from "../keys.js";
import { vaultSlots } from "../slots.js";
import { newestOfWords } from "../stored-words.js";
import { viewOf } from "../view.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, orCaller } from "./basis.js";

/** Who signs: whose key or vault it is. */
export interface ByOwner extends SigningOptions {
  /** The caller where omitted. */
  readonly actor?: string | undefined;
}

/**
 * An encryption key for its actor to sign, so that a wallet without coins can publish it. Void once another is published.
 * @param recipient Raw bytes of the hybrid age recipient, 1,216 of them.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 * @example await submit(relay, await sign(wallet, await preparePublish(relay, recipient, { actor: wallet.address })));
 */
export async function preparePublish(
  chain: Chain,
  recipient: Uint8Array,
  options: ByOwner = {},
): Promise<Action<"Publish">> {
  const actor = orCaller(chain, options.actor, "Actor");
  const version = (await keyVersion(chain, actor, await viewOf(chain))) + 1;
  const deadline = await deadlineOf(chain, options);
  return actionOf(chain, "Publish", { actor, recipient: hexlify(recipient), version, deadline });
}

/**
 * Where an actor's sealed vault is, for the actor to sign. Void once another is pointed to.
 * @param vault sha2-256 digest of the vault's block, sealed without its passphrase slot.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function preparePointVault(
  chain: Chain,
  vault: Hex32,
  options: ByOwner = {},
): Promise<Action<"PointVault">> {
  const actor = orCaller(chain, options.actor, "Actor");
  const view = await viewOf(chain);
  const [pointer = 0n, rest = 0n] = await view.words(vaultSlots(actor));
  const number = (newestOfWords(pointer, rest)?.number ?? 0) + 1;
  return actionOf(chain, "PointVault", { actor, vault, number, deadline: await deadlineOf(chain, options) });
}

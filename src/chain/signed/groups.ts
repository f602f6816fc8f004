import { hexlify, randomBytes } from "ethers";

import { CareKeyError } from "../../errors.js";
import type { Chain } from "../connection.js";
import { type Hex32, checkAddress } from "../ids.js";
import { type Purpose, purposeBits } from "../purposes.js";
import { read } from "../transactions.js";
import { Group__factory } from "../typechain/index.js";
import { checkTime } from "../word.js";
import { type Action, actionAt, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, onceOf, orCaller } from "./basis.js";

/** What a group's manager signs, one after the other. */
export interface ManagingOptions extends SigningOptions {
  /** How many others the manager signs before, to be carried in this order and before this one; 0 where omitted. */
  readonly ahead?: number | undefined;
}

/**
 * A group for its manager to sign; `groupOf(chain, manager, salt)` tells its address before.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 * @example await prepareCreateGroup(chain, { manager: wallet.address });
 */
export async function prepareCreateGroup(
  chain: Chain,
  options: SigningOptions & {
    /** The caller where omitted. */
    readonly manager?: string | undefined;
    /** Tells the manager's groups apart; random where omitted. */
    readonly salt?: Hex32 | undefined;
  } = {},
): Promise<Action<"CreateGroup">> {
  const manager = orCaller(chain, options.manager, "Manager");
  const salt = options.salt ?? hexlify(randomBytes(32));
  return actionOf(chain, "CreateGroup", { manager, salt, deadline: await deadlineOf(chain, options) });
}

/**
 * Until when, and for which purposes, these members belong to a group, for its manager to sign. Void as soon as the manager does anything else.
 * @param until First second at which they no longer belong, since 1970; a time that is over puts them out.
 * @param purposes What they may read for; a code includes those below it.
 * @throws CHAIN_MISMATCH for what is no group of these contracts, INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareSetMembers(
  chain: Chain,
  group: string,
  members: readonly string[],
  until: number,
  purposes: readonly Purpose[] = ["PurposeOfUse"],
  options: ManagingOptions = {},
): Promise<Action<"SetMembers">> {
  const { contract, manager, number } = await managed(chain, group, options);
  return actionAt(contract, chain.chainId, "SetMembers", {
    ...{ manager, members: members.map((member) => checkAddress(member, "Member")), until: checkTime(until) },
    ...{ purposes: purposeBits(purposes).toString(), number, deadline: await deadlineOf(chain, options) },
  });
}

/**
 * The handing over of a group for its manager to sign. Void as soon as the manager does anything else.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareSetManager(
  chain: Chain,
  group: string,
  successor: string,
  options: ManagingOptions = {},
): Promise<Action<"SetManager">> {
  const { contract, manager, number } = await managed(chain, group, options);
  const named = { manager, successor: checkAddress(successor, "Manager"), number };
  return actionAt(contract, chain.chainId, "SetManager", { ...named, deadline: await deadlineOf(chain, options) });
}

/**
 * The end of somebody's own membership, for them to sign.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, PERIOD_INVALID, CHAIN_UNREACHABLE
 */
export async function prepareResign(
  chain: Chain,
  group: string,
  options: SigningOptions & { readonly member?: string | undefined } = {},
): Promise<Action<"Resign">> {
  const contract = await checkGroup(chain, group);
  const member = orCaller(chain, options.member, "Member");
  return actionAt(contract, chain.chainId, "Resign", { member, ...(await onceOf(chain, member, options)) });
}

/**
 * The group's address, if it is one that the chain's factory made: another contract could do anything when it is called.
 * @throws CHAIN_MISMATCH, INVALID_ARGUMENT, CHAIN_UNREACHABLE
 */
export async function checkGroup(chain: Chain, group: string): Promise<string> {
  const address = checkAddress(group, "Group");
  const implementation = await read(chain.groupFactory.IMPLEMENTATION());
  // the code of a minimal proxy (ERC-1167)
  const clone = `0x363d3d373d3d3d363d73${implementation.slice(2).toLowerCase()}5af43d82803e903d91602b57fd5bf3`;
  if ((await read(chain.provider.getCode(address))) !== clone)
    throw new CareKeyError("CHAIN_MISMATCH", `${address} is no group of these contracts`, {
      chainId: chain.chainId,
      contract: address,
    });
  return address;
}

/** A group's manager, and the number of what they sign next. */
async function managed(chain: Chain, group: string, { ahead = 0 }: ManagingOptions) {
  const contract = await checkGroup(chain, group);
  const at = Group__factory.connect(contract, chain.provider);
  const [manager, next] = await Promise.all([read(at.manager()), read(at.nextNumber())]);
  return { contract, manager, number: Number(next) + ahead };
}

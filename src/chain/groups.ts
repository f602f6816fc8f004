import { hexlify, randomBytes } from "ethers";

import { inBatches } from "./batches.js";
import type { Chain } from "./connection.js";
import { type Hex32, checkAddress } from "./ids.js";
import { type ReadingChain, eventsIn } from "./logs.js";
import { type Purpose, purposeBit, purposeBits, purposesOf } from "./purposes.js";
import { inWindows } from "./ranges.js";
import { permissionsToBits } from "./terms.js";
import { read, send } from "./transactions.js";
import type { MemberSetEvent } from "./typechain/contracts/Group.js";
import type { GroupCreatedEvent } from "./typechain/contracts/GroupFactory.js";
import { type Group, Group__factory } from "./typechain/index.js";
import { viewOf } from "./view.js";

/** How somebody belongs to a group. */
export interface Membership {
  readonly member: string;
  /** First second at which they no longer belong, since 1970. */
  readonly until: number;
  /** For what they do; empty: for nothing, so that they don't. */
  readonly purposes: readonly Purpose[];
}

/** Stands for any patient: a department's members are the same for all of them. */
const anyPatient = "0x" + "00".repeat(20);

/**
 * Creates a group that the caller manages: a department or study team, to whose address patients may grant.
 * @param salt Tells the caller's groups apart; random where omitted.
 * @returns The group's address.
 * @throws CONTRACT_REFUSED when the caller has used the salt before
 * @example const cardiology = await createGroup(chain); await setMembers(chain, cardiology, [doctor], until);
 */
export async function createGroup(chain: Chain, salt: Hex32 = hexlify(randomBytes(32))): Promise<string> {
  const group = await groupOf(chain, chain.address, salt);
  await send(chain.provider, (fees) => chain.groupFactory.create(salt, fees));
  return group;
}

/** Where `manager`'s group of this salt is or will be. */
export async function groupOf(chain: Chain, manager: string, salt: Hex32): Promise<string> {
  return read(chain.groupFactory.groupOf(checkAddress(manager, "Manager"), salt));
}

/** The groups that `creator` created, oldest first, whoever manages them now, as the node tells it: no list counts them. */
export async function groupsBy(chain: ReadingChain, creator: string): Promise<string[]> {
  const by = checkAddress(creator, "Creator");
  const query = { contract: "GroupFactory", names: ["GroupCreated"], topics: [undefined, by] } as const;
  const { number } = (await viewOf(chain)).block;
  const events = await inWindows(chain.startBlock, number, (from, to) =>
    eventsIn<{ GroupCreated: GroupCreatedEvent.OutputObject }>(chain, query, from, to),
  );
  return events.map(({ args }) => args.group);
}

/**
 * Sets until when, and for what, these members belong to the group, 200 in one transaction; a time that is over puts them out, and so does no purpose. By its manager.
 * @param until First second at which they no longer belong, since 1970.
 * @param purposes A code covers those below it; every purpose where omitted.
 * @throws INVALID_ARGUMENT, CONTRACT_REFUSED (NotManager, InvalidMember)
 */
export async function setMembers(
  chain: Chain,
  group: string,
  members: readonly string[],
  until: number,
  purposes: readonly Purpose[] = ["PurposeOfUse"],
): Promise<void> {
  const contract = groupAt(chain, group);
  const bits = purposeBits(purposes);
  const checked = members.map((member) => checkAddress(member, "Member"));
  for (const { items } of inBatches(checked)) {
    await send(chain.provider, (fees) => contract.setMembers(items, until, bits, fees));
  }
}

/**
 * Hands the group over. By its manager.
 * @throws CONTRACT_REFUSED (NotManager, InvalidManager)
 */
export async function setManager(chain: Chain, group: string, manager: string): Promise<void> {
  const contract = groupAt(chain, group);
  await send(chain.provider, (fees) => contract.setManager(checkAddress(manager, "Manager"), fees));
}

/**
 * Ends the caller's own membership.
 * @throws CONTRACT_REFUSED (NotMember)
 */
export async function resign(chain: Chain, group: string): Promise<void> {
  const contract = groupAt(chain, group);
  await send(chain.provider, (fees) => contract.resign(fees));
}

/** Who decides on a group's members. */
export async function managerOf(chain: Chain, group: string): Promise<string> {
  return read(groupAt(chain, group).manager());
}

/** True when `member` belongs to the group now for this purpose, as far as `patient` is concerned: of a department that is the same for all. */
export async function isMember(
  chain: Chain,
  group: string,
  member: string,
  purpose: Purpose,
  patient = anyPatient,
): Promise<boolean> {
  const [who, bits] = [checkAddress(member, "Member"), permissionsToBits(["READ"])];
  return read(groupAt(chain, group).isMember(patient, who, bits, purposeBit(purpose)));
}

/** All who were ever members, in the order in which they came, until when, and for what, as the node tells it: no list counts them. */
export async function membersOf(chain: ReadingChain, group: string): Promise<Membership[]> {
  const address = checkAddress(group, "Group");
  const query = { contract: "Group", address, names: ["MemberSet"], topics: [] } as const;
  const { number } = (await viewOf(chain)).block;
  const events = await inWindows(chain.startBlock, number, (from, to) =>
    eventsIn<{ MemberSet: MemberSetEvent.OutputObject }>(chain, query, from, to),
  );
  const newest = new Map(events.map(({ args }) => [args.member, args]));
  return [...newest.values()].map(({ member, until, purposes }) => {
    return { member, until: Number(until), purposes: purposesOf(purposes) };
  });
}

function groupAt(chain: Chain, group: string): Group {
  return Group__factory.connect(checkAddress(group, "Group"), chain.signer);
}

import { hexlify, randomBytes } from "ethers";

import { CareKeyError } from "../errors.js";
import { inBatches } from "./batches.js";
import type { Chain } from "./connection.js";
import { type Hex32, checkAddress } from "./ids.js";
import { unpackLink } from "./links.js";
import { type ReadingChain, eventsIn } from "./logs.js";
import { type Purpose, purposeBit, purposeBits, purposesOf } from "./purposes.js";
import { groupSlot, groupsSlot, memberSlot } from "./slots.js";
import { type MemberState, memberOfWord } from "./stored-words.js";
import { permissionsToBits } from "./terms.js";
import { read, send } from "./transactions.js";
import type { MemberSetEvent } from "./typechain/contracts/Group.js";
import type { GroupCreatedEvent } from "./typechain/contracts/GroupFactory.js";
import { type Group, Group__factory } from "./typechain/index.js";
import { type View, viewOf } from "./view.js";
import { type Entry, type List, incomplete, walk } from "./walk.js";

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

/**
 * The groups that `creator` created, oldest first, whoever manages them now: as many as the factory counts.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function groupsBy(chain: ReadingChain, creator: string, view?: View): Promise<string[]> {
  const by = checkAddress(creator, "Creator");
  const [head = 0n] = await (view ?? (await viewOf(chain))).words([groupsSlot(by)]);
  const query = { contract: "GroupFactory", names: ["GroupCreated"], topics: [undefined, by] } as const;
  const created = await walk({
    list: "groups that somebody created",
    head: unpackLink(head),
    entriesIn: async (from, to) => {
      const events = await eventsIn<{ GroupCreated: GroupCreatedEvent.OutputObject }>(chain, query, from, to);
      return events.map(({ block, args: { group, link } }) => {
        const { number, lastAt: before } = unpackLink(link);
        return { number, before, block, group };
      });
    },
  });
  return created.map(({ group }) => group);
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

/**
 * All who were ever members, in the order in which they came, until when, and for what: the group counts what was said of them, and of each its own word tells what stands.
 * @throws NOT_DEPLOYED where no group is, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function membersOf(chain: ReadingChain, group: string, view?: View): Promise<Membership[]> {
  const address = checkAddress(group, "Group");
  const at = view ?? (await viewOf(chain));
  const [word = 0n] = await at.words([groupSlot(address)]);
  // every group has a manager
  if (word === 0n) throw new CareKeyError("NOT_DEPLOYED", `There is no group at ${address}`, { group: address });
  const told = await walk(memberList(chain, address, word));
  const newest = [...new Map(told.map((entry) => [entry.member, entry])).values()];
  const words = await at.words(newest.map(({ member }) => memberSlot(address, member)));
  return newest.map(({ member, until, purposes, number, block }, place) => {
    const kept = memberOfWord(words[place] ?? 0n);
    if (kept.until !== until || kept.purposes !== purposes) throw incomplete(membersList, number, block);
    return { member, until, purposes: purposesOf(purposes) };
  });
}

const membersList = "group's members";

/** What was said of members, to be walked; nothing is compared yet with what stands. */
function memberList(
  chain: ReadingChain,
  address: string,
  word: bigint,
): List<Entry & MemberState & { readonly member: string }> {
  const query = { contract: "Group", address, names: ["MemberSet"], topics: [] } as const;
  return {
    list: membersList,
    head: unpackLink(word >> 192n),
    entriesIn: async (from, to) => {
      const events = await eventsIn<{ MemberSet: MemberSetEvent.OutputObject }>(chain, query, from, to);
      return events.map(({ block, args: { member, until, purposes, link } }) => {
        const { number, lastAt: before } = unpackLink(link);
        return { number, before, block, member, until: Number(until), purposes };
      });
    },
  };
}

function groupAt(chain: Chain, group: string): Group {
  return Group__factory.connect(checkAddress(group, "Group"), chain.signer);
}

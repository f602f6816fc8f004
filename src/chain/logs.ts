import { type Interface, type TransactionReceipt, isHexString, zeroPadValue } from "ethers";

import { CareKeyError } from "../errors.js";
import { askOf } from "./ask.js";
import type { Chain } from "./connection.js";
import type { ContractName } from "./deployment.js";
import type { Hex32 } from "./ids.js";
import { read } from "./transactions.js";
import {
  Announcements__factory,
  ConsentRegistry__factory,
  GroupFactory__factory,
  Group__factory,
  KeyRegistry__factory,
  RecordRegistry__factory,
} from "./typechain/index.js";

/** What is needed to read from a chain: no wallet. */
export type ReadingChain = Pick<Chain, "provider" | "addresses" | "startBlock" | "witness" | "checkedBy">;

/** The contracts whose events are read. */
const interfaces = {
  ConsentRegistry: ConsentRegistry__factory.createInterface(),
  RecordRegistry: RecordRegistry__factory.createInterface(),
  Announcements: Announcements__factory.createInterface(),
  KeyRegistry: KeyRegistry__factory.createInterface(),
  GroupFactory: GroupFactory__factory.createInterface(),
  Group: Group__factory.createInterface(),
} as const satisfies Partial<Record<ContractName | "Group", Interface>>;

/** An event as a node tells it. */
export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly index: number;
}

/** An event, read: its name and arguments, and where it lies. */
export interface Told {
  readonly block: number;
  /** Place within the block. */
  readonly index: number;
  readonly transaction: Hex32;
  /** Order on the chain: see {@link placeOf}. */
  readonly place: number;
  readonly raw: RawLog;
}

/** Events by name, each with its arguments. */
export type ToldEvents<Events> = {
  [Name in keyof Events]: Told & { readonly name: Name; readonly args: Events[Name] };
}[keyof Events];

/** Which events are asked for. */
export interface EventQuery<Events> {
  readonly contract: keyof typeof interfaces;
  /** Of a contract that the deployment does not name. */
  readonly address?: string;
  readonly names: readonly (keyof Events & string)[];
  /** Indexed arguments, as far as they are to match: addresses, and words of 32 bytes. */
  readonly topics: readonly (string | undefined)[];
}

/**
 * The events of some blocks, in their order on the chain. What a node tells is a hint, to be checked by who asks.
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT for what was not asked for or can't be read
 */
export async function eventsIn<Events>(
  chain: Pick<Chain, "provider" | "addresses">,
  { contract, address, names, topics }: EventQuery<Events>,
  from: number,
  to: number,
): Promise<ToldEvents<Events>[]> {
  const source = interfaces[contract] as Interface;
  const at = address ?? chain.addresses[contract as ContractName];
  const kinds = names.map((name) => topicOf(source, name));
  const wanted = [kinds, ...topics.map((topic) => (topic === undefined ? null : padded(topic)))];
  const logs = await logsOf(chain, { address: at, topics: wanted }, from, to);
  const told = logs.map((raw) => {
    const event = parsed(source, raw);
    const isAsked =
      raw.blockNumber >= from &&
      raw.blockNumber <= to &&
      raw.address.toLowerCase() === at.toLowerCase() &&
      wanted.every((topic, place) => topic === null || [topic].flat().includes(raw.topics[place] ?? ""));
    if (!event || !isAsked) throw strange(contract, raw);
    const { blockNumber: block, index, transactionHash: transaction } = raw;
    return { name: event.name, args: event.args, block, index, transaction, place: placeOf({ block, index }), raw };
  });
  return told.sort((a, b) => a.place - b.place) as unknown as ToldEvents<Events>[];
}

/** The events of one kind that a contract told in a transaction. */
export function eventsOfReceipt(
  { logs }: Pick<TransactionReceipt, "logs">,
  contract: keyof typeof interfaces,
  address: string,
  name: string,
): { readonly args: unknown }[] {
  return logs.flatMap((log) => {
    const event = log.address === address ? parsed(interfaces[contract], log) : undefined;
    return event?.name === name ? [event] : [];
  });
}

/** Logs of one block are fewer than this. */
const logsOfABlock = 2 ** 20;

/** Where an event lies: later ones have greater numbers. */
export function placeOf({ block, index }: { readonly block: number; readonly index: number }): number {
  return block * logsOfABlock + index;
}

interface Filter {
  readonly address: string;
  readonly topics: (string | string[] | null)[];
}

async function logsOf(
  { provider }: Pick<Chain, "provider">,
  filter: Filter,
  from: number,
  to: number,
): Promise<RawLog[]> {
  const ask = askOf(provider);
  if (!ask) {
    const logs = await read(provider.getLogs({ ...filter, fromBlock: from, toBlock: to }));
    return logs.map(({ address, topics, data, blockNumber, blockHash, transactionHash, index }) => {
      return { address, topics, data, blockNumber, blockHash, transactionHash, index };
    });
  }
  const range = { ...filter, fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` };
  const answer = await read(ask("eth_getLogs", [range]));
  if (!Array.isArray(answer)) throw strange("node", answer);
  return answer.map(rawLogOf);
}

/** Looked at field by field: a long chart has thousands. */
function rawLogOf(log: unknown): RawLog {
  const told = log as Record<string, unknown> | null;
  const { address, topics, data, blockNumber, blockHash, transactionHash, logIndex } = told ?? {};
  const isLog =
    typeof address === "string" &&
    Array.isArray(topics) &&
    topics.every((topic): topic is string => isHexString(topic, 32)) &&
    typeof data === "string" &&
    typeof blockHash === "string" &&
    typeof transactionHash === "string" &&
    isHexString(blockNumber) &&
    isHexString(logIndex);
  if (!isLog) throw strange("node", log);
  const [number, index] = [Number(blockNumber), Number(logIndex)];
  return { address, topics, data, blockNumber: number, blockHash, transactionHash, index };
}

function parsed(source: Interface, raw: Pick<RawLog, "topics" | "data">): { name: string; args: unknown } | undefined {
  try {
    return source.parseLog(raw) ?? undefined;
  } catch {
    return undefined;
  }
}

function topicOf(source: Interface, name: string): string {
  const event = source.getEvent(name);
  if (!event) throw new Error(`no event ${name}`);
  return event.topicHash;
}

function padded(topic: string): string {
  return topic.length < 66 ? zeroPadValue(topic, 32) : topic.toLowerCase();
}

function strange(contract: string, answer: unknown): CareKeyError {
  return new CareKeyError(
    "CHAIN_INCONSISTENT",
    "The node answers a question for events with what was not asked for",
    { contract },
    { cause: answer },
  );
}

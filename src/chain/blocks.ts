import type { Provider } from "ethers";

import { CareKeyError } from "../errors.js";
import { type Ask, askOf, newestBlock, noteBlock } from "./ask.js";
import type { Chain } from "./connection.js";
import type { RawBlock } from "./headers.js";
import { read } from "./transactions.js";

/** A block that several reads go by. */
export interface PinnedBlock {
  readonly number: number;
  readonly hash: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** A block as a node tells it. */
export interface ToldBlock extends PinnedBlock {
  readonly raw: RawBlock;
}

/** How many blocks a node may lag behind the other. */
const maxLag = 20;

/** How long to wait, in milliseconds, for a node that lags behind what it told before: behind one address there may be several. */
const patience = [20, 40, 80, 160, 320, 640];

/** The newest block that the node, and the second one, have: no older one than this connection saw. */
export async function pin({ provider, witness }: Pick<Chain, "provider" | "witness">): Promise<ToldBlock> {
  for (const pause of [...patience, undefined]) {
    const block = await (witness ? commonBlock(provider, witness) : toldBlock(provider));
    const known = newestBlock(provider);
    if (block.number >= known) {
      noteBlock(provider, block.number, baseFeeOf(block.raw));
      return block;
    }
    if (pause === undefined) throw old(block.number, known);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error("unreachable");
}

function baseFeeOf({ baseFeePerGas: fee }: RawBlock): bigint | undefined {
  return typeof fee === "string" ? BigInt(fee) : undefined;
}

/** The newest block that both nodes have, which has to be the same. */
async function commonBlock(provider: Provider, witness: Provider): Promise<ToldBlock> {
  const [own, other] = await Promise.all([toldBlock(provider), toldBlock(witness)]);
  if (Math.abs(own.number - other.number) > maxLag)
    throw old(Math.min(own.number, other.number), Math.max(own.number, other.number));
  const number = Math.min(own.number, other.number);
  const [mine, theirs] = await Promise.all([
    own.number === number ? own : toldBlock(provider, number),
    other.number === number ? other : toldBlock(witness, number),
  ]);
  if (mine.hash !== theirs.hash)
    throw new CareKeyError("CHAIN_INCONSISTENT", `The two nodes have different blocks ${number}`, { block: number });
  return mine;
}

/** The block with this number, or the newest, as the node tells it. */
export async function toldBlock(provider: Provider, number?: number): Promise<ToldBlock> {
  const ask = askOf(provider);
  if (ask) return blockFrom(ask, number);
  const block = await read(provider.getBlock(number ?? "latest"));
  if (!block) throw new CareKeyError("CHAIN_UNREACHABLE", "The node knows no block");
  return { number: block.number, hash: block.hash ?? "", time: block.timestamp, raw: {} };
}

/** The same of a node. */
export async function blockFrom(ask: Ask, number?: number): Promise<ToldBlock> {
  const tag = number === undefined ? "latest" : quantity(number);
  const raw = (await read(ask("eth_getBlockByNumber", [tag, false]))) as RawBlock | null;
  if (!raw) throw new CareKeyError("CHAIN_UNREACHABLE", "The node knows no block");
  return { number: Number(raw.number), hash: String(raw.hash), time: Number(raw.timestamp), raw };
}

/** The hash of the block with this number, as the node tells it; undefined where it has none. */
export async function blockHashOf(provider: Provider, number: number): Promise<string | undefined> {
  const ask = askOf(provider);
  const block = (await read(
    ask ? ask("eth_getBlockByNumber", [quantity(number), false]) : provider.getBlock(number),
  )) as { readonly hash?: string | null } | null;
  return block?.hash ?? undefined;
}

function old(block: number, newest: number): CareKeyError {
  return new CareKeyError("CHAIN_INCONSISTENT", `A node shows block ${block} for the newest, and ${newest} was seen`, {
    block,
    newest,
  });
}

/** A number as JSON-RPC takes it. */
export function quantity(value: number): string {
  return value === 0 ? "0x0" : `0x${value.toString(16)}`;
}

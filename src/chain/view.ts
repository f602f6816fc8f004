import { type Provider, keccak256 } from "ethers";

import { CareKeyError } from "../errors.js";
import { type Ask, askOf } from "./ask.js";
import { type PinnedBlock, type ToldBlock, blockFrom, pin, quantity, toldBlock } from "./blocks.js";
import type { Chain } from "./connection.js";
import { decodeHeader, encodeHeader } from "./headers.js";
import type { ReadingChain } from "./logs.js";
import { type Slot, contractOf, stateSlot } from "./slots.js";
import { proofAt } from "./state-proof.js";
import { read } from "./transactions.js";

/** How words of storage are to be checked: by proofs (EIP-1186), by a second node, or not at all. */
export type Verify = "proof" | "quorum" | "none";

/** How they are checked. */
export type CheckedBy = "proof" | "quorum" | "one source";

/** What the chain holds at one block. */
export interface View {
  readonly block: PinnedBlock;
  /** No further question once words were read. */
  readonly checkedBy: () => Promise<CheckedBy>;
  /**
   * The words of some slots, in their order; 0 where nothing was ever written.
   * @throws CHAIN_INCONSISTENT where a proof does not hold, or two nodes disagree; PROOF_UNAVAILABLE; CHAIN_UNREACHABLE
   */
  readonly words: (slots: readonly Slot[]) => Promise<bigint[]>;
}

/**
 * The newest block, pinned.
 * @throws CHAIN_INCONSISTENT where the node shows an older block than before, or one that the second node does not have; CHAIN_UNREACHABLE
 * @example const view = await viewOf(chain); const [word] = await view.words([stateSlot(patient)]);
 */
export async function viewOf(chain: ReadingChain): Promise<View> {
  const block = await pin(chain);
  const { number, hash, time } = block;
  return {
    block: { number, hash, time },
    checkedBy: () => chain.checkedBy(block),
    words: (slots) => wordsAt(chain, block, slots),
  };
}

async function wordsAt(chain: ReadingChain, block: ToldBlock, slots: readonly Slot[]): Promise<bigint[]> {
  if (slots.length === 0) return [];
  const { provider, witness } = chain;
  const ask = askOf(provider);
  let proven: Promise<bigint[]> | undefined;
  const prove = ask && (() => (proven ??= provenWords(chain, ask, block, slots)));
  const checkedBy = await chain.checkedBy(block, prove);
  if (checkedBy === "proof" && prove) return prove();
  if (checkedBy === "quorum" && witness) return agreedWords(chain, witness, block.number, slots);
  return toldWords(provider, chain, block.number, slots);
}

/** One word at the newest block, or at that of a view. */
export async function wordOf(chain: ReadingChain, slot: Slot, view?: View): Promise<bigint> {
  const [word] = await (view ?? (await viewOf(chain))).words([slot]);
  return word ?? 0n;
}

/** Tells how words are checked; who has the newest block at hand gives it, and who wants words proven at it, how: if they are, that tells it. */
export type Checking = (newest?: ToldBlock, prove?: () => Promise<unknown>) => Promise<CheckedBy>;

/**
 * Finds out, when first asked, how words can be checked here.
 * @throws PROOF_UNAVAILABLE where proofs are demanded and the node gives none, INVALID_ARGUMENT for a quorum of one
 */
export function checking(
  chain: Pick<Chain, "provider" | "addresses">,
  { verify, witness }: { readonly verify: Verify | undefined; readonly witness: Provider | undefined },
): Checking {
  if (verify === "quorum" && !witness)
    throw new CareKeyError("INVALID_ARGUMENT", "A quorum takes a second node (witness)");
  let found: Promise<CheckedBy> | undefined;
  const find: Checking = async (block, prove) => {
    if (verify === "none") return "one source";
    if (verify === "quorum") return "quorum";
    const isProven = prove?.().then(
      () => true,
      () => false,
    );
    if (await isProven) return "proof";
    // a lie about these words is told from a node without proofs by a word of nobody
    const reason = await whyUnproven(chain, block);
    if (reason === undefined) return "proof";
    if (verify === "proof") throw new CareKeyError("PROOF_UNAVAILABLE", `Nothing can be proven: ${reason}`, { reason });
    return witness ? "quorum" : "one source";
  };
  return (block, prove) => {
    found ??= find(block, prove);
    // a node that did not answer is asked again
    found.catch(() => (found = undefined));
    return found;
  };
}

/** Why a node's proofs are of no use; undefined where they hold. */
async function whyUnproven(
  { provider, addresses }: Pick<Chain, "provider" | "addresses">,
  newest?: ToldBlock,
): Promise<string | undefined> {
  const ask = askOf(provider);
  if (!ask) return "the provider is no JSON-RPC node";
  const block = newest ?? (await blockFrom(ask));
  const header = encodeHeader(block.raw);
  if (keccak256(header) !== block.hash) return "the chain hashes other headers";
  try {
    // of nobody: what matters is that there is a proof
    const slot = stateSlot(addresses.ConsentRegistry);
    const { state } = await proofAt({ addresses }, ask, header, [slot]);
    await state.wordAt(addresses.ConsentRegistry, slot.key);
    return undefined;
  } catch (cause) {
    return cause instanceof CareKeyError ? "the node's proof does not hold" : "the node gives no proofs";
  }
}

/** When some blocks were made, in seconds since 1970, as the node tells it. */
export async function timesOf(provider: Provider, blocks: Iterable<number>): Promise<Map<number, number>> {
  const told = [...blocks].map(async (block) => [block, (await toldBlock(provider, block)).time] as const);
  return new Map(await Promise.all(told));
}

/** The header of a block, which has to be that of its hash. */
function headerOf({ raw, hash, number }: ToldBlock): string {
  const header = encodeHeader(raw);
  if (keccak256(header) === hash && decodeHeader(header)?.number === number) return header;
  throw new CareKeyError("CHAIN_INCONSISTENT", `The node's block ${number} is not that of its hash`, { block: number });
}

async function provenWords(
  chain: Pick<Chain, "addresses">,
  ask: Ask,
  block: ToldBlock,
  slots: readonly Slot[],
): Promise<bigint[]> {
  const header = headerOf(block);
  try {
    const { state } = await proofAt(chain, async (...question) => read(ask(...question)), header, slots);
    return await Promise.all(slots.map((slot) => state.wordAt(contractOf(chain.addresses, slot), slot.key)));
  } catch (cause) {
    if (!(cause instanceof CareKeyError) || cause.code !== "EXPORT_INVALID") throw cause;
    throw new CareKeyError("CHAIN_INCONSISTENT", "The node's proof does not lead to its block", {}, { cause });
  }
}

async function agreedWords(
  chain: Pick<Chain, "provider" | "addresses">,
  witness: Provider,
  block: number,
  slots: readonly Slot[],
): Promise<bigint[]> {
  const [own, other] = await Promise.all([
    toldWords(chain.provider, chain, block, slots),
    toldWords(witness, chain, block, slots),
  ]);
  const place = own.findIndex((word, index) => word !== other[index]);
  if (place < 0) return own;
  const slot = slots[place];
  throw new CareKeyError("CHAIN_INCONSISTENT", `The two nodes disagree about block ${block}`, {
    block,
    contract: slot?.contract,
    slot: slot?.key,
  });
}

async function toldWords(
  provider: Provider,
  { addresses }: Pick<Chain, "addresses">,
  block: number,
  slots: readonly Slot[],
): Promise<bigint[]> {
  const ask = askOf(provider);
  const words = await read(
    Promise.all(
      slots.map((slot) => {
        const [address, { key }] = [contractOf(addresses, slot), slot];
        return ask
          ? ask("eth_getStorageAt", [address, key, quantity(block)])
          : provider.getStorage(address, key, block);
      }),
    ),
  );
  return words.map((word) => BigInt(word as string));
}

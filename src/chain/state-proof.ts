import { decodeRlp, encodeRlp, getBytes, hexlify, keccak256 } from "ethers";
import { z } from "zod";

import { CareKeyError } from "../errors.js";
import { type Ask, askOf } from "./ask.js";
import type { Chain } from "./connection.js";
import { type RawBlock, decodeHeader, encodeHeader } from "./headers.js";
import { type Slot, contractOf } from "./slots.js";

/** Slots asked for at once: nodes limit the length of an answer. */
const slotsAtOnce = 200;

const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/);

const schema = z.strictObject({
  /** RLP of the block's header: its keccak256 is the block's hash. */
  header: bytes,
  accounts: z.array(
    z.strictObject({
      address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
      /** Nodes of the state trie from its root to the account. */
      account: z.array(bytes),
      /** Nodes of the account's storage trie, its root first, each once. */
      storage: z.array(bytes),
    }),
  ),
});

/** Words of storage with the way from each to the hash of one block (EIP-1186), as JSON. */
export type StateProof = z.infer<typeof schema>;

/** What a proof proves, as long as the block's hash is believed. */
export interface ProvenState {
  readonly blockHash: string;
  readonly blockNumber: number;
  /** Seconds since 1970, of the block. */
  readonly time: number;
  /**
   * The word; 0 where the proof shows that nothing was ever written there.
   * @throws EXPORT_INVALID where the proof says nothing about it
   */
  readonly wordAt: (address: string, key: string) => Promise<bigint>;
}

/**
 * Proofs of some words of storage at one block.
 * @returns undefined and why, where the node gives none that hold: some do not keep them, some chains hash other headers.
 * @example const { proof } = await proveState(chain, [anchorSlot(recordId)]);
 */
export async function proveState(
  chain: Pick<Chain, "provider" | "addresses">,
  slots: readonly Slot[],
): Promise<{ proof: StateProof; state: ProvenState } | { proof: undefined; reason: string }> {
  const ask = askOf(chain.provider);
  if (!ask) return { proof: undefined, reason: "the provider is no JSON-RPC node" };
  try {
    const block = (await ask("eth_getBlockByNumber", ["latest", false])) as RawBlock;
    const header = encodeHeader(block);
    if (keccak256(header) !== block.hash) return { proof: undefined, reason: "the chain hashes other headers" };
    const { proof, state } = await proofAt(chain, ask, header, slots);
    // a proof that does not hold is none: better to know it now
    for (const slot of slots) await state.wordAt(contractOf(chain.addresses, slot), slot.key);
    return { proof, state };
  } catch (cause) {
    const reason = cause instanceof CareKeyError ? "the node's proof does not hold" : "the node gives no proofs";
    return { proof: undefined, reason };
  }
}

/**
 * Proofs of some words at the block with this header.
 * @throws EXPORT_INVALID where they do not hold; what the node refuses with
 */
export async function proofAt(
  { addresses }: Pick<Chain, "addresses">,
  ask: Ask,
  header: string,
  slots: readonly Slot[],
): Promise<{ proof: StateProof; state: ProvenState }> {
  const number = decodeHeader(header)?.number ?? 0;
  const keysOf = new Map<string, Set<string>>();
  for (const slot of slots) {
    const address = contractOf(addresses, slot);
    keysOf.set(address, (keysOf.get(address) ?? new Set()).add(slot.key));
  }
  const accounts = await Promise.all(
    [...keysOf].map(([address, keys]) => accountProof(ask, address, [...keys], quantity(number))),
  );
  const proof = { header, accounts };
  return { proof, state: await readStateProof(proof) };
}

/**
 * Checks a proof and reads it; needs no network.
 * @throws EXPORT_INVALID for what is none, and from `wordAt` for words that it does not prove
 */
export async function readStateProof(value: unknown): Promise<ProvenState> {
  const { header, accounts } = parse(value);
  const fields = decodeHeader(header);
  if (!fields) throw invalid("the header is none");
  const tries = new Map<string, Trie>();
  for (const { address, account, storage } of accounts) {
    const state = await trieOf(account, fields.stateRoot);
    const found = await state.get(keccak256(address));
    // where it is proven that there is no account, nothing is stored
    const storageRoot = found ? rlpList(hexlify(found))[2] : emptyTrie;
    if (typeof storageRoot !== "string") throw invalid("an account has no storage");
    tries.set(address.toLowerCase(), await trieOf(storage, storageRoot));
  }
  return {
    blockHash: fields.hash,
    blockNumber: fields.number,
    time: fields.time,
    wordAt: async (address, key) => {
      const trie = tries.get(address.toLowerCase());
      if (!trie) throw invalid("no word of this contract");
      const found = await trie.get(keccak256(key));
      if (!found) return 0n;
      const word = rlpText(hexlify(found));
      // anvil keeps slots that were only read, as words of no bytes
      return word === "0x" ? 0n : BigInt(word);
    },
  };
}

async function accountProof(
  ask: Ask,
  address: string,
  keys: readonly string[],
  block: string,
): Promise<StateProof["accounts"][number]> {
  const pages: string[][] = [];
  for (let from = 0; from < keys.length; from += slotsAtOnce) pages.push(keys.slice(from, from + slotsAtOnce));
  const answers = await Promise.all(pages.map((page) => ask("eth_getProof", [address, page, block])));
  const storage = new Set<string>();
  let account: string[] = [];
  for (const answer of answers) {
    const told = told1186.safeParse(answer);
    if (!told.success) throw invalid("the node's answer has not the right form", told.error);
    account = told.data.accountProof;
    for (const { proof } of told.data.storageProof) for (const node of proof) storage.add(node);
  }
  return { address, account, storage: [...storage] };
}

const told1186 = z.object({
  accountProof: z.array(z.string()),
  storageProof: z.array(z.object({ proof: z.array(z.string()) })),
});

const emptyTrie = keccak256(encodeRlp("0x"));

interface Trie {
  readonly get: (key: string) => Promise<Uint8Array | null>;
}

/** The part of a trie that some nodes show; their hashes lead to its root or they are refused. */
async function trieOf(nodes: readonly string[], root: string): Promise<Trie> {
  if (root === emptyTrie) return { get: () => Promise.resolve(null) };
  if (nodes.length === 0) throw invalid("there are no nodes");
  // it is large: not loaded before the first proof
  const { createMPTFromProof } = await import("@ethereumjs/mpt");
  try {
    const trie = await createMPTFromProof(
      nodes.map((node) => getBytes(node)),
      { root: getBytes(root) },
    );
    return {
      get: async (key) => {
        try {
          return await trie.get(getBytes(key), true);
        } catch (cause) {
          throw invalid("a node is missing", cause);
        }
      },
    };
  } catch (cause) {
    throw invalid("the nodes do not lead to the root", cause);
  }
}

function rlpList(encoded: string): unknown[] {
  try {
    const decoded = decodeRlp(encoded);
    if (Array.isArray(decoded)) return decoded;
  } catch (cause) {
    throw invalid("it is not RLP", cause);
  }
  throw invalid("it is no list");
}

function rlpText(encoded: string): string {
  const decoded = decodeRlp(encoded);
  if (typeof decoded === "string") return decoded;
  throw invalid("a word is a list");
}

function parse(value: unknown): StateProof {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid("it has not the right form", result.error);
}

function invalid(what: string, cause?: unknown): CareKeyError {
  return new CareKeyError("EXPORT_INVALID", `The chain's proof does not hold: ${what}`, { reason: "proof" }, { cause });
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}

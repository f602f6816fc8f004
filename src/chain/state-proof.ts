import { JsonRpcApiProvider, type Provider, decodeRlp, encodeRlp, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import { z } from "zod";

import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import type { Slot } from "./slots.js";

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
  chain: Chain,
  slots: readonly Slot[],
): Promise<{ proof: StateProof; state: ProvenState } | { proof: undefined; reason: string }> {
  const ask = asking(chain.provider);
  if (!ask) return { proof: undefined, reason: "the provider is no JSON-RPC node" };
  try {
    const block = (await ask("eth_getBlockByNumber", ["latest", false])) as Record<string, string>;
    const proof = { header: headerOf(block), accounts: [] as StateProof["accounts"] };
    for (const contract of new Set(slots.map((slot) => slot.contract))) {
      const keys = [...new Set(slots.filter((slot) => slot.contract === contract).map(({ key }) => key))];
      proof.accounts.push(await accountProof(ask, chain.addresses[contract], keys, block.number ?? ""));
    }
    const state = await readStateProof(proof);
    if (state.blockHash !== block.hash) return { proof: undefined, reason: "the chain hashes other headers" };
    // a proof that does not hold is none: better to know it now
    for (const { contract, key } of slots) await state.wordAt(chain.addresses[contract], key);
    return { proof, state };
  } catch (cause) {
    const reason = cause instanceof CareKeyError ? "the node's proof does not hold" : "the node gives no proofs";
    return { proof: undefined, reason };
  }
}

/**
 * Checks a proof and reads it; needs no network.
 * @throws EXPORT_INVALID for what is none, and from `wordAt` for words that it does not prove
 */
export async function readStateProof(value: unknown): Promise<ProvenState> {
  const { header, accounts } = parse(value);
  const fields = decodeHeader(header);
  const tries = new Map<string, Awaited<ReturnType<typeof trieOf>>>();
  for (const { address, account, storage } of accounts) {
    const state = await trieOf(account, fields.stateRoot);
    const found = await state.get(keccak256(address));
    const storageRoot = found && rlpList(hexlify(found))[2];
    if (typeof storageRoot !== "string") throw invalid("no such account");
    tries.set(address.toLowerCase(), await trieOf(storage, storageRoot));
  }
  return {
    blockHash: keccak256(header),
    blockNumber: fields.number,
    time: fields.time,
    wordAt: async (address, key) => {
      const trie = tries.get(address.toLowerCase());
      if (!trie) throw invalid("no word of this contract");
      const found = await trie.get(keccak256(key));
      return found ? BigInt(rlpText(hexlify(found))) : 0n;
    },
  };
}

/** Fields of a header in the order that is hashed (execution-specs, `Header`); those after the nonce came with later forks. */
const headerFields = [
  ...["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"],
  ...["number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"],
  ...["withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"],
] as const;

const quantities: ReadonlySet<string> = new Set([
  ...["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"],
]);

function headerOf(block: Record<string, string | null | undefined>): string {
  const values = headerFields.flatMap((field) => {
    const value = block[field];
    if (value === undefined || value === null) return [];
    return [quantities.has(field) ? quantity(value) : value];
  });
  return encodeRlp(values);
}

function quantity(value: string): string {
  return BigInt(value) === 0n ? "0x" : toBeHex(BigInt(value));
}

function decodeHeader(header: string): { stateRoot: string; number: number; time: number } {
  const values = rlpList(header);
  const at = (field: (typeof headerFields)[number]): string => {
    const value = values[headerFields.indexOf(field)];
    if (typeof value !== "string") throw invalid("the header is none");
    return value;
  };
  const number = (text: string): number => (text === "0x" ? 0 : Number(BigInt(text)));
  return { stateRoot: at("stateRoot"), number: number(at("number")), time: number(at("timestamp")) };
}

async function accountProof(
  ask: Ask,
  address: string,
  keys: readonly string[],
  block: string,
): Promise<StateProof["accounts"][number]> {
  let account: string[] = [];
  const storage = new Set<string>();
  for (let from = 0; from < keys.length; from += slotsAtOnce) {
    const answer = z
      .object({ accountProof: z.array(bytes), storageProof: z.array(z.object({ proof: z.array(bytes) })) })
      .parse(await ask("eth_getProof", [address, keys.slice(from, from + slotsAtOnce), block]));
    account = answer.accountProof;
    for (const { proof } of answer.storageProof) for (const node of proof) storage.add(node);
  }
  return { address, account, storage: [...storage] };
}

const emptyTrie = keccak256(encodeRlp("0x"));

/** The part of a trie that some nodes show; their hashes lead to its root or they are refused. */
async function trieOf(
  nodes: readonly string[],
  root: string,
): Promise<{ get: (key: string) => Promise<Uint8Array | null> }> {
  if (root === emptyTrie) return { get: () => Promise.resolve(null) };
  if (nodes.length === 0) throw invalid("there are no nodes");
  // few programs check proofs, and it is large
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

type Ask = (method: string, params: unknown[]) => Promise<unknown>;

function asking(provider: Provider): Ask | undefined {
  return provider instanceof JsonRpcApiProvider ? (method, params) => provider.send(method, params) : undefined;
}

import { decodeRlp, encodeRlp, keccak256, toBeHex } from "ethers";

/** A block as a node tells it. */
export type RawBlock = Readonly<Record<string, unknown>>;

/** Fields of a header in the order that is hashed (execution-specs, `Header`); those after the nonce came with later forks. */
const fields = [
  ...["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"],
  ...["number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"],
  ...["withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"],
] as const;

const quantities: ReadonlySet<string> = new Set([
  ...["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"],
]);

/** RLP of a block's header: its keccak256 is the block's hash, on chains that hash these fields. */
export function encodeHeader(block: RawBlock): string {
  const values = fields.flatMap((field) => {
    const value = block[field];
    if (typeof value !== "string") return [];
    return [quantities.has(field) ? quantity(value) : value];
  });
  return encodeRlp(values);
}

/** What is read of a header. */
export interface Header {
  readonly hash: string;
  readonly stateRoot: string;
  readonly number: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Reads a header; undefined for what is none. */
export function decodeHeader(header: string): Header | undefined {
  let values: unknown;
  try {
    values = decodeRlp(header);
  } catch {
    return undefined;
  }
  if (!Array.isArray(values)) return undefined;
  const at = (field: (typeof fields)[number]): unknown => (values as unknown[])[fields.indexOf(field)];
  const [stateRoot, number, time] = [at("stateRoot"), at("number"), at("timestamp")];
  if (typeof stateRoot !== "string" || typeof number !== "string" || typeof time !== "string") return undefined;
  return { hash: keccak256(header), stateRoot, number: integer(number), time: integer(time) };
}

function quantity(value: string): string {
  return BigInt(value) === 0n ? "0x" : toBeHex(BigInt(value));
}

function integer(text: string): number {
  return text === "0x" ? 0 : Number(BigInt(text));
}

import type { Provider } from "ethers";

/** One question of JSON-RPC. */
export type Ask = (method: string, params: unknown[]) => Promise<unknown>;

/** Asks a node directly; undefined where the provider stands for none, or for several. */
export function askOf(provider: Provider): Ask | undefined {
  const { send } = provider as { send?: unknown };
  return typeof send === "function"
    ? (method, params) => send.call(provider, method, params) as Promise<unknown>
    : undefined;
}

/** What a connection knows of the newest block that it was told of. */
interface Noted {
  /** No later answer may lie before it. */
  readonly number: number;
  readonly baseFee: bigint | undefined;
  /** By this machine's clock, in milliseconds. */
  readonly at: number;
}

const newest = new WeakMap<Provider, Noted>();

/** How long, in milliseconds, a base fee that was told is not asked for again. */
const feeLasts = 2000;

/** Remembers that the node told of this block, and of its base fee where it did. */
export function noteBlock(provider: Provider, block: number, baseFee?: bigint): void {
  const number = Math.max(block, newestBlock(provider));
  newest.set(provider, { number, baseFee: baseFee ?? newest.get(provider)?.baseFee, at: Date.now() });
}

/** The newest block that the node told of; 0 where it told of none. */
export function newestBlock(provider: Provider): number {
  return newest.get(provider)?.number ?? 0;
}

/** The base fee that the node told of just now; undefined where it did not. */
export function recentBaseFee(provider: Provider): bigint | undefined {
  const noted = newest.get(provider);
  return noted && Date.now() - noted.at < feeLasts ? noted.baseFee : undefined;
}

/** Forgets it: for a simulated chain that is wound back. */
export function forgetBlocks(provider: Provider): void {
  newest.delete(provider);
}

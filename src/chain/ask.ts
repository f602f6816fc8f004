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

/** Newest block that a connection was told of: no later answer may lie before it. */
const newest = new WeakMap<Provider, number>();

/** Remembers that the node told of this block. */
export function noteBlock(provider: Provider, block: number): void {
  newest.set(provider, Math.max(block, newestBlock(provider)));
}

/** The newest block that the node told of; 0 where it told of none. */
export function newestBlock(provider: Provider): number {
  return newest.get(provider) ?? 0;
}

/** Forgets it: for a simulated chain that is wound back. */
export function forgetBlocks(provider: Provider): void {
  newest.delete(provider);
}

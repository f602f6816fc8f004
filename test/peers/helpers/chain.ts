import { JsonRpcProvider } from "ethers";

/** A running chain of its own, on loopback. */
export interface TestChain {
  readonly url: string;
  readonly chainId: number;
  /** Private key of an account that may do all that an account can do here. */
  readonly key: string;
  /** Ends it and leaves nothing behind. */
  stop(): Promise<void>;
}

/** What asks a chain, and remembers no answer. */
export function providerOf({ url, chainId }: TestChain): JsonRpcProvider {
  return new JsonRpcProvider(url, chainId, { staticNetwork: true, cacheTimeout: -1 });
}

/** A running chain of its own, on loopback. */
export interface TestChain {
  readonly url: string;
  readonly chainId: number;
  /** Private key of an account that may do all that an account can do here. */
  readonly key: string;
  /** Ends it and leaves nothing behind. */
  stop(): Promise<void>;
}

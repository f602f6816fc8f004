/** First block of the permissioned chain: who may send, who may deploy, and what gas costs. */
export interface GenesisOptions {
  readonly chainId: number;
  /** May send and deploy, may let others, and holds all coins. */
  readonly admin: string;
}

/** Far in the future, yet within what a date can hold. */
const never = 253_399_622_400;

export function permissionedGenesis({ chainId, admin }: GenesisOptions): Record<string, unknown> {
  const allowList = { blockTimestamp: 0, adminAddresses: [admin] };
  const none = `0x${"0".repeat(64)}`;
  return {
    config: {
      chainId,
      // the network's newest rules let a block follow another only after two seconds; without them it comes as soon as there is a transaction
      graniteTimestamp: never,
      feeConfig: {
        gasLimit: 30_000_000,
        targetBlockRate: 1,
        // 0 would be taken, but then no block is ever built
        minBaseFee: 1,
        // so high that the base fee stays at its least
        targetGas: 10_000_000_000,
        baseFeeChangeDenominator: 48,
        minBlockGasCost: 0,
        maxBlockGasCost: 0,
        blockGasCostStep: 0,
      },
      txAllowListConfig: allowList,
      contractDeployerAllowListConfig: allowList,
    },
    alloc: { [admin.slice(2)]: { balance: "0x52B7D2DCC80CD2E4000000" } },
    nonce: "0x0",
    timestamp: "0x66321C34",
    extraData: "0x",
    gasLimit: "0x1c9c380",
    difficulty: "0x0",
    mixHash: none,
    coinbase: `0x${"0".repeat(40)}`,
    number: "0x0",
    gasUsed: "0x0",
    parentHash: none,
  };
}

import { getBytes } from "ethers";

import { type Common, type Network, type PlatformApi, type Seat, type UnsignedTx, avalanche } from "./avalanche.js";
import { ask } from "./json-rpc.js";
import { type ValidatorNodes, evmId } from "./permissioned-nodes.js";
import { Final } from "./programs.js";

/** The key that the built-in genesis of every local network gives coins to; it is public and worth nothing. */
const localKey = getBytes("0x56289e99c94b6912bfc12adc093c9b51124f0dc54ac7a766b2bc5ccf558d8027");
/** What a validator pays its seat from. */
const seatBalance = 1_000_000_000_000n;

const { Context, L1Validator, PChainOwner, pvm, pvmSerial, secp256k1, utils } = avalanche;

interface NodeId {
  readonly nodeID: string;
  readonly nodePOP: { readonly publicKey: string; readonly proofOfPossession: string };
}

/**
 * Makes a chain that all five validate: a subnet, the chain in it, and the conversion that gives the validators their seats.
 * The nodes have to be restarted to take part.
 */
export async function createChain(
  nodes: ValidatorNodes,
  genesis: Record<string, unknown>,
): Promise<{ subnetId: string; blockchainId: string }> {
  const platform = await Platform.of(nodes);
  const { address } = platform;
  const subnetId = await platform.issue("the subnet", (common, network) =>
    pvm.newCreateSubnetTx({ ...common, subnetOwners: [address] }, network),
  );
  const auth = { subnetId, subnetAuth: [0] };
  const blockchainId = await platform.issue("the chain", (common, network) =>
    pvm.newCreateChainTx(
      { ...common, ...auth, vmId: evmId, chainName: "permissioned", fxIds: [], genesisData: genesis },
      network,
    ),
  );
  const validators = await seats(nodes, address);
  await platform.issue("the validators", (common, network) =>
    pvm.newConvertSubnetToL1Tx(
      { ...common, ...auth, chainId: blockchainId, address: new Uint8Array(20), validators },
      network,
    ),
  );
  await configure(nodes, subnetId, blockchainId);
  return { subnetId, blockchainId };
}

/** The chain on which subnets and validators are registered, as seen by the first node. */
class Platform {
  private constructor(
    private readonly nodes: ValidatorNodes,
    private readonly api: PlatformApi,
    private readonly network: Network,
    readonly address: Uint8Array,
  ) {}

  static async of(nodes: ValidatorNodes): Promise<Platform> {
    const url = nodes.url(0);
    const address = secp256k1.publicKeyBytesToAddress(secp256k1.getPublicKey(localKey));
    return new Platform(nodes, new pvm.PVMApi(url), await Context.getContextFromURI(url), address);
  }

  /** Builds, signs and sends a transaction, and waits until it is accepted. Returns its id. */
  async issue(what: string, build: (common: Common, network: Network) => UnsignedTx): Promise<string> {
    const { api, network, address } = this;
    const { utxos } = await api.getUTXOs({ addresses: [utils.format("P", network.hrp, address)] });
    const tx = build(
      {
        // on a fresh network the reported capacity is still 0; the node counts it up by the clock
        feeState: { ...(await api.getFeeState()), capacity: network.platformFeeConfig.maxCapacity },
        utxos,
        fromAddressesBytes: [address],
        changeAddressesBytes: [address],
      },
      network,
    );
    // the library leaves the owner's own signature out; one key owns everything here, so it signs everywhere
    const signature = await secp256k1.sign(tx.toBytes(), localKey);
    tx.getCredentials().forEach((_, index) => {
      tx.addSignatureAt(signature, index, 0);
    });
    const { txID } = await api.issueSignedTx(tx.getSignedTx());
    return this.nodes.until(what, async () => {
      const { status, reason } = await api.getTxStatus({ txID });
      if (status === "Dropped") throw new Final(`${what} was dropped: ${reason ?? "no reason"}`);
      return status === "Committed" ? txID : undefined;
    });
  }
}

async function seats(nodes: ValidatorNodes, owner: Uint8Array): Promise<Seat[]> {
  const ids = await Promise.all(nodes.all.map((node) => ask<NodeId>(`${nodes.url(node)}/ext/info`, "info.getNodeID")));
  const refund = PChainOwner.fromNative([owner], 1);
  return ids
    .map(({ nodeID, nodePOP: { publicKey, proofOfPossession } }) => {
      const signer = new pvmSerial.ProofOfPossession(getBytes(publicKey), getBytes(proofOfPossession));
      return L1Validator.fromNative(nodeID, 100n, seatBalance, signer, refund, refund);
    })
    .sort((a, b) => Buffer.compare(a.nodeId.bytes, b.nodeId.bytes));
}

async function configure(nodes: ValidatorNodes, subnetId: string, blockchainId: string): Promise<void> {
  await nodes.configure("subnets", `${subnetId}.json`, {
    validatorOnly: true,
    proposerMinBlockDelay: 0,
    // of five, polls that ask fewer at a time would all be the same, and a fork of three to two never heals
    consensusParameters: {
      k: 20,
      alphaPreference: 11,
      alphaConfidence: 15,
      beta: 10,
      concurrentRepolls: 4,
      optimalProcessing: 10,
      maxOutstandingItems: 256,
      maxItemProcessingTime: 30_000_000_000,
    },
  });
  await nodes.configure("chains", `${blockchainId}/config.json`, {
    "pruning-enabled": false,
    // without it accepted blocks are lost when all nodes are killed at once
    "database-config": Buffer.from(JSON.stringify({ sync: true })).toString("base64"),
    "trie-clean-cache": 64,
    "trie-dirty-cache": 64,
    "snapshot-cache": 32,
  });
}

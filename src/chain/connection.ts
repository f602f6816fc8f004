import {
  BaseWallet,
  type FetchRequest,
  JsonRpcProvider,
  type Provider,
  type Signer,
  Transaction,
  type TransactionResponse,
  type TransactionResponseParams,
  getAddress,
} from "ethers";

import { CareKeyError } from "../errors.js";
import { type ContractName, type Deployment, contractNames } from "./deployment.js";
import { chainError, read } from "./transactions.js";
import {
  type AccessManager,
  AccessManager__factory,
  type Announcements,
  Announcements__factory,
  type ConsentRegistry,
  ConsentRegistry__factory,
  type CredentialRegistry,
  CredentialRegistry__factory,
  type GroupFactory,
  GroupFactory__factory,
  type KeyRegistry,
  KeyRegistry__factory,
  type RecordRegistry,
  RecordRegistry__factory,
} from "./typechain/index.js";
import { type Checking, type Verify, checking } from "./view.js";

/** How long a node may take to answer the first question. */
const answerDeadline = 10_000;

/** One actor on one chain: what every call of this folder needs. */
export interface Chain {
  readonly provider: Provider;
  /** The actor's address, with checksum. */
  readonly address: string;
  readonly signer: Signer;
  readonly chainId: number;
  readonly startBlock: number;
  readonly addresses: Readonly<Record<ContractName, string>>;
  readonly accessManager: AccessManager;
  readonly credentialRegistry: CredentialRegistry;
  readonly keyRegistry: KeyRegistry;
  readonly consentRegistry: ConsentRegistry;
  readonly announcements: Announcements;
  readonly recordRegistry: RecordRegistry;
  readonly groupFactory: GroupFactory;
  /** A second node, which what this one says of blocks is compared with. */
  readonly witness: Provider | undefined;
  /** How what is read of storage is checked here; found out when first asked. */
  readonly checkedBy: Checking;
}

export interface ChainOptions {
  /** Signs this actor's transactions and stamps. */
  readonly signer: Signer;
  /** An ethers provider, or the URL of a JSON-RPC node. */
  readonly provider: Provider | string;
  readonly deployment: Deployment;
  /**
   * How what is read of storage is checked: by proofs, by a second node, or not. Where omitted by proofs, if the node gives some that hold; else by the second node, if
   * there is one: `checkedBy` tells.
   */
  readonly verify?: Verify | undefined;
  /** A second node, somebody else's. */
  readonly witness?: Provider | string | undefined;
}

/**
 * Connects an actor to the contracts of one chain, after making sure that they are there.
 * @throws CHAIN_UNREACHABLE, CHAIN_MISMATCH when a node serves another chain, NOT_DEPLOYED when an address has no code, INVALID_ARGUMENT for a quorum
 * without a second node
 */
export async function connectChain(options: ChainOptions): Promise<Chain> {
  const { signer, deployment, verify } = options;
  const { chainId, startBlock } = deployment;
  const provider = freshProvider(options.provider, chainId);
  const witness = options.witness === undefined ? undefined : freshProvider(options.witness, chainId);
  const runner = signer.provider === null || signer instanceof BaseWallet ? signer.connect(provider) : signer;
  // a signer that keeps its own node sends its transactions there
  for (const node of new Set([provider, runner.provider ?? provider, witness ?? provider])) {
    const actual = await chainIdOf(node);
    if (actual !== chainId)
      throw new CareKeyError(
        "CHAIN_MISMATCH",
        `The node serves chain ${actual}, the deployment is on chain ${chainId}`,
        { actual, expected: chainId },
      );
  }
  const addresses = Object.fromEntries(
    contractNames.map((name) => [name, getAddress(deployment.contracts[name].address)]),
  ) as Record<ContractName, string>;
  const codes = await Promise.all(contractNames.map((name) => read(provider.getCode(addresses[name]))));
  for (const [place, name] of contractNames.entries()) {
    if (codes[place] === "0x")
      throw new CareKeyError("NOT_DEPLOYED", `There is no ${name} at ${addresses[name]} on chain ${chainId}`, {
        contract: name,
        chainId,
      });
  }
  return {
    provider,
    signer: runner,
    address: await runner.getAddress(),
    chainId,
    startBlock,
    addresses,
    accessManager: AccessManager__factory.connect(addresses.AccessManager, runner),
    credentialRegistry: CredentialRegistry__factory.connect(addresses.CredentialRegistry, runner),
    keyRegistry: KeyRegistry__factory.connect(addresses.KeyRegistry, runner),
    consentRegistry: ConsentRegistry__factory.connect(addresses.ConsentRegistry, runner),
    announcements: Announcements__factory.connect(addresses.Announcements, runner),
    recordRegistry: RecordRegistry__factory.connect(addresses.RecordRegistry, runner),
    groupFactory: GroupFactory__factory.connect(addresses.GroupFactory, runner),
    witness,
    checkedBy: checking({ provider, addresses }, { verify, witness }),
  };
}

/**
 * Time of the newest block, in seconds: the only clock that consents and stamps go by. No later block lies before it, so it is the
 * time for what has to hold at once: the start of a grant, the time of a stamp.
 */
export async function chainTime(chain: Pick<Chain, "provider">): Promise<number> {
  return (await chainHead(chain)).time;
}

/** The newest block: number, hash, and time in seconds. */
export async function chainHead(
  chain: Pick<Chain, "provider">,
): Promise<{ number: number; hash: string; time: number }> {
  const block = await read(chain.provider.getBlock("latest"));
  if (!block) throw new CareKeyError("CHAIN_UNREACHABLE", "The node knows no block");
  return { number: block.number, hash: block.hash ?? "", time: block.timestamp };
}

/**
 * The present, in seconds: that of this machine's clock, or of the newest block where it runs ahead. A chain without blocks while idle may have
 * its newest block long ago, so ends of periods are reckoned from here.
 */
export async function presentTime(chain: Pick<Chain, "provider">): Promise<number> {
  return Math.max(await chainTime(chain), Math.floor(Date.now() / 1000));
}

/**
 * A provider whose every answer is new. ethers repeats answers for 250 ms unless told otherwise, and then a consent given or revoked just now is
 * not seen; and it asks a dead node for its network for ever.
 */
function freshProvider(given: Provider | string, chainId: number): Provider {
  if (typeof given === "string") return providerAt(given, chainId);
  const caches = given instanceof JsonRpcProvider && (given._getOption("cacheTimeout") ?? 0) >= 0;
  return caches ? providerAt(given._getConnection(), chainId) : given;
}

function providerAt(node: string | FetchRequest, chainId: number): JsonRpcProvider {
  return new DirectProvider(node, chainId, { staticNetwork: true, cacheTimeout: -1, batchStallTime: 0 });
}

/** ethers asks for the newest block's number beside every transaction that it sends, to look for replacements: nothing here does. */
class DirectProvider extends JsonRpcProvider {
  override async broadcastTransaction(signed: string): Promise<TransactionResponse> {
    const transaction = Transaction.from(signed);
    const hash: unknown = await this._perform({ method: "broadcastTransaction", signedTransaction: signed });
    if (transaction.hash !== hash)
      throw new CareKeyError("CHAIN_INCONSISTENT", "The node names another transaction than the one it was sent");
    return this._wrapTransactionResponse(transaction as unknown as TransactionResponseParams, await this.getNetwork());
  }
}

/**
 * The chain that a JSON-RPC node serves.
 * @throws CHAIN_UNREACHABLE
 */
export async function jsonRpcChainId(url: string): Promise<number> {
  // which chain is what is asked: the one named here is never used
  const node = providerAt(url, 1);
  try {
    return await chainIdOf(node);
  } finally {
    node.destroy();
  }
}

async function chainIdOf(provider: Provider): Promise<number> {
  const late = AbortSignal.timeout(answerDeadline);
  const silence = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => {
      reject(new Error(`no answer in ${answerDeadline / 1000} s`));
    });
  });
  // a provider with a static network would answer without asking the node
  const asked =
    "send" in provider
      ? (provider as JsonRpcProvider).send("eth_chainId", [])
      : provider.getNetwork().then(({ chainId }) => chainId);
  try {
    return Number(await Promise.race([asked as Promise<string | bigint>, silence]));
  } catch (cause) {
    throw chainError(cause);
  }
}

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { JsonRpcProvider, Wallet } from "ethers";
import { network } from "hardhat";

import { deployOnce } from "../../deploy/deploy.js";
import {
  type BlockStore,
  type CareKey,
  CareKeyError,
  type Deployment,
  type ErrorCode,
  type OpenedRecord,
  connect,
  fsStore,
  generateIdentity,
  savePart,
} from "../../src/index.js";
import { type ChainProcess, startChain } from "./chain-process.js";

/** What one step cost. */
export interface Cost {
  readonly step: string;
  readonly gas: number;
  readonly transactions: number;
  readonly seconds: number;
}

/** A refusal that had to happen, and did. */
export interface Refusal {
  readonly who: string;
  readonly what: string;
  readonly code: ErrorCode;
}

/** A fresh chain, a fresh block store and a meter: what the story is played on. */
export class Stage {
  readonly costs: Cost[] = [];
  readonly refused: Refusal[] = [];
  /** Names of addresses and labels, for the eyes of this demo only. */
  readonly names = new Map<string, string>();
  identical = true;

  private constructor(
    private readonly chain: ChainProcess,
    private readonly provider: JsonRpcProvider,
    private readonly deployment: Deployment,
    readonly directory: string,
    private readonly store: BlockStore,
  ) {}

  static async build(): Promise<Stage> {
    const chain = await startChain();
    process.env.LOCAL_RPC_URL = chain.url;
    const connection = await network.create({ network: "localhost" });
    const deployment = await deployOnce(connection);
    await connection.close();
    const provider = new JsonRpcProvider(chain.url, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 });
    const directory = await mkdtemp(path.join(tmpdir(), "carekey-demo-"));
    return new Stage(chain, provider, deployment, directory, await fsStore(path.join(directory, "blocks")));
  }

  async strike(): Promise<void> {
    this.provider.destroy();
    await this.chain.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A new actor with an empty wallet and a published key. */
  async actor(name: string): Promise<CareKey> {
    const carekey = await this.connect(Wallet.createRandom());
    await carekey.publishKey();
    this.names.set(carekey.address, name);
    return carekey;
  }

  /** Whoever deployed: the consortium's administrator. */
  async administrator(): Promise<CareKey> {
    const carekey = await this.connect(await this.provider.getSigner(0));
    this.names.set(carekey.address, "consortium");
    return carekey;
  }

  private async connect(signer: Parameters<typeof connect>[0]["signer"]): Promise<CareKey> {
    const { provider, deployment, store } = this;
    return connect({ signer, provider, deployment, store, identity: await generateIdentity() });
  }

  /** Does one step and notes its gas and time. */
  async step<T>(step: string, work: () => Promise<T>): Promise<T> {
    const first = await this.provider.getBlockNumber();
    const begin = performance.now();
    const result = await work();
    const seconds = (performance.now() - begin) / 1000;
    let gas = 0n;
    let transactions = 0;
    for (let number = first + 1; number <= (await this.provider.getBlockNumber()); number++) {
      const block = await this.provider.getBlock(number);
      gas += block?.gasUsed ?? 0n;
      transactions += block?.length ?? 0;
    }
    this.costs.push({ step, gas: Number(gas), transactions, seconds: Math.round(seconds * 1000) / 1000 });
    return result;
  }

  /** Does what must be refused. Anything but one of CareKey's refusals is a failure of the demo. */
  async refuse(who: string, what: string, work: () => Promise<unknown>): Promise<Refusal> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CareKeyError)) throw error;
      const refusal = { who, what, code: error.code };
      this.refused.push(refusal);
      return refusal;
    }
    throw new Error(`${who} should have been refused: ${what}`);
  }

  /** Writes each part to disk and compares it with the file that was shared. */
  async compare(opened: OpenedRecord, files: readonly string[]): Promise<boolean> {
    let same = opened.parts.length === files.length;
    for (const [index, part] of opened.parts.entries()) {
      const target = path.join(this.directory, `${opened.record.recordId}-${index}`);
      await savePart(part, target);
      same &&= (await hash(target)) === (await hash(files[index] ?? ""));
      await rm(target);
    }
    this.identical &&= same;
    return same;
  }
}

async function hash(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

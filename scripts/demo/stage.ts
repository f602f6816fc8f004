import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Signer, Wallet } from "ethers";

import {
  type BlockStore,
  type CareKey,
  CareKeyError,
  type ErrorCode,
  type OpenedRecord,
  connect,
  fsStore,
  generateIdentity,
  kuboStoreAt,
  savePart,
  savePictures,
} from "../../src/index.js";
import { type ChainAccess, type DemoChain, chainAt, ownChain } from "./chain.js";
import { type Lie, lyingNode } from "./lying-node.js";

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

export interface StageOptions {
  /** A chain that is there already; one of its own where omitted. */
  readonly chain?: ChainAccess | undefined;
  /** RPC of an IPFS node to store blocks on; a folder on disk where omitted. */
  readonly ipfs?: string | undefined;
  /** Folder for what is drawn of opened records; one that goes with the stage where omitted. */
  readonly pictures?: string | undefined;
}

/** A chain, a fresh block store and a meter: what the story is played on. */
export class Stage {
  readonly costs: Cost[] = [];
  readonly refused: Refusal[] = [];
  /** Names of addresses and labels, for the eyes of this demo only. */
  readonly names = new Map<string, string>();
  /** Files drawn of what was opened. */
  readonly pictures: string[] = [];
  identical = true;

  private constructor(
    private readonly chain: DemoChain,
    readonly directory: string,
    private readonly store: BlockStore,
    private readonly pictureFolder: string,
  ) {}

  static async build({ chain, ipfs, pictures }: StageOptions = {}): Promise<Stage> {
    const stageChain = chain ? await chainAt(chain) : await ownChain();
    const directory = await mkdtemp(path.join(tmpdir(), "carekey-demo-"));
    const store = ipfs === undefined ? await fsStore(path.join(directory, "blocks")) : await kuboStoreAt(ipfs);
    return new Stage(stageChain, directory, store, pictures ?? path.join(directory, "pictures"));
  }

  async strike(): Promise<void> {
    await this.chain.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A new actor with a published key, and with an empty wallet where the chain costs nothing. */
  async actor(name: string): Promise<CareKey> {
    const wallet = Wallet.createRandom();
    await this.chain.onboard(wallet.address);
    const carekey = await this.connect(wallet);
    await carekey.publishKey();
    this.names.set(carekey.address, name);
    return carekey;
  }

  /** Whoever deployed: the consortium's administrator. */
  async administrator(): Promise<CareKey> {
    const carekey = await this.connect(this.chain.administrator);
    this.names.set(carekey.address, "consortium");
    return carekey;
  }

  /** The same actor with a node in front of the chain that answers what `lie` makes of each answer. */
  async behind<T>(carekey: CareKey, lie: Lie, work: (deceived: CareKey) => Promise<T>): Promise<T> {
    const { deployment, rpc } = this.chain;
    const node = await lyingNode(rpc, lie);
    try {
      const { signer } = carekey.chain;
      const identity = await generateIdentity();
      const gear = { signer, provider: node.url, deployment, store: this.store, identity };
      // what the true node proves, this one has to prove
      const verify = (await carekey.checkedBy()) === "proof" ? "proof" : "none";
      return await work(await connect({ ...gear, verify }));
    } finally {
      await node.close();
    }
  }

  private async connect(signer: Signer): Promise<CareKey> {
    const { store } = this;
    const { provider, deployment } = this.chain;
    return connect({ signer, provider, deployment, store, identity: await generateIdentity() });
  }

  /** Does one step and notes its gas and time. */
  async step<T>(step: string, work: () => Promise<T>): Promise<T> {
    const { provider } = this.chain;
    const first = await provider.getBlockNumber();
    const begin = performance.now();
    const result = await work();
    const seconds = (performance.now() - begin) / 1000;
    let gas = 0n;
    let transactions = 0;
    for (let number = first + 1; number <= (await provider.getBlockNumber()); number++) {
      const block = await provider.getBlock(number);
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

  /** Draws what was opened. */
  async draw(opened: OpenedRecord): Promise<void> {
    this.pictures.push(...(await savePictures(opened, this.pictureFolder)));
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

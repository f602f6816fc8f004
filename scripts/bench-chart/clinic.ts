import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { JsonRpcProvider, Wallet } from "ethers";

import { type BlockStore, type CareKey, type Hex32, connect, fsStore, generateIdentity } from "../../src/index.js";
import { ownChain } from "../demo/chain.js";

const day = 24 * 60 * 60;

/** Counts what a client asks its node, one by one, also where questions travel together. */
class CountingProvider extends JsonRpcProvider {
  asked: string[] = [];

  override async _send(payload: Parameters<JsonRpcProvider["_send"]>[0]): ReturnType<JsonRpcProvider["_send"]> {
    this.asked.push(...(Array.isArray(payload) ? payload : [payload]).map(({ method }) => method));
    return super._send(payload);
  }
}

/** Somebody, to be connected anew as a new device: with nothing but wallet and identity. */
export interface Person {
  readonly wallet: Wallet;
  readonly identity: string;
}

/** A chain of its own process, blocks on disk, and people who come with new devices. */
export class Clinic {
  private constructor(
    private readonly chain: Awaited<ReturnType<typeof ownChain>>,
    private readonly folder: string,
    readonly store: BlockStore,
  ) {}

  static async open(): Promise<Clinic> {
    const folder = await mkdtemp(path.join(tmpdir(), "carekey-chart-"));
    const store = await fsStore(path.join(folder, "blocks"), { fsync: false });
    return new Clinic(await ownChain(), folder, store);
  }

  async close(): Promise<void> {
    await this.chain.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Somebody with a published key. */
  async person(): Promise<Person> {
    const person = { wallet: new Wallet(Wallet.createRandom().privateKey), identity: await generateIdentity() };
    await this.with(person, (carekey) => carekey.publishKey());
    return person;
  }

  /** What somebody does on a new device: nothing is known but the deployment. The connecting is not counted. */
  async with<T>(
    { wallet, identity }: Person,
    work: (carekey: CareKey) => Promise<T>,
  ): Promise<{ result: T; asked: readonly string[]; ms: number }> {
    const { deployment, rpc } = this.chain;
    const provider = new CountingProvider(rpc, deployment.chainId, {
      ...{ staticNetwork: true, cacheTimeout: -1, batchStallTime: 0 },
    });
    try {
      const carekey = await connect({ signer: wallet, provider, deployment, store: this.store, identity });
      provider.asked = [];
      const begin = performance.now();
      const result = await work(carekey);
      return { result, asked: provider.asked, ms: performance.now() - begin };
    } finally {
      provider.destroy();
    }
  }

  /** Blocks of nobody. */
  async mine(blocks: number): Promise<void> {
    await this.chain.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
  }

  /** A practitioner whom the consortium's own hospital attests. */
  async practitioner(): Promise<Person> {
    const [hospital, doctor] = [await this.person(), await this.person()];
    const { deployment, provider } = this.chain;
    const signer = this.chain.administrator;
    const identity = hospital.identity;
    const admin = await connect({ signer, provider, deployment, store: this.store, identity });
    await admin.accreditIssuer(hospital.wallet.address, "practitioner");
    await this.with(hospital, async (carekey) =>
      carekey.issueCredential(doctor.wallet.address, "practitioner", (await carekey.now()) + 365 * day),
    );
    return doctor;
  }

  /** Lets somebody read and write a compartment. */
  async grant(patient: Person, grantee: Person, scope: Hex32): Promise<void> {
    await this.with(patient, async (carekey) =>
      carekey.grant({
        ...{ grantee: grantee.wallet.address, scope, permissions: ["READ", "WRITE"], purposes: ["TREAT"] },
        end: (await carekey.now()) + 90 * day,
      }),
    );
  }
}

/** A short file, another one each time. */
export function noteOf(text: string): { name: string; bytes: Uint8Array } {
  return { name: "note.txt", bytes: new TextEncoder().encode(text) };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Wallet } from "ethers";

import { type BlockStore, type CareKey, type Hex32, connect, fsStore, generateIdentity } from "../../src/index.js";
import { ownChain } from "../demo/chain.js";
import { lyingNode } from "../demo/lying-node.js";

const day = 24 * 60 * 60;

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

  /** What somebody does on a new device, with nothing but the deployment and a node's URL. The connecting is not in the time. */
  async with<T>(
    { wallet, identity }: Person,
    work: (carekey: CareKey) => Promise<T>,
    rpc = this.chain.rpc,
  ): Promise<{ result: T; ms: number }> {
    const { deployment } = this.chain;
    const carekey = await connect({ signer: wallet, provider: rpc, deployment, store: this.store, identity });
    const begin = performance.now();
    const result = await work(carekey);
    const ms = performance.now() - begin;
    carekey.chain.provider.destroy();
    return { result, ms };
  }

  /** The same, with what the node was asked, one by one, also where questions travel together. */
  async asked<T>(person: Person, work: (carekey: CareKey) => Promise<T>): Promise<{ result: T; asked: string[] }> {
    let asked: string[] = [];
    const node = await lyingNode(this.chain.rpc, ({ method }, answer) => {
      asked.push(method);
      return answer;
    });
    try {
      const counted = (carekey: CareKey): Promise<T> => {
        asked = [];
        return work(carekey);
      };
      const { result } = await this.with(person, counted, node.url);
      return { result, asked };
    } finally {
      await node.close();
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

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { network } from "hardhat";

import { deployOnce } from "../../../deploy/deploy.js";
import { type ChainProcess, startChain } from "../../../scripts/demo/chain-process.js";
import { build } from "./built.js";
import { Person } from "./person.js";

/** The first account of every Hardhat node: it deployed and administers. Public, as worthless as the chain. */
const administratorKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** A chain with everything deployed, for all files of tests. */
class World {
  #homes = 0;

  constructor(
    private readonly chain: ChainProcess,
    readonly folder: string,
    /** The deployment's file. */
    readonly deployment: string,
  ) {}

  /** The chain's JSON-RPC. */
  get rpc(): string {
    return this.chain.url;
  }

  /** A home of its own for each file of tests. */
  home(): Home {
    return new Home(this, path.join(this.folder, `home-${++this.#homes}`));
  }

  async close(): Promise<void> {
    await this.chain.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A machine on which several people work, and share a store. */
export class Home {
  constructor(
    readonly world: World,
    readonly folder: string,
  ) {}

  /** The store that its profiles share. */
  get blocks(): string {
    return path.join(this.folder, "blocks");
  }

  /** Somebody who has no profile yet. */
  person(name: string): Promise<Person> {
    return Person.of(name, this.folder);
  }

  /** Somebody with a profile and a published key. */
  async member(name: string): Promise<Person> {
    const person = await this.person(name);
    await person.init(["--rpc", this.world.rpc, "--deployment", this.world.deployment, "--i-accept-loss"]);
    await person.json("key");
    return person;
  }

  /** Who deployed everything. */
  async administrator(): Promise<Person> {
    const person = await this.person("administrator");
    const key = path.join(this.folder, "administrator.key");
    await writeFile(key, `${administratorKey}\n`, { mode: 0o600 });
    await person.init(["--rpc", this.world.rpc, "--deployment", this.world.deployment, "--private-key-file", key]);
    await rm(key);
    return person;
  }
}

let shared: Promise<World> | undefined;

/** The world of this run; the first to ask waits for its chain. */
export function world(): Promise<World> {
  return (shared ??= open());
}

async function open(): Promise<World> {
  await build();
  const chain = await startChain();
  process.env.LOCAL_RPC_URL = chain.url;
  const connection = await network.create({ network: "localhost" });
  const deployment = await deployOnce(connection);
  await connection.close();
  const folder = await mkdtemp(path.join(tmpdir(), "carekey-cli-"));
  const file = path.join(folder, "carekey.json");
  await writeFile(file, JSON.stringify(deployment));
  return new World(chain, folder, file);
}

// of the whole run, not of one file
after(async () => {
  await (await shared)?.close();
});

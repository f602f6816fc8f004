import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";

import { expect } from "chai";
import { JsonRpcProvider, type TransactionResponse, Wallet, hexlify, toQuantity } from "ethers";
import { network } from "hardhat";

import { ChainWasReset, deployOnce, deployRecorded } from "../../../deploy/deploy.js";
import { recordPath } from "../../../src/chain/recorded.js";
import { connect, generateIdentity, memoryStore, recordedDeployment } from "../../../src/index.js";
import { refused } from "../../helpers/clinic.js";

/** A line of Ignition's journal. */
interface Line {
  readonly type: string;
  readonly futureId?: string;
  readonly from?: string;
  readonly nonce?: number;
  readonly transaction?: { readonly hash: string };
}

/** A chain of its own, so that no user's record is touched. */
const chainId = 731_337_002;

describe("the deployment to a node", function () {
  this.timeout(30_000);
  const directory = dirname(recordPath(chainId));
  let port: number;
  let close: () => Promise<void>;

  /** A node that knows nothing, always at the same place. */
  async function start(): Promise<void> {
    const override = { chainId };
    const server = await network.createServer({ network: "node", override }, "127.0.0.1", port);
    await server.listen();
    close = () => server.close();
  }

  async function restart(): Promise<void> {
    await close();
    await start();
  }

  async function deploy(options?: Parameters<typeof deployRecorded>[1]) {
    const connection = await network.create({ network: "localhost", override: { url: url() } });
    try {
      const height = await connection.ethers.provider.getBlockNumber();
      const result = await deployRecorded(connection, options);
      const blocks = (await connection.ethers.provider.getBlockNumber()) - height;
      return { ...result, blocks };
    } finally {
      await connection.close();
    }
  }

  const url = (): string => `http://127.0.0.1:${port}`;

  before(async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    ({ port } = probe.address() as AddressInfo);
    probe.close();
    await once(probe, "close");
  });
  beforeEach(async () => {
    await rm(directory, { recursive: true, force: true });
    await start();
  });
  afterEach(async () => {
    await close();
    await rm(directory, { recursive: true, force: true });
  });

  it("records where everything is, and a second run changes nothing", async () => {
    const first = await deploy();
    expect(first).to.deep.include({ isNew: true, file: recordPath(chainId) });
    expect(first.deployment).to.deep.include({ chainId, startBlock: 0 });
    expect(await recordedDeployment(chainId)).to.deep.equal(first.deployment);
    const record = await readFile(first.file, "utf8");
    const second = await deploy();
    expect(second).to.deep.equal({ ...first, isNew: false, blocks: 0 });
    expect(await readFile(first.file, "utf8")).to.equal(record);
  });

  it("finishes what an interrupted run began, at the same addresses and with the block at which it began", async () => {
    const { deployment, file } = await deploy();
    await rm(file);
    const again = await deploy();
    expect(again).to.deep.include({ isNew: true, deployment, blocks: 0 });
  });

  it("waits for what an interrupted run had sent, and says which account's it is when that is not mined", async () => {
    const connection = await network.create({ network: "localhost", override: { url: url() } });
    const { ethers, provider } = connection;
    const [sender] = await ethers.getSigners();
    await provider.request({ method: "evm_setAutomine", params: [false] });
    await sender!.sendTransaction({ to: sender!.address });
    await refused(deploy({ patience: 0 }), "TRANSACTION_PENDING", { sender: sender!.address, count: 1 });
    const said: unknown[] = [];
    const { isNew } = await deploy({
      onPending: (...pending) => {
        said.push(pending);
        void provider.request({ method: "evm_setAutomine", params: [true] });
        void provider.request({ method: "evm_mine" });
      },
    });
    await connection.close();
    expect(isNew).to.equal(true);
    expect(said).to.deep.equal([[1, sender!.address]]);
  });

  it("goes on where a run was killed between sending a transaction and writing down its hash, and finds it", async () => {
    const { deployment } = await deploy();
    const [lines, sent] = await journal();
    for (const wanted of [0, 2, 5]) {
      await replay(upTo(lines, "TRANSACTION_PREPARE_SEND", wanted), sent.slice(0, wanted + 1));
      expect(await deploy()).to.deep.include({ isNew: true, deployment, blocks: 6 - wanted });
    }
  });

  it("goes on where a run was killed before the transaction left that it was about to send", async () => {
    const { deployment } = await deploy();
    const [lines, sent] = await journal();
    for (const wanted of [0, 2, 5]) {
      await replay(upTo(lines, "TRANSACTION_PREPARE_SEND", wanted), sent.slice(0, wanted));
      expect(await deploy()).to.deep.include({ isNew: true, deployment, blocks: 7 - wanted });
    }
  });

  it("goes on where a line of the journal broke off, and where one with a hash was about to be sent again", async () => {
    const { deployment } = await deploy();
    const [lines, sent] = await journal();
    const known = upTo(lines, "TRANSACTION_SEND", 2);
    await replay(known.slice(0, -1), sent.slice(0, 3), JSON.stringify(known.at(-1)).slice(0, -9));
    expect(await deploy()).to.deep.include({ isNew: true, deployment, blocks: 4 });

    const step = { ...known.at(-1)!, nonce: 2 };
    const bump = { ...step, type: "ONCHAIN_INTERACTION_BUMP_FEES" };
    for (const again of [[bump], [bump, { ...step, type: "TRANSACTION_PREPARE_SEND" }]]) {
      await replay([...known, ...again], sent.slice(0, 3));
      expect(await deploy()).to.deep.include({ isNew: true, deployment, blocks: 4 });
    }
    // one that was dropped is sent again, with the same nonce
    await replay([...known, bump], sent.slice(0, 2));
    expect(await deploy()).to.deep.include({ isNew: true, deployment, blocks: 5 });
  });

  it("leaves a step to its own account, whose nonces alone count", async () => {
    await deploy();
    const [lines, sent] = await journal();
    const stranger = Wallet.createRandom().address.toLowerCase();
    const known = upTo(lines, "TRANSACTION_PREPARE_SEND", 2);
    const others = known.map((line) => (line.from === undefined ? line : { ...line, from: stranger }));
    await replay(others, sent.slice(0, 2));
    // Ignition names what was lost, or the account that it lacks; nothing was wiped
    expect(await deploy().then(String, String)).to.match(/HHE/);
    expect((await journal())[0].filter(({ type }) => type === "WIPE_APPLY")).to.be.empty;
  });

  it("has one transaction on its way at a time", async () => {
    await deploy();
    const [lines] = await journal();
    const steps = lines.map(({ type }) => type).filter((type) => /^TRANSACTION_(SEND|CONFIRM)$/.test(type));
    expect(steps).to.deep.equal(Array.from({ length: 7 }, () => ["TRANSACTION_SEND", "TRANSACTION_CONFIRM"]).flat());
  });

  /** Ignition's journal, and the transactions that it sent. */
  async function journal(): Promise<[lines: Line[], sent: TransactionResponse[]]> {
    const provider = new JsonRpcProvider(url());
    const text = await readFile(join(directory, "journal.jsonl"), "utf8");
    const lines = text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
    const hashes = lines.flatMap(({ transaction }) => (transaction?.hash === undefined ? [] : [transaction.hash]));
    const sent = await Promise.all([...new Set(hashes)].map((hash) => provider.getTransaction(hash)));
    provider.destroy();
    return [lines, sent.map((transaction) => transaction!)];
  }

  /** All lines up to the one of this type and nonce. */
  function upTo(lines: readonly Line[], type: string, nonce: number): Line[] {
    return lines.slice(0, lines.findIndex((line) => line.type === type && line.nonce === nonce) + 1);
  }

  /** A chain anew that only has these transactions, and the folder of a run that was killed when it had written these lines. */
  async function replay(lines: readonly Line[], sent: readonly TransactionResponse[], broken = ""): Promise<void> {
    await restart();
    const provider = new JsonRpcProvider(url());
    for (const { from, data, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, hash } of sent) {
      const fees = { maxFeePerGas: toQuantity(maxFeePerGas!), maxPriorityFeePerGas: toQuantity(maxPriorityFeePerGas!) };
      const repeated = { from, data, nonce: toQuantity(nonce), gas: toQuantity(gasLimit), ...fees };
      expect(await provider.send("eth_sendTransaction", [repeated])).to.equal(hash);
    }
    provider.destroy();
    await writeFile(
      join(directory, "journal.jsonl"),
      [...lines.map((line) => JSON.stringify(line)), broken].join("\n"),
    );
    for (const record of ["carekey.json", "deployed_addresses.json"]) await rm(join(directory, record));
  }

  it("says that the chain was reset instead of printing dead addresses, and with reset deploys anew", async () => {
    const { file } = await deploy();
    const record = await readFile(file, "utf8");
    await restart();
    for (let times = 0; times < 2; times++) {
      await expectReset(deploy());
      expect(await readFile(file, "utf8")).to.equal(record);
    }
    const anew = await deploy({ reset: true });
    expect(anew.isNew).to.equal(true);
    expect(anew.blocks).to.be.greaterThan(0);
    const { deployment } = await deploy({ reset: true });
    expect(deployment).to.deep.equal(anew.deployment);
    const signer = new Wallet(hexlify(new Uint8Array(32).fill(1)));
    const options = { signer, provider: url(), store: memoryStore(), identity: await generateIdentity() };
    const carekey = await connect({ ...options, deployment });
    await carekey.publishKey();
    expect(await carekey.chart()).to.be.empty;
  });

  it("notices the reset too where only the record for the SDK is left", async () => {
    await deploy();
    await rm(join(directory, "deployed_addresses.json"));
    await rm(join(directory, "journal.jsonl"));
    await restart();
    await expectReset(deploy());
  });

  it("once, without a record, leaves no trace of itself", async () => {
    const connection = await network.create({ network: "localhost", override: { url: url() } });
    const one = await deployOnce(connection);
    const two = await deployOnce(connection);
    await connection.close();
    expect(existsSync(directory)).to.equal(false);
    expect(one.contracts.KeyRegistry.address).not.to.equal(two.contracts.KeyRegistry.address);
    expect(two.startBlock).to.be.greaterThan(one.startBlock);
  });

  it("a client of a chain that was reset is told, by URL, that nothing is deployed there", async () => {
    const { deployment } = await deploy();
    await restart();
    const signer = new Wallet(hexlify(new Uint8Array(32).fill(1)));
    const options = { signer, store: memoryStore(), identity: await generateIdentity() };
    const work = connect({ ...options, provider: url(), deployment });
    await refused(work, "NOT_DEPLOYED", { contract: "AccessManager", chainId });
  });
});

async function expectReset(work: Promise<unknown>): Promise<void> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(ChainWasReset);
}

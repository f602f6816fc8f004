import { expect } from "chai";
import { type BaseWallet, Wallet } from "ethers";

import { onboardingOf } from "../../scripts/demo/onboarding.js";
import { catchLies, proveLists } from "../../scripts/demo/proofs.js";
import { Stage } from "../../scripts/demo/stage.js";
import { play } from "../../scripts/demo/story.js";
import { send } from "../../src/chain/transactions.js";
import {
  type CareKey,
  type Deployment,
  connect,
  generateIdentity,
  isCareKeyError,
  memoryStore,
  wholeChart,
} from "../../src/index.js";
import { anvilProgram, startAnvil } from "./helpers/anvil.js";
import { type TestChain, providerOf } from "./helpers/chain.js";
import { Deploying, type Outcome } from "./helpers/deploying.js";
import { startGeth } from "./helpers/geth.js";
import { describePeer } from "./helpers/peer.js";
import { permissionedPrograms, startPermissioned } from "./helpers/permissioned.js";

/** What a chain asks of those who send. */
interface Nature {
  readonly costs: boolean;
  readonly hasLists: boolean;
  /** Does its node serve proofs of storage that hold? */
  readonly proves: boolean;
}

/** What the story leaves in the patient's log, whatever the chain. */
const told = [
  ...["granted", "granted", "anchored", "anchored", "anchored", "granted", "requested", "granted", "approved"],
  ...["anchored", "delivered", "denied", "lifted", "revoked", "revoked", "anchored"],
];

const anvil = anvilProgram();
describe("a chain without fees, whose accounts hold nothing", function () {
  if (anvil) onChain(() => startAnvil(anvil), { costs: false, hasLists: false, proves: true });
  else if (process.env.CAREKEY_REQUIRE_PEERS === "1")
    it("has anvil", () => {
      throw new Error("no anvil: npm brings it for Linux x64 alone");
    });
  else it.skip("skipped: no anvil, npm brings it for Linux x64 alone");
});

describePeer("geth", "geth for developers, with Ethereum's fees", (program) => {
  onChain(() => startGeth(program), { costs: true, hasLists: false, proves: true });
});

describePeer("avalanchego", "a permissioned chain of five validators", () => {
  onChain(
    () => {
      const programs = permissionedPrograms();
      if (!programs) throw new Error("the network's other programs are missing, run npm run peers -- chain");
      return startPermissioned(programs);
    },
    { costs: true, hasLists: true, proves: false },
  );
});

function onChain(start: () => Promise<TestChain>, { costs, hasLists, proves }: Nature): void {
  let chain: TestChain;
  let deploying: Deploying;
  let first: Outcome;

  before(async function () {
    this.timeout(180_000);
    chain = await start();
    deploying = await Deploying.open();
    first = await deploying.run(chain);
  });

  after(async function () {
    this.timeout(60_000);
    await deploying.close();
    await chain.stop();
  });

  it("gets a deployment once, which is recorded and left alone when asked again", async () => {
    expect(first.said).to.contain(`Deployed to chain ${chain.chainId}`);
    const recorded = await deploying.recorded(chain);
    const second = await deploying.run(chain);
    expect(second.said).to.contain("nothing changed");
    expect(await deploying.recorded(chain)).to.deep.equal(recorded);
    expect([first.status, second.status]).to.deep.equal([0, 0]);
  }).timeout(60_000);

  // first: a chain for developers runs ahead of the clock by a second for each transaction, and only the clock ends a grant
  it("ends a grant in time although no block follows", async () => {
    const [patient, reader] = [await actor(), await actor()];
    const end = (await patient.now()) + 5;
    const terms = { scope: wholeChart, permissions: ["READ"], purposes: ["TREAT"], end } as const;
    await patient.grant({ ...terms, grantee: reader.address });
    expect(await mayRead(patient, reader)).to.equal(true);
    while (await mayRead(patient, reader)) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await patient.now()).to.be.at.least(end);
    await refusal(patient.grant({ ...terms, grantee: reader.address }), "PERIOD_INVALID");
  }).timeout(60_000);

  it("tells the whole story: every file the same, every refusal in its place, the log complete", async () => {
    const stage = await Stage.build({ chain: { rpc: chain.url, privateKey: chain.key } });
    try {
      const { patient, log } = await play(stage, () => undefined);
      expect(stage.identical).to.equal(true);
      expect(stage.refused.map(({ code }) => code)).to.deep.equal(Array(7).fill("ACCESS_REFUSED"));
      expect(log.map(({ what }) => what)).to.deep.equal(told);
      const { checkedBy, lists } = await proveLists(patient);
      expect(checkedBy).to.equal(proves ? "proof" : "one source");
      expect(lists).to.deep.equal({ grants: 2, delegations: 0, records: 5, requests: 0, log: told.length });
      if (proves) expect(await catchLies(stage, patient)).to.have.length(6);
    } finally {
      await stage.strike();
    }
  }).timeout(180_000);

  it("takes a grant right after a lockdown, and none of those before it hold", async () => {
    const [patient, reader, former] = [await actor(), await actor(), await actor()];
    const end = (await patient.now()) + 1000;
    const grant = { scope: wholeChart, permissions: ["READ"], purposes: ["TREAT"], end } as const;
    await patient.grant({ ...grant, grantee: former.address });
    await patient.lockdown();
    await patient.grant({ ...grant, grantee: reader.address });
    expect(await mayRead(patient, reader)).to.equal(true);
    expect(await mayRead(patient, former)).to.equal(false);
  }).timeout(60_000);

  it("is told apart from the chain of another deployment", async () => {
    const deployment = await deploying.recorded(chain);
    const other = { ...deployment, chainId: deployment.chainId + 1 };
    await refusal(join(Wallet.createRandom(), other), "CHAIN_MISMATCH");
    const { said, status } = await deploying.run(chain, { env: { PERMISSIONED_CHAIN_ID: "5" } });
    expect(said).to.contain("[CHAIN_MISMATCH]");
    expect(status).to.equal(1);
  }).timeout(60_000);

  if (costs)
    it("says what to do for an account without coins", async () => {
      const stranger = Wallet.createRandom();
      const poor = await join(stranger);
      await refusal(poor.publishKey(), "FUNDS_MISSING");
      // a deployer on no list is refused before anybody asks for coins
      await cannotDeploy(stranger.privateKey, hasLists ? "SENDER_NOT_ALLOWED" : "FUNDS_MISSING");
    }).timeout(60_000);

  if (hasLists)
    it("says what to do for an account that may not send, and for one that may not deploy", async () => {
      const stranger = Wallet.createRandom();
      const provider = providerOf(chain);
      const funder = new Wallet(chain.key, provider);
      await send(provider, (fees) => funder.sendTransaction({ to: stranger.address, value: 10n ** 9n, ...fees }));
      const unlisted = await join(stranger);
      await refusal(unlisted.publishKey(), "SENDER_NOT_ALLOWED");

      await (
        await onboardingOf(provider, funder)
      )(stranger.address);
      await unlisted.publishKey();
      await cannotDeploy(stranger.privateKey, "SENDER_NOT_ALLOWED");
      provider.destroy();
    }).timeout(60_000);

  // what Ignition writes before it sends the first transaction and when it has, and when the first contract is there
  for (const moment of ["TRANSACTION_PREPARE_SEND", "TRANSACTION_SEND", "DEPLOYMENT_EXECUTION_STATE_COMPLETE"]) {
    it(`goes on with a deployment that was killed at its first ${moment}`, async () => {
      await deploying.forget();
      const { status } = await deploying.run(chain, { killAt: moment });
      expect(status).to.equal(undefined);
      expect(deploying.isRecorded(chain)).to.equal(false);
      const before = await deploying.addresses(chain);
      const { said } = await deploying.run(chain);
      expect(said).to.contain(`Deployed to chain ${chain.chainId}`);
      const deployed = Object.values((await deploying.recorded(chain)).contracts).map(({ address }) => address);
      expect(deployed).to.include.members(before);
      expect(before.length).to.be.lessThan(deployed.length);
    }).timeout(60_000);
  }

  // five validators take a while to start again, for nothing that the other chains do not show
  if (!hasLists)
    it("is noticed to have been reset, and deployed to anew only when told so", async () => {
      await chain.stop();
      chain = await start();
      const dead = await deploying.recorded(chain);
      const { said, status } = await deploying.run(chain);
      expect(said).to.contain("--reset");
      expect(status).to.equal(1);
      expect(await deploying.recorded(chain)).to.deep.equal(dead);
      const reset = await deploying.run(chain, { args: ["--reset"] });
      expect(reset.said).to.contain(`Deployed to chain ${chain.chainId}`);
      await join(Wallet.createRandom());
    }).timeout(60_000);

  /** Somebody's session, with the recorded deployment. */
  async function join(signer: BaseWallet, deployment?: Deployment): Promise<CareKey> {
    return connect({
      signer,
      provider: chain.url,
      deployment: deployment ?? (await deploying.recorded(chain)),
      store: memoryStore(),
      identity: await generateIdentity(),
    });
  }

  /** Somebody new who may act and has published a key. */
  async function actor(): Promise<CareKey> {
    const wallet = Wallet.createRandom();
    const provider = providerOf(chain);
    await (
      await onboardingOf(provider, new Wallet(chain.key, provider))
    )(wallet.address);
    provider.destroy();
    const carekey = await join(wallet);
    await carekey.publishKey();
    return carekey;
  }

  async function cannotDeploy(key: string, code: string): Promise<void> {
    const elsewhere = await Deploying.open();
    const { said, status } = await elsewhere.run(chain, { key });
    await elsewhere.close();
    expect(said).to.contain(`[${code}]`);
    expect(status).to.equal(1);
  }
}

function mayRead(patient: CareKey, reader: CareKey): Promise<boolean> {
  const question = { patient: patient.address, grantee: reader.address, permission: "READ", purpose: "TREAT" } as const;
  return patient.canAccess(question);
}

async function refusal(work: Promise<unknown>, code: Parameters<typeof isCareKeyError>[1]): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(isCareKeyError(error, code), `${String(code)}, not ${String(error)}`).to.equal(true);
}

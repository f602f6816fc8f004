import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { VoidSigner, Wallet, hexlify } from "ethers";

import { recordPath } from "../../../src/chain/recorded.js";
import {
  type Deployment,
  connect,
  errorCodes,
  generateIdentity,
  isCareKeyError,
  parseDeployment,
  recordedDeployment,
} from "../../../src/index.js";
import { Clinic, type Gear, refused, sample } from "../../helpers/clinic.js";

/** No chain has it, so no user's record is touched. */
const unusedChain = 731_337_001;

describe("connecting", () => {
  let clinic: Clinic;
  let identity: string;
  const signer = new Wallet(hexlify(new Uint8Array(32).fill(1)));

  before(async () => {
    clinic = await Clinic.open();
    identity = await generateIdentity();
  });
  after(() => clinic.close());

  const join = (deployment: Deployment, provider: Parameters<typeof connect>[0]["provider"] = clinic.provider()) =>
    connect({ signer, provider, deployment, store: clinic.store, identity });

  it("says that nobody answers at the URL, or somebody who is no node", async () => {
    const { deployment } = clinic;
    const server = createServer((_, response) => response.end("<html>hello</html>"));
    const url = await listening(server);
    await refused(join(deployment, url), "CHAIN_UNREACHABLE");
    server.close();
    await once(server, "close");
    await refused(join(deployment, url), "CHAIN_UNREACHABLE");
    await refused(join(deployment, "gopher://127.0.0.1"), "CHAIN_UNREACHABLE");
  });

  it("says that the node serves another chain, whatever the provider takes for granted", async () => {
    const chainId = unusedChain;
    await refused(join({ ...clinic.deployment, chainId }), "CHAIN_MISMATCH", { actual: 31_337, expected: chainId });
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0x5" }));
      });
    });
    const url = await listening(server);
    await refused(join(clinic.deployment, url), "CHAIN_MISMATCH", { actual: 5, expected: 31_337 });
    server.close();
  });

  it("says that the signer's own node serves another chain: it would send there", async () => {
    const elsewhere = clinic.provider(({ method }, pass) =>
      method === "eth_chainId" ? Promise.resolve("0x7a69aa") : pass(),
    );
    const { deployment, store } = clinic;
    const foreign = new VoidSigner(signer.address, elsewhere);
    const work = connect({ signer: foreign, provider: clinic.provider(), deployment, store, identity });
    await refused(work, "CHAIN_MISMATCH", { actual: 0x7a69aa });
  });

  it("says which contract is not there", async () => {
    const { contracts } = clinic.deployment;
    for (const contract of ["AccessManager", "KeyRegistry", "RecordRegistry"] as const) {
      const moved = { ...contracts[contract], address: signer.address };
      const deployment = { ...clinic.deployment, contracts: { ...contracts, [contract]: moved } };
      await refused(join(deployment), "NOT_DEPLOYED", { contract, chainId: 31_337 });
    }
  });

  it("says that there is another contract in the place of one", async () => {
    const { contracts } = clinic.deployment;
    const swapped = { ...contracts, KeyRegistry: contracts.CredentialRegistry };
    const carekey = await join({ ...clinic.deployment, contracts: swapped });
    const before = await clinic.traces();
    const error = await carekey.publishKey().catch((thrown: unknown) => thrown);
    expect(isCareKeyError(error) && errorCodes.includes(error.code)).to.equal(true);
    expect(await clinic.traces()).to.deep.equal(before);
  });

  it("takes only a hybrid identity, and does not repeat what it was given", async () => {
    const { deployment, store } = clinic;
    for (const other of ["", "AGE-SECRET-KEY-1QQQ", identity.toLowerCase(), `${identity}Q`]) {
      const work = connect({ signer, provider: clinic.provider(), deployment, store, identity: other });
      const error = await refused(work, "IDENTITY_INVALID");
      if (other !== "") expect(error.message).not.to.contain(other);
    }
  });

  it("names the field of a deployment that is missing or wrong", () => {
    const { deployment } = clinic;
    const damaged: [string, unknown][] = [
      ["", null],
      ["chainId", { ...deployment, chainId: "31337" }],
      ["startBlock", { ...deployment, startBlock: -1 }],
      ["contracts", { ...deployment, contracts: undefined }],
      ...["0x12", `x${signer.address}`, `${signer.address}0`].map((address): [string, unknown] => [
        "contracts.KeyRegistry.address",
        withKeyRegistry(deployment, address),
      ]),
    ];
    for (const [field, value] of damaged) {
      expect(() => parseDeployment(value))
        .to.throw()
        .that.satisfies(
          (error: unknown) =>
            isCareKeyError(error, "INVALID_ARGUMENT") && error.details.path === field && error.cause instanceof Error,
        );
    }
    expect(parseDeployment(JSON.parse(JSON.stringify(deployment)))).to.deep.equal(deployment);
  });

  it("says that no deployment is recorded, or that its record is damaged", async () => {
    const file = recordPath(unusedChain);
    const deploy = process.env.CAREKEY_DEPLOY ?? fileURLToPath(new URL("../../../deploy", import.meta.url));
    expect(file).to.equal(path.join(deploy, "deployments", `chain-${unusedChain}`, "carekey.json"));
    const missing = await refused(recordedDeployment(unusedChain), "NOT_DEPLOYED", { chainId: unusedChain });
    expect(missing.cause).to.have.property("code", "ENOENT");
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await writeFile(file, '{ "chainId": 1');
      const damaged = await refused(recordedDeployment(unusedChain), "INVALID_ARGUMENT", { chainId: unusedChain });
      expect(damaged.cause).to.be.instanceOf(SyntaxError);
      await writeFile(file, '{ "chainId": 1 }');
      await refused(recordedDeployment(unusedChain), "INVALID_ARGUMENT", { path: "startBlock" });
    } finally {
      await rm(path.dirname(file), { recursive: true });
    }
  });

  it("a node that stops answering is told at every step, and nothing is written", async () => {
    const chart = await clinic.chart();
    const { recordId } = await clinic.share(chart);
    let isDead = false;
    const rpc: Gear["rpc"] = (_, pass) => (isDead ? Promise.reject(new Error("cable pulled")) : pass());
    const patient = await clinic.again(chart.patient, { rpc });
    const author = await clinic.again(clinic.radiologist, { rpc });
    const before = await clinic.traces();
    isDead = true;
    const options = { patient: patient.address, compartment: chart.label, role: "practitioner" } as const;
    const steps: (() => Promise<unknown>)[] = [
      () => author.share([sample()], options),
      () => patient.open(recordId),
      () => clinic.grantRead(patient, clinic.cardiologist, chart.label),
      () => patient.revoke(author.address, chart.label),
      () => patient.lockdown(),
      () => patient.inbox(),
      () => patient.log(),
      () => patient.chart(),
      () => patient.shares(),
      () => patient.requests(),
      () => patient.publishKey(),
      () => patient.credentialsOf(author.address, "practitioner"),
    ];
    for (const step of steps) await refused(step(), "CHAIN_UNREACHABLE");
    expect(await clinic.traces()).to.deep.equal(before);
  });
});

function withKeyRegistry(deployment: Deployment, address: string): Deployment {
  const { contracts } = deployment;
  return { ...deployment, contracts: { ...contracts, KeyRegistry: { ...contracts.KeyRegistry, address } } };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

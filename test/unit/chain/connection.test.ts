import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { FallbackProvider, JsonRpcApiProvider, JsonRpcProvider, VoidSigner, Wallet } from "ethers";

import { connectChain, jsonRpcChainId } from "../../../src/chain/connection.js";
import { contractNames } from "../../../src/chain/deployment.js";
import { refused } from "../../helpers/clinic.js";
import { loadFixture, nodeFor, registries, walletOf } from "../../helpers/chain.js";

/** A question of JSON-RPC. */
interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}

/** Those of the running test. */
const servers: Server[] = [];

/** The tests' chain, over HTTP. */
async function httpNode(): Promise<string> {
  const node = nodeFor();
  const answer = async ({ id, method, params }: Question) => {
    return { jsonrpc: "2.0", id, result: (await node.send(method, params)) as unknown };
  };
  const server = createServer((request, response) => {
    void (async () => {
      const asked = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Question | Question[];
      const answers = await (Array.isArray(asked) ? Promise.all(asked.map(answer)) : answer(asked));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answers));
    })();
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const timeout = AbortSignal.timeout.bind(AbortSignal);

/** Makes every wait for an answer end at once, and tells how long it was to be. */
function impatient(): number[] {
  const patience: number[] = [];
  AbortSignal.timeout = (milliseconds) => {
    patience.push(milliseconds);
    return timeout(1);
  };
  return patience;
}

describe("a connection", () => {
  afterEach(() => {
    AbortSignal.timeout = timeout;
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  it("is made by URL, or with any provider of ethers, and gives every address its checksum", async () => {
    const { deployment } = await loadFixture(registries);
    const small = Object.fromEntries(
      contractNames.map((name) => [
        name,
        { ...deployment.contracts[name], address: deployment.contracts[name].address.toLowerCase() },
      ]),
    ) as typeof deployment.contracts;
    const signer = walletOf("patient");
    for (const provider of [await httpNode(), new FallbackProvider([nodeFor()])]) {
      const chain = await connectChain({ signer, provider, deployment: { ...deployment, contracts: small } });
      expect(chain.addresses).to.deep.equal(
        Object.fromEntries(contractNames.map((name) => [name, deployment.contracts[name].address])),
      );
      expect([chain.chainId, chain.startBlock]).to.deep.equal([31_337, deployment.startBlock]);
      expect(chain.address).to.equal(signer.address);
      expect(await chain.provider.getBlockNumber()).to.be.greaterThan(0);
    }
  });

  it("asks anew each time, whatever the provider would keep", async () => {
    const { deployment } = await loadFixture(registries);
    const url = await httpNode();
    const provided = async (cacheTimeout?: number) => {
      const given = new JsonRpcProvider(url, undefined, { cacheTimeout } as object);
      const { provider } = await connectChain({ signer: walletOf("patient"), provider: given, deployment });
      if (!(provider instanceof JsonRpcProvider)) throw new Error("not over HTTP");
      return { given, provider };
    };
    for (const timeout of [undefined, 0, 250]) {
      const { given, provider } = await provided(timeout);
      expect(provider).not.to.equal(given);
      expect(provider._getConnection().url).to.equal(url);
      expect(provider._getOption("cacheTimeout")).to.equal(-1);
      // it never asks a dead node for its network
      expect(provider._getOption("staticNetwork")).to.equal(true);
    }
    const { given, provider } = await provided(-1);
    expect(provider).to.equal(given);
  });

  it("has a second node by URL or provider, of the same chain", async () => {
    const { deployment } = await loadFixture(registries);
    const options = { signer: walletOf("patient"), provider: nodeFor(), deployment };
    expect((await connectChain(options)).witness).to.equal(undefined);
    const { witness } = await connectChain({ ...options, witness: await httpNode() });
    if (!(witness instanceof JsonRpcProvider)) throw new Error("not over HTTP");
    // ethers would wait for more questions
    expect(witness._getOption("batchStallTime")).to.equal(0);
    expect(await witness.getBlockNumber()).to.be.greaterThan(0);
    const other = nodeFor((method, pass) => (method === "eth_chainId" ? Promise.resolve("0x7") : pass()));
    await refused(connectChain({ ...options, witness: other }), "CHAIN_MISMATCH", { actual: 7, expected: 31_337 });
    await refused(connectChain({ ...options, witness: "http://127.0.0.1:1" }), "CHAIN_UNREACHABLE");
  });

  it("leaves a signer at its own node, but for a wallet", async () => {
    const { deployment } = await loadFixture(registries);
    const [provider, own] = [nodeFor(), nodeFor()];
    const { address } = walletOf("patient");
    const signerOf = async (signer: Wallet | VoidSigner) =>
      (await connectChain({ signer, provider, deployment })).signer.provider;
    expect(await signerOf(new VoidSigner(address, own))).to.equal(own);
    expect(await signerOf(new VoidSigner(address))).to.equal(provider);
    expect(await signerOf(new Wallet(walletOf("patient").privateKey, own))).to.equal(provider);
  });

  it("gives a node that is silent ten seconds", async () => {
    const { deployment } = await loadFixture(registries);
    const patience = impatient();
    let answer = (): void => undefined;
    const silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    // who waits longer is answered in the end
    const end = setTimeout(answer, 3000);
    const silent = nodeFor(async (method, pass) => {
      if (method === "eth_chainId") await silence;
      return pass();
    });
    const work = connectChain({ signer: walletOf("patient"), provider: silent, deployment });
    const { cause } = await refused(work, "CHAIN_UNREACHABLE").finally(() => {
      clearTimeout(end);
      answer();
    });
    expect(cause).to.be.instanceOf(Error);
    expect(patience).to.deep.equal([10_000]);
  });

  it("tells the chain of a node alone, and leaves nothing open", async () => {
    const property = Object.getOwnPropertyDescriptor(JsonRpcApiProvider.prototype, "destroy")!;
    let ended = 0;
    Object.defineProperty(JsonRpcApiProvider.prototype, "destroy", {
      ...property,
      value: function (this: JsonRpcApiProvider) {
        ended++;
        (property.value as (this: JsonRpcApiProvider) => void).call(this);
      },
    });
    try {
      expect(await jsonRpcChainId(await httpNode())).to.equal(31_337);
      expect(ended).to.equal(1);
      for (const url of ["gopher://127.0.0.1", "http://127.0.0.1:1"]) {
        await refused(jsonRpcChainId(url), "CHAIN_UNREACHABLE");
      }
      expect(ended).to.equal(3);
    } finally {
      Object.defineProperty(JsonRpcApiProvider.prototype, "destroy", property);
    }
  });
});

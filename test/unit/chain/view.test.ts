import { expect } from "chai";
import { FallbackProvider } from "ethers";

import { blockHashOf } from "../../../src/chain/blocks.js";
import { type Chain, connectChain } from "../../../src/chain/connection.js";
import { stateOf } from "../../../src/chain/consent.js";
import { encodeHeader, decodeHeader } from "../../../src/chain/headers.js";
import { findRecords } from "../../../src/chain/records.js";
import { sharesOf } from "../../../src/chain/shares.js";
import { stateSlot } from "../../../src/chain/slots.js";
import { timesOf, viewOf } from "../../../src/chain/view.js";
import { refused } from "../../helpers/clinic.js";
import { type Between, give, label, loadFixture, nodeFor, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");

/** A patient with a grant. */
async function granted() {
  const context = await registries();
  await give(context.patient, context.doctor, imaging, { permissions: ["WRITE"], end: context.end });
  return context;
}

/** A node without proofs. */
const proofless: Between = (method, pass) =>
  method === "eth_getProof" ? Promise.reject(new Error("method not found")) : pass();

/** A node of a chain that hashes other headers. */
const foreign: Between = async (method, pass) => {
  const answer = await pass();
  return method === "eth_getBlockByNumber" ? { ...(answer as object), extraData: "0x77" } : answer;
};

describe("a view", () => {
  it("is of one block, whatever comes meanwhile", async () => {
    const { patient, nurse, outsider, end } = await loadFixture(granted);
    const view = await viewOf(outsider);
    const block = await outsider.provider.getBlock("latest");
    expect(view.block).to.deep.equal({ number: block!.number, hash: block!.hash, time: block!.timestamp });
    await give(patient, nurse, imaging, { permissions: ["WRITE"], end });
    expect((await sharesOf(outsider, patient.address, view)).grants).to.have.length(1);
    expect((await sharesOf(outsider, patient.address)).grants).to.have.length(2);
    expect((await stateOf(outsider, patient.address, view)).changes.number).to.equal(1);
  });

  it("asks for words by the hundred", async () => {
    const { as } = await loadFixture(granted);
    const asked: unknown[] = [];
    const chain = await as("outsider", (method, pass, params) => {
      if (method === "eth_getProof") asked.push((params as unknown[][])[1]!.length);
      return pass();
    });
    await chain.checkedBy();
    asked.length = 0;
    const { words } = await viewOf(chain);
    const nobodies = Array.from({ length: 450 }, (_, place) => stateSlot("0x" + place.toString(16).padStart(40, "0")));
    expect(await words(nobodies)).to.deep.equal(nobodies.map(() => 0n));
    expect(asked).to.deep.equal([200, 200, 50]);
  });

  it("is checked by proofs where the node has some, by a second node else, or by nothing", async () => {
    const { patient, as } = await loadFixture(granted);
    const witness = nodeFor();
    const read = async (chain: Chain): Promise<string> => {
      const { grants, checkedBy } = await sharesOf(chain, patient.address);
      expect([grants.length, await chain.checkedBy()]).to.deep.equal([1, checkedBy]);
      expect(await findRecords(chain, patient.address)).to.deep.equal([]);
      return checkedBy;
    };
    expect(await read(await as("nurse"))).to.equal("proof");
    expect(await read(await as("nurse", undefined, { verify: "proof" }))).to.equal("proof");
    expect(await read(await as("nurse", undefined, { witness }))).to.equal("proof");
    expect(await read(await as("nurse", undefined, { verify: "none" }))).to.equal("one source");
    expect(await read(await as("nurse", undefined, { verify: "quorum", witness }))).to.equal("quorum");
    for (const without of [proofless, foreign]) {
      expect(await read(await as("nurse", without))).to.equal("one source");
      expect(await read(await as("nurse", without, { witness }))).to.equal("quorum");
    }
    const silent = await as("nurse", proofless, { verify: "proof" });
    await refused(stateOf(silent, patient.address), "PROOF_UNAVAILABLE", { reason: "the node gives no proofs" });
    const other = await as("nurse", foreign, { verify: "proof" });
    await refused(stateOf(other, patient.address), "PROOF_UNAVAILABLE", { reason: "the chain hashes other headers" });
    await refused(as("nurse", undefined, { verify: "quorum" }), "INVALID_ARGUMENT");
  });

  it("is had of a provider that is no node, too", async () => {
    const { patient, deployment } = await loadFixture(granted);
    const several = new FallbackProvider([nodeFor()]);
    const options = { signer: walletOf("nurse"), provider: several, deployment };
    const chain = await connectChain(options);
    const { grants, checkedBy, block } = await sharesOf(chain, patient.address);
    expect([grants.length, checkedBy]).to.deep.equal([1, "one source"]);
    const newest = await patient.provider.getBlock("latest");
    expect(block.hash).to.equal(newest!.hash);
    expect(await blockHashOf(several, 1)).to.equal((await patient.provider.getBlock(1))!.hash);
    expect(await timesOf(several, [newest!.number])).to.deep.equal(new Map([[newest!.number, newest!.timestamp]]));
    const proven = await connectChain({ ...options, verify: "proof" });
    await refused(stateOf(proven, patient.address), "PROOF_UNAVAILABLE", {
      reason: "the provider is no JSON-RPC node",
    });
  });

  it("is found out how to check once, and again only where the node did not answer", async () => {
    const { patient, as } = await loadFixture(granted);
    let proofs = 0;
    let isCut = false;
    const chain = await as("nurse", (method, pass) => {
      if (isCut && method === "eth_getBlockByNumber") return Promise.reject(new Error("cable pulled"));
      if (method === "eth_getProof") proofs++;
      return pass();
    });
    isCut = true;
    await refused(chain.checkedBy(), "CHAIN_UNREACHABLE");
    isCut = false;
    expect([await chain.checkedBy(), await chain.checkedBy()]).to.deep.equal(["proof", "proof"]);
    expect(proofs).to.equal(1);
    await stateOf(chain, patient.address);
    expect(proofs).to.equal(2);
  });

  it("is found out how to check with the first words that are read, and from a word of nobody where these are not proven", async () => {
    const { patient, as } = await loadFixture(granted);
    let proofs = 0;
    const counting = await as("nurse", (method, pass) => {
      if (method === "eth_getProof") proofs++;
      return pass();
    });
    const view = await viewOf(counting);
    expect(proofs).to.equal(0);
    expect(await view.words([])).to.deep.equal([]);
    expect(proofs).to.equal(0);
    await view.words([stateSlot(patient.address)]);
    expect([proofs, await view.checkedBy(), await counting.checkedBy()]).to.deep.equal([1, "proof", "proof"]);
    // a node that proves, but lies about the first words
    const lying = await as("nurse", async (method, pass, params) => {
      const answer = await pass();
      const isMeant = JSON.stringify(params).includes(stateSlot(patient.address).key);
      return method === "eth_getProof" && isMeant ? { ...(answer as object), accountProof: [] } : answer;
    });
    for (let time = 0; time < 2; time++) await refused(stateOf(lying, patient.address), "CHAIN_INCONSISTENT");
    expect(await lying.checkedBy()).to.equal("proof");
  });

  it("is of a block that both nodes have", async () => {
    const { patient, as, end, nurse } = await loadFixture(granted);
    const height = await patient.provider.getBlockNumber();
    let lag = 0;
    const late = nodeFor(async (method, pass, params) => {
      const list = params as unknown[];
      if (method === "eth_getBlockByNumber" && list[0] === "latest") list[0] = `0x${(height - lag).toString(16)}`;
      return pass();
    });
    const chain = await as("outsider", undefined, { witness: late });
    expect((await viewOf(chain)).block.number).to.equal(height);
    // then it lags behind what was seen
    lag = 1;
    await refused(viewOf(chain), "CHAIN_INCONSISTENT", { block: height - 1, newest: height });
    const fresh = await as("outsider", undefined, { witness: late });
    expect((await viewOf(fresh)).block.number).to.equal(height - 1);
    for (let count = 0; count < 20; count++) await give(patient, nurse, imaging, { permissions: ["WRITE"], end });
    const far = await as("outsider", undefined, { witness: late });
    await refused(viewOf(far), "CHAIN_INCONSISTENT", { block: height - 1, newest: height + 20 });
    const forked = nodeFor(async (method, pass) => {
      const answer = await pass();
      return method === "eth_getBlockByNumber" ? { ...(answer as object), hash: "0x" + "ff".repeat(32) } : answer;
    });
    await refused(viewOf(await as("outsider", undefined, { witness: forked })), "CHAIN_INCONSISTENT");
  });
});

describe("a header", () => {
  it("is read as it is written, and nothing else is", async () => {
    const { patient } = await loadFixture(registries);
    const block = (await nodeFor().send("eth_getBlockByNumber", ["latest", false])) as Record<string, string>;
    const header = encodeHeader(block);
    const { number, timestamp } = (await patient.provider.getBlock("latest"))!;
    const { stateRoot, hash } = block;
    expect(decodeHeader(header)).to.deep.equal({ hash, stateRoot, number, time: timestamp });
    for (const wrong of ["0x", "0x01", "0xc0", "0xc20102", header.slice(0, -2), "header"])
      expect(decodeHeader(wrong), wrong).to.equal(undefined);
    expect(decodeHeader(encodeHeader({ ...block, number: "0x0" }))?.number).to.equal(0);
  });
});

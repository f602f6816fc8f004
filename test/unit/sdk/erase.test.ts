import { expect } from "chai";
import { getBytes } from "ethers";
import { CID } from "multiformats/cid";

import { erasureAttestedAt } from "../../../src/chain/corrections.js";
import { findRecord } from "../../../src/chain/records.js";
import {
  type BlockStore,
  type ErasureOperator,
  type Shared,
  erasureReceipts,
  memoryStore,
} from "../../../src/index.js";
import { type ReceiptSigner, eraseBlocks } from "../../../src/node/erasures.js";
import { asActor } from "../../../src/record/identities.js";
import { fetchManifest } from "../../../src/record/own.js";
import { parseSignedAction, type SignedAction } from "../../../src/chain/signed/action.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { type Actor, type Chart, Clinic, refused, sample } from "../../helpers/clinic.js";
import { faulty } from "../../helpers/stores.js";

const MiB = 1024 * 1024;

describe("erasing a record", () => {
  let clinic: Clinic;
  let chart: Chart;
  let patient: Actor;
  let shared: Shared;
  let operator: Actor;

  before(async () => {
    clinic = await Clinic.open();
    operator = await clinic.professional("storage");
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    ({ patient } = chart);
    shared = await clinic.share(chart, [sample(3 * MiB), sample()]);
  });
  after(() => clinic.close());

  /** An operator that holds a copy of all that the clinic's store has, and answers as a node does. */
  async function keeping(signer: ReceiptSigner | undefined, store: BlockStore = memoryStore()) {
    for await (const { cid } of clinic.store.blocks())
      await store.put({ cid, bytes: await clinic.store.get(cid) }).catch(() => undefined);
    const erase: ErasureOperator["erase"] = async ({ recordId, blocks }) => {
      // as it travels
      const body: unknown = JSON.parse(JSON.stringify({ recordId, blocks: blocks.map(String) }));
      const { left, receipt } = await eraseBlocks(store, body, signer);
      if (receipt === undefined) return { left };
      return {
        left,
        receipt: parseSignedAction(JSON.parse(JSON.stringify(receipt))) as SignedAction<"ErasureReceipt">,
      };
    };
    return { store, operator: { name: "storage.example", erase } };
  }
  const blocksOf = async (): Promise<string[]> => {
    const record = await findRecord(patient.own.chain, shared.recordId);
    const { manifest } = await fetchManifest(patient.own, record, asActor(patient.own));
    const parts = await Promise.all(manifest.parts.map(({ cid }) => clinic.blocksOf(cid)));
    return [...parts.flat(), cidOfDigest(getBytes(record.manifest))].map(String);
  };
  const held = async (store: BlockStore, names: readonly string[]): Promise<string[]> => {
    const found = new Set<string>();
    for await (const { cid } of store.blocks()) found.add(cid.multihash.digest.toString());
    return names.filter((name) => found.has(CID.parse(name).multihash.digest.toString()));
  };

  it("takes every block out of the own store and the operator's, whose receipt the chain keeps, and nobody opens it any more", async () => {
    const blocks = await blocksOf();
    const other = await keeping(erasureReceipts(operator.own.chain));
    const report = await patient.erase(shared.recordId, { operators: [other.operator] });
    expect(report).to.deep.include({ recordId: shared.recordId, requested: true });
    expect(report.removal).to.deep.equal([{ store: "own", blocks: blocks.length, left: [] }]);
    const attestedAt = await erasureAttestedAt(patient.own.chain, shared.recordId, operator.address);
    expect(attestedAt).to.be.a("number");
    const receipt = { operator: "storage.example", account: operator.address, attestedAt, left: [] };
    expect(report.receipts).to.deep.equal([receipt]);
    expect(await held(clinic.store, blocks)).to.deep.equal([]);
    expect(await held(other.store, blocks)).to.deep.equal([]);
    for (const actor of [patient, clinic.radiologist])
      await refused(actor.open(shared.recordId, { purpose: "TREAT" }), "RECORD_RETRACTED", { status: "erased" });
  });

  it("leaves other records alone, also in a compartment whose capsule held the key", async () => {
    const reader = await clinic.actor();
    await clinic.grantRead(patient, reader, chart.label);
    const other = await clinic.share(chart, [sample(2 * MiB)]);
    await patient.erase(shared.recordId);
    const { parts } = await reader.open(other.recordId, { purpose: "TREAT" });
    expect(parts).to.have.length(1);
  });

  it("is the patient's alone, before anything is removed", async () => {
    const blocks = await blocksOf();
    await refused(clinic.radiologist.erase(shared.recordId), "WRITE_REFUSED", { patient: patient.address });
    expect(await held(clinic.store, blocks)).to.have.length(blocks.length);
  });

  it("keeps what names the blocks until an operator that was away has answered", async () => {
    const other = await keeping(erasureReceipts(operator.own.chain));
    let isAway = true;
    const flaky: ErasureOperator = {
      name: "flaky",
      erase: async (request) => {
        if (isAway) await faulty(memoryStore(), () => true).has(request.blocks[0]!);
        return other.operator.erase(request);
      },
    };
    const first = await patient.erase(shared.recordId, { operators: [flaky] });
    expect(first.receipts).to.deep.equal([
      { operator: "flaky", account: undefined, attestedAt: undefined, left: [], failure: "STORE_FAILED" },
    ]);
    isAway = false;
    const second = await patient.erase(shared.recordId, { operators: [flaky] });
    expect(second.requested).to.equal(false);
    expect(second.receipts[0]).to.deep.include({ account: operator.address, left: [] });
    expect(await patient.erase(shared.recordId)).to.deep.include({ requested: false });
  });

  it("has no receipt from an operator that still holds a block, or that signs nothing", async () => {
    const kept = memoryStore();
    const stuck: BlockStore = Object.assign(Object.create(kept) as BlockStore, {
      put: kept.put.bind(kept),
      unpin: () => Promise.resolve(),
      delete: () => Promise.resolve(),
      has: () => Promise.resolve(true),
    });
    const other = await keeping(erasureReceipts(operator.own.chain), stuck);
    const silent = await keeping(undefined);
    const { receipts } = await patient.erase(shared.recordId, { operators: [other.operator, silent.operator] });
    expect(receipts[0]?.left).to.have.length.above(0);
    expect(receipts.map(({ attestedAt }) => attestedAt)).to.deep.equal([undefined, undefined]);
    expect(await erasureAttestedAt(patient.own.chain, shared.recordId, operator.address)).to.equal(undefined);
  });

  it("removes nothing at a node unless the patient demanded it on chain", async () => {
    const blocks = await blocksOf();
    const other = await keeping(erasureReceipts(operator.own.chain));
    const demand = { recordId: shared.recordId, blocks };
    await refused(eraseBlocks(other.store, demand, erasureReceipts(operator.own.chain)), "ERASURE_NOT_DEMANDED", {
      recordId: shared.recordId,
      status: "anchored",
    });
    expect(await held(other.store, blocks)).to.have.length(blocks.length);
  });

  it("needs an operator with a credential", async () => {
    const other = await keeping(erasureReceipts((await clinic.actor()).own.chain));
    const { receipts } = await patient.erase(shared.recordId, { operators: [other.operator] });
    expect(receipts[0]).to.include({ failure: "NO_CREDENTIAL" });
  });

  it("refuses demands that make no sense, before anything is removed", async () => {
    const store = memoryStore();
    const [block = ""] = await blocksOf();
    for (const [demand, code] of [
      [null, "INVALID_ARGUMENT"],
      [{ recordId: "0x12", blocks: [] }, "INVALID_ARGUMENT"],
      [{ recordId: shared.recordId, blocks: ["../../etc"] }, "INVALID_ARGUMENT"],
      [
        { recordId: shared.recordId, blocks: [block, "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"] },
        "BLOCK_INVALID",
      ],
    ] as const)
      await refused(eraseBlocks(store, demand, undefined), code);
  });
});

import { expect } from "chai";
import {
  AbstractSigner,
  type Signer,
  type TransactionRequest,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import type { ShareOptions, Shared, Source } from "../../../src/index.js";
import { type Actor, type Chart, Clinic, type Gear, bytesOf, refused, sample } from "../../helpers/clinic.js";
import { type Deed, faulty } from "../../helpers/stores.js";

const cut = new Error("cable pulled");

/** A wallet that may fail, or lose what the node answers. */
class FaultySigner extends AbstractSigner {
  constructor(
    private readonly inner: Signer,
    private readonly faults: { readonly stamp?: Error; readonly before?: Error; readonly after?: Error },
  ) {
    super(inner.provider);
  }

  override connect(): Signer {
    return this;
  }

  override getAddress(): Promise<string> {
    return this.inner.getAddress();
  }

  override signTransaction(transaction: TransactionRequest): Promise<string> {
    return this.inner.signTransaction(transaction);
  }

  override signMessage(message: string): Promise<string> {
    return this.inner.signMessage(message);
  }

  override signTypedData(
    ...all: [TypedDataDomain, Record<string, TypedDataField[]>, Record<string, unknown>]
  ): Promise<string> {
    return this.faults.stamp ? Promise.reject(this.faults.stamp) : this.inner.signTypedData(...all);
  }

  override async sendTransaction(transaction: TransactionRequest) {
    if (this.faults.before) throw this.faults.before;
    const response = await super.sendTransaction(transaction);
    if (this.faults.after) throw this.faults.after;
    return response;
  }
}

describe("a share that is interrupted", () => {
  let clinic: Clinic;
  let chart: Chart;
  let reader: Actor;

  before(async () => {
    clinic = await Clinic.open();
  });
  beforeEach(async () => {
    chart = await clinic.chart();
    reader = await clinic.actor();
    await clinic.grantRead(chart.patient, reader, chart.label);
  });
  after(() => clinic.close());

  const options = (): ShareOptions => ({
    ...{ patient: chart.patient.address, compartment: chart.label, role: "practitioner" },
  });
  const anchored = async (): Promise<number> => {
    const { recordRegistry } = chart.patient.own.chain;
    return (await recordRegistry.queryFilter(recordRegistry.filters.Anchored(chart.patient.address))).length;
  };

  /** Shares with faulty gear, which has to fail. Tells whether it had come to the anchor. */
  async function interrupted(sources: readonly Source[], gear: Gear, arm?: () => void) {
    const author = await clinic.again(clinic.radiologist, gear);
    arm?.();
    let anchoring = false;
    const onProgress: ShareOptions["onProgress"] = ({ step }) => {
      anchoring ||= step === "anchoring";
    };
    const failure = await author.share(sources, { ...options(), onProgress }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property("name", "CareKeyError");
    return { anchoring };
  }

  /** Shares again with healthy gear: one record more than before, whole for patient and grantee, however often it is repeated. */
  async function repeated(sources: readonly Source[], before: number): Promise<Shared> {
    const shared = await clinic.share(chart, sources);
    expect(await anchored()).to.equal(before + 1);
    expect(shared.delivered).to.deep.equal([reader.address]);
    for (const actor of [chart.patient, reader]) {
      const { parts } = await actor.open(shared.recordId, { purpose: "TREAT" });
      expect(parts).to.have.lengthOf(sources.length);
      for (const [index, part] of parts.entries()) {
        expect(await bytesOf(part)).to.deep.equal(await bytesOf(sources[index]!));
      }
    }
    return shared;
  }

  /** How many calls of a kind a healthy share makes. */
  async function countOf(gear: (count: () => void) => Gear): Promise<number> {
    let count = 0;
    const author = await clinic.again(
      clinic.radiologist,
      gear(() => count++),
    );
    count = 0;
    await author.share([sample()], options());
    return count;
  }

  it("by any call of the store ends in one record, and leaves nothing where it was not anchored", async () => {
    const deeds: Deed[] = [];
    const inner = clinic.store;
    const total = await countOf((count) => ({
      store: faulty(inner, (deed) => {
        deeds.push(deed);
        count();
        return false;
      }),
    }));
    expect(new Set(deeds)).to.deep.equal(new Set(["has", "putMany", "pin", "put"]));
    for (let fail = 0; fail < total; fail++) {
      const sources = [sample()];
      const [records, before] = [await anchored(), await clinic.traces()];
      let call = 0;
      const { anchoring } = await interrupted(sources, { store: faulty(inner, () => call++ === fail) });
      expect(await anchored()).to.equal(anchoring ? records + 1 : records);
      if (!anchoring) expect(await clinic.traces(), deeds[fail]).to.deep.equal(before);
      const { transaction } = await repeated(sources, records);
      expect(transaction === undefined).to.equal(anchoring);
    }
  });

  it("by any question to the node ends in one record, and leaves nothing before the anchor", async function () {
    this.timeout(60_000);
    const methods: string[] = [];
    let written = 0;
    const counting: Gear = {
      rpc: ({ method }, pass) => {
        methods.push(method);
        return pass();
      },
      store: faulty(clinic.store, () => {
        written ||= methods.length;
        return false;
      }),
    };
    const counter = await clinic.again(clinic.radiologist, counting);
    methods.length = 0;
    await counter.share([sample(10)], options());
    expect(methods.filter((method) => method === "eth_sendRawTransaction")).to.have.lengthOf(2);
    expect(written).to.be.within(8, methods.length - 12);
    for (const [fail, method] of methods.entries()) {
      // of those before anything was written, the first and the last
      if (fail > 0 && fail < written - 1) continue;
      const sources = [sample(10)];
      const [records, before] = [await anchored(), await clinic.traces()];
      // connecting asks too, and is not meant
      let call = -Infinity;
      const rpc: Gear["rpc"] = (_, pass) => (call++ === fail ? Promise.reject(cut) : pass());
      const { anchoring } = await interrupted(sources, { rpc }, () => (call = 0));
      if (!anchoring) expect(await clinic.traces(), method).to.deep.equal(before);
      await repeated(sources, records);
    }
  });

  it("when the wallet's owner declines to stamp or to send leaves nothing", async () => {
    const declined = Object.assign(new Error("declined"), { code: "ACTION_REJECTED" });
    for (const faults of [{ stamp: cut }, { before: declined }]) {
      const sources = [sample()];
      const before = await clinic.traces();
      const author = await clinic.again(clinic.radiologist, { signer: (wallet) => new FaultySigner(wallet, faults) });
      await refused(author.share(sources, options()), "CANCELLED");
      expect(await clinic.traces()).to.deep.equal(before);
      await repeated(sources, await anchored());
    }
  });

  it("when nobody knows whether the transaction left keeps what it would lead to", async () => {
    for (const [faults, isAnchored] of [
      [{ before: cut }, false],
      [{ after: cut }, true],
    ] as const) {
      const sources = [sample()];
      const records = await anchored();
      const author = await clinic.again(clinic.radiologist, { signer: (wallet) => new FaultySigner(wallet, faults) });
      await refused(author.share(sources, options()), "CHAIN_UNREACHABLE");
      const visible = await chart.patient.chart();
      expect(visible).to.have.lengthOf(isAnchored ? records + 1 : records);
      // what is visible is whole for the patient
      if (isAnchored) await bytesOf((await chart.patient.open(visible.at(-1)!.recordId)).parts[0]!);
      const { transaction } = await repeated(sources, records);
      expect(transaction === undefined).to.equal(isAnchored);
    }
  });

  it("when the node takes the transaction and its answer or the receipt is lost", async () => {
    for (const lost of ["eth_sendRawTransaction", "eth_getTransactionReceipt"]) {
      const sources = [sample()];
      const records = await anchored();
      const rpc: Gear["rpc"] = async ({ method }, pass) => {
        const answer = await pass();
        if (method === lost) throw cut;
        return answer;
      };
      expect(await interrupted(sources, { rpc })).to.deep.equal({ anchoring: true });
      expect(await anchored()).to.equal(records + 1);
      expect((await repeated(sources, records)).transaction).to.equal(undefined);
    }
  });

  it("when WRITE is revoked just before the anchor leaves nothing and is no record", async () => {
    const { patient, label } = chart;
    const [records, before] = [await anchored(), await clinic.traces()];
    const sources = [sample()];
    let revoked = false;
    const rpc: Gear["rpc"] = async ({ method }, pass) => {
      if (method === "eth_sendRawTransaction" && !revoked) {
        revoked = true;
        await patient.revoke(clinic.radiologist.address, label);
      }
      return pass();
    };
    const author = await clinic.again(clinic.radiologist, { rpc });
    await refused(author.share(sources, options()), "CONTRACT_REFUSED", { error: "NotWriter" });
    const { blocks, pins } = await clinic.traces();
    expect({ blocks, pins }).to.deep.equal({ blocks: before.blocks, pins: before.pins });
    expect(await anchored()).to.equal(records);
  });

  it("when WRITE is revoked just after the anchor keeps the record whole, and the patient can hand out its key", async () => {
    const { patient, label } = chart;
    const sources = [sample()];
    let sent = 0;
    const rpc: Gear["rpc"] = async ({ method }, pass) => {
      if (method === "eth_sendRawTransaction" && ++sent === 2) {
        await patient.revoke(clinic.radiologist.address, label);
      }
      return pass();
    };
    const author = await clinic.again(clinic.radiologist, { rpc });
    await refused(author.share(sources, options()), "CONTRACT_REFUSED", { error: "NotDeliverer" });
    const [record] = await patient.chart();
    await bytesOf((await patient.open(record!.recordId)).parts[0]!);
    await refused(reader.open(record!.recordId, { purpose: "TREAT" }), "KEY_MISSING");
    await clinic.grantRead(patient, reader, label);
    await bytesOf((await reader.open(record!.recordId, { purpose: "TREAT" })).parts[0]!);
  });

  it("whose earlier attempt is mined only now ends in that one, with its key", async () => {
    const sources = [sample()];
    let isLate = false;
    const rpc: Gear["rpc"] = async (_, pass) => {
      if (isLate) {
        isLate = false;
        await clinic.share(chart, sources);
      }
      return pass();
    };
    const author = await clinic.again(clinic.radiologist, { rpc });
    const onProgress: ShareOptions["onProgress"] = ({ step }) => {
      isLate = step === "anchoring";
    };
    const before = await clinic.traces();
    const shared = await author.share(sources, { ...options(), onProgress });
    expect(shared.transaction).to.equal(undefined);
    // part, manifest, and a capsule of each of both
    expect((await clinic.traces()).blocks - before.blocks).to.equal(4);
    await bytesOf((await reader.open(shared.recordId, { purpose: "TREAT" })).parts[0]!);
    await repeated(sources, 0);
  });

  it("twice at the same time is one record", async () => {
    const sources = [sample()];
    const other = await clinic.again(clinic.radiologist, {});
    const both = await Promise.allSettled([clinic.share(chart, sources), other.share(sources, options())]);
    expect(both.map(({ status }) => status)).to.include("fulfilled");
    await repeated(sources, 0);
  });
});

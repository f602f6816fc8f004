import { expect } from "chai";
import { type Provider, makeError } from "ethers";

import { forgetBlocks, newestBlock, noteBlock } from "../../../src/chain/ask.js";
import { chainTime, presentTime } from "../../../src/chain/connection.js";
import { feesOf, holdsNow, receiptIfAny } from "../../../src/chain/differences.js";
import { chainError, read, send } from "../../../src/chain/transactions.js";
import { ConsentRegistry__factory } from "../../../src/chain/typechain/index.js";
import { CareKeyError } from "../../../src/errors.js";
import { refused } from "../../helpers/clinic.js";

const consent = ConsentRegistry__factory.createInterface();
const stale = consent.encodeErrorResult("StaleEra", [7, 8]);
const transaction = { to: "0x01", from: "0x02", data: "0x03" };
const cable = new Error("cable pulled");
const receipt = { status: 1, hash: "0x99", blockNumber: 12 };

/** The time for who sends, in milliseconds: it stands still but where a test lets it pass. */
let clock = 0;

/** A node that answers what it is told; without more, one without fees that mines at once. Each question for a receipt takes it twenty seconds. */
function node(
  answers: { getTransactionReceipt?: (hash: string) => Promise<unknown>; [method: string]: unknown } = {},
): Provider {
  const { getTransactionReceipt = () => Promise.resolve(receipt), ...others } = answers;
  return {
    getBlock: () => Promise.resolve({ baseFeePerGas: 0n, timestamp: 5 }),
    getTransactionReceipt: (hash: string) => {
      clock += 20_000;
      return getTransactionReceipt(hash);
    },
    ...others,
  } as unknown as Provider;
}

/** What ethers makes of a call that reverted with these bytes. */
function reverted(data: string | null, info?: Record<string, unknown>): Error {
  const call = { action: "call", data, reason: null, transaction, invocation: null, revert: null } as const;
  return makeError("reverted", "CALL_EXCEPTION", { ...call, ...(info && { info }) });
}

/** What the node refuses with, one after the other; what is left of them says what was asked. */
function refusing(...errors: Error[]) {
  const asked: unknown[] = [];
  const call = (fees: unknown): Promise<{ hash: string }> => {
    asked.push(fees);
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve({ hash: "0x99" });
  };
  return { asked, call };
}

describe("sending", () => {
  const { now } = Date;
  const { setTimeout: later } = globalThis;
  /** How long the sender meant to wait, each time; here it never does, and not without end. */
  let pauses: number[] = [];
  const hasty = (work: () => void, pause: number) => {
    if (pauses.push(pause) > 100) throw new Error("waits without end");
    return later(work, 0);
  };
  beforeEach(() => {
    clock = 0;
    pauses = [];
    Date.now = () => clock;
    globalThis.setTimeout = hasty as typeof setTimeout;
  });
  afterEach(() => {
    Date.now = now;
    globalThis.setTimeout = later;
  });

  it("offers no fee where the chain has none, and leaves it to ethers elsewhere", async () => {
    const { asked, call } = refusing();
    expect(await send(node(), call)).to.equal(receipt);
    const dear = node({ getBlock: () => Promise.resolve({ baseFeePerGas: 1n }) });
    await send(dear, call);
    expect(asked).to.deep.equal([{ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }, {}]);
    expect(await feesOf(node({ getBlock: () => Promise.resolve(null) }))).to.deep.equal({});
    const tagged = node({ getBlock: (tag: string) => Promise.resolve({ baseFeePerGas: tag === "latest" ? 0n : 1n }) });
    expect(await feesOf(tagged)).to.deep.equal({ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
  });

  it("can be cancelled until it begins, and tells when it does", async () => {
    const { asked, call } = refusing();
    const told: string[] = [];
    const onSend = (): void => void told.push(`sent after ${asked.length}`);
    const dead = node({ getBlock: () => Promise.reject(cable) });
    await refused(send(dead, call, { signal: AbortSignal.abort(), onSend }), "CANCELLED");
    const controller = new AbortController();
    const slow = node({
      getBlock: () => {
        controller.abort();
        return Promise.resolve(null);
      },
    });
    await refused(send(slow, call, { signal: controller.signal, onSend }), "CANCELLED");
    expect([asked, told]).to.deep.equal([[], []]);
    await send(node(), call, { onSend, signal: new AbortController().signal });
    expect(told).to.deep.equal(["sent after 0"]);
    await refused(send(dead, call), "CHAIN_UNREACHABLE");
  });

  it("says why the contract refuses, and sends nothing again", async () => {
    const first = refusing(reverted(stale));
    await refused(send(node(), first.call), "CONTRACT_REFUSED", { error: "StaleEra", era: 7n, standing: 8n });
    expect(first.asked).to.have.length(1);
    const sent = refusing(Object.assign(new Error(), { code: "UNKNOWN_ERROR", error: { data: stale } }));
    await refused(send(node(), sent.call), "CONTRACT_REFUSED", { error: "StaleEra" });
    expect(sent.asked).to.have.length(1);
  });

  it("remembers the block of the receipt", async () => {
    const told = node();
    expect(newestBlock(told)).to.equal(0);
    await send(told, refusing().call);
    expect(newestBlock(told)).to.equal(12);
    noteBlock(told, 11);
    expect(newestBlock(told)).to.equal(12);
    forgetBlocks(told);
    expect(newestBlock(told)).to.equal(0);
  });

  it("asks for the receipt until there is one, and says so where it failed", async () => {
    const answers: unknown[] = [null, new Error("transaction indexing is in progress"), null, receipt];
    const hashes: string[] = [];
    const slow = node({
      getTransactionReceipt: (hash: string) => {
        hashes.push(hash);
        const answer = answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    });
    expect(await send(slow, refusing().call)).to.equal(receipt);
    expect(hashes).to.deep.equal(Array(4).fill("0x99"));
    const failed = node({ getTransactionReceipt: () => Promise.resolve({ status: 0 }) });
    await refused(send(failed, refusing().call), "TRANSACTION_FAILED", { hash: "0x99" });
    const dead = node({ getTransactionReceipt: () => Promise.reject(cable) });
    await refused(send(dead, refusing().call), "CHAIN_UNREACHABLE");
    await refused(read(receiptIfAny(dead, "0x99")), "CHAIN_UNREACHABLE");
  });

  it("gives up waiting after two minutes, asking ever more seldom", async () => {
    const silent = node({
      getTransactionReceipt: () => {
        clock -= 10_000;
        return Promise.resolve(null);
      },
    });
    await refused(send(silent, refusing().call), "TRANSACTION_PENDING", { hash: "0x99" });
    expect(clock).to.equal(130_000);
    expect(pauses).to.deep.equal([5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000]);
  });
});

describe("what went wrong with a chain", () => {
  const of = (cause: unknown): [string, object] => {
    const error = chainError(cause);
    expect(error === cause || error.cause === cause).to.equal(true);
    return [error.code, error.details];
  };

  it("is told by a code, and keeps its cause", () => {
    const own = new CareKeyError("NO_CREDENTIAL", "none");
    expect(chainError(own)).to.equal(own);
    expect(of(reverted(stale))).to.deep.equal(["CONTRACT_REFUSED", { error: "StaleEra", era: 7n, standing: 8n }]);
    expect(of(reverted(null))).to.deep.equal(["CONTRACT_REFUSED", {}]);
    const argument = makeError("no", "INVALID_ARGUMENT", { argument: "scope", value: 5 });
    expect(of(argument)).to.deep.equal(["INVALID_ARGUMENT", { argument: "scope" }]);
    expect(of(makeError("no", "BAD_DATA", { value: "0x" }))).to.deep.equal(["NOT_DEPLOYED", {}]);
    const declined = makeError("no", "ACTION_REJECTED", { action: "sendTransaction", reason: "rejected" });
    expect(of(declined)).to.deep.equal(["CANCELLED", {}]);
    for (const cause of [cable, "cable pulled", null, undefined, 5]) {
      expect(of(cause)).to.deep.equal(["CHAIN_UNREACHABLE", {}]);
    }
  });

  it("is no revert where the node merely could not answer", () => {
    const said = (message: unknown): string => chainError(reverted(null, { error: { message } })).code;
    for (const message of ["execution reverted", "VM: REVERT", "invalid opcode: 0xfe", "out of gas"]) {
      expect(said(message), message).to.equal("CONTRACT_REFUSED");
    }
    for (const message of ["too many requests", undefined]) expect(said(message)).to.equal("CHAIN_UNREACHABLE");
    expect(chainError(reverted("0x", { error: { message: "busy" } })).code).to.equal("CONTRACT_REFUSED");
    expect(chainError(reverted(null, {})).code).to.equal("CONTRACT_REFUSED");
  });

  it("is a contract's refusal where a node says so on sending", () => {
    const sent = (error: unknown, code = "UNKNOWN_ERROR"): [string, object] =>
      of(Object.assign(new Error("could not coalesce"), { code, error }));
    expect(sent({ data: stale })).to.deep.equal(["CONTRACT_REFUSED", { error: "StaleEra", era: 7n, standing: 8n }]);
    for (const error of [undefined, {}, { data: "0x12345678" }, { data: 5 }, { data: "no hex" }]) {
      expect(sent(error)[0]).to.equal("CHAIN_UNREACHABLE");
    }
    expect(sent({ data: stale }, "SERVER_ERROR")[0]).to.equal("CHAIN_UNREACHABLE");
  });

  it("is a transaction that failed where it ran out of gas", () => {
    for (const message of ["Transaction ran out of gas", "EVM error: OutOfGas"]) {
      expect(of(new Error(message))[0]).to.equal("TRANSACTION_FAILED");
    }
    expect(of(new Error("OutOfGas"))[0]).to.equal("CHAIN_UNREACHABLE");
  });

  it("is looked for where the library of the day puts it, but not without end", () => {
    const poor = { message: "insufficient funds" };
    const nest = (depth: number, key: string): unknown => (depth === 0 ? poor : { [key]: nest(depth - 1, key) });
    for (const key of ["info", "error", "cause"]) {
      expect([0, 1, 4, 5].map((depth) => of(nest(depth, key))[0])).to.deep.equal([
        ...["FUNDS_MISSING", "FUNDS_MISSING", "FUNDS_MISSING", "CHAIN_UNREACHABLE"],
      ]);
    }
    expect(of({ message: { includes: 5 } })[0]).to.equal("CHAIN_UNREACHABLE");
  });
});

describe("what holds now", () => {
  const asking = (latest: boolean, pending: boolean | Error) => {
    const tags: unknown[] = [];
    const answer = holdsNow(({ blockTag }) => {
      tags.push(blockTag);
      if (blockTag === "latest") return Promise.resolve(latest);
      return pending instanceof Error ? Promise.reject(pending) : Promise.resolve(pending);
    });
    return { tags, answer };
  };

  it("holds in the newest block and in the next", async () => {
    const no = asking(false, true);
    expect([await no.answer, no.tags]).to.deep.equal([false, ["latest"]]);
    const both = asking(true, true);
    expect([await both.answer, both.tags]).to.deep.equal([true, ["latest", "pending"]]);
    expect(await asking(true, false).answer).to.equal(false);
  });

  it("is the newest block's word where the node makes no other", async () => {
    for (const message of [
      ...["pending block is not available", "pending state is not available", "Unsupported block tag"],
      ...["not supported", "unknown block", "invalid block number"],
    ]) {
      expect(await asking(true, new Error(message)).answer, message).to.equal(true);
    }
    const thrown = await asking(true, cable).answer.catch((error: unknown) => error);
    expect(thrown).to.equal(cable);
  });

  it("is a time: of the newest block, or of this machine's clock where that is later", async () => {
    const at = (timestamp: number) => ({ provider: node({ getBlock: () => Promise.resolve({ timestamp }) }) });
    expect(await chainTime(at(5))).to.equal(5);
    expect(await presentTime(at(5))).to.be.within(Math.floor(Date.now() / 1000) - 5, Math.floor(Date.now() / 1000));
    expect(await presentTime(at(2 ** 40))).to.equal(2 ** 40);
    await refused(chainTime({ provider: node({ getBlock: () => Promise.resolve(null) }) }), "CHAIN_UNREACHABLE");
    await refused(chainTime({ provider: node({ getBlock: () => Promise.reject(cable) }) }), "CHAIN_UNREACHABLE");
  });
});

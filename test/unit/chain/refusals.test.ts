import { expect } from "chai";
import { AbiCoder, Interface, id, toQuantity } from "ethers";

import { carryAll, inBatches, outcomesOf, requireDone, skippedIn } from "../../../src/chain/batches.js";
import { isKnownRefusal, refusal } from "../../../src/chain/refusals.js";
import * as bindings from "../../../src/chain/typechain/index.js";
import { refused } from "../../helpers/clinic.js";

const consent = bindings.ConsentRegistry__factory.createInterface();
const credentials = bindings.CredentialRegistry__factory.createInterface();
const period = consent.encodeErrorResult("InvalidPeriod", [1, 2]);
const nobody = "0x" + "00".repeat(20);

describe("a contract's refusal", () => {
  it("is known by its name and values, for every custom error of every contract", () => {
    const abis = [
      bindings.AccessManager__factory.abi,
      bindings.ConsentRegistry__factory.abi,
      bindings.Announcements__factory.abi,
      bindings.CredentialRegistry__factory.abi,
      bindings.KeyRegistry__factory.abi,
      bindings.RecordRegistry__factory.abi,
      bindings.GroupFactory__factory.abi,
      bindings.Group__factory.abi,
    ];
    const seen = new Set<string>();
    for (const abi of abis) {
      const contract = new Interface(abi);
      contract.forEachError((fragment) => {
        const values = fragment.inputs.map(({ baseType, type }, index) => {
          if (baseType.startsWith("uint")) return BigInt(index + 1);
          if (baseType === "address") return `0x${String(index + 1).repeat(40)}`;
          if (baseType === "bool") return true;
          if (baseType === "string") return "text";
          return `0x${String(index + 1).repeat(type === "bytes4" ? 8 : 64)}`;
        });
        const data = contract.encodeErrorResult(fragment, values);
        const { code, details, cause } = refusal(data, undefined, "why");
        expect(code).to.equal("CONTRACT_REFUSED");
        expect(details.error).to.equal(fragment.name);
        expect(Object.values(details).slice(1)).to.deep.equal(values);
        expect(Object.keys(details)).to.have.length(fragment.inputs.length + 1);
        expect(cause).to.equal("why");
        expect(isKnownRefusal(data)).to.equal(true);
        seen.add(fragment.name);
      });
    }
    for (const name of ["InvalidSignatureList", "NotManager", "FailedDeployment", "AccessManagerUnauthorizedAccount"]) {
      expect(seen).to.include(name);
    }
  });

  it("has the names of the contract that was called, where two have the same error", () => {
    const issue = credentials.encodeFunctionData("issue", [nobody, id("role"), 5]);
    const grant = consent.encodeFunctionData("grant", [nobody, id("scope"), 0, id("capsule")]);
    expect(refusal(period, issue).details).to.deep.equal({ error: "InvalidPeriod", from: 1n, until: 2n });
    expect(refusal(period, grant).details).to.deep.equal({ error: "InvalidPeriod", start: 1n, end: 2n });
    expect(refusal(period).details).to.deep.equal({ error: "InvalidPeriod", start: 1n, end: 2n });
    expect(refusal(period, "0x").details.error).to.equal("InvalidPeriod");
    expect(refusal(period, issue).what).to.equal("The contract refused: InvalidPeriod(from: 1, until: 2)");
  });

  it("numbers values that have no name, as those of Solidity itself", () => {
    const coder = AbiCoder.defaultAbiCoder();
    const text = id("Error(string)").slice(0, 10) + coder.encode(["string"], ["no"]).slice(2);
    expect(refusal(text).details).to.deep.equal({ error: "Error", argument0: "no" });
    const panic = id("Panic(uint256)").slice(0, 10) + coder.encode(["uint256"], [17]).slice(2);
    expect(refusal(panic).details).to.deep.equal({ error: "Panic", argument0: 17n });
  });

  it("has no reason where there are no bytes, too few, or those of no error", () => {
    for (const data of [undefined, null, "0x", period.slice(0, 8), "0x12345678", period.slice(0, 12)]) {
      const error = refusal(data, null, "why");
      expect([error.code, error.details, error.cause]).to.deep.equal(["CONTRACT_REFUSED", {}, "why"]);
      expect(isKnownRefusal(data)).to.equal(false);
    }
    const bare = bindings.Announcements__factory.createInterface().encodeErrorResult("InvalidCapsule");
    expect(bare).to.have.length(10);
    expect(refusal(bare).details).to.deep.equal({ error: "InvalidCapsule" });
  });
});

describe("what a call that shuts a door did not do", () => {
  const contract = `0x${"11".repeat(20)}`;
  const receiptOf = (...errors: string[]) => {
    const logs = errors.map((error, index) => ({
      address: contract,
      ...consent.encodeEventLog("Skipped", [index, error]),
    }));
    return { hash: toQuantity(5), logs } as unknown as Parameters<typeof requireDone>[0];
  };
  const stands = consent.encodeErrorResult("DenyStands", [nobody, `0x${"22".repeat(32)}`]);

  it("is thrown, but for what is as it was to be", async () => {
    requireDone(receiptOf(), contract, []);
    requireDone(receiptOf(stands), contract, ["DenyStands"]);
    requireDone(receiptOf(stands), nobody, []);
    const work = Promise.resolve().then(() => {
      requireDone(receiptOf(stands), contract, ["NothingStands"]);
    });
    await refused(work, "CONTRACT_REFUSED", { error: "DenyStands", grantee: nobody });
  });

  it("is told item by item, in as many transactions as it takes", async () => {
    const carried: number[][] = [];
    const outcomes = await carryAll(inBatches([1, 2, 3], 2), contract, (items) => {
      carried.push(items);
      return Promise.resolve(receiptOf(stands));
    });
    expect(carried).to.deep.equal([[1, 2], [3]]);
    expect(outcomes.map(({ index, done, error }) => [index, done, error?.details.error])).to.deep.equal([
      [0, false, "DenyStands"],
      [1, true, undefined],
      [2, false, "DenyStands"],
    ]);
  });
});

describe("a batch", () => {
  it("has up to 200 items, or fewer", async () => {
    const list = Array.from({ length: 401 }, (_, index) => index);
    expect(inBatches(list).map(({ first, items }) => [first, items.length, items[0]])).to.deep.equal([
      [0, 200, 0],
      [200, 200, 200],
      [400, 1, 400],
    ]);
    expect(inBatches([1, 2, 3], 2)).to.deep.equal([
      { first: 0, items: [1, 2] },
      { first: 2, items: [3] },
    ]);
    expect(inBatches([1, 2], 1)).to.have.length(2);
    expect(inBatches([])).to.deep.equal([]);
    expect(inBatches(list, 200)).to.have.length(3);
    expect(inBatches(list, 100, 100)).to.have.length(5);
    await refused(
      Promise.resolve().then(() => inBatches(list, 101, 100)),
      "INVALID_ARGUMENT",
      { size: 101 },
    );
    for (const size of [0, 201, 1.5, NaN]) {
      const error = await refused(
        Promise.resolve().then(() => inBatches(list, size)),
        "INVALID_ARGUMENT",
      );
      expect(error.details.size).to.deep.equal(size);
    }
  });

  it("tells what was left out and why, by the contract's own events and nobody else's", () => {
    const contract = `0x${"11".repeat(20)}`;
    const skipped = (index: number, address: string) => {
      const { topics, data } = consent.encodeEventLog("Skipped", [index, period]);
      return { address, topics, data };
    };
    const lockedDown = consent.encodeEventLog("LockedDown", [nobody, 7, 1]);
    const logs = [
      { address: contract, ...lockedDown },
      skipped(1, contract),
      skipped(0, nobody),
      { address: contract, topics: [id("Unknown()")], data: "0x" },
    ];
    const receipt = { hash: toQuantity(5), logs } as unknown as Parameters<typeof skippedIn>[0];
    expect([...skippedIn(receipt, contract)].map(([index, { details }]) => [index, details.error])).to.deep.equal([
      [1, "InvalidPeriod"],
    ]);
    const [first, second, ...more] = outcomesOf(receipt, contract, 2);
    expect(first).to.deep.equal({ index: 0, done: true, transaction: "0x5", error: undefined });
    expect(second).to.deep.include({ index: 1, done: false, transaction: "0x5" });
    expect(second?.error?.details).to.deep.equal({ error: "InvalidPeriod", start: 1n, end: 2n });
    expect(more).to.be.empty;
  });
});

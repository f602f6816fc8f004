import { expect } from "chai";
import type { Provider } from "ethers";

import { holdsNow, receiptIfAny } from "../../../src/chain/differences.js";
import { chainError } from "../../../src/chain/transactions.js";

/** What a node said, where ethers puts it. */
function answered(message: string): Error {
  return Object.assign(new Error("could not coalesce error"), {
    code: "UNKNOWN_ERROR",
    error: { code: -32000, message },
  });
}

describe("a node's refusal to take a transaction", () => {
  const refusals = {
    FUNDS_MISSING: [
      // geth and subnet-evm, sent and estimated
      "insufficient funds for gas * price + value: balance 0, tx cost 63546, overshot 63546",
      "gas required exceeds allowance (0)",
      // Besu
      "Upfront cost exceeds account balance",
      // Hardhat
      "Sender doesn't have enough funds to send tx. The max upfront cost is: 21000 and the sender's balance is: 0.",
      // anvil
      "Insufficient funds for gas * price + value",
    ],
    SENDER_NOT_ALLOWED: [
      // subnet-evm, senders and deployers
      "cannot issue transaction from non-allow listed address: 0x3C5ff34f691b5aA6d3987B3B219AA8FbDEA927b1",
      "tx.origin 0x3C5ff34f691b5aA6d3987B3B219AA8FbDEA927b1 is not authorized to deploy a contract",
      // Besu
      "Sender account not authorized to send transactions",
    ],
    CHAIN_UNREACHABLE: ["too many requests", "header not found"],
  };
  for (const [code, messages] of Object.entries(refusals)) {
    it(`is ${code} in the words of each node`, () => {
      for (const message of messages) {
        const said = answered(message);
        const error = chainError(said);
        expect([error.code, error.cause], message).to.deep.equal([code, said]);
      }
    });
  }

  it("is found where a library of another library wrapped it", () => {
    const wrapped = new Error("sending failed", { cause: answered("insufficient funds for transfer") });
    expect(chainError(wrapped).code).to.equal("FUNDS_MISSING");
  });
});

describe("a node that has no answer yet", () => {
  /** What a node's provider does when it is told off in these words. */
  const saying = (error: Error) => ({ getTransactionReceipt: () => Promise.reject(error) }) as unknown as Provider;

  it("says so of the next block, and of a receipt", async () => {
    const ask = ({ blockTag }: { blockTag: unknown }): Promise<boolean> =>
      blockTag === "latest" ? Promise.resolve(true) : Promise.reject(answered("pending block is not available"));
    expect(await holdsNow(ask)).to.equal(true);
    expect(await receiptIfAny(saying(answered("transaction indexing is in progress")), "0x99")).to.equal(null);
  });

  it("is told apart from one that fails, whatever it throws", async () => {
    const thrown = [answered("header not found"), { message: 5 }, "busy", null] as Error[];
    for (const what of thrown) {
      const error = await receiptIfAny(saying(what), "0x99").catch((caught: unknown) => caught);
      expect(error).to.equal(what);
    }
  });
});

import { expect } from "chai";
import { saysNotPinned } from "../../../src/storage/kubo-client.js";

describe("answers of nodes", () => {
  it("say that a root is not pinned, in Kubo's words and in those of IPFS Cluster's proxy", () => {
    for (const words of ["not pinned or pinned indirectly", "pin is not part of the pinset"]) {
      expect(saysNotPinned(new Error(words)), words).to.equal(true);
    }
    for (const words of ["pinned: recursive", "context deadline exceeded"]) {
      expect(saysNotPinned(new Error(words)), words).to.equal(false);
    }
  });
});

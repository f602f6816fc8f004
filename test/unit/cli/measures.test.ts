import { expect } from "chai";

import { bytesOf, durationOf, portOf } from "../../../src/cli/measures.js";

describe("measures of the command line", function () {
  it("are sizes, durations and ports", function () {
    expect(["7", "1.5kB", "100GB", "2 TiB"].map(bytesOf)).to.deep.equal([7, 1500, 1e11, 2 * 2 ** 40]);
    expect(["0s", "30s", "10m", "1h", "2d"].map(durationOf)).to.deep.equal([0, 3e4, 6e5, 3.6e6, 1.728e8]);
    expect(["0", "8080", "65535"].map(portOf)).to.deep.equal([0, 8080, 65535]);
  });

  it("are refused when they make no sense", function () {
    for (const [read, texts] of [
      [bytesOf, ["", "-1", "1XB", "GB", "1e9", "1,5GB"]],
      [durationOf, ["", "1", "-1s", "1.5h", "1w"]],
      [portOf, ["", "-1", "65536", "http"]],
    ] as const)
      for (const text of texts)
        expect(() => read(text), text)
          .to.throw()
          .with.property("code", "INVALID_ARGUMENT");
  });
});

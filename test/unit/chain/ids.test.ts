import { expect } from "chai";
import { encodeBytes32String } from "ethers";

import {
  type Role,
  checkAddress,
  checkLabel,
  checkScope,
  decodeText,
  isLabel,
  isRecordId,
  randomLabel,
  recordIdOf,
  roleId,
  wholeChart,
} from "../../../src/chain/ids.js";
import { refused } from "../../helpers/clinic.js";

const lowest = "0x80" + "00".repeat(31);
const label = "0x7f" + "ab".repeat(31);
const upper = (hex: string): string => hex.toUpperCase().replace("0X", "0x");

/** `async`, so that what is thrown at once is refused as well. */
const thrown = async (work: () => unknown): Promise<unknown> => await Promise.resolve().then(work);

describe("identifiers", () => {
  it("of compartments have the top bit clear, those of records set", async () => {
    expect([label, wholeChart, lowest, "0x12", "label", label + "00"].map(isLabel)).to.deep.equal([
      ...[true, false, false, false, false, false],
    ]);
    expect([lowest, "0xff" + "00".repeat(31), label, wholeChart, "0x80", lowest + "00"].map(isRecordId)).to.deep.equal([
      ...[true, true, false, false, false, false],
    ]);
    expect(isRecordId(recordIdOf("0x" + "11".repeat(20), label, lowest))).to.equal(true);
    const labels = Array.from({ length: 50 }, randomLabel);
    expect(labels.every(isLabel)).to.equal(true);
    expect(new Set(labels).size).to.equal(50);
    expect(new Set(labels.map((each) => each.slice(0, 4))).size).to.be.greaterThan(10);
    expect(checkLabel(upper(label))).to.equal(label);
    for (const wrong of [wholeChart, lowest, "0x12"]) {
      const error = await refused(
        thrown(() => checkLabel(wrong)),
        "INVALID_ARGUMENT",
      );
      expect(error.details).to.deep.equal({});
    }
    for (const scope of [wholeChart, label, lowest]) expect(checkScope(upper(scope))).to.equal(scope);
    await refused(
      thrown(() => checkScope("0x12")),
      "INVALID_ARGUMENT",
    );
  });

  it("of roles and reasons are their text", async () => {
    expect(roleId("keeper")).to.equal(encodeBytes32String("keeper"));
    expect(roleId("patient")).to.equal(encodeBytes32String("patient"));
    await refused(
      thrown(() => roleId("wizard" as Role)),
      "INVALID_ARGUMENT",
    );
    expect(decodeText(encodeBytes32String("wrong unit"))).to.equal("wrong unit");
    expect(decodeText("0x" + "ff".repeat(32))).to.equal("0x" + "ff".repeat(32));
  });

  it("of accounts are told with their checksum, or why not", async () => {
    const address = "0x4df2538e6d4010609Eae355CFAe49c507a7bF270";
    expect(checkAddress(address.toLowerCase(), "Actor")).to.equal(address);
    const error = await refused(
      thrown(() => checkAddress(address.replace("E", "e"), "Actor")),
      "INVALID_ARGUMENT",
    );
    expect(error.cause).to.be.instanceOf(Error);
  });
});

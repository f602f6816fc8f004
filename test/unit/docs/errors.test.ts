import { readFileSync } from "node:fs";

import { expect } from "chai";
import { Interface } from "ethers";

import * as bindings from "../../../src/chain/typechain/index.js";
import { errorCodes } from "../../../src/errors.js";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

describe("docs/errors.md", function () {
  it("has a row for every code, and none for codes that do not exist", function () {
    const listed = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed).to.have.members(errorCodes);
  });

  it("has a row for every custom error of every contract, with its arguments", function () {
    const contracts = {
      CredentialRegistry: bindings.CredentialRegistry__factory.abi,
      KeyRegistry: bindings.KeyRegistry__factory.abi,
      ConsentRegistry: bindings.ConsentRegistry__factory.abi,
      Announcements: bindings.Announcements__factory.abi,
      RecordRegistry: bindings.RecordRegistry__factory.abi,
      GroupFactory: bindings.GroupFactory__factory.abi,
      Group: bindings.Group__factory.abi,
    };
    const rows = [...page.matchAll(/^\| (\w+) +\| `(\w+\([^`]*\))` +\|/gm)].map(
      ([, contract = "", error = ""]) => `${contract}.${error}`,
    );
    const shared = new Set<string>();
    new Interface(bindings.ISignedActions__factory.abi).forEachError(({ name }) => shared.add(name));
    // checked where every signature is
    shared.add("InsufficientGas");
    const errors = Object.entries(contracts).flatMap(([contract, abi]) => {
      const found: string[] = [];
      new Interface(abi).forEachError(({ name, inputs }) => {
        const of = shared.has(name) ? "SignedActions" : contract;
        found.push(`${of}.${name}(${inputs.map((input) => input.name).join(", ")})`);
      });
      return found;
    });
    // those of OpenZeppelin's EIP712 come from its constructor only
    const own = [...new Set(errors)].filter((error) => !/\.(InvalidShortString|StringTooLong)\(/.test(error));
    expect(rows).to.have.members(own);
  });
});

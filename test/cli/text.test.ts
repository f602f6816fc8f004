import { expect } from "chai";

import { dateTime, printable, table } from "../../src/cli/text.js";

describe("what the command line prints", () => {
  it("makes columns as wide as they must be, also for letters of more than one code", () => {
    const lines = table(
      ["name", "n"],
      [
        ["Mu\u0308nchen", "1"],
        ["heart", "22"],
      ],
    );
    expect(lines).to.deep.equal(["name     n", "───────  ──", "Mu\u0308nchen  1", "heart    22"]);
    expect(table(["name"], [])).to.deep.equal(["name", "────"]);
  });

  it("makes a block of each row where the table is wider than the terminal, and cuts nothing", () => {
    const rows = [
      ["a", "0123456789"],
      ["", "9876543210"],
    ];
    expect(table(["name", "id"], rows, 16)).to.have.lengthOf(4);
    expect(table(["name", "id"], rows, 15)).to.deep.equal(["name  a", "id    0123456789", "", "id    9876543210"]);
  });

  it("lets no control character and no turn of direction through", () => {
    expect(printable("a\u001b[31mb\u009b1mc\r\nd\u202ee")).to.equal("a\ufffd[31mb\ufffd1mc\ufffd\ufffdd\ufffde");
    expect(printable("Ärztin 東京 …")).to.equal("Ärztin 東京 …");
  });

  it("tells times in UTC", () => {
    expect(dateTime(0)).to.equal("1970-01-01 00:00:00 UTC");
  });
});

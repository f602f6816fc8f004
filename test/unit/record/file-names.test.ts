import { expect } from "chai";
import fc from "fast-check";

import { safeNames } from "../../../src/record/file-names.js";

describe("names of exported files", function () {
  this.timeout(60_000);

  it("stay as they are where they are good for every file system", () => {
    const good = ["ecg.dcm", "Befund Müller.pdf", "心电图.dcm", ".hidden", "__proto__", "a.b.c"];
    expect(safeNames(good)).to.deep.equal(good);
  });

  it("stay in their folder whatever they are called", () => {
    const bad: [string, string][] = [
      ["../../etc/passwd", ".._.._etc_passwd"],
      ["..", "file"],
      [".", "file"],
      ["", "file"],
      ["a\u0000b", "a_b"],
      ["C:\\boot.ini", "C__boot.ini"],
      ["con", "_con"],
      ["NUL.txt", "_NUL.txt"],
      ["com1.dcm", "_com1.dcm"],
      ["trailing. . ", "trailing"],
      ["  leading", "leading"],
      ["x\u202egnp.exe", "x_gnp.exe"],
      ["what?*.pdf", "what__.pdf"],
    ];
    for (const [name, expected] of bad) expect(safeNames([name]), JSON.stringify(name)).to.deep.equal([expected]);
    expect(safeNames([`${"é".repeat(300)}.dcm`])[0])
      .to.match(/^é+\.dcm$/)
      .and.to.have.lengthOf(102);
  });

  it("differ where letters' case does not count", () => {
    expect(safeNames(["A", "a", "b"])).to.deep.equal(["0-A", "1-a", "b"]);
    expect(safeNames(["a", "a", "0-a"])).to.deep.equal(["0-0-a", "1-a", "0-a"]);
    expect(safeNames(["straße", "STRASSE"])).to.deep.equal(["0-straße", "1-STRASSE"]);
  });

  it("are safe, distinct and the same again, for any names", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.constantFrom("a", "A", "0-a", "..", "con", "nul."),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        const safe = safeNames(names);
        expect(safeNames(names)).to.deep.equal(safe);
        expect(new Set(safe.map((each) => each.normalize("NFC").toLowerCase())).size).to.equal(names.length);
        for (const each of safe) {
          expect(each)
            .to.match(/^[^/\\\p{Cc}<>:"|?*]+$/u)
            .and.not.match(/^\.{0,2}$|[. ]$/);
          expect(Buffer.byteLength(each)).to.be.at.most(255);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

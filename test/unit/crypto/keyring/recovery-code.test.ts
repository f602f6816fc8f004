import { expect } from "chai";
import fc from "fast-check";

import { entropyToMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

import { newRecoveryCode, parseRecoveryCode, wordsOf } from "../../../../src/crypto/keyring/recovery-code.js";
import { refused } from "../../../helpers/refusals.js";

/** The last of BIP 39's own vectors with 256 bits. */
const known = {
  entropy: "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
  words:
    "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
};

describe("a recovery code", function () {
  this.timeout(20_000);

  it("has 24 words of a public list, and is another each time", () => {
    const codes = new Set(Array.from({ length: 50 }, newRecoveryCode));
    expect(codes).to.have.lengthOf(50);
    for (const code of codes) expect(code.split(" ").filter((word) => wordlist.includes(word))).to.have.lengthOf(24);
  });

  it("is read as BIP 39 has it", () => {
    expect(Buffer.from(parseRecoveryCode(known.words)).toString("hex")).to.equal(known.entropy);
  });

  it("comes back from every 256 bits, however it is written down", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (entropy) => {
        const words = entropyToMnemonic(entropy, wordlist).split(" ");
        const numbered = words.map((word, at) => `${at + 1}. ${at % 2 ? word.toUpperCase() : word}`).join("\n");
        for (const text of [words.join(" "), `  ${words.join("\n\t")}\r\n`, words.join(", "), numbered])
          expect(parseRecoveryCode(text)).to.deep.equal(entropy);
      }),
      { numRuns: 200 },
    );
  });

  it("says which word is in no list, and nothing of the others", async () => {
    for (let position = 1; position <= 24; position++) {
      const words = known.words.split(" ");
      words[position - 1] = "voidd";
      await refused(() => parseRecoveryCode(words.join(" ")), "RECOVERY_CODE_INVALID", { reason: "word", position });
    }
  });

  it("says how many words there are when they are not 24", async () => {
    const words = known.words.split(" ");
    for (const count of [0, 1, 12, 23])
      await refused(() => parseRecoveryCode(words.slice(0, count).join(" ")), "RECOVERY_CODE_INVALID", {
        ...{ reason: "count", words: count },
      });
    await refused(() => parseRecoveryCode([...words, "void"].join(" ")), "RECOVERY_CODE_INVALID", { words: 25 });
  });

  it("refuses words in each other's place, or one for another, by the checksum", async () => {
    const words = known.words.split(" ");
    let passed = 0;
    for (let at = 0; at < 23; at++) {
      const swapped = [...words];
      [swapped[at], swapped[at + 1]] = [words[at + 1]!, words[at]!];
      try {
        parseRecoveryCode(swapped.join(" "));
        passed++;
      } catch {
        await refused(() => parseRecoveryCode(swapped.join(" ")), "RECOVERY_CODE_INVALID", { reason: "checksum" });
      }
    }
    // eight bits of checksum let one of 256 through
    expect(passed).to.be.lessThan(3);
  });

  it("never stands in its refusal", async () => {
    for (const text of [known.words.replace("void", "secretword"), known.words.replace("void", "come"), "secretword"]) {
      const error = await refused(() => parseRecoveryCode(text), "RECOVERY_CODE_INVALID");
      expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.to.match(
        /secretword|unfold|suffer/,
      );
    }
  });

  it("has words for any other bytes, eleven bits each", () => {
    expect(wordsOf(new Uint8Array(11), 8)).to.equal(Array(8).fill("abandon").join(" "));
    expect(wordsOf(new Uint8Array(11).fill(255), 8)).to.equal(Array(8).fill("zoo").join(" "));
  });
});

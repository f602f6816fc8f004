import { randomFillSync } from "node:crypto";

import { Encrypter } from "age-encryption";

import { sealBytes } from "../../src/crypto/age.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { alternating, type Group, ratio, timed } from "./group.js";

const MEBIBYTES = 64;
const RUNS = 5;

/** Sealing in memory, against age-encryption (typage) in the same process and to the same recipient. */
export const typage: Group = {
  targets: { encryptToTypage: { atLeast: 4 } },
  run: async (note) => {
    const plaintext = randomFillSync(new Uint8Array(MEBIBYTES * 1024 * 1024));
    const recipient = await recipientOf(await generateIdentity());
    const theirs = async (): Promise<void> => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      await encrypter.encrypt(plaintext);
    };
    const ours = async (): Promise<void> => {
      await sealBytes(plaintext, [recipient]);
    };
    const pairs = await alternating(
      RUNS,
      () => timed(theirs),
      () => timed(ours),
    );
    for (const pair of pairs)
      note(`typage: ${MEBIBYTES} MiB, theirs ${pair.theirs.toFixed(2)} s, ours ${pair.ours.toFixed(3)} s`);
    return { encryptToTypage: ratio(pairs) };
  },
};

/** What the page offers to the test: the age layer as an application would use it, from the one source that Node runs too. */
import { base64 } from "@scure/base";

import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { recipientOf } from "../../src/crypto/recipients.js";

const page = {
  /** Opens a file in base64 and gives another one with the same in it. */
  sealAnew: async (sealed: string, identity: string): Promise<string> => {
    const plaintext = await openBytes(base64.decode(sealed), { identity }, 2 ** 20);
    const { bytes } = await sealBytes(plaintext, [await recipientOf(identity)]);
    return base64.encode(bytes);
  },
};

/** What the test sees. */
export type AgePage = typeof page;

Object.assign(globalThis, { page });

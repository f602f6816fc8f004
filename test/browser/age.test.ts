import { base64 } from "@scure/base";
import { expect } from "chai";

import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { build } from "../cli/helpers/built.js";
import { sampleBytes, same } from "../helpers/age-files.js";
import { browserBundle } from "../helpers/browser-bundle.js";
import type { AgePage } from "./age-page.js";
import { callPage, hasBrowser, openSite } from "./tab.js";

describe("the age layer in browsers", function () {
  this.timeout(300_000);

  it("is bundled from the built package as from its sources", async () => {
    await build();
    const { text, inputs } = await browserBundle("dist");
    expect(inputs).to.include("dist/crypto/primitives/portable.js");
    expect(text).not.to.match(/["']node:|\bBuffer\b/);
  });

  it("opens what Node sealed and seals what Node opens, in Chromium", async function () {
    if (!hasBrowser) this.skip();
    const site = await openSite("age-page.ts");
    try {
      const tab = await site.newTab();
      await tab.goto(site.url);
      const identity = await generateIdentity();
      const recipient = await recipientOf(identity);
      for (const size of [0, 1, 65_536, 200_000]) {
        const { bytes } = await sealBytes(sampleBytes(size), [recipient]);
        const anew = base64.decode(
          await callPage<AgePage, "sealAnew">(tab, "sealAnew", base64.encode(bytes), identity),
        );
        expect(same(anew, bytes), String(size)).to.equal(false);
        expect(same(await openBytes(anew, { identity }, 2 ** 20), sampleBytes(size)), String(size)).to.equal(true);
      }
    } finally {
      await site.close();
    }
  });
});

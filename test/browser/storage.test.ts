import { expect } from "chai";
import { CID } from "multiformats/cid";
import type { Page as Tab } from "playwright-core";

import { collect } from "../../src/bytes.js";
import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { issueToken } from "../../src/node/tokens.js";
import { addFile } from "../../src/storage/files.js";
import { memoryStore } from "../../src/storage/memory.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { namesOf } from "../helpers/block-store-suite.js";
import { type RunningNode, runNode } from "../helpers/storage-node.js";
import { sample } from "./sample.js";
import type { StoragePage } from "./storage-page.js";
import { type Site, callPage, hasBrowser, openSite } from "./tab.js";

/** Some leaves and a node above them. */
const SIZE = 3_500_000;

describe("a storage node, used from a real browser", function () {
  this.timeout(120_000);
  let site: Site;
  let tab: Tab;
  let node: RunningNode;
  let identity: string;
  let recipient: string;
  const inner = memoryStore();

  before(async function () {
    if (!hasBrowser) this.skip();
    site = await openSite("storage-page.ts");
    tab = await site.newTab();
    await tab.goto(site.url);
    node = await runNode(inner);
    identity = await generateIdentity();
    recipient = await recipientOf(identity);
  });
  after(async () => {
    if (!hasBrowser) return;
    await node.close();
    await site.close();
  });

  const call = <Name extends keyof StoragePage>(name: Name, ...args: Parameters<StoragePage[Name]>) =>
    callPage<StoragePage, Name>(tab, name, ...args);

  async function shared(): Promise<string> {
    return ((await call("share", node.url, node.put, recipient, SIZE)) as { cid: string }).cid;
  }

  it("keeps what the page sealed, which Node reads and opens", async () => {
    const cid = await shared();
    const sealed = await collect(readFile(CID.parse(cid), inner), Infinity);
    expect(Buffer.compare(await openBytes(sealed, { identity }, SIZE), sample(SIZE))).to.equal(0);
    expect(await namesOf(inner.pins())).to.include(cid);
  });

  it("gives the page what Node kept, without a token", async () => {
    const { bytes } = await sealBytes(sample(SIZE), [recipient]);
    const { cid } = await addFile([bytes], inner);
    expect(await call("open", node.url, cid.toString(), identity, SIZE)).to.deep.equal({ same: true });
  });

  it("is not believed where a block rotted or is missing", async () => {
    const root = CID.parse(await shared());
    const swapped = { ...inner, get: () => Promise.resolve(new Uint8Array(10)), has: () => Promise.resolve(true) };
    const liar = await runNode(swapped);
    expect(await call("open", liar.url, root.toString(), identity, SIZE)).to.deep.equal({ code: "BLOCK_INVALID" });
    await liar.close();
    const empty = await runNode();
    expect(await call("open", empty.url, root.toString(), identity, SIZE)).to.deep.equal({ code: "BLOCK_MISSING" });
    expect(await call("has", empty.url, root.toString())).to.deep.equal({ has: false });
    await empty.close();
  });

  it("takes blocks with a token that still holds, and lets no page delete, whatever its token", async () => {
    for (const token of [
      undefined,
      "no token",
      await issueToken(new Uint8Array(32), { scope: "put", lifetime: 60_000 }),
    ])
      expect(await call("share", node.url, token, recipient, SIZE)).to.deep.equal({ code: "STORE_FAILED" });
    const cid = await shared();
    for (const token of [node.put, node.manage])
      expect(await call("delete", node.url, token, cid)).to.deep.equal({ code: "STORE_FAILED" });
    expect(await inner.has(CID.parse(cid))).to.equal(true);
  });

  it("that cannot be reached is said to have failed", async () => {
    const gone = await runNode();
    await gone.close();
    expect(await call("share", gone.url, gone.put, recipient, 10)).to.deep.equal({ code: "STORE_FAILED" });
  });
});

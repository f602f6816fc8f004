import { once } from "node:events";
import { type IncomingMessage, get } from "node:http";

import { CarReader } from "@ipld/car";
import { encode } from "@ipld/dag-pb";
import { expect } from "chai";
import { base36 } from "multiformats/bases/base36";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";

import { memoryStore } from "../../../src/storage/memory.js";
import type { Block, BlockStore } from "../../../src/storage/types.js";
import { fileNode } from "../../../src/storage/unixfs/node.js";
import { dagPbBlock } from "../../../src/storage/verify.js";
import { sampleBlocks } from "../../helpers/block-store-suite.js";
import { forward } from "../../helpers/stores.js";
import { type RunningNode, runNode } from "../../helpers/storage-node.js";

const RAW = "application/vnd.ipld.raw";
const CAR = "application/vnd.ipld.car";

describe("gateway: reading", function () {
  let inner: BlockStore;
  let node: RunningNode;
  let leaves: Block[];
  let root: Block;

  beforeEach(async function () {
    inner = memoryStore();
    leaves = await sampleBlocks(2);
    const links = [leaves[0]!, leaves[1]!, leaves[0]!].map(({ cid }) => ({ cid, size: 100, tsize: 100 }));
    ({ block: root } = await fileNode(links));
    await inner.putMany([...leaves, root]);
    node = await runNode(inner);
  });
  afterEach(() => node.close());

  const ask = (path: string, init?: RequestInit) => fetch(`${node.url}${path}`, init);
  const names = async (response: Response) => {
    const reader = await CarReader.fromBytes(new Uint8Array(await response.arrayBuffer()));
    const cids: string[] = [];
    for await (const { cid } of reader.blocks()) cids.push(cid.toString());
    return { roots: (await reader.getRoots()).map(String), cids };
  };
  const textOf = (...blocks: readonly (Block | undefined)[]) => blocks.map((block) => block!.cid.toString());

  it("gives out a block with the headers of a trustless gateway", async function () {
    const [cid] = textOf(leaves[0]) as [string];
    for (const [path, init] of [
      [`/ipfs/${cid}?format=raw`, {}],
      [`/ipfs/${cid}/?format=raw`, { headers: { accept: CAR } }],
      [`/ipfs/${cid}`, { headers: { accept: `text/html, ${CAR};q=0.1, ${RAW};q=0.5, */*;q=0.9` } }],
    ] as const) {
      const response = await ask(path, init);
      expect(response.status).to.equal(200);
      expect(new Uint8Array(await response.arrayBuffer())).to.deep.equal(leaves[0]!.bytes);
      expect(Object.fromEntries(response.headers)).to.include({
        "content-type": RAW,
        "content-length": "100",
        "content-disposition": `attachment; filename="${cid}.bin"`,
        "x-content-type-options": "nosniff",
        etag: `"${cid}.raw"`,
        "cache-control": "public, max-age=29030400, immutable",
        "x-ipfs-path": `/ipfs/${cid}`,
        "x-ipfs-roots": cid,
        "accept-ranges": "none",
        "access-control-allow-origin": "*",
      });
    }
  });

  it("answers HEAD with the same headers and no body", async function () {
    for (const format of ["raw", "car"]) {
      const path = `/ipfs/${root.cid.toString()}?format=${format}`;
      const [head, get] = await Promise.all([ask(path, { method: "HEAD" }), ask(path)]);
      expect(head.status).to.equal(200);
      expect(await head.text()).to.equal("");
      for (const name of ["content-type", "etag", "content-disposition", "x-ipfs-path", "content-length"])
        expect(head.headers.get(name), name).to.equal(get.headers.get(name));
      await get.arrayBuffer();
    }
  });

  it("gives out a DAG as a CAR, depth first, each block once or as often as it is named", async function () {
    const path = `/ipfs/${root.cid.toString()}?format=car`;
    const once = await ask(path);
    expect(Object.fromEntries(once.headers)).to.include({
      "content-type": `${CAR}; version=1; order=dfs; dups=n`,
      "content-disposition": `attachment; filename="${root.cid.toString()}.car"`,
      "accept-ranges": "none",
    });
    expect(await names(once)).to.deep.equal({ roots: textOf(root), cids: textOf(root, leaves[0], leaves[1]) });
    const twice = await ask(`/ipfs/${root.cid.toString()}`, {
      headers: { accept: `${CAR};version=1;order=dfs;dups=y` },
    });
    expect(twice.headers.get("content-type")).to.include("dups=y");
    expect((await names(twice)).cids).to.deep.equal(textOf(root, leaves[0], leaves[1], leaves[0]));
    expect(twice.headers.get("etag")).to.not.equal(once.headers.get("etag"));
  });

  it("heeds the scope of a CAR", async function () {
    const directory = await dagPbBlock(
      encode({ Data: Uint8Array.of(8, 1), Links: [{ Name: "a", Hash: root.cid, Tsize: 1 }] }),
    );
    await inner.put(directory);
    const cidsOf = async (block: Block, scope: string) =>
      (await names(await ask(`/ipfs/${block.cid.toString()}?format=car&dag-scope=${scope}`))).cids;
    expect(await cidsOf(root, "block")).to.deep.equal(textOf(root));
    expect(await cidsOf(root, "entity")).to.deep.equal(textOf(root, leaves[0], leaves[1]));
    expect(await cidsOf(directory, "entity")).to.deep.equal(textOf(directory));
    expect(await cidsOf(directory, "all")).to.deep.equal(textOf(directory, root, leaves[0], leaves[1]));
    expect(await cidsOf(leaves[0]!, "all")).to.deep.equal(textOf(leaves[0]));
  });

  it("takes a CIDv0 for the dag-pb block that it means, and other bases", async function () {
    const v0 = CID.createV0(root.cid.multihash as Parameters<typeof CID.createV0>[0]).toString();
    for (const name of [v0, root.cid.toString(base36)]) {
      const response = await ask(`/ipfs/${name}?format=raw`);
      expect(new Uint8Array(await response.arrayBuffer())).to.deep.equal(root.bytes);
    }
  });

  it("knows the probe", async function () {
    expect(await (await ask("/ipfs/bafkqaaa?format=raw")).text()).to.equal("");
    expect(await names(await ask("/ipfs/bafkqaaa?format=car"))).to.deep.equal({ roots: ["bafkqaaa"], cids: [] });
    expect((await ask("/ipfs/bafkqaaa?format=raw", { method: "HEAD" })).status).to.equal(200);
  });

  it("says that what a client has is unchanged, of what is here", async function () {
    const [cid] = textOf(leaves[0]) as [string];
    const path = `/ipfs/${cid}?format=raw`;
    for (const tag of [`"${cid}.raw"`, `W/"${cid}.raw"`, `"x", "${cid}.raw"`, "*"]) {
      const response = await ask(path, { headers: { "if-none-match": tag } });
      expect([response.status, await response.text(), response.headers.get("etag")]).to.deep.equal([
        304,
        "",
        `"${cid}.raw"`,
      ]);
    }
    expect((await ask(path, { headers: { "if-none-match": '"x"' } })).status).to.equal(200);
    await inner.delete(leaves[0]!.cid);
    expect((await ask(path, { headers: { "if-none-match": "*" } })).status).to.equal(404);
  });

  it("says at once that it has no such block", async function () {
    await inner.delete(root.cid);
    const path = `/ipfs/${root.cid.toString()}`;
    for (const format of ["raw", "car"])
      for (const method of ["GET", "HEAD"]) {
        const response = await ask(`${path}?format=${format}`, { method });
        expect(response.status, method).to.equal(404);
        expect(response.headers.get("cache-control")).to.equal("no-store");
        if (method === "GET")
          expect(await response.json()).to.deep.include({
            code: "BLOCK_MISSING",
            details: { cid: root.cid.toString() },
          });
      }
    const cached = await ask(`${path}?format=raw`, { headers: { "cache-control": "only-if-cached" } });
    expect(cached.status).to.equal(412);
  });

  it("refuses what it cannot give, each with its status", async function () {
    const [cid] = textOf(root) as [string];
    const { digest } = root.cid.multihash;
    const identity = CID.createV1(0x55, Digest.create(0, Uint8Array.of(1))).toString();
    const cases: [number, string, RequestInit?][] = [
      [400, "/ipfs/nonsense?format=raw"],
      [400, `/ipfs/${CID.createV1(0x55, Digest.create(0x12, digest.slice(0, 20))).toString()}?format=raw`],
      [400, `/ipfs/${cid}%2f..%2fx?format=raw`],
      [400, `/ipfs/${cid}/%2e%2e/x?format=raw`],
      [400, `/ipfs/%00?format=raw`],
      [400, `/ipfs//${cid}?format=raw`],
      [400, `/ipfs/${cid}\\x?format=raw`.replace("\\", "%5c")],
      [400, `/ipfs/${cid}?format=car&dag-scope=some`],
      [404, "/"],
      [404, "/ipns/x"],
      [404, "/constructor"],
      [405, "/ipfs?format=raw", { method: "PUT" }],
      [405, "/health", { method: "POST" }],
      [405, `/ipfs/${cid}`, { method: "PATCH" }],
      [405, "/ipfs"],
      [406, `/ipfs/${cid}`],
      [406, `/ipfs/${cid}`, { headers: { accept: "text/html" } }],
      [406, `/ipfs/${cid}`, { headers: { accept: `${RAW};q=0` } }],
      [406, `/ipfs/${cid}?format=dag-json`],
      [406, `/ipfs/${cid}?format=car&car-version=2`],
      [406, `/ipfs/${cid}`, { headers: { accept: `${CAR};order=rnd` } }],
      [501, `/ipfs/${cid}/name?format=car`],
      [501, `/ipfs/${cid}?format=car&entity-bytes=0:1`],
      [501, `/ipfs/${CID.createV1(0x55, Digest.create(0x13, digest)).toString()}?format=raw`],
      [501, `/ipfs/${CID.createV1(0x71, Digest.create(0x12, digest)).toString()}?format=raw`],
      [501, `/ipfs/${identity}?format=raw`],
    ];
    for (const [status, path, init] of cases) {
      const response = await ask(path, init);
      const body = (await response.json()) as { code: string; message: string; details: object };
      expect(response.status, path).to.equal(status);
      expect(body).to.have.all.keys("code", "message", "details");
      expect(body.code).to.equal("INVALID_ARGUMENT");
    }
    expect((await ask("/ipfs", { method: "PATCH" })).headers.get("allow")).to.equal("POST, OPTIONS");
  });

  it("resolves nothing in a path that a client would have resolved", async function () {
    const { port } = new URL(node.url);
    const [cid] = textOf(root) as [string];
    const paths = [
      `/ipfs/../ipfs/${cid}`,
      `/ipfs/./${cid}`,
      `//ipfs/${cid}`,
      `/ipfs/${cid}/..`,
      `/x/%2e%2e/ipfs/${cid}`,
      `http://a/ipfs/${cid}`,
    ];
    for (const path of paths) {
      const [response] = (await once(get({ port, path: `${path}?format=raw` }), "response")) as [IncomingMessage];
      response.resume();
      expect(response.statusCode, path).to.equal(400);
    }
  });

  it("gives out no path of the machine when a store fails, and is unhealthy then", async function () {
    const failing = await runNode({
      ...forward(inner),
      get: () => Promise.reject(new Error("/var/lib/secret")),
      blocks: () => {
        throw new Error("/var/lib/secret");
      },
    });
    try {
      const response = await fetch(`${failing.url}/ipfs/${root.cid.toString()}?format=raw`);
      expect(response.status).to.equal(500);
      expect(await response.text()).to.not.include("/var");
      const health = await fetch(`${failing.url}/health`);
      expect(health.status).to.equal(503);
      expect(await health.json()).to.deep.equal({ ok: false, code: "UNFORESEEN" });
    } finally {
      await failing.close();
    }
  });

  it("breaks a CAR off where a block is missing below its root, so that nobody takes it for whole", async function () {
    await inner.delete(leaves[1]!.cid);
    const response = await ask(`/ipfs/${root.cid.toString()}?format=car`);
    expect(response.status).to.equal(200);
    const whole = await response.arrayBuffer().then(
      () => true,
      () => false,
    );
    expect(whole).to.equal(false);
  });

  it("tells how full it is", async function () {
    const bytes = 200 + root.bytes.length;
    const response = await ask("/health");
    expect([response.status, await response.json()]).to.deep.equal([200, { ok: true, blocks: 3, bytes }]);
  });

  it("lets pages of other origins ask, and put with a token", async function () {
    const response = await ask(`/ipfs/${root.cid.toString()}`, {
      method: "OPTIONS",
      headers: { origin: "https://a.example" },
    });
    expect(response.status).to.equal(204);
    expect(Object.fromEntries(response.headers)).to.include({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, PUT, POST",
    });
    expect(response.headers.get("access-control-allow-headers")).to.include("authorization");
    expect(response.headers.get("access-control-allow-credentials")).to.equal(null);
    const refused = await ask("/pins");
    expect(refused.headers.get("access-control-allow-origin")).to.equal("*");
  });
});

import { request } from "node:http";

import { expect } from "chai";
import { varint } from "multiformats";

import { concat } from "../../../src/bytes.js";
import { memoryStore } from "../../../src/storage/memory.js";
import { type Block, type BlockStore, MAX_BLOCK } from "../../../src/storage/types.js";
import { carOf } from "../../../src/storage/kubo-car.js";
import { rawBlock } from "../../../src/storage/verify.js";
import { namesOf, sampleBlocks } from "../../helpers/block-store-suite.js";
import { type RunningNode, runNode } from "../../helpers/storage-node.js";

interface Refusal {
  readonly code: string;
  readonly details: Record<string, unknown>;
}

describe("gateway: putting and managing", function () {
  let inner: BlockStore;
  let node: RunningNode;
  let blocks: Block[];

  beforeEach(async function () {
    inner = memoryStore();
    node = await runNode(inner, { quota: 5_000_000 });
    blocks = await sampleBlocks(3);
  });
  afterEach(() => node.close());

  const call = (method: string, path: string, token?: string, body?: Uint8Array) =>
    fetch(`${node.url}${path}`, {
      method,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      ...(body && { body: Uint8Array.from(body) }),
    });
  const path = ({ cid }: Block, folder = "ipfs") => `/${folder}/${cid.toString()}`;
  const refusalIn = async (response: Response) => (await response.json()) as Refusal;
  const nothing = async () => {
    for (const { cid } of blocks) expect(await inner.has(cid)).to.equal(false);
  };

  it("keeps a block, and those of a CAR", async function () {
    const [one, two, three] = blocks as [Block, Block, Block];
    expect((await call("PUT", `${path(one)}?format=raw`, node.put, one.bytes)).status).to.equal(204);
    const response = await call("POST", "/ipfs", node.put, carOf([two, three]));
    expect([response.status, await response.json()]).to.deep.equal([200, { blocks: 2, bytes: 200 }]);
    for (const { cid, bytes } of blocks) expect(await inner.get(cid)).to.deep.equal(bytes);
  });

  it("pins, lists and removes", async function () {
    await inner.putMany(blocks);
    expect((await call("PUT", path(blocks[0]!, "pins"), node.put)).status).to.equal(204);
    const pins = await call("GET", "/pins", node.manage);
    expect(pins.headers.get("content-type")).to.equal("application/x-ndjson");
    expect(await pins.text()).to.equal(`${JSON.stringify({ cid: blocks[0]!.cid.toString() })}\n`);
    const lines = (await (await call("GET", "/blocks", node.manage)).text()).trim().split("\n");
    const listed = lines.map((line) => JSON.parse(line) as { cid: string; size: number; since: number });
    expect(listed.map(({ cid, size }) => [cid, size])).to.have.deep.members(
      blocks.map(({ cid }) => [cid.toString(), 100]),
    );
    for (const { since } of listed) expect(since).to.be.a("number");
    expect((await call("DELETE", path(blocks[0]!, "pins"), node.manage)).status).to.equal(204);
    expect((await call("DELETE", path(blocks[0]!), node.manage)).status).to.equal(204);
    expect(await namesOf(inner.pins())).to.deep.equal([]);
    expect(await inner.has(blocks[0]!.cid)).to.equal(false);
    expect((await call("PUT", path(blocks[0]!, "pins"), node.put)).status).to.equal(404);
  });

  it("wants a token for all that writes or lists, and one that allows it", async function () {
    const [block] = blocks as [Block];
    const puts: [string, string][] = [
      ["PUT", path(block)],
      ["POST", "/ipfs"],
      ["PUT", path(block, "pins")],
    ];
    const manages: [string, string][] = [
      ["DELETE", path(block)],
      ["DELETE", path(block, "pins")],
      ["GET", "/pins"],
      ["GET", "/blocks"],
    ];
    for (const [method, at] of [...puts, ...manages])
      for (const token of [undefined, "nonsense"]) {
        const body = method === "GET" ? undefined : block.bytes;
        const response = await call(method, at, token, body);
        expect(response.status, `${method} ${at}`).to.equal(401);
        expect(response.headers.get("www-authenticate")).to.equal("Bearer");
        expect((await refusalIn(response)).code).to.equal("TOKEN_REFUSED");
      }
    for (const [method, at] of manages) {
      const response = await call(method, at, node.put);
      expect(response.status, `${method} ${at}`).to.equal(403);
      expect((await refusalIn(response)).details).to.deep.equal({ status: 403, reason: "scope" });
    }
    await nothing();
  });

  it("keeps nothing of other bytes than the CID's, alone or in a CAR", async function () {
    const [one, two] = blocks as [Block, Block];
    const forged = { cid: one.cid, bytes: two.bytes };
    for (const response of [
      await call("PUT", path(one), node.put, two.bytes),
      await call("POST", "/ipfs", node.put, carOf([forged])),
    ]) {
      expect(response.status).to.equal(400);
      expect(await refusalIn(response)).to.deep.include({
        code: "BLOCK_INVALID",
        details: { cid: one.cid.toString(), reason: "hash" },
      });
    }
    await nothing();
  });

  it("refuses blocks past 2 MiB, declared or not, alone or in a CAR", async function () {
    const [one] = blocks as [Block];
    const long = new Uint8Array(MAX_BLOCK + 1);
    const responses = [
      await call("PUT", path(one), node.put, long),
      await fetch(`${node.url}${path(one)}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${node.put}` },
        body: new Blob([long]).stream(),
        duplex: "half",
      }),
      await call("POST", "/ipfs", node.put, carOf([{ cid: one.cid, bytes: long }])),
    ];
    for (const response of responses) {
      expect(response.status).to.equal(400);
      expect(await refusalIn(response)).to.deep.nested.include({ code: "BLOCK_INVALID", "details.reason": "size" });
    }
  });

  it("refuses malformed CARs", async function () {
    const car = carOf(blocks);
    const [header, frame] = [carOf([]), car.slice(carOf([]).length)];
    const overlong = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
    const huge = varint.encodeTo(2 ** 31, new Uint8Array(varint.encodingLength(2 ** 31)));
    for (const body of [
      new Uint8Array(),
      Uint8Array.of(1, 2, 3),
      frame,
      overlong,
      concat([header, overlong]),
      concat([header, huge]),
      concat([header, Uint8Array.of(2, 1, 1)]),
      car.slice(0, 90),
    ]) {
      const response = await call("POST", "/ipfs", node.put, body);
      expect(response.status).to.equal(400);
      expect((await refusalIn(response)).code).to.be.oneOf(["INVALID_ARGUMENT", "BLOCK_INVALID"]);
    }
    await nothing();
  });

  it("refuses another form than raw, and a CID that it does not keep", async function () {
    expect((await call("PUT", `${path(blocks[0]!)}?format=car`, node.put, blocks[0]!.bytes)).status).to.equal(400);
    expect((await call("PUT", "/ipfs/nonsense", node.put, blocks[0]!.bytes)).status).to.equal(400);
    expect((await call("PUT", "/pins/nonsense", node.put)).status).to.equal(400);
    expect((await call("DELETE", "/ipfs/nonsense", node.manage)).status).to.equal(400);
  });

  it("refuses what would pass the quota before it is written", async function () {
    const many = await Promise.all([1, 2, 3].map((fill) => rawBlock(new Uint8Array(MAX_BLOCK).fill(fill))));
    const response = await call("POST", "/ipfs", node.put, carOf(many));
    expect(response.status).to.equal(507);
    expect(await refusalIn(response)).to.deep.include({ code: "DISK_FULL", details: { quota: 5_000_000, bytes: 0 } });
    expect(await (await call("GET", "/health")).json()).to.deep.equal({
      ok: true,
      blocks: 0,
      bytes: 0,
      quota: 5_000_000,
    });
  });

  it("keeps nothing of a block whose upload breaks off, and goes on", async function () {
    const upload = request(`${node.url}${path(blocks[0]!)}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${node.put}`, "content-length": 100 },
    });
    upload.on("error", () => undefined);
    const closed = new Promise((resolve) => upload.once("close", resolve));
    upload.write(blocks[0]!.bytes.slice(0, 50), () => upload.destroy());
    await closed;
    expect((await call("GET", "/health")).status).to.equal(200);
    await nothing();
  });
});

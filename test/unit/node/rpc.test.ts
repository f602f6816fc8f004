import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { guardedStore } from "../../helpers/guarded.js";
import { fsStore } from "../../../src/storage/fs.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { MiB, noise } from "../../helpers/dags.js";
import { headers, type Listening, send, startRpc, upload } from "../../helpers/rpc-node.js";
import { rpcSuite } from "../../helpers/rpc-suite.js";

describe("RPC of the storage node", function () {
  this.timeout(20_000);
  let node: Listening | undefined;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-rpc-"));
  });
  afterEach(async () => {
    await node?.close();
    node = undefined;
    await rm(directory, { recursive: true });
  });

  const start = async (store: BlockStore) => {
    await node?.close();
    node = await startRpc(guardedStore(store));
    return { url: node.url, headers };
  };
  rpcSuite("the RPC over a store in memory", () => start(memoryStore()));
  rpcSuite("the RPC over a store on disk", async () => start(await fsStore(directory, { fsync: false })));

  it("sends answers in Kubo's forms", async () => {
    const store = memoryStore();
    const { cid } = await importFile(noise(2 * MiB), store);
    await store.pin(cid);
    await start(store);
    const json = { "content-type": "application/json" };
    const lines = { ...json, "x-chunked-output": "1" };
    const bytes = (type: string) => ({ "content-type": type, "x-stream-output": "1" });
    for (const [path, form, body] of [
      ["version", json],
      ["id", json],
      [`block/stat?arg=${cid.toString()}`, json],
      [`block/get?arg=/ipfs/${cid.toString()}`, bytes("application/vnd.ipld.raw")],
      [`cat?arg=${cid.toString()}&offset=10`, { ...bytes("text/plain"), "x-content-length": String(2 * MiB - 10) }],
      [`dag/export?arg=${cid.toString()}`, bytes("application/vnd.ipld.car")],
      ["pin/ls", json],
      ["pin/ls?stream=true", lines],
      ["refs/local", lines],
      ["repo/gc", lines],
      ["add", lines, upload({ body: "one" }, { body: "two" })],
      ["block/put", lines, upload({ body: "one" }, { body: "two" })],
    ] as const) {
      const answer = await send(node!, `/api/v0/${path}`, body);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers, path).to.include(form);
      if (form === lines) for (const line of answer.text.trim().split("\n")) JSON.parse(line || "0");
    }
  });

  it("accepts what says where to look and for how long, and passes over what it does not know", async () => {
    await start(memoryStore());
    for (const query of [
      "offline=true",
      "timeout=1m30s",
      "timeout=1500ms",
      "timeout=0.5h",
      "stream-channels=true",
      "x=y",
    ]) {
      expect((await send(node!, `/api/v0/version?${query}`)).status, query).to.equal(200);
    }
  });

  it("lists no pin by a name, as names are not kept", async () => {
    const store = memoryStore();
    const { cid } = await importFile(noise(10), store);
    await start(store);
    expect((await send(node!, `/api/v0/pin/add?arg=${cid.toString()}&name=scan`)).status).to.equal(200);
    expect((await send(node!, "/api/v0/pin/ls")).text)
      .to.contain(cid.toString())
      .and.not.contain("scan");
    expect((await send(node!, "/api/v0/pin/ls?name=scan")).text).to.equal("{}\n");
  });
});

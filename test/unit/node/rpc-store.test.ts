import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { guardedStore } from "../../helpers/guarded.js";
import { fsStore } from "../../../src/storage/fs.js";
import { kuboStore } from "../../../src/storage/kubo.js";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { blockStoreSuite, failure, namesOf, sampleBlocks } from "../../helpers/block-store-suite.js";
import { clients } from "../../helpers/clients.js";
import { MiB, noise } from "../../helpers/dags.js";
import { headers, type Listening, startRpc } from "../../helpers/rpc-node.js";

describe("kubo store on the storage node", function () {
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

  const inners: readonly (readonly [string, () => Promise<BlockStore>])[] = [
    ["memory", () => Promise.resolve(memoryStore())],
    ["fs", () => fsStore(directory, { fsync: false })],
  ];
  for (const [client, create] of clients) {
    /** The node, and a kubo store on it. */
    const start = async (inner: BlockStore, quota?: number): Promise<BlockStore> => {
      await node?.close();
      node = await startRpc(guardedStore(inner, { quota }));
      return kuboStore(create({ url: node.url, headers }));
    };

    for (const [kind, open] of inners) {
      blockStoreSuite(`kubo store through ${client} on our node over ${kind}`, async () => start(await open()));
    }

    it(`hears from the node through ${client} that its disk is full`, async () => {
      const store = await start(memoryStore(), 3 * MiB);
      await failure(importFile(noise(10 * MiB), store), "DISK_FULL");
      await failure(store.putMany(await sampleBlocks(5, MiB)), "DISK_FULL");
      for await (const { cid } of store.blocks()) expect.fail(`kept ${cid.toString()}`);
    });

    it(`hears from the node through ${client} that a token is missing`, async () => {
      await start(memoryStore());
      const [block] = await sampleBlocks(1);
      const bare = kuboStore(create({ url: node!.url }));
      const { cid } = block!;
      const calls = [bare.put(block!), bare.get(cid), bare.has(cid), bare.delete(cid), bare.pin(cid), bare.unpin(cid)];
      for (const call of [...calls, namesOf(bare.pins())].map((one) => failure(one, "STORE_FAILED"))) {
        expect(await call).to.deep.equal({ status: 401 });
      }
    });
  }
});

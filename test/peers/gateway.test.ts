import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import { collect } from "../../src/bytes.js";
import { httpStore } from "../../src/storage/http.js";
import { memoryStore } from "../../src/storage/memory.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { failure, sampleBlocks } from "../helpers/block-store-suite.js";
import { createCurrent as create } from "../helpers/clients.js";
import { MiB, noise } from "../helpers/dags.js";
import { runNode } from "../helpers/storage-node.js";
import { kuboStore } from "../../src/storage/kubo.js";
import { KuboNode } from "./helpers/kubo.js";
import { describePeer } from "./helpers/peer.js";

describePeer("ipfs", "trustless gateways, Kubo's and ours", function (ipfs) {
  this.timeout(60_000);
  let kubo: KuboNode;

  before(async () => {
    kubo = await KuboNode.start(ipfs);
  });
  after(async () => {
    await kubo.stop();
    await kubo.remove();
  });

  it("reads a file from Kubo's gateway, and says what it does not have", async () => {
    const { cid } = await importFile(noise(3 * MiB), kuboStore(create({ url: kubo.rpc })));
    const store = httpStore(kubo.gateway);
    expect(await store.has(cid)).to.equal(true);
    const bytes = await collect(readFile(cid, store), 4 * MiB);
    expect(bytes).to.deep.equal(await collect(noise(3 * MiB), 4 * MiB));
    const [absent] = await sampleBlocks(1);
    expect(await store.has(absent!.cid)).to.equal(false);
    // it searches for half a minute, alone as it is
    expect(await failure(store.get(absent!.cid, { deadline: 100 }), "STORE_FAILED")).to.deep.equal({ deadline: 100 });
  });

  it("gives Kubo a DAG as a CAR, from which it has the whole file", async () => {
    const inner = memoryStore();
    const { cid } = await importFile(noise(3 * MiB, 10_007), inner);
    const node = await runNode(inner);
    try {
      for (const [name, dups] of ["n", "y"].entries()) {
        const response = await fetch(`${node.url}/ipfs/${cid.toString()}?format=car&car-dups=${dups}`);
        const path = join(kubo.directory, `${name}.car`);
        await writeFile(path, new Uint8Array(await response.arrayBuffer()));
        await kubo.run("dag", "import", path);
        expect(await kubo.bytes("cat", cid.toString())).to.have.length(3 * MiB);
        await kubo.empty();
      }
    } finally {
      await node.close();
    }
  });
});

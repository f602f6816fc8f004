import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { Wallet } from "ethers";
import type { CID } from "multiformats/cid";

import { ownChain } from "../../scripts/demo/chain.js";
import { type LocalCluster, startCluster } from "../../scripts/cluster/cluster.js";
import { clusterPrograms } from "../../scripts/cluster/find.js";
import type { ClusterNode } from "../../scripts/cluster/node.js";
import { type CareKey, type Source, connect, generateIdentity, randomLabel } from "../../src/index.js";
import { clusterStore, type ClusterStoreOptions } from "../../src/storage/cluster.js";
import { kuboStore } from "../../src/storage/kubo.js";
import type { BlockStore } from "../../src/storage/types.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { blockStoreSuite, failure, namesOf, sampleBlocks } from "../helpers/block-store-suite.js";
import { MiB } from "../helpers/dags.js";
import { clients, createCurrent } from "../helpers/clients.js";
import { describePeer } from "./helpers/peer.js";
import { call, emptied, holds, until } from "./helpers/cluster.js";

/** A file like none before, so that no node knows a block of it. */
function* fresh(size: number): Generator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; left -= MiB) yield randomBytes(Math.min(left, MiB));
}

describePeer("ipfs-cluster-service", "cluster store", function () {
  this.timeout(180_000);
  let cluster: LocalCluster;

  before(async () => {
    const found = clusterPrograms();
    if ("missing" in found) throw new Error(`no ${found.missing.join(", ")}`);
    cluster = await startCluster(found);
  });
  after(() => cluster.close());

  const at = (node: ClusterNode, options: ClusterStoreOptions = {}): BlockStore =>
    clusterStore(createCurrent({ url: node.proxy }), node.api, options);
  const node = (index: number): ClusterNode => cluster.nodes[index]!;
  /** The nodes whose Kubo pins a root. */
  const holders = async (root: CID): Promise<ClusterNode[]> => {
    const answers = await Promise.all(cluster.nodes.map((one) => holds(one, root)));
    return cluster.nodes.filter((_, index) => answers[index]);
  };
  const opens = async (root: CID, size: number, through: ClusterNode): Promise<void> => {
    let read = 0;
    for await (const chunk of readFile(root, at(through))) read += chunk.length;
    expect(read, `through node ${through.index}`).to.equal(size);
  };
  const crash = (one: ClusterNode): Promise<void> => one.end("SIGKILL");
  const restart = async (...nodes: readonly ClusterNode[]): Promise<void> => {
    for (const one of nodes) await one.start();
    for (const each of cluster.nodes) await each.sees(cluster.nodes.length);
  };

  for (const [name, create] of clients) {
    blockStoreSuite(`cluster store of ${name}`, async () => {
      await emptied(cluster.nodes);
      // the node beside the peer alone, as what others hold stays with them
      return clusterStore(create({ url: node(0).proxy }), node(0).api, { offline: true });
    });
  }

  it("returns from pin when as many nodes hold the file as there have to be copies", async () => {
    for (const replicas of [undefined, 2, 3]) {
      const { cid, added } = await importFile(fresh(9 * MiB), at(node(0)));
      await at(node(0), { replicas }).pin(cid);
      const pinned = await holders(cid);
      expect(pinned).to.have.length.of.at.least(replicas ?? 2);
      for (const { rpc } of pinned) {
        for (const block of added) await call(rpc, `block/stat?arg=${block.toString()}&offline=true`);
      }
    }
  });

  for (const [name, create] of clients)
    it(`is a kubo store of ${name} as well, by its proxy alone: what that pins gets two copies`, async () => {
      const store = kuboStore(create({ url: node(0).proxy }));
      const { cid } = await importFile(fresh(5 * MiB), store);
      await store.pin(cid);
      // it does not wait for them: the proxy's pins say nothing of copies
      await until(async () => (await holders(cid)).length >= 2);
      await opens(cid, 5 * MiB, node(2));
      await store.unpin(cid);
      await until(async () => (await holders(cid)).length === 0);
    });

  it("shows a pin through every peer, and ends it on every node", async () => {
    const { cid } = await importFile(fresh(3 * MiB), at(node(1)));
    await at(node(1)).pin(cid);
    const listed = async (one: ClusterNode): Promise<boolean> =>
      (await namesOf(at(one).pins())).includes(cid.toString());
    // peers hear of it one after the other
    for (const one of cluster.nodes) await until(() => listed(one));
    await at(node(2)).unpin(cid);
    expect(await holds(node(2), cid)).to.equal(false);
    await until(async () => (await holders(cid)).length === 0);
    for (const one of cluster.nodes) await until(async () => !(await listed(one)));
  });

  it("lets the blocks of an unpinned file be deleted at once", async () => {
    const store = at(node(0));
    const { cid, added } = await importFile(fresh(5 * MiB), store);
    await store.pin(cid);
    const details = await failure(store.delete(added[0]!), "STORE_FAILED");
    expect(details).to.deep.equal({ cid: added[0]!.toString(), reason: "pinned" });
    await store.unpin(cid);
    for (const block of added) await store.delete(block);
    for (const block of added) expect(await store.has(block)).to.equal(false);
  });

  it("takes a pin back when its copies do not come in time, and keeps one that was there", async () => {
    const { cid, added } = await importFile(fresh(4 * MiB + 1), at(node(0)));
    await at(node(0)).delete(added[1]!);
    const details = await failure(at(node(0)).pin(cid, { deadline: 2000 }), "STORE_FAILED");
    expect(details).to.deep.equal({ deadline: 2000, pinned: 0, wanted: 2 });
    expect(await namesOf(at(node(0)).pins())).not.to.include(cid.toString());

    const [block] = await sampleBlocks(1);
    await at(node(0)).put(block!);
    await at(node(0)).pin(block!.cid);
    const caller = new AbortController();
    const again = at(node(0), { replicas: 3 }).pin(block!.cid, { signal: caller.signal });
    caller.abort();
    await failure(again, "CANCELLED");
    expect(await namesOf(at(node(0)).pins())).to.include(block!.cid.toString());
  });

  it("keeps everything open when any one node is killed, and heals when it returns", async () => {
    const shares = await Promise.all(
      cluster.nodes.map(async (one, index) => {
        const size = 6 * MiB + index;
        const { cid } = await importFile(fresh(size), at(one));
        await at(one).pin(cid);
        return { cid, size };
      }),
    );
    for (const lost of cluster.nodes) {
      await crash(lost);
      for (const through of cluster.nodes.filter((one) => one !== lost)) {
        for (const { cid, size } of shares) await opens(cid, size, through);
      }
      await restart(lost);
      for (const { cid } of shares) await until(async () => (await holders(cid)).length === 3);
    }
  });

  it("heals a node that returns with an empty disk", async () => {
    const size = 12 * MiB;
    const { cid, added } = await importFile(fresh(size), at(node(0)));
    await at(node(0)).pin(cid);
    await until(async () => holds(node(1), cid));
    await crash(node(1));
    await node(1).empty();
    await restart(node(1));
    await until(async () => holds(node(1), cid));
    for (const block of added) await call(node(1).rpc, `block/stat?arg=${block.toString()}&offline=true`);
    for (const lost of [node(0), node(2)]) await crash(lost);
    await opens(cid, size, node(1));
    await restart(node(0), node(2));
  });

  it("makes another copy elsewhere when one of two is lost", async () => {
    const { cid } = await importFile(fresh(4 * MiB), at(node(0)));
    await at(node(0), { replicas: 2 }).pin(cid);
    const pinned = await holders(cid);
    expect(pinned).to.have.length(2);
    const [lost] = pinned;
    const spare = cluster.nodes.find((one) => !pinned.includes(one))!;
    await crash(lost!);
    await until(async () => holds(spare, cid));
    await restart(lost!);
  });

  it("refuses a pin where there are too few nodes for its copies, and takes it once one is back", async () => {
    const store = at(node(0));
    const { cid } = await importFile(fresh(2 * MiB), store);
    for (const lost of [node(1), node(2)]) await crash(lost);
    // until its metrics are too old, a lost node counts
    await until(async () => {
      const details = await failure(store.pin(cid, { deadline: 1500 }), "STORE_FAILED");
      return details.status === 500;
    });
    expect(await namesOf(store.pins())).not.to.include(cid.toString());
    await restart(node(1), node(2));
    await store.pin(cid);
    expect(await holders(cid)).to.have.length.of.at.least(2);
  });

  it("opens records of the SDK through the nodes that are left", async () => {
    const chain = await ownChain();
    try {
      const [signer, identity] = [Wallet.createRandom(), await generateIdentity()];
      const join = (through: ClusterNode): Promise<CareKey> =>
        connect({ signer, identity, ...chain, store: at(through) });
      const patient = await join(node(0));
      await patient.publishKey();
      const size = 5 * MiB + 3;
      const source: Source = { name: "generated.bin", size, stream: () => fresh(size) };
      const place = { patient: patient.address, compartment: randomLabel() };
      const { recordId } = await patient.share([source], place);
      for (const lost of cluster.nodes) {
        await crash(lost);
        for (const through of cluster.nodes.filter((one) => one !== lost)) {
          let read = 0;
          const [part] = (await (await join(through)).open(recordId)).parts;
          for await (const chunk of part!.stream()) read += chunk.length;
          expect(read).to.equal(size);
        }
        await restart(lost);
      }
    } finally {
      await chain.close();
    }
  });
});

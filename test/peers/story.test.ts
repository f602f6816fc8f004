import { expect } from "chai";
import { Wallet } from "ethers";
import { create } from "kubo-rpc-client";

import {
  type CareKey,
  type Source,
  connect,
  generateIdentity,
  isCareKeyError,
  kuboStoreAt,
  randomLabel,
} from "../../src/index.js";
import { ownChain } from "../../scripts/demo/chain.js";
import { Stage } from "../../scripts/demo/stage.js";
import { play } from "../../scripts/demo/story.js";
import { KuboNode } from "./helpers/kubo.js";
import { describePeer } from "./helpers/peer.js";

const MiB = 1024 * 1024;

/** Bytes that differ from block to block. */
function generated(size: number): Source {
  return {
    name: "generated.bin",
    size,
    *stream() {
      for (let sent = 0; sent < size; sent += MiB) yield new Uint8Array(MiB).fill((sent / MiB) % 251);
    },
  };
}

describePeer("ipfs", "the demo's story on a real IPFS node", (program) => {
  let node: KuboNode;
  let stage: Stage;

  beforeEach(async () => {
    node = await KuboNode.start(program);
    stage = await Stage.build({ ipfs: node.rpc });
  });

  afterEach(async () => {
    await stage.strike();
    await node.remove();
  });

  it("is told as on a folder: the same bytes, the same refusals, the same pictures", async () => {
    const { log } = await play(stage, () => undefined);
    expect(stage.identical).to.equal(true);
    expect(new Set(stage.refused.map(({ code }) => code))).to.deep.equal(new Set(["ACCESS_REFUSED"]));
    expect(stage.refused).to.have.length(7);
    expect(stage.pictures).to.have.length(3);
    expect(log.filter(({ what }) => what === "anchored")).to.have.length(5);
  });

  it("leaves every part and manifest pinned, and nothing in the clear", async () => {
    const { patient, recordId } = await shared();
    const pins: string[] = [];
    for await (const { cid } of create({ url: node.rpc }).pin.ls({ type: "recursive" })) pins.push(cid.toString());
    // the part and the manifest of one record; Kubo's own empty folder beside them
    expect(pins.filter((cid) => cid.startsWith("baf"))).to.have.length(2);
    const { parts } = await patient.open(recordId);
    expect(parts.map(({ size }) => size)).to.deep.equal([3 * MiB]);
  });

  it("ends a share with a typed error when the node goes in the middle, shows nothing, and can be repeated", async () => {
    const chain = await ownChain();
    try {
      const [signer, identity] = [Wallet.createRandom(), await generateIdentity()];
      // the node listens elsewhere after a restart
      const join = async (): Promise<CareKey> =>
        connect({ signer, identity, ...chain, store: await kuboStoreAt(node.rpc) });
      const patient = await join();
      await patient.publishKey();
      const place = { patient: patient.address, compartment: randomLabel() };
      const source = generated(64 * MiB);
      let killed: Promise<void> | undefined;
      const onProgress = ({ done }: { done: number }): void => {
        if (done >= 24 * MiB) killed ??= node.kill();
      };
      const failure: unknown = await patient.share([source], { ...place, onProgress }).catch((error: unknown) => error);
      await killed;
      expect(isCareKeyError(failure, "STORE_FAILED"), String(failure)).to.equal(true);
      expect(await patient.chart()).to.deep.equal([]);

      await node.start();
      const again = await join();
      const { recordId } = await again.share([source], place);
      expect((await again.chart()).map((record) => record.recordId)).to.deep.equal([recordId]);
      const [part] = (await again.open(recordId)).parts;
      let read = 0;
      for await (const chunk of part!.stream()) read += chunk.length;
      expect(read).to.equal(source.size);
    } finally {
      await chain.close();
    }
  });

  it("of another network is told by what it lacks, and nothing is lost", async () => {
    const chain = await ownChain();
    const elsewhere = await KuboNode.start(program);
    try {
      const [signer, identity] = [Wallet.createRandom(), await generateIdentity()];
      const at = async (url: string): Promise<CareKey> =>
        connect({ signer, identity, ...chain, store: await kuboStoreAt(url, { deadline: 5_000 }) });
      const patient = await at(node.rpc);
      await patient.publishKey();
      const place = { patient: patient.address, compartment: randomLabel() };
      const { recordId } = await patient.share([generated(MiB)], place);

      const lost: unknown = await (await at(elsewhere.rpc)).open(recordId).catch((error: unknown) => error);
      expect(isCareKeyError(lost, "BLOCK_MISSING"), String(lost)).to.equal(true);
      expect((await patient.open(recordId)).parts).to.have.length(1);
    } finally {
      await elsewhere.remove();
      await chain.close();
    }
  });

  async function shared(): Promise<{ patient: CareKey; recordId: string }> {
    const patient = await stage.actor("patient");
    const place = { patient: patient.address, compartment: randomLabel() };
    const { recordId } = await patient.share([generated(3 * MiB)], place);
    return { patient, recordId };
  }
});

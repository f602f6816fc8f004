import { rpcSuite } from "../helpers/rpc-suite.js";
import { KuboNode } from "./helpers/kubo.js";
import { describePeer } from "./helpers/peer.js";

// what our own node is held to, so that nobody takes its habits for Kubo's
describePeer("ipfs", "RPC of Kubo", function (ipfs) {
  this.timeout(60_000);
  let node: KuboNode;

  before(async () => {
    node = await KuboNode.start(ipfs, { offline: true });
  });
  after(async () => {
    await node.remove();
  });

  rpcSuite("Kubo", async () => {
    await node.empty();
    return { url: node.rpc };
  });
});

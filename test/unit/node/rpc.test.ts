import { memoryStore } from "../../../src/storage/memory.js";
import { guardedStore } from "../../../src/node/guarded-store.js";
import { headers, type Listening, startRpc } from "../../helpers/rpc-node.js";
import { rpcSuite } from "../../helpers/rpc-suite.js";

describe("RPC of the storage node", function () {
  this.timeout(20_000);
  let node: Listening | undefined;

  afterEach(async () => {
    await node?.close();
    node = undefined;
  });

  rpcSuite("the RPC over a store in memory", async () => {
    node = await startRpc(await guardedStore(memoryStore(), { grace: 0 }));
    return { url: node.url, headers };
  });
});

import { once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";
import { create } from "kubo-rpc-client";

import { guardedStore } from "../../../src/node/guarded-store.js";
import { serveNode } from "../../../src/node/serve.js";
import { httpStore } from "../../../src/storage/http.js";
import { kuboStore } from "../../../src/storage/kubo.js";
import { memoryStore } from "../../../src/storage/memory.js";
import { failure, sampleBlocks } from "../../helpers/block-store-suite.js";
import { storeWith } from "../../helpers/dags.js";
import { runNode } from "../../helpers/storage-node.js";

describe("serveNode", function () {
  it("gives one store to the gateway and to clients of the RPC", async function () {
    const node = await runNode();
    try {
      const [block] = await sampleBlocks(1);
      await httpStore(node.url, { token: node.put }).put(block!);
      const headers = (token: string) => ({ authorization: `Bearer ${token}` });
      const stock = kuboStore(create({ url: node.rpcUrl!, headers: headers(node.manage) }));
      expect(await stock.get(block!.cid)).to.deep.equal(block!.bytes);
      const lesser = kuboStore(create({ url: node.rpcUrl!, headers: headers(node.put) }));
      expect(await failure(lesser.get(block!.cid), "STORE_FAILED")).to.include({ status: 403 });
      const none = kuboStore(create({ url: node.rpcUrl! }));
      expect(await failure(none.get(block!.cid), "STORE_FAILED")).to.include({ status: 401 });
    } finally {
      await node.close();
    }
  });

  it("finishes a request when it is closed, and then takes none", async function () {
    const asked = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const [block] = await sampleBlocks(1);
    const node = await runNode(
      storeWith((inner) => ({
        put: async (one, options) => {
          asked.resolve(undefined);
          await go.promise;
          await inner.put(one, options);
        },
      })),
    );
    const store = httpStore(node.url, { token: node.put });
    const put = store.put(block!);
    await asked.promise;
    const closed = node.close();
    go.resolve(undefined);
    await put;
    await closed;
    expect(await failure(store.get(block!.cid), "STORE_FAILED")).to.include({ code: "ECONNREFUSED" });
    await node.close();
  });

  it("fails where it cannot listen, and then listens nowhere", async function () {
    const node = await runNode();
    try {
      const port = Number(new URL(node.url).port);
      const options = { store: guardedStore(memoryStore()), secret: node.secret };
      expect(await failure(serveNode({ ...options, port }), "STORE_FAILED")).to.deep.equal({
        code: "EADDRINUSE",
        port,
      });
      expect(await failure(serveNode({ ...options, rpc: { port } }), "STORE_FAILED")).to.include({
        code: "EADDRINUSE",
      });
    } finally {
      await node.close();
    }
  });

  it("refuses heads that are too long or none", async function () {
    const node = await runNode();
    try {
      const { port } = new URL(node.url);
      for (const [head, status] of [
        [`GET /health HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431],
        ["nonsense\r\n\r\n", 400],
      ] as const) {
        const socket = connect(Number(port), "127.0.0.1");
        socket.on("error", () => undefined);
        socket.write(head);
        const [answer] = (await once(socket, "data")) as [Buffer];
        expect(answer.toString()).to.match(new RegExp(`^HTTP/1.1 ${status} `));
        socket.destroy();
      }
    } finally {
      await node.close();
    }
  });
});

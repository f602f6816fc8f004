import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { create } from "kubo-rpc-client";

import { ClusterApi } from "../../../src/storage/cluster-api.js";
import { clusterStore } from "../../../src/storage/cluster.js";
import type { Block } from "../../../src/storage/types.js";
import { failure, failures, sampleBlocks } from "../../helpers/block-store-suite.js";

describe("the API of a cluster", () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string };
  let asked: string[];
  let block: Block;
  const { signal } = new AbortController();

  beforeEach(async () => {
    asked = [];
    [block] = (await sampleBlocks(1)) as [Block];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim());
      response.writeHead(answer.status).end(answer.body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const api = (): ClusterApi => new ClusterApi(`${url}/`, { authorization: "Basic eDp5" });
  const everyCall = (target: ClusterApi): Promise<unknown>[] => [
    target.add(block.cid, { replicas: 2 }, signal),
    target.statuses(block.cid, signal),
    target.statusHere(block.cid, signal),
  ];

  it("is asked with the caller's headers for as many copies as wanted", async () => {
    answer = { status: 200, body: JSON.stringify({ replication_factor_min: 2 }) };
    expect(await api().add(block.cid, { replicas: 2 }, signal)).to.equal(2);
    const path = `/pins/${block.cid.toString()}?mode=recursive&replication-min=2&replication-max=2`;
    expect(asked).to.deep.equal([`POST ${path} Basic eDp5`]);
  });

  it("tells a pin that is not there from an address where nothing is", async () => {
    answer = { status: 404, body: JSON.stringify({ code: 404, message: "pin is not part of the pinset" }) };
    expect(await api().knows(block.cid, signal)).to.equal(false);
    await api().remove(block.cid, signal);
    answer = { status: 404, body: "<html>Not found</html>" };
    expect(await failure(api().knows(block.cid, signal), "STORE_FAILED")).to.deep.equal({ status: 404 });
    expect(await failure(api().remove(block.cid, signal), "STORE_FAILED")).to.deep.equal({ status: 404 });
  });

  for (const status of [401, 403, 500, 502]) {
    it(`says that it refused with ${status}`, async () => {
      answer = { status, body: JSON.stringify({ code: status, message: "no" }) };
      for (const details of await failures(everyCall(api()), "STORE_FAILED")) expect(details).to.deep.equal({ status });
    });
  }

  for (const body of ["", "<html>It works!</html>", "[]", "{}", `{"peer_map":{"a":{"status":1}}}`]) {
    it(`is not taken for a cluster when it answers ${JSON.stringify(body)}`, async () => {
      answer = { status: 200, body };
      for (const details of await failures(everyCall(api()), "STORE_FAILED"))
        expect(details).to.deep.equal({ reason: "answer" });
    });
  }

  it("is named with the system's code when nobody listens", async () => {
    server.close();
    await once(server, "close");
    const store = clusterStore(create({ url }), url);
    expect(await failure(store.unpin(block.cid), "STORE_FAILED")).to.deep.equal({ code: "ECONNREFUSED" });
  });

  it("is refused where its address or the number of copies can't be", () => {
    const client = create({ url });
    const refused = (work: () => unknown): void => {
      expect(work).to.throw().with.property("code", "INVALID_ARGUMENT");
    };
    for (const wrong of ["", "ftp://x", "http://user:secret@127.0.0.1:9094"]) {
      refused(() => clusterStore(client, wrong));
    }
    for (const replicas of [0, -1, 1.5, NaN]) refused(() => clusterStore(client, url, { replicas }));
  });
});

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { kuboStoreAt } from "../../../src/storage/kubo-url.js";
import { failure } from "../../helpers/block-store-suite.js";

describe("kubo store at a URL", () => {
  let server: Server;

  const listen = async (answer: RequestListener) => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  afterEach(() => {
    close();
  });

  it("says where no node answers", async () => {
    const url = await listen(() => undefined);
    close();
    expect(await failure(kuboStoreAt(`${url}/api/v0?token=secret`), "STORE_UNREACHABLE")).to.deep.equal({ url });
  });

  it("says where something else answers", async () => {
    const notFound = await listen((_, response) => response.writeHead(404).end("404 page not found"));
    expect(await failure(kuboStoreAt(notFound), "STORE_UNREACHABLE")).to.deep.equal({ url: notFound });
    close();
    const page = await listen((_, response) => response.end("<html>It works!</html>"));
    expect(await failure(kuboStoreAt(page), "STORE_UNREACHABLE")).to.deep.equal({ url: page });
  });

  it("waits no longer than the deadline, and no longer than the caller", async () => {
    const url = await listen(() => undefined);
    expect(await failure(kuboStoreAt(url, { deadline: 100 }), "STORE_UNREACHABLE")).to.deep.equal({ url });
    const caller = new AbortController();
    const work = failure(kuboStoreAt(url, { signal: caller.signal }), "CANCELLED");
    setImmediate(() => {
      caller.abort();
    });
    await work;
  });

  it("refuses what is no http URL, or holds credentials", async () => {
    await listen(() => undefined);
    for (const url of ["", "127.0.0.1", "localhost:5001", "/ip4/127.0.0.1/tcp/5001", "http://user:secret@localhost"]) {
      expect(await failure(kuboStoreAt(url), "INVALID_ARGUMENT")).to.deep.equal({});
    }
  });
});

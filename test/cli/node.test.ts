import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { create } from "kubo-rpc-client";

import { httpStore } from "../../src/storage/http.js";
import { failure, sampleBlocks } from "../helpers/block-store-suite.js";
import { build, main } from "./helpers/built.js";
import { NodeProcess } from "./helpers/node-process.js";

describe("carekey node", function () {
  this.timeout(120_000);
  let home: string;
  const running: NodeProcess[] = [];

  before(build);
  beforeEach(async function () {
    home = await mkdtemp(path.join(tmpdir(), "carekey-node-"));
  });
  afterEach(async function () {
    for (const node of running.splice(0)) await node.kill();
    await rm(home, { recursive: true });
  });

  const env = () => ({ ...process.env, CAREKEY_HOME: home });
  const tokenFor = async (scope: string) => {
    const args = [main, "node", "token", "--scope", scope, "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: env() });
    return (JSON.parse(stdout) as { token: string }).token;
  };
  async function start(...args: string[]): Promise<NodeProcess> {
    const node = await NodeProcess.start(env(), "--rpc-port", "0", ...args);
    running.push(node);
    return node;
  }

  it("has every block that was put, after it was killed in the middle", async function () {
    const first = await start("--quota", "1MB");
    expect(first.ready).to.include({ event: "ready", blocks: 0, quota: 1_000_000 });
    const [put, manage] = [await tokenFor("put"), await tokenFor("manage")];
    const blocks = await sampleBlocks(20);
    const store = httpStore(first.ready.gateway, { token: put });
    await store.putMany(blocks);
    await store.pin(blocks[0]!.cid);
    await failure(store.delete(blocks[0]!.cid), "STORE_FAILED");
    first.child.kill("SIGKILL");
    await first.exit;

    const second = await start();
    expect(second.ready.blocks).to.equal(20);
    const again = httpStore(second.ready.gateway);
    for (const { cid, bytes } of blocks) expect(await again.get(cid)).to.deep.equal(bytes);
    // tokens outlive the process, as their secret does
    const stock = create({ url: second.ready.rpc, headers: { authorization: `Bearer ${manage}` } });
    expect(await stock.block.get(blocks[0]!.cid)).to.deep.equal(blocks[0]!.bytes);
    expect((await stat(path.join(home, "node", "token-secret"))).mode & 0o777).to.equal(0o600);

    second.child.kill("SIGTERM");
    expect(await second.next()).to.deep.equal({ event: "closed" });
    expect(await second.exit).to.deep.equal([0, null]);
  });

  it("refuses what makes no sense, each with its exit status", async function () {
    const { ready } = await start();
    const cases: [number, string[]][] = [
      [2, ["token", "--scope", "put", "--ttl", "2h"]],
      [2, ["token", "--scope", "all"]],
      [2, ["token"]],
      [2, ["--quota", "much"]],
      [2, ["--grace", "1x"]],
      [2, ["--port", "70000"]],
      [52, ["--port", new URL(ready.gateway).port]],
      [53, ["--ipfs", "http://127.0.0.1:9"]],
    ];
    for (const [exit, args] of cases) {
      const failed: unknown = await promisify(execFile)(process.execPath, [main, "node", ...args], {
        env: env(),
      }).catch((error: unknown) => error);
      expect(failed, args.join(" ")).to.include({ code: exit });
    }
  });
});

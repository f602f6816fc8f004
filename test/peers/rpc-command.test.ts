import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { concat } from "../../src/bytes.js";
import { guardedStore } from "../helpers/guarded.js";
import { memoryStore } from "../../src/storage/memory.js";
import { MiB, noise, stockCid } from "../helpers/dags.js";
import { headers, type Listening, startRpc } from "../helpers/rpc-node.js";
import { describePeer } from "./helpers/peer.js";

const execute = promisify(execFile);

describePeer("ipfs", "the command ipfs, told to use our storage node", function (ipfs) {
  this.timeout(60_000);
  let node: Listening;
  let directory: string;
  let file: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-ipfs-"));
    file = join(directory, "file");
    await writeFile(file, noise(3 * MiB));
  });
  after(() => rm(directory, { recursive: true }));
  beforeEach(async () => {
    node = await startRpc(guardedStore(memoryStore()));
  });
  afterEach(() => node.close());

  const run = async (...args: readonly string[]): Promise<Buffer> => {
    const { port } = new URL(node.url);
    const auth = headers.authorization.replace("Bearer ", "bearer:");
    const env = { PATH: process.env.PATH, HOME: directory, IPFS_PATH: join(directory, "none"), IPFS_TELEMETRY: "off" };
    const options = { env, encoding: "buffer", maxBuffer: 2 ** 28 } as const;
    return (await execute(ipfs, ["--api", `/ip4/127.0.0.1/tcp/${port}`, "--api-auth", auth, ...args], options)).stdout;
  };
  const text = async (...args: readonly string[]) => (await run(...args)).toString().trim();

  it("adds, reads, measures and exports a file", async () => {
    const name = await text("add", "--quieter", file);
    expect(name).to.equal(await stockCid(noise(3 * MiB)));
    expect((await run("cat", name)).equals(concat([...noise(3 * MiB)]))).to.equal(true);
    expect(await text("files", "stat", "--format=<hash> <size> <type>", `/ipfs/${name}`)).to.equal(
      `${name} ${3 * MiB} file`,
    );
    const car = join(directory, "car");
    await writeFile(car, await run("dag", "export", name));
    await text("pin", "rm", name);
    await text("repo", "gc");
    expect(await text("refs", "local")).to.equal("");
    expect(await text("dag", "import", car)).to.contain(name);
    expect(await text("pin", "ls", "--type=recursive", "--quiet")).to.equal(name);
  });

  it("hears what the node refuses", async () => {
    const name = await text("add", "--quieter", file);
    for (const [args, words] of [
      [["block", "rm", name], /pinned: recursive/],
      [["add", "--recursive", directory], /INVALID_ARGUMENT/],
      [["cat", "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"], /ipld: could not find/],
    ] as const) {
      const error: unknown = await run(...args).catch((thrown: unknown) => thrown);
      expect(String((error as { stderr: Buffer }).stderr)).to.match(words);
    }
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { base32upper } from "multiformats/bases/base32";
import { fsStore } from "../../../src/storage/fs.js";
import { type Block, MAX_BLOCK } from "../../../src/storage/types.js";
import { bundled, crashOnce } from "../../helpers/fs-crash.js";
import { blockStoreSuite, failure, namesOf, sampleBlocks } from "../../helpers/block-store-suite.js";

describe("fs store", function () {
  // slow disks sync slowly
  this.timeout(20_000);
  let directory: string;
  let block: Block;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "carekey-blocks-"));
    [block] = (await sampleBlocks(1)) as [Block];
  });
  afterEach(() => rm(directory, { recursive: true }));

  blockStoreSuite("fs store", () => fsStore(directory));
  blockStoreSuite("fs store without fsync", () => fsStore(directory, { fsync: false }));

  /** As Kubo's flatfs: base32 of the multihash, sharded by the two characters before the last. */
  const pathOf = ({ cid }: Block) => {
    const key = base32upper.encoder.baseEncode(cid.multihash.bytes);
    return join(directory, "blocks", key.slice(-3, -1), `${key}.data`);
  };
  const temporaries = () => readdir(join(directory, "temporary"));
  const everyFile = async () =>
    (await readdir(directory, { recursive: true, withFileTypes: true })).map((entry) => ({
      path: join(entry.parentPath, entry.name),
      isFile: entry.isFile(),
    }));

  it("finds blocks and pins again after it was opened anew", async () => {
    const first = await fsStore(directory);
    await first.put(block);
    await first.pin(block.cid);
    const second = await fsStore(directory);
    expect(await second.get(block.cid)).to.deep.equal(block.bytes);
    expect(await namesOf(second.pins())).to.deep.equal([block.cid.toString()]);
  });

  it("makes missing parents, and lets nobody else read", async () => {
    const deep = join(directory, "a", "b");
    const store = await fsStore(deep);
    await store.put(block);
    await store.pin(block.cid);
    for (const { path, isFile } of await everyFile()) {
      expect((await stat(path)).mode & 0o777, path).to.equal(isFile ? 0o600 : 0o700);
    }
  });

  it("names files as Kubo's flatfs does", async () => {
    await (await fsStore(directory)).put(block);
    expect(Uint8Array.from(await readFile(pathOf(block)))).to.deep.equal(block.bytes);
  });

  it("leaves no temporary file behind", async () => {
    const store = await fsStore(directory);
    await store.putMany(await sampleBlocks(20));
    const forged = { cid: block.cid, bytes: new Uint8Array(3) };
    await failure(store.putMany([...(await sampleBlocks(30)), forged]), "BLOCK_INVALID");
    expect(await temporaries()).to.deep.equal([]);
  });

  it("does not write a block anew that is there intact", async () => {
    const store = await fsStore(directory);
    await store.put(block);
    const before = await stat(pathOf(block));
    await store.put(block);
    expect((await stat(pathOf(block))).ino).to.equal(before.ino);
  });

  for (const [what, rot] of [
    ["altered", (bytes: Uint8Array) => bytes.map((byte, index) => (index === 50 ? byte ^ 1 : byte))],
    ["cut short", (bytes: Uint8Array) => bytes.slice(0, -1)],
    ["emptied", () => new Uint8Array()],
    ["prolonged", (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ["past the limit", () => new Uint8Array(MAX_BLOCK + 5)],
  ] as const) {
    it(`refuses a file that was ${what}, and heals it when the block is put again`, async () => {
      const store = await fsStore(directory);
      await store.put(block);
      await writeFile(pathOf(block), rot(block.bytes));
      await failure(store.get(block.cid), "BLOCK_INVALID");
      await store.putMany([block]);
      expect(await store.get(block.cid)).to.deep.equal(block.bytes);
    });
  }

  it("never serves what a writer left between writing and renaming", async () => {
    await fsStore(directory);
    await writeFile(join(directory, "temporary", "0b5e7e7c.tmp"), block.bytes);
    const store = await fsStore(directory);
    await failure(store.get(block.cid), "BLOCK_MISSING");
  });

  it("sweeps temporary files of dead writers when it opens, and spares those that may be alive", async () => {
    await fsStore(directory);
    const [dead, alive] = ["dead.tmp", "alive.tmp"].map((name) => join(directory, "temporary", name)) as [
      string,
      string,
    ];
    await writeFile(dead, "x");
    await writeFile(alive, "x");
    const longAgo = Date.now() / 1000 - 2 * 60 * 60;
    await utimes(dead, longAgo, longAgo);
    await fsStore(directory);
    expect(await temporaries()).to.deep.equal(["alive.tmp"]);
  });

  it("fails with STORE_FAILED where a file stands in place of its directory", async () => {
    const path = join(directory, "file");
    await writeFile(path, "");
    await failure(fsStore(path), "STORE_FAILED");
    await failure(fsStore(join(path, "below")), "STORE_FAILED");
  });

  it("fails with STORE_FAILED where a file stands in place of a shard, and cleans up", async () => {
    const store = await fsStore(directory);
    await writeFile(join(pathOf(block), ".."), "");
    await failure(store.put(block), "STORE_FAILED");
    expect(await failure(store.get(block.cid), "STORE_FAILED")).to.include({ code: "ENOTDIR" });
    expect(await failure(store.has(block.cid), "STORE_FAILED")).to.include({ code: "ENOTDIR" });
    expect(await temporaries()).to.deep.equal([]);
  });

  it("fails with STORE_FAILED where a directory stands in place of a block", async () => {
    const store = await fsStore(directory);
    await mkdir(pathOf(block), { recursive: true });
    expect(await failure(store.get(block.cid), "STORE_FAILED")).to.include({ code: "EISDIR" });
    await failure(store.put(block), "STORE_FAILED");
    expect(await temporaries()).to.deep.equal([]);
  });

  it("fails with STORE_FAILED once its directory is gone", async () => {
    const store = await fsStore(directory);
    await rm(join(directory, "temporary"), { recursive: true });
    expect(await failure(store.put(block), "STORE_FAILED")).to.include({ code: "ENOENT" });
  });

  it("keeps nothing of a batch that was cancelled before its files appeared", async () => {
    const store = await fsStore(directory);
    const caller = new AbortController();
    const work = failure(store.putMany(await sampleBlocks(30), { signal: caller.signal }), "CANCELLED");
    setImmediate(() => {
      caller.abort();
    });
    await work;
    expect(await temporaries()).to.deep.equal([]);
    expect(await readdir(join(directory, "blocks"))).to.deep.equal([]);
  });

  it("lets many writers share a directory", async () => {
    const stores = await Promise.all([1, 2, 3].map(() => fsStore(directory)));
    const blocks = await sampleBlocks(40);
    await Promise.all(stores.map((store) => store.putMany(blocks)));
    for (const { cid, bytes } of blocks) expect(await stores[0]!.get(cid)).to.deep.equal(bytes);
    expect(await temporaries()).to.deep.equal([]);
  });

  it("keeps what it acknowledged when its process is killed, and serves no half of a block", async function () {
    this.timeout(60_000);
    const writer = await bundled("fs-writer.ts", directory);
    for (const [seed, lines] of [1, 2, 5, 12].entries())
      await crashOnce(writer, directory, { seed, lines, delay: seed });
  });
});

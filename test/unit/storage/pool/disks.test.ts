import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { collect } from "../../../../src/bytes.js";
import { fsStore } from "../../../../src/storage/fs.js";
import { checkFiles } from "../../../../src/storage/pool/check.js";
import { nodePool } from "../../../../src/storage/pool/pool.js";
import { repairFiles } from "../../../../src/storage/pool/repair.js";
import type { AddedFile, PoolNode } from "../../../../src/storage/pool/types.js";
import { noise } from "../../../helpers/dags.js";

const shape = { chunk: 1000, children: 50 };
const SIZE = 700_123;
const NODES = 14;

describe("fragments on fourteen disks", function () {
  this.timeout(60_000);
  let folder: string;
  let nodes: PoolNode[];
  let bytes: Uint8Array;
  let file: AddedFile;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "carekey-disks-"));
    nodes = [];
    for (let index = 0; index < NODES; index++) {
      const name = `node ${index}`;
      nodes.push({ name, operator: name, store: await fsStore(join(folder, name), { fsync: false }) });
    }
    bytes = await collect(noise(SIZE), SIZE);
    file = await nodePool(nodes).addFile([bytes], { shape });
  });
  after(() => rm(folder, { recursive: true }));

  /** The files of all blocks of all nodes, in an order that is the same in every run. */
  const blockFiles = async () => {
    const paths = await readdir(folder, { recursive: true });
    return paths.filter((path) => path.endsWith(".data")).sort();
  };
  const problems = async () => {
    const kinds: string[] = [];
    for await (const { kind } of checkFiles(nodePool(nodes), { files: [file] })) kinds.push(kind);
    return kinds;
  };
  const read = () => collect(nodePool(nodes).readFile(file), SIZE);

  it("take 1.4 times the file's room, and little for the trees", async () => {
    let size = 0;
    for (const path of await blockFiles()) size += (await readFile(join(folder, path))).length;
    // leaves of a thousandth of the profile's size make the trees weigh
    expect(size / SIZE).to.be.within(1.4, 3);
    expect(await problems()).to.deep.equal([]);
  });

  it("are found and healed where a hundredth of all blocks rotted", async () => {
    const rotten = (await blockFiles()).filter((_, index) => index % 100 === 0);
    for (const path of rotten) {
      const whole = await readFile(join(folder, path));
      whole[whole.length >> 1]! ^= 1;
      await writeFile(join(folder, path), whole);
    }
    expect(rotten).to.have.length.above(10);
    expect(await read()).to.deep.equal(bytes);
    expect(await problems()).to.deep.equal(rotten.map(() => "rotten"));
    const repaired = await repairFiles(nodePool(nodes), { files: [file] });
    expect(repaired).to.include({ removed: rotten.length, restored: rotten.length, lost: 0, failed: 0 });
    expect(await problems()).to.deep.equal([]);
  });

  it("come back whole on four disks that were replaced", async () => {
    const before = await blockFiles();
    for (const name of ["node 0", "node 4", "node 9", "node 13"]) {
      await rm(join(folder, name), { recursive: true });
      const store = await fsStore(join(folder, name), { fsync: false });
      nodes = nodes.map((node) => (node.name === name ? { ...node, store } : node));
    }
    expect(await read()).to.deep.equal(bytes);
    const { lost, failed } = await repairFiles(nodePool(nodes), { files: [file] });
    expect([lost, failed]).to.deep.equal([0, 0]);
    expect(await blockFiles()).to.deep.equal(before);
    expect(await problems()).to.deep.equal([]);
  });
});

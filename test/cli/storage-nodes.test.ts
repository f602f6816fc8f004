import { randomInt } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { isCareKeyError } from "../../src/errors.js";
import { checkFiles } from "../../src/storage/pool/check.js";
import { repairFiles } from "../../src/storage/pool/repair.js";
import type { AddedFile, Pool } from "../../src/storage/pool/types.js";
import { MiB, noise } from "../helpers/dags.js";
import { build } from "./helpers/built.js";
import { NodeProcess, poolOfNodes } from "./helpers/node-process.js";

const NODES = 14;
const SIZE = 45 * MiB + 7;

describe("fourteen storage nodes, each a process of its own", function () {
  this.timeout(180_000);
  let home: string;
  let nodes: NodeProcess[];
  let pool: Pool;
  let file: AddedFile;
  const folder = (index: number) => path.join(home, `node-${index}`);

  before(build);
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), "carekey-nodes-"));
    const indices = Array.from({ length: NODES }, (_, index) => index);
    nodes = await Promise.all(indices.map((index) => start(index)));
    pool = await poolOf();
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await rm(home, { recursive: true });
  });

  function start(index: number): Promise<NodeProcess> {
    return NodeProcess.start({ ...process.env, CAREKEY_HOME: home }, "--store", folder(index));
  }
  const poolOf = (): Promise<Pool> =>
    poolOfNodes(
      nodes.map(({ ready }) => ready.gateway),
      folder,
    );
  /** Some of the nodes by chance, and who they are, so that a failure can be done again. */
  function chosen(count: number): number[] {
    const rest = nodes.map((_, index) => index);
    return Array.from({ length: count }, () => rest.splice(randomInt(rest.length), 1)[0] ?? 0);
  }
  const kill = (which: readonly number[]) => Promise.all(which.map(async (index) => nodes[index]?.kill()));
  const add = async (source: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = noise(SIZE)) => {
    file = await pool.addFile(source);
    for (const root of [file.cid, file.parity!.cid]) await pool.pin(root);
  };
  async function readsWhole(each: (bytes: number) => Promise<void> | void = () => undefined): Promise<boolean> {
    const expected = Buffer.concat([...noise(SIZE)]);
    let offset = 0;
    for await (const chunk of pool.readFile(file)) {
      if (!expected.subarray(offset, offset + chunk.length).equals(chunk)) return false;
      offset += chunk.length;
      await each(offset);
    }
    return offset === SIZE;
  }

  it("keep a file whole though four are killed while it is written", async () => {
    const victims = chosen(4);
    let given = 0;
    await add(
      (async function* () {
        for (const piece of noise(SIZE)) {
          given += piece.length;
          if (given > (SIZE * (4 - victims.length + 1)) / 6) await nodes[victims.pop() ?? -1]?.kill();
          yield piece;
        }
      })(),
    );
    expect(victims).to.deep.equal([]);
    expect(await readsWhole()).to.equal(true);
  });

  it("give a file whole though four are killed while it is read, and four at rest", async () => {
    await add();
    const victims = chosen(4);
    const whole = await readsWhole(async (bytes) => {
      if (bytes > 10 * MiB) await kill(victims.splice(0));
    });
    expect(whole, String(victims)).to.equal(true);
    pool = await poolOf();
    expect(await readsWhole(), "at rest").to.equal(true);
  });

  it("say clearly that five are too many", async () => {
    await add();
    await kill(chosen(5));
    const error: unknown = await readsWhole().catch((thrown: unknown) => thrown);
    expect(isCareKeyError(error, "FRAGMENTS_MISSING") && error.details).to.include({ found: 9, needed: 10 });
    const refused: unknown = await pool.addFile(noise(SIZE)).catch((thrown: unknown) => thrown);
    expect(isCareKeyError(refused, "NODES_MISSING") && refused.details).to.include({ needed: 10 });
  });

  it("are healed where one block in a hundred rotted, and a node came back with an empty disk", async () => {
    await add();
    const paths: string[] = [];
    for (const index of nodes.keys())
      for (const name of await readdir(path.join(folder(index), "blocks"), { recursive: true }))
        if (name.endsWith(".data")) paths.push(path.join(folder(index), "blocks", name));
    const rotten = paths.filter((_, index) => index % 100 === 50);
    for (const each of rotten) {
      const bytes = await readFile(each);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(each, bytes);
    }
    await nodes[3]?.kill();
    await rm(path.join(folder(3), "blocks"), { recursive: true });
    nodes[3] = await start(3);
    pool = await poolOf();

    const found = await check();
    expect(found.rotten).to.be.within(rotten.length - 2, rotten.length);
    expect(found.missing).to.be.above(0);
    expect(await repairFiles(pool, { files: [file] })).to.include({ failed: 0, lost: 0 });
    expect(await check()).to.include({ rotten: 0, missing: 0, unreachable: 0, lost: 0 });
    expect(await readsWhole()).to.equal(true);
  });

  async function check() {
    const work = checkFiles(pool, { files: [file] });
    let next = await work.next();
    while (!next.done) next = await work.next();
    return next.value;
  }

  it("give a file whole though one of them hangs", async () => {
    await add();
    const [index = 0] = chosen(1);
    nodes[index]?.child.kill("SIGSTOP");
    expect(await readsWhole(), `without node ${index}`).to.equal(true);
  });
});

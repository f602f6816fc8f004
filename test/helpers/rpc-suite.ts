import * as CarBufferWriter from "@ipld/car/buffer-writer";
import { expect } from "chai";
import type { KuboRPCClient } from "kubo-rpc-client";
import type { CID } from "multiformats/cid";
import { concat } from "../../src/bytes.js";
import { carOf } from "../../src/storage/kubo-car.js";
import { memoryStore } from "../../src/storage/memory.js";
import type { Block } from "../../src/storage/types.js";
import { listBlocks } from "../../src/storage/unixfs/blocks.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { dagPbBlock } from "../../src/storage/verify.js";
import { sampleBlocks } from "./block-store-suite.js";
import { clients } from "./clients.js";
import { MiB, noise, stockCid } from "./dags.js";

/** A node that speaks Kubo's RPC, and knows no other. */
export interface RpcNode {
  readonly url: string;
  readonly headers?: Record<string, string>;
}

/** The options that make Kubo's CIDs ours, whatever a node's defaults. */
const plain = { cidVersion: 1, rawLeaves: true } as const;
const ABSENT = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

/** What both stock clients find at a node that keeps nothing before each test: ours, and Kubo itself. */
export function rpcSuite(name: string, open: () => Promise<RpcNode>): void {
  for (const [client, create] of clients) {
    describe(`${name} answers ${client}`, () => {
      let ipfs: KuboRPCClient;
      let blocks: Block[];

      beforeEach(async () => {
        ipfs = create(await open());
        blocks = await sampleBlocks(3);
      });

      const bytes = async (source: AsyncIterable<Uint8Array>) => Buffer.from(concat(await all(source)));
      const names = async (source: AsyncIterable<{ cid: { toString(): string } }>) =>
        (await all(source)).map(({ cid }) => cid.toString());
      const local = async () => (await all(ipfs.refs.local())).map(({ ref }) => ref);
      const pinned = () => names(ipfs.pin.ls({ type: "recursive" }));
      const put = async (all: readonly Block[]) => {
        for (const block of all) await ipfs.block.put(block.bytes, { format: "raw" });
      };

      describe("add and cat", () => {
        for (const size of [0, 1, MiB, MiB + 1, 3 * MiB + 5]) {
          it(`adds and reads a file of ${size} bytes, named as the stock importer names it, and pins it`, async () => {
            const { cid, path } = await ipfs.add(noise(size), plain);
            expect(cid.toString()).to.equal(await stockCid(noise(size)));
            expect(path).to.equal(cid.toString());
            expect((await bytes(ipfs.cat(cid))).equals(concat([...noise(size)]))).to.equal(true);
            expect(await pinned()).to.include(cid.toString());
          });
        }

        it("tells the size of the DAG, as its links have it", async () => {
          const { tsize } = await importFile(noise(3 * MiB), memoryStore());
          expect((await ipfs.add(noise(3 * MiB), plain)).size).to.equal(tsize);
        });

        it("adds several files at once, each under its name", async () => {
          const files = [10, 20].map((size) => ({ path: `r\u00f6ntgen ${size}%.dcm`, content: noise(size) }));
          const added = await all(ipfs.addAll(files, plain));
          expect(added.map(({ path }) => path)).to.deep.equal(files.map(({ path }) => path));
          expect(added.map(({ cid }) => cid.toString())).to.deep.equal([
            await stockCid(noise(10)),
            await stockCid(noise(20)),
          ]);
        });

        it("passes over the modes and times that files bring along", async () => {
          const file = { path: "scan.dcm", content: noise(100), mode: 0o600, mtime: new Date(0) };
          const [added] = await all(ipfs.addAll([file], plain));
          expect(added?.cid.toString()).to.equal(await stockCid(noise(100)));
        });

        it("cuts chunks as asked", async () => {
          const { cid } = await ipfs.add(noise(5000), { ...plain, chunker: "size-1000" });
          expect(cid.toString()).to.equal(await stockCid(noise(5000), { chunk: 1000, children: 1024 }));
        });

        it("pins nothing, or keeps nothing, where asked so", async () => {
          const kept = await ipfs.add(noise(100), { ...plain, pin: false });
          const computed = await ipfs.add(noise(200), { ...plain, onlyHash: true });
          expect(await pinned()).not.to.include(kept.cid.toString());
          expect(await local()).to.include(kept.cid.toString());
          expect(await local()).not.to.include(computed.cid.toString());
        });

        it("tells how far it is", async () => {
          const told: number[] = [];
          await ipfs.add(noise(3 * MiB), { ...plain, progress: (size) => told.push(size) });
          expect(told.at(-1)).to.equal(3 * MiB);
        });

        it("reads a part of a file", async () => {
          const { cid } = await ipfs.add(noise(3 * MiB), plain);
          const whole = concat([...noise(3 * MiB)]);
          for (const [offset, length] of [
            [0, 10],
            [MiB - 5, 10],
            [2 * MiB, MiB],
            [3 * MiB - 1, 100],
            [4 * MiB, 1],
            [5, 0],
          ] as const) {
            const part = await bytes(ipfs.cat(cid, { offset, length }));
            expect(part.equals(whole.subarray(offset, offset + length)), `${offset}+${length}`).to.equal(true);
          }
          expect((await bytes(ipfs.cat(cid, { offset: 2 * MiB + 1 }))).equals(whole.subarray(2 * MiB + 1))).to.equal(
            true,
          );
        });

        it("tells size and blocks of a file", async () => {
          const { cid, size } = await ipfs.add(noise(3 * MiB), plain);
          const stat = await ipfs.files.stat(`/ipfs/${cid.toString()}`);
          const { type, blocks, size: fileSize, cumulativeSize } = stat;
          expect({ type, blocks, fileSize, cumulativeSize, cid: stat.cid.toString() }).to.deep.equal({
            type: "file",
            blocks: 3,
            fileSize: 3 * MiB,
            cumulativeSize: size,
            cid: cid.toString(),
          });
        });

        it("says that a file is missing", async () => {
          expect(await complaint(all(ipfs.cat(ABSENT)))).to.match(new RegExp(`ipld: could not find ${ABSENT}`));
        });
      });

      describe("block", () => {
        it("puts, gets and measures raw blocks and nodes", async () => {
          const node = await dagPbBlock(Uint8Array.of(0x0a, 0x02, 0x08, 0x02));
          for (const [{ cid, bytes }, format] of [
            [blocks[0]!, "raw"],
            [node, "dag-pb"],
          ] as const) {
            expect((await ipfs.block.put(bytes, { format })).toString()).to.equal(cid.toString());
            expect(Buffer.from(await ipfs.block.get(cid)).equals(bytes)).to.equal(true);
            const stat = await ipfs.block.stat(cid);
            expect({ cid: stat.cid.toString(), size: stat.size }).to.deep.equal({
              cid: cid.toString(),
              size: bytes.length,
            });
          }
        });

        it("pins a block that is put with a pin", async () => {
          await ipfs.block.put(blocks[0]!.bytes, { format: "raw", pin: true });
          expect(await pinned()).to.include(blocks[0]!.cid.toString());
        });

        it("says that a block is missing", async () => {
          const { cid } = blocks[0]!;
          for (const call of [() => ipfs.block.get(cid), () => ipfs.block.stat(cid)]) {
            expect(await complaint(call())).to.match(/\bipld: could not find\b/);
          }
        });

        it("refuses a block past 2 MiB", async () => {
          await complaint(ipfs.block.put(new Uint8Array(2 * MiB + 1), { format: "raw" }));
        });

        it("removes several at once, and says of each what became of it", async () => {
          await put(blocks.slice(0, 2));
          await ipfs.pin.add(blocks[0]!.cid.toString());
          const cids = blocks.map(({ cid }) => cid);
          const removals = await all(ipfs.block.rm(cids));
          expect(removals.map(({ cid, error }) => [cid.toString(), error?.message])).to.have.deep.members([
            [cids[0]!.toString(), "pinned: recursive"],
            [cids[1]!.toString(), undefined],
            [cids[2]!.toString(), `ipld: could not find ${cids[2]!.toString()}`],
          ]);
          const [again] = await all(ipfs.block.rm(cids[1]!, { force: true }));
          expect(again?.error).to.equal(undefined);
          expect(await local())
            .to.include(cids[0]!.toString())
            .and.not.include(cids[1]!.toString());
        });

        it("keeps what lies below a pinned root", async () => {
          const { cid } = await ipfs.add(noise(2 * MiB), plain);
          const { leaves } = await sampleFile(2 * MiB);
          const [removal] = await all(ipfs.block.rm(leaves[0]!));
          expect(removal?.error?.message).to.equal(`pinned via ${cid.toString()}`);
        });
      });

      describe("pin", () => {
        it("pins, lists and unpins", async () => {
          await put(blocks);
          const [one, two] = blocks.map(({ cid }) => cid.toString()) as [string, string];
          for (const name of [one, one, two]) expect((await ipfs.pin.add(name)).toString()).to.equal(name);
          expect(await pinned()).to.include.members([one, two]);
          expect(await names(ipfs.pin.ls({ paths: [one, two] }))).to.deep.equal([one, two]);
          expect((await ipfs.pin.rm(one)).toString()).to.equal(one);
          expect(await pinned())
            .to.include(two)
            .and.not.include(one);
          expect(await complaint(ipfs.pin.rm(one))).to.match(/not pinned or pinned indirectly/);
          expect(await complaint(all(ipfs.pin.ls({ paths: one })))).to.match(/is not pinned/);
        });

        it("tells what lies below the roots", async () => {
          const { cid } = await ipfs.add(noise(2 * MiB), plain);
          const below = (await sampleFile(2 * MiB)).leaves.map(String);
          const pins = await all(ipfs.pin.ls());
          const typed = (type: string) => pins.filter((pin) => pin.type === type).map((pin) => pin.cid.toString());
          expect(typed("indirect")).to.include.members(below);
          expect(typed("recursive")).to.include(cid.toString());
          const [leaf] = await all(ipfs.pin.ls({ paths: below[0]! }));
          expect(leaf?.type).to.equal(`indirect through ${cid.toString()}`);
          expect(await names(ipfs.pin.ls({ type: "indirect" }))).to.have.members(typed("indirect"));
          expect(await complaint(ipfs.pin.rm(below[0]!))).to.match(/not pinned or pinned indirectly/);
        });

        it("pins no file that is incomplete", async () => {
          const { cid } = await ipfs.add(noise(2 * MiB), { ...plain, pin: false });
          const [leaf] = (await sampleFile(2 * MiB)).leaves;
          await all(ipfs.block.rm(leaf!));
          const missing = new RegExp(`ipld: could not find ${leaf!.toString()}`);
          expect(await complaint(ipfs.pin.add(cid.toString()))).to.match(missing);
          expect(await pinned()).not.to.include(cid.toString());
        });
      });

      describe("dag", () => {
        it("imports a CAR and pins its roots", async () => {
          const { car, root } = await sampleFile(3 * MiB);
          const results = await all(ipfs.dag.import([car]));
          expect(results.map((one) => [one.root.cid.toString(), one.root.pinErrorMsg])).to.deep.equal([[root, ""]]);
          expect(await pinned()).to.include(root);
          expect((await bytes(ipfs.cat(root))).equals(concat([...noise(3 * MiB)]))).to.equal(true);
        });

        it("imports a CAR without pinning, and says nothing then", async () => {
          expect(await all(ipfs.dag.import([carOf(blocks)], { pinRoots: false }))).to.deep.equal([]);
          expect(await local()).to.include.members(blocks.map(({ cid }) => cid.toString()));
          expect(await pinned()).not.to.include(blocks[0]!.cid.toString());
        });

        it("imports several CARs at once", async () => {
          const files = await Promise.all([sampleFile(10), sampleFile(2 * MiB)]);
          // pieces side by side would be one CAR
          const results = await all(ipfs.dag.import(files.map(({ car }) => once(car))));
          expect(results.map((one) => one.root.cid.toString())).to.have.members(files.map(({ root }) => root));
        });

        it("tells which root it could not pin", async () => {
          const { car, root, rootOnly } = await sampleFile(3 * MiB);
          expect(car.length).to.be.greaterThan(rootOnly.length);
          const results = await all(ipfs.dag.import([rootOnly]));
          expect(results.map((one) => one.root.cid.toString())).to.deep.equal([root]);
          expect(results[0]?.root.pinErrorMsg).to.match(/ipld: could not find/);
          expect(await pinned()).not.to.include(root);
        });

        it("refuses a CAR whose bytes are altered or cut short", async () => {
          const { car } = await sampleFile(1000);
          const altered = car.map((byte, index) => (index === car.length - 1 ? byte ^ 1 : byte));
          for (const wrong of [altered, car.subarray(0, -1), noise(50)]) {
            await complaint(all(ipfs.dag.import(wrong instanceof Uint8Array ? [wrong] : wrong)));
          }
        });

        it("exports a file as a CAR, root first, each block once", async () => {
          const { cid } = await ipfs.add(noise(3 * MiB), plain);
          const { car } = await sampleFile(3 * MiB);
          const exported = await bytes(ipfs.dag.export(cid));
          expect(exported.equals(car)).to.equal(true);
        });

        it("says that a file to export is missing", async () => {
          const absent = blocks[0]!.cid;
          expect(await complaint(all(ipfs.dag.export(absent)))).to.match(/ipld: could not find/);
        });
      });

      describe("the node", () => {
        it("lists and counts its blocks", async () => {
          const before = await ipfs.repo.stat();
          await put(blocks);
          const after = await ipfs.repo.stat();
          expect(after.numObjects - before.numObjects).to.equal(3n);
          expect(after.repoSize >= before.repoSize + 300n).to.equal(true);
          expect(after.storageMax > 0n).to.equal(true);
          expect(await local()).to.include.members(blocks.map(({ cid }) => cid.toString()));
        });

        it("collects what no pin leads to, and says what that was", async () => {
          await put(blocks);
          await ipfs.pin.add(blocks[0]!.cid.toString());
          const { cid } = await ipfs.add(noise(2 * MiB), plain);
          const collected = (await all(ipfs.repo.gc())).map((one) => one.cid?.toString());
          // Kubo may find more, which is its own
          expect(collected).to.include.members(blocks.slice(1).map((block) => block.cid.toString()));
          expect(await local()).not.to.include(blocks[1]!.cid.toString());
          expect(await local()).to.include(blocks[0]!.cid.toString());
          expect(await bytes(ipfs.cat(cid))).to.have.length(2 * MiB);
        });

        it("says what it is", async () => {
          expect((await ipfs.version()).version).to.match(/^0\.42\./);
          expect(await ipfs.repo.version()).to.match(/^\d+$/);
          expect((await ipfs.id()).id.toString()).to.match(/^12D3KooW/);
        });
      });
    });
  }
}

interface SampleFile {
  readonly root: string;
  readonly leaves: readonly CID[];
  /** The file as Kubo exports it. */
  readonly car: Uint8Array;
  /** A CAR that lacks what its root leads to. */
  readonly rootOnly: Uint8Array;
}

async function sampleFile(size: number): Promise<SampleFile> {
  const store = memoryStore();
  const { cid: root } = await importFile(noise(size), store);
  const leaves: CID[] = [];
  for await (const cid of listBlocks(root, store)) if (!cid.equals(root)) leaves.push(cid);
  const whole = await Promise.all([root, ...leaves].map(async (cid) => ({ cid, bytes: await store.get(cid) })));
  return {
    root: root.toString(),
    leaves,
    car: carWithRoot(root, whole),
    rootOnly: carWithRoot(root, whole.slice(0, 1)),
  };
}

function carWithRoot(root: CID, blocks: readonly Block[]): Uint8Array {
  const roots = [root];
  const size = blocks.reduce((sum, block) => sum + CarBufferWriter.blockLength(block), 0);
  const buffer = new ArrayBuffer(CarBufferWriter.headerLength({ roots }) + size);
  const writer = CarBufferWriter.createWriter(buffer, { roots });
  for (const block of blocks) writer.write(block);
  return writer.close();
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

/** Awaits a failure and returns its message, by which Kubo's clients tell failures apart. */
async function complaint(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("did not fail");
}

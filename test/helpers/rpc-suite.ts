import { expect } from "chai";
import type { KuboRPCClient } from "kubo-rpc-client";
import type { Block } from "../../src/storage/types.js";
import { dagPbBlock } from "../../src/storage/verify.js";
import { sampleBlocks } from "./block-store-suite.js";
import { clients } from "./clients.js";
import { MiB, noise } from "./dags.js";
import { all, blocksOf, bytesOf, complaint, namesIn, plain, rootsOf, sampleFile } from "./rpc-calls.js";
import { rpcFilesSuite } from "./rpc-files-suite.js";

/** A node that speaks Kubo's RPC, and knows no other. */
export interface RpcNode {
  readonly url: string;
  readonly headers?: Record<string, string>;
}

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
      const put = async (all: readonly Block[]) => {
        for (const block of all) await ipfs.block.put(block.bytes, { format: "raw" });
      };

      rpcFilesSuite(() => ipfs);

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
          expect(await rootsOf(ipfs)).to.include(blocks[0]!.cid.toString());
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
          expect(await blocksOf(ipfs))
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
          expect(await rootsOf(ipfs)).to.include.members([one, two]);
          expect(await namesIn(ipfs.pin.ls({ paths: [one, two] }))).to.deep.equal([one, two]);
          expect((await ipfs.pin.rm(one)).toString()).to.equal(one);
          expect(await rootsOf(ipfs))
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
          expect(await namesIn(ipfs.pin.ls({ type: "indirect" }))).to.have.members(typed("indirect"));
          expect(await complaint(ipfs.pin.rm(below[0]!))).to.match(/not pinned or pinned indirectly/);
        });

        it("pins no file that is incomplete", async () => {
          const { cid } = await ipfs.add(noise(2 * MiB), { ...plain, pin: false });
          const [leaf] = (await sampleFile(2 * MiB)).leaves;
          await all(ipfs.block.rm(leaf!));
          const missing = new RegExp(`ipld: could not find ${leaf!.toString()}`);
          expect(await complaint(ipfs.pin.add(cid.toString()))).to.match(missing);
          expect(await rootsOf(ipfs)).not.to.include(cid.toString());
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
          expect(await blocksOf(ipfs)).to.include.members(blocks.map(({ cid }) => cid.toString()));
        });

        it("collects what no pin leads to, and says what that was", async () => {
          await put(blocks);
          await ipfs.pin.add(blocks[0]!.cid.toString());
          const { cid } = await ipfs.add(noise(2 * MiB), plain);
          const collected = (await all(ipfs.repo.gc())).map((one) => one.cid?.toString());
          // Kubo may find more, which is its own
          expect(collected).to.include.members(blocks.slice(1).map((block) => block.cid.toString()));
          expect(await blocksOf(ipfs)).not.to.include(blocks[1]!.cid.toString());
          expect(await blocksOf(ipfs)).to.include(blocks[0]!.cid.toString());
          expect(await bytesOf(ipfs.cat(cid))).to.have.length(2 * MiB);
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

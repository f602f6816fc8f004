import * as CarBufferWriter from "@ipld/car/buffer-writer";
import type { KuboRPCClient } from "kubo-rpc-client";
import type { CID } from "multiformats/cid";
import { concat } from "../../src/bytes.js";
import { memoryStore } from "../../src/storage/memory.js";
import type { Block } from "../../src/storage/types.js";
import { listBlocks } from "../../src/storage/unixfs/blocks.js";
import { importFile } from "../../src/storage/unixfs/import.js";
import { noise } from "./dags.js";

/** The options that make Kubo's CIDs ours, whatever a node's defaults. */
export const plain = { cidVersion: 1, rawLeaves: true } as const;

/** A CID that no node of the tests has. */
export const ABSENT = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** All bytes of a stream. */
export async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.from(concat(await all(source)));
}

/** The CIDs that a listing names. */
export async function namesIn(source: AsyncIterable<{ cid: { toString(): string } }>): Promise<string[]> {
  return (await all(source)).map(({ cid }) => cid.toString());
}

/** The raw CIDs of all blocks of a node. */
export async function blocksOf(ipfs: KuboRPCClient): Promise<string[]> {
  return (await all(ipfs.refs.local())).map(({ ref }) => ref);
}

/** The pinned roots of a node. */
export function rootsOf(ipfs: KuboRPCClient): Promise<string[]> {
  return namesIn(ipfs.pin.ls({ type: "recursive" }));
}

export interface SampleFile {
  readonly root: string;
  readonly leaves: readonly CID[];
  /** The file as Kubo exports it. */
  readonly car: Uint8Array;
  /** A CAR that lacks what its root leads to. */
  readonly rootOnly: Uint8Array;
}

export async function sampleFile(size: number): Promise<SampleFile> {
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

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

/** Awaits a failure and returns its message, by which Kubo's clients tell failures apart. */
export async function complaint(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("did not fail");
}

import type { CID } from "multiformats/cid";
import { z } from "zod";
import { type ByteStream, collect } from "../../bytes.js";
import { CareKeyError, isCareKeyError } from "../../errors.js";
import { MAX_BLOCK } from "../../storage/types.js";
import { dagPbBlock, keyOf, rawBlock } from "../../storage/verify.js";
import { cids, flag, only } from "./arguments.js";
import { type Call, command } from "./command.js";
import { each } from "./lines.js";
import { readParts } from "./multipart.js";
import { type Holder, holdersOf, pinWhole } from "./pinned.js";

const codec = z.enum(["raw", "dag-pb", "protobuf"], "only raw or dag-pb").optional();

/** The bytes of one block. */
export const blockGet = command({ arg: cids }, async ({ arg: [cid] }, { store, signal }) => {
  const bytes = await store.get(cid, { signal });
  return { bytes: each([bytes]), type: "application/vnd.ipld.raw" };
});

/** The size of one block. One that rotted is missing, so that the client puts it again, which heals it. */
export const blockStat = command({ arg: cids }, async ({ arg: [cid] }, { store, signal }) => {
  const bytes = await store.get(cid, { signal }).catch((error: unknown) => {
    if (!isCareKeyError(error, "BLOCK_INVALID")) throw error;
    throw new CareKeyError("BLOCK_MISSING", "The block rotted", { cid: cid.toString() }, { cause: error });
  });
  return { document: { Key: cid.toString(), Size: bytes.length } };
});

/** Keeps each part of an upload as one block. `format` is the older name of `cid-codec`. */
export const blockPut = command(
  {
    "cid-codec": codec,
    format: codec,
    mhtype: only("sha2-256"),
    mhlen: only("-1", "32"),
    pin: flag.default(false),
    "allow-big-block": only("false"),
  },
  async (options, call) => {
    const make = (options.format ?? options["cid-codec"] ?? "raw") === "raw" ? rawBlock : dagPbBlock;
    const kept: { Key: string; Size: number }[] = [];
    await call.uploads.run(async (upload) => {
      for await (const { body } of readParts(call.request, call.signal)) {
        const block = await make(await wholeBlock(body));
        await upload.putMany([block], { signal: call.signal });
        if (options.pin) await pinWhole(block.cid, call);
        kept.push({ Key: block.cid.toString(), Size: block.bytes.length });
      }
    });
    return { lines: each(kept) };
  },
  { takesBlocks: true },
);

/** Removes blocks that no pinned root leads to; says of each what became of it. */
export const blockRm = command({ arg: cids, force: flag.default(false) }, async ({ arg, force }, call) => {
  const holders = await holdersOf(arg, keyOf, call);
  return { lines: removals(arg, holders, force, call) };
});

async function* removals(
  cids: readonly CID[],
  holders: ReadonlyMap<string, Holder>,
  force: boolean,
  { store, signal }: Call,
): AsyncGenerator<{ Hash: string; Error?: string }, void, undefined> {
  for (const cid of cids) {
    const Hash = cid.toString();
    const holder = holders.get(keyOf(cid));
    if (holder) {
      yield { Hash, Error: holder.isRoot ? "pinned: recursive" : `pinned via ${holder.root}` };
    } else if (force || (await store.has(cid, { signal }))) {
      await store.delete(cid, { signal });
      yield { Hash };
    } else {
      yield { Hash, Error: `ipld: could not find ${Hash}` };
    }
  }
}

async function wholeBlock(body: ByteStream): Promise<Uint8Array> {
  try {
    return await collect(body, MAX_BLOCK);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const details = { reason: "size", limit: MAX_BLOCK };
    throw new CareKeyError("BLOCK_INVALID", "The produced block is over 2MiB", details, { cause: error });
  }
}

import { decode } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import { parseFileNode } from "../../storage/unixfs/node.js";
import { readFile } from "../../storage/unixfs/read.js";
import { RAW } from "../../storage/verify.js";
import { cids, natural } from "./arguments.js";
import { type Call, command } from "./command.js";

/** The bytes of files, one after the other, or those of a range of them. */
export const cat = command(
  { arg: cids, offset: natural.default(0), length: natural.default(Number.MAX_SAFE_INTEGER) },
  async ({ arg, offset, length }, call) => {
    const parts: { cid: CID; offset: number; length: number }[] = [];
    let skip = offset;
    let left = length;
    for (const cid of arg) {
      const { size } = await statOf(cid, call);
      const part = { cid, offset: Math.min(skip, size), length: Math.min(left, Math.max(0, size - skip)) };
      skip -= part.offset;
      left -= part.length;
      parts.push(part);
    }
    return { bytes: ranges(parts, call), type: "text/plain", length: length - left };
  },
);

/** What a file's root says of it. */
export const filesStat = command({ arg: cids }, async ({ arg: [cid] }, call) => {
  const { size, cumulative, blocks } = await statOf(cid, call);
  const document = { Hash: cid.toString(), Size: size, CumulativeSize: cumulative, Blocks: blocks, Type: "file" };
  return { document };
});

async function* ranges(
  parts: readonly { readonly cid: CID; readonly offset: number; readonly length: number }[],
  { store, signal }: Call,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { cid, offset, length } of parts) {
    if (length > 0) yield* readFile(cid, store, { offset, length, signal });
  }
}

async function statOf(cid: CID, { store, signal }: Call) {
  const bytes = await store.get(cid, { signal });
  const codec: number = cid.code;
  if (codec === RAW) return { size: bytes.length, cumulative: bytes.length, blocks: 0 };
  const { size, links } = parseFileNode(cid, bytes);
  const below = decode(bytes).Links.reduce((sum, { Tsize = 0 }) => sum + Tsize, 0);
  return { size, cumulative: bytes.length + below, blocks: links.length };
}

import { decode, encode } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import { CareKeyError } from "../../errors.js";
import type { Block } from "../types.js";
import { decodeUnixFs, encodeUnixFs } from "./data.js";
import { dagPbBlock, isSupported } from "../verify.js";

/** How files are cut: `chunk` bytes a leaf, `children` links a node. */
export interface Shape {
  readonly chunk: number;
  readonly children: number;
}

/** The profile unixfs-v1-2025, also Kubo's: the same file has the same CID everywhere. https://specs.ipfs.tech/ipips/ipip-0499/ */
export const PROFILE: Shape = { chunk: 1024 * 1024, children: 1024 };

/** What a node says of one of its links. */
export interface FileLink {
  readonly cid: CID;
  /** Bytes of the file below it. */
  readonly size: number;
}

/** A link with what else its parent's encoding needs. */
export interface TreeLink extends FileLink {
  /** Bytes of all blocks below it, itself included (dag-pb's Tsize). */
  readonly tsize: number;
}

export interface FileNode {
  readonly size: number;
  readonly links: readonly FileLink[];
  /** The file's bytes where the node is itself a leaf; empty otherwise. */
  readonly data: Uint8Array;
}

/**
 * Encodes the node above `links`: dag-pb (https://ipld.io/specs/codecs/dag-pb/spec/) around UnixFS.
 *
 * @example
 * const { block, link } = await fileNode([{ cid, size: 5, tsize: 5 }]);
 */
export async function fileNode(links: readonly TreeLink[]): Promise<{ block: Block; link: TreeLink }> {
  const block = await dagPbBlock(
    encode({
      Data: encodeUnixFs(links.map(({ size }) => size)),
      Links: links.map(({ cid, tsize }) => ({ Name: "", Tsize: tsize, Hash: cid })),
    }),
  );
  const sum = (pick: (link: TreeLink) => number) => links.reduce((total, link) => total + pick(link), 0);
  const link = {
    cid: block.cid,
    size: sum(({ size }) => size),
    tsize: block.bytes.length + sum(({ tsize }) => tsize),
  };
  return { block, link };
}

/**
 * Decodes a dag-pb node of a plain file and checks that it agrees with itself. Throws RECORD_INVALID with `{ cid, reason }`:
 * "encoding" for what is not dag-pb and UnixFS of a plain file, "links" for too many links or ones that CareKey does not
 * follow, "size" for sizes that do not add up or parts of no bytes, which could be repeated without end.
 */
export function parseFileNode(cid: CID, bytes: Uint8Array): FileNode {
  const { Links, size, blockSizes, data } = decodeNode(cid, bytes);
  if (Links.length > PROFILE.children || !Links.every(({ Hash }) => isSupported(Hash))) {
    throw invalidNode(cid, "links", "The node has links that no plain file has");
  }
  const links = Links.map(({ Hash }, index) => ({ cid: Hash, size: blockSizes[index] ?? 0 }));
  const inner = links.length > 0;
  const sum = links.reduce((total, link) => total + link.size, data.length);
  if (
    blockSizes.length !== links.length ||
    links.some((link) => link.size === 0) ||
    (inner && data.length > 0) ||
    sum !== size
  ) {
    throw invalidNode(cid, "size", "The node's sizes do not add up");
  }
  return { size, links, data };
}

/** RECORD_INVALID for a DAG that is what its CIDs say, but no file. */
export function invalidNode(cid: CID, reason: string, what: string, cause?: unknown): CareKeyError {
  return new CareKeyError("RECORD_INVALID", what, { cid: cid.toString(), reason }, { cause });
}

function decodeNode(cid: CID, bytes: Uint8Array) {
  try {
    const { Data, Links } = decode(bytes);
    if (!Data) throw new RangeError("no Data");
    return { Links, ...decodeUnixFs(Data) };
  } catch (cause) {
    throw invalidNode(cid, "encoding", "The node is none of a plain UnixFS file", cause);
  }
}

import type { CID } from "multiformats/cid";
import type { BlockStore, StoreOptions } from "../types.js";
import { type FileNode, invalidNode, parseFileNode } from "./node.js";

/** Levels of nodes above the leaves. Four of the profile hold a pebibyte, eight of the older 174 links far more. */
export const MAX_DEPTH = 8;

/** Fetches and parses the node of a file that lies `depth` levels below its root. Errors: the store's, RECORD_INVALID. */
export async function fetchNode(cid: CID, depth: number, store: BlockStore, options: StoreOptions): Promise<FileNode> {
  if (depth >= MAX_DEPTH) throw invalidNode(cid, "depth", `The file has more than ${MAX_DEPTH} levels`);
  return parseFileNode(cid, await store.get(cid, options));
}

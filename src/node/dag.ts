import { decode } from "@ipld/dag-pb";
import { CID } from "multiformats/cid";

import { DAG_PB, isDagPb, isSupported } from "../storage/verify.js";

/**
 * The blocks that a block leads to, in order and as often as it names them: of any dag-pb node, so of foreign clients' directories too. A
 * CIDv0 is given as the version 1 that stores know. Left out is what no store keeps: other codecs and hash functions. Bytes that are no
 * dag-pb lead nowhere.
 */
export function linksOf(cid: CID, bytes: Uint8Array): CID[] {
  if (!isDagPb(cid)) return [];
  return hashesOf(bytes)
    .map((link) => (link.version === 0 ? CID.createV1(DAG_PB, link.multihash) : link))
    .filter(isSupported);
}

function hashesOf(bytes: Uint8Array): CID[] {
  try {
    return decode(bytes).Links.map(({ Hash }) => Hash);
  } catch {
    return [];
  }
}

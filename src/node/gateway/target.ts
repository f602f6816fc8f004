import { CID } from "multiformats/cid";

import { DAG_PB, RAW, isSupported } from "../../storage/verify.js";
import { refusal } from "./refusal.js";

const SHA2_256 = 0x12;

/** What a request is about. */
export interface Target {
  /** The first segment of the path, e.g. "ipfs". */
  readonly name: string;
  /** The second, if any. */
  readonly argument: string | undefined;
  readonly query: URLSearchParams;
}

/**
 * Splits the target of a request. Nothing of it is resolved or decoded, so that no path means another one: what would need it is 400.
 * A path below a CID is 501: a trustless gateway need not follow it.
 */
export function targetOf(url: string): Target {
  const [path = "", ...rest] = url.split("?");
  if (!/^(\/[A-Za-z0-9_.-]+)*\/?$/.test(path) || /\/\.+(\/|$)/.test(path)) {
    throw refusal(400, "The path is none of this node", { reason: "path" });
  }
  const [, name = "", argument, ...below] = path.replace(/\/$/, "").split("/");
  if (below.length > 0) throw refusal(501, "This node follows no path below a CID", { reason: "path" });
  return { name, argument, query: new URLSearchParams(rest.join("?")) };
}

/**
 * The CID of a path. 400 for what is none, 501 for another hash function or codec than this node keeps. A CIDv0 is taken as the version 1
 * that it means.
 */
export function cidOf(text: string): CID {
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch {
    throw refusal(400, "The path names no CID", { reason: "cid" });
  }
  const { code, digest } = cid.multihash;
  const codec: number = cid.code;
  const meant = cid.version === 0 ? CID.createV1(DAG_PB, cid.multihash) : cid;
  if (isSupported(meant)) return meant;
  if (code === SHA2_256 && (codec === RAW || codec === DAG_PB)) {
    throw refusal(400, "The CID has a cut digest", { reason: "cid", length: digest.length });
  }
  throw refusal(501, "This node keeps raw and dag-pb blocks by sha2-256 only", { reason: "cid", codec, hash: code });
}

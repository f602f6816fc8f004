import type { CID } from "multiformats/cid";
import { CareKeyError } from "../errors.js";

/** What a call may carry; the clients hand all but the signal on to the node. */
export interface KuboCallOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which the node itself gives up. */
  readonly timeout?: number;
  /** The node looks at its own disk only. */
  readonly offline?: boolean;
}

/**
 * The calls of a Kubo RPC client that the `kubo` store uses. An instance of `kubo-rpc-client` fits as it is, and one of its
 * deprecated predecessor `ipfs-http-client` too; their CIDs are of other copies of multiformats, so none of those is relied on.
 */
export interface KuboClient {
  readonly block: {
    get(cid: CID, options: KuboCallOptions): Promise<Uint8Array>;
    stat(cid: CID, options: KuboCallOptions): Promise<{ readonly size: number }>;
    rm(cid: CID, options: KuboCallOptions & { readonly force: boolean }): AsyncIterable<{ readonly error?: Error }>;
  };
  readonly dag: {
    import(
      cars: Iterable<Uint8Array>,
      options: KuboCallOptions & { readonly pinRoots: boolean },
    ): AsyncIterable<unknown>;
  };
  readonly pin: {
    add(root: string, options: KuboCallOptions & { readonly recursive: boolean }): Promise<unknown>;
    rm(root: string, options: KuboCallOptions): Promise<unknown>;
    ls(
      options: KuboCallOptions & { readonly type: "recursive" },
    ): AsyncIterable<{ readonly cid: { toString(): string } }>;
  };
  readonly refs: {
    local(options: KuboCallOptions): AsyncIterable<{ readonly ref: string }>;
  };
}

/** What a storage node of CareKey answers past its quota; Kubo itself knows no such status. */
const INSUFFICIENT_STORAGE = 507;

/** True when the node answered that neither it nor, unless asked offline, a peer of it has the block. */
export function saysMissing(error: unknown): boolean {
  return says(error, /\bipld: could not find\b/);
}

/** True when the node answered that it searched for as long as it was allowed to. */
export function saysGivenUp(error: unknown): boolean {
  return says(error, /\bcontext deadline exceeded\b/);
}

/** True when the node, or the proxy of IPFS Cluster in its place, answered that the root to unpin is no pinned root. */
export function saysNotPinned(error: unknown): boolean {
  return says(error, /\bnot (pinned|part of the pinset)\b/);
}

/** True when the node answered that it keeps a block because a pinned root leads to it. */
export function saysPinned(error: Error): boolean {
  return says(error, /^pinned\b/);
}

/** Finds what a client hides: the status of a refusal, as STORE_FAILED, or DISK_FULL, with `{ status }`. Anything else stays as it is. */
export function unwrapped(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const response: unknown = "response" in error ? error.response : undefined;
  if (typeof response === "object" && response && "status" in response && typeof response.status === "number") {
    const { status } = response;
    if (status === INSUFFICIENT_STORAGE) {
      return new CareKeyError("DISK_FULL", "The storage node has no room left", { status }, { cause: error });
    }
    return new CareKeyError("STORE_FAILED", `The IPFS node answered with HTTP ${status}`, { status }, { cause: error });
  }
  return error;
}

// Kubo tells its failures apart by nothing but their text
function says(error: unknown, text: RegExp): boolean {
  return error instanceof Error && text.test(error.message);
}

import { CID } from "multiformats/cid";

import { CareKeyError, isCareKeyError } from "../errors.js";
import { withDeadline } from "./deadline.js";
import { Lines, bodyUpTo, broken, readerOf, refusalIn } from "./http-body.js";
import { batchesOf, carOf } from "./kubo-car.js";
import { inParallel } from "./parallel.js";
import { type Block, type BlockStore, MAX_BLOCK, type StoreOptions, type StoredBlock } from "./types.js";
import { keyOf, verifyBlock, verifyPut } from "./verify.js";

export interface HttpStoreOptions {
  /** Bearer token of the storage node; without one the store is for reading. */
  readonly token?: string | undefined;
  /** Milliseconds for each call, so for each CAR of about 8 MiB too, where a call gives none. 30 s by default; Infinity for none. */
  readonly deadline?: number | undefined;
  /** Another `fetch` than the surroundings'. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Hashes at once. */
const PARALLEL = 4;
const DEADLINE = 30_000;
/** The block is not here, is no more, or is not here at once. */
const MISSING: readonly number[] = [404, 410, 412];

/**
 * A node that is reached by HTTP, from browsers and Node alike: `get` and `has` work with any trustless gateway
 * (https://specs.ipfs.tech/http-gateways/trustless-gateway/), the rest with a storage node of CareKey (`serveNode`). Every block is checked
 * against its CID, and an answer past 2 MiB is not read.
 *
 * - Puts and pins need a token of scope "put"; `delete`, `unpin`, `pins` and `blocks` one of scope "manage". What the node refuses is
 *   STORE_FAILED with its `{ status }`: 401 for no good token, 403 for too little scope.
 * - Past the node's quota, DISK_FULL with its `{ quota, bytes }`. A block that rotted there is BLOCK_INVALID.
 * - `has` asks for what the node has at once. A gateway that searches its peers in vain is STORE_FAILED with `{ deadline }`, or with
 *   `{ status: 504 }` once it gives up, not BLOCK_MISSING.
 * - A node that cannot be reached is STORE_FAILED with the system's `{ code }`, in a browser without.
 * - What a put acknowledged survives a crash as the node's own store says.
 *
 * Throws INVALID_ARGUMENT for what is no http(s) URL or holds credentials or a query.
 *
 * @example
 * const store = httpStore("https://node.example", { token });
 * await store.put(await rawBlock(sealed));
 */
export function httpStore(url: string, options: HttpStoreOptions = {}): BlockStore {
  return new HttpStore(baseOf(url), options);
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** What the call is about, for a failure's details. */
  readonly cid?: CID;
}

class HttpStore implements BlockStore {
  readonly #base: string;
  readonly #authorization: Record<string, string>;
  readonly #deadline: number;
  readonly #fetch: typeof globalThis.fetch;

  constructor(base: string, { token, deadline = DEADLINE, fetch }: HttpStoreOptions) {
    this.#base = base;
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#deadline = deadline;
    // browsers call it on the window only
    this.#fetch = fetch ?? ((...args) => globalThis.fetch(...args));
  }

  put({ cid, bytes }: Block, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      // a copy, taken before the check, so that nobody can change what was checked
      const body = Uint8Array.from(bytes);
      await verifyBlock(cid, body);
      signal.throwIfAborted();
      await this.#managed(`ipfs/${cid.toString()}?format=raw`, signal, { method: "PUT", body, cid });
    });
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks)) await this.#send(batch, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      // no token: any gateway will do, and it is none of its business
      const headers = { accept: "application/vnd.ipld.raw" };
      const response = await this.#request(`ipfs/${cid.toString()}?format=raw`, signal, { headers, cid });
      const bytes = await bodyUpTo(response, MAX_BLOCK);
      if (!bytes) {
        const details = { cid: cid.toString(), reason: "size", limit: MAX_BLOCK };
        throw new CareKeyError("BLOCK_INVALID", `The node's answer is longer than ${MAX_BLOCK} bytes`, details);
      }
      await verifyBlock(cid, bytes);
      return bytes;
    });
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      const headers = { accept: "application/vnd.ipld.raw", "cache-control": "only-if-cached" };
      try {
        await this.#request(`ipfs/${cid.toString()}?format=raw`, signal, { method: "HEAD", headers, cid });
        return true;
      } catch (error) {
        if (isCareKeyError(error, "BLOCK_MISSING")) return false;
        throw error;
      }
    });
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return this.#change("DELETE", "ipfs", cid, options);
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#change("PUT", "pins", root, options);
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#change("DELETE", "pins", root, options);
  }

  async *pins(options?: StoreOptions): AsyncIterable<CID> {
    for await (const line of this.#list("pins", options)) yield cidIn(line);
  }

  async *blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    for await (const line of this.#list("blocks", options)) {
      const { size, since } = line;
      if (typeof size !== "number" || (since !== undefined && typeof since !== "number")) throw broken();
      yield { cid: cidIn(line), size, ...(since !== undefined && { since }) };
    }
  }

  #send(blocks: readonly Block[], options: StoreOptions | undefined): Promise<void> {
    return this.#ask(options, async (signal) => {
      const distinct = new Map<string, Block>();
      await inParallel(blocks, PARALLEL, async (block) => {
        await verifyPut(block);
        distinct.set(keyOf(block.cid), block);
      });
      if (distinct.size === 0) return;
      signal.throwIfAborted();
      const headers = { "content-type": "application/vnd.ipld.car" };
      const body = carOf([...distinct.values()]);
      await this.#managed("ipfs", signal, { method: "POST", headers, body });
    });
  }

  #change(method: string, path: string, cid: CID, options: StoreOptions | undefined): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      await this.#managed(`${path}/${cid.toString()}`, signal, { method, cid });
    });
  }

  /** Each piece of a list has the deadline for itself: a list may be long. */
  async *#list(path: string, options: StoreOptions | undefined): AsyncGenerator<Record<string, unknown>> {
    const stop = new AbortController();
    const step = <T>(work: () => Promise<T>): Promise<T> =>
      this.#ask(options, async (signal) => {
        const abort = () => {
          stop.abort(signal.reason);
        };
        signal.addEventListener("abort", abort);
        try {
          return await work();
        } finally {
          signal.removeEventListener("abort", abort);
        }
      });
    const lines = new Lines();
    try {
      const response = await step(() => this.#request(path, stop.signal, { headers: this.#authorization }));
      const reader = readerOf(response);
      for (;;) {
        const next = await step(async () => reader?.read());
        if (!next || next.done) break;
        yield* lines.of(next.value).map(objectIn);
      }
      lines.end();
    } finally {
      stop.abort();
    }
  }

  /** A request for which the node wants a token; its answer has nothing to say but its status. */
  async #managed(path: string, signal: AbortSignal, { headers, ...request }: Request): Promise<void> {
    const response = await this.#request(path, signal, { ...request, headers: { ...headers, ...this.#authorization } });
    await response.body?.cancel();
  }

  async #request(path: string, signal: AbortSignal, { cid, ...request }: Request): Promise<Response> {
    // a node's state is not for the browser's cache, and what is, was checked
    const response = await this.#fetch(`${this.#base}/${path}`, { ...request, signal, cache: "no-store" });
    if (!response.ok) throw await failureOf(response, cid);
    return response;
  }

  #ask<T>(options: StoreOptions | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(options, this.#deadline, work);
  }
}

async function failureOf(response: Response, cid: CID | undefined): Promise<CareKeyError> {
  const { status } = response;
  const { code, details } = await refusalIn(response);
  const name = cid?.toString();
  if (MISSING.includes(status)) return new CareKeyError("BLOCK_MISSING", "The node has no such block", { cid: name });
  if (status === 507) {
    return new CareKeyError("DISK_FULL", "The node has no room", {
      quota: figure(details, "quota"),
      bytes: figure(details, "bytes"),
    });
  }
  if (status === 500 && code === "BLOCK_INVALID") {
    return new CareKeyError("BLOCK_INVALID", "The block rotted at the node", { cid: name, reason: "hash" });
  }
  return new CareKeyError("STORE_FAILED", `The node answered with HTTP ${status}`, { status, cid: name });
}

function figure(details: unknown, name: string): number | undefined {
  const value = typeof details === "object" && details ? (details as Record<string, unknown>)[name] : undefined;
  return typeof value === "number" ? value : undefined;
}

function objectIn(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value) return value as Record<string, unknown>;
  } catch (error) {
    throw broken(error);
  }
  throw broken();
}

function cidIn({ cid }: Record<string, unknown>): CID {
  try {
    return CID.parse(String(cid));
  } catch (error) {
    throw broken(error);
  }
}

/** What may stand before a path, without a slash at its end. */
function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CareKeyError("INVALID_ARGUMENT", "The address of a storage node is an http or https URL");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new CareKeyError("INVALID_ARGUMENT", "The URL of a storage node holds neither credentials nor a query");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

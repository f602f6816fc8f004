import { CID } from "multiformats/cid";
import { CareKeyError } from "../errors.js";
import { systemError, withDeadline } from "./deadline.js";
import { lines, readAtMost } from "./http-body.js";
import { batchesOf, carOf } from "./kubo-car.js";
import { inParallel } from "./parallel.js";
import { type Block, type BlockStore, MAX_BLOCK, type StoreOptions, type StoredBlock } from "./types.js";
import { keyOf, verifyBlock } from "./verify.js";

export interface HttpStoreOptions {
  /** Bearer token of the storage node: scope "put" to put and pin, "manage" for the rest. Reading needs none. */
  readonly token?: string | undefined;
  /** Milliseconds for each call, so for each CAR of about 8 MiB too, where a call gives none. 30 s by default; Infinity for none. */
  readonly deadline?: number | undefined;
}

/** Hashes at once. */
const PARALLEL = 4;
const DEADLINE = 30_000;
/** What a node says about a refusal is short. */
const MAX_ANSWER = 64 * 1024;
const CAR = "application/vnd.ipld.car";
const RAW = "application/vnd.ipld.raw";

/**
 * A storage node (`carekey node`), or to read from, any trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/),
 * Kubo's too. In browsers and in Node alike. Every block read is checked against its CID and refused as soon as it is too long.
 *
 * - What the node acknowledged survives as its own store has it. Blocks travel in CARs of about 8 MiB.
 * - A node past its quota is DISK_FULL. Other trouble is STORE_FAILED with its cause and the system's `{ code }`, e.g. ECONNREFUSED, or the
 *   `{ status }` of a refusal: 401 where the token is missing or has expired, 403 where its scope does not reach.
 * - `pin` keeps what the node has below the root.
 *
 * Throws INVALID_ARGUMENT for what is no http(s) URL or holds credentials.
 *
 * @example
 * const store = httpStore("https://storage.example", { token });
 */
export function httpStore(url: string, options: HttpStoreOptions = {}): BlockStore {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (!base || !/^https?:$/.test(base.protocol) || base.username || base.password)
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      "The address of a storage node is an http or https URL without credentials",
    );
  return new HttpStore(base, options);
}

class HttpStore implements BlockStore {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #deadline: number;

  constructor(base: URL, { token, deadline = DEADLINE }: HttpStoreOptions) {
    this.#base = base;
    this.#token = token;
    this.#deadline = deadline;
  }

  put(block: Block, options?: StoreOptions): Promise<void> {
    return this.#send([block], options);
  }

  async putMany(blocks: AsyncIterable<Block> | Iterable<Block>, options?: StoreOptions): Promise<void> {
    for await (const batch of batchesOf(blocks)) await this.#send(batch, options);
  }

  get(cid: CID, options?: StoreOptions): Promise<Uint8Array> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      const response = await this.#fetch(`ipfs/${cid.toString()}?format=raw`, { headers: { accept: RAW }, signal });
      if (isMissing(response)) throw await missing(cid, response);
      await requireSuccess(response);
      const bytes = await readAtMost(response, MAX_BLOCK, cid);
      await verifyBlock(cid, bytes);
      return bytes;
    });
  }

  has(cid: CID, options?: StoreOptions): Promise<boolean> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      const path = `ipfs/${cid.toString()}?format=raw`;
      // a gateway must not search its peers for what only this node is asked about
      const headers = { accept: RAW, "cache-control": "only-if-cached" };
      const response = await this.#fetch(path, { method: "HEAD", headers, signal });
      if (isMissing(response) || response.status === 412) return false;
      await requireSuccess(response);
      return true;
    });
  }

  delete(cid: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(cid);
      await this.#done(await this.#fetch(`ipfs/${cid.toString()}`, { method: "DELETE", signal }));
    });
  }

  pin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(root);
      const response = await this.#fetch(`pins/${root.toString()}`, { method: "PUT", signal });
      if (isMissing(response)) throw await missing(root, response);
      await this.#done(response);
    });
  }

  unpin(root: CID, options?: StoreOptions): Promise<void> {
    return this.#ask(options, async (signal) => {
      keyOf(root);
      await this.#done(await this.#fetch(`pins/${root.toString()}`, { method: "DELETE", signal }));
    });
  }

  async *pins(options?: StoreOptions): AsyncIterable<CID> {
    for (const { cid } of await this.#list("pins", options)) yield cid;
  }

  async *blocks(options?: StoreOptions): AsyncIterable<StoredBlock> {
    for (const { cid, size = 0, since } of await this.#list("blocks", options)) yield { cid, size, since };
  }

  #send(blocks: readonly Block[], options: StoreOptions | undefined): Promise<void> {
    return this.#ask(options, async (signal) => {
      const distinct = new Map<string, Block>();
      await inParallel(blocks, PARALLEL, async (block) => {
        await verifyBlock(block.cid, block.bytes);
        distinct.set(keyOf(block.cid), block);
      });
      if (distinct.size === 0) return;
      signal.throwIfAborted();
      const headers = { "content-type": CAR };
      const body = new Blob([carOf([...distinct.values()])], { type: CAR });
      await this.#done(await this.#fetch("ipfs", { method: "POST", headers, body, signal }));
    });
  }

  #list(
    path: string,
    options: StoreOptions | undefined,
  ): Promise<{ cid: CID; size?: number | undefined; since?: number | undefined }[]> {
    return this.#ask(options, async (signal) => {
      const response = await this.#fetch(path, { signal });
      await requireSuccess(response);
      const listed: { cid: CID; size?: number | undefined; since?: number | undefined }[] = [];
      for await (const line of lines(response)) {
        const { cid, size, since } = line as { cid?: unknown; size?: unknown; since?: unknown };
        const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
        listed.push({ cid: CID.parse(String(cid)), size: number(size), since: number(since) });
      }
      return listed;
    });
  }

  #fetch(path: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    const base = this.#base.href.endsWith("/") ? this.#base.href : `${this.#base.href}/`;
    return fetch(new URL(path, base), { ...init, headers, redirect: "error" });
  }

  /** Reads a short answer to its end, so that the connection is free for the next call. */
  async #done(response: Response): Promise<void> {
    await requireSuccess(response);
    await readAtMost(response, MAX_ANSWER);
  }

  #ask<T>(options: StoreOptions | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(options, this.#deadline, async (signal) => {
      try {
        return await work(signal);
      } catch (error) {
        throw systemError(error);
      }
    });
  }
}

/** Gateways answer so for what they do not have: 404, and 410 for what they will not have again. */
function isMissing({ status }: Response): boolean {
  return status === 404 || status === 410;
}

async function missing(cid: CID, response: Response): Promise<CareKeyError> {
  await response.body?.cancel();
  return new CareKeyError("BLOCK_MISSING", "The storage node has no such block", { cid: cid.toString() });
}

async function requireSuccess(response: Response): Promise<void> {
  const { status } = response;
  if (response.ok) return;
  await response.body?.cancel();
  // Insufficient Storage
  if (status === 507) throw new CareKeyError("DISK_FULL", "The storage node is full", { status });
  throw new CareKeyError("STORE_FAILED", `The storage node answered with HTTP ${status}`, { status });
}

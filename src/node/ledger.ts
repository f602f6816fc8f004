import type { CID } from "multiformats/cid";

import { CareKeyError } from "../errors.js";
import type { Block, StoredBlock } from "../storage/types.js";

/** How full a store is. */
export interface Usage {
  readonly blocks: number;
  readonly bytes: number;
  /** The most bytes that it takes; undefined for no limit. */
  readonly quota: number | undefined;
}

/** Room for blocks that are being written. */
export interface Reservation {
  /** The blocks were written. */
  keep(): void;
  /** Gives back what was not kept. */
  release(): void;
}

/** Counts what a store holds, and holds room for what is on its way: about a hundred bytes of memory for each block. */
export class Ledger {
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #reserved = 0;

  constructor(readonly quota: number | undefined) {}

  get usage(): Usage {
    return { blocks: this.#sizes.size, bytes: this.#bytes, quota: this.quota };
  }

  /** Throws DISK_FULL with `{ quota, bytes }` where the blocks that are not there yet would pass the quota. */
  reserve(blocks: readonly Block[]): Reservation {
    const fresh = new Map<string, number>();
    for (const { cid, bytes } of blocks) if (!this.holds(cid)) fresh.set(digestKey(cid), bytes.length);
    let size = 0;
    for (const one of fresh.values()) size += one;
    if (this.quota !== undefined && size > 0 && this.#bytes + this.#reserved + size > this.quota) {
      const details = { quota: this.quota, bytes: this.#bytes };
      throw new CareKeyError("DISK_FULL", `${size} bytes more would pass the quota of ${this.quota}`, details);
    }
    this.#reserved += size;
    return {
      keep: () => {
        for (const { cid, bytes } of blocks) this.add({ cid, size: bytes.length });
      },
      release: () => {
        this.#reserved -= size;
      },
    };
  }

  holds(cid: CID): boolean {
    return this.#sizes.has(digestKey(cid));
  }

  add({ cid, size }: StoredBlock): void {
    const key = digestKey(cid);
    this.#bytes += size - (this.#sizes.get(key) ?? 0);
    this.#sizes.set(key, size);
  }

  remove(cid: CID): void {
    const key = digestKey(cid);
    this.#bytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}

/** Names the bytes of a block whatever codec they were put under, in 32 characters of a byte each. */
export function digestKey({ multihash: { digest } }: CID): string {
  return String.fromCharCode(...digest);
}

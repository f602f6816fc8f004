import type { Chain } from "../chain/connection.js";
import type { OperationOptions } from "../bytes.js";
import type { Hex32 } from "../chain/ids.js";
import { storeUnder } from "../storage/files.js";
import type { Policy } from "../storage/pool/types.js";
import type { BlockStore } from "../storage/types.js";
import type { PinStore } from "./pins.js";

/** One actor at work: what both pipelines need. */
export interface Context {
  readonly chain: Chain;
  readonly store: BlockStore;
  /** How a pool keeps what belongs to a compartment, by its label; the pool's own policy for the others. */
  readonly policies?: Readonly<Record<Hex32, Policy>> | undefined;
  /** The actor's hybrid age identities, AGE-SECRET-KEY-PQ-1…, newest first: the newest seals, all of them open. Secret. */
  readonly identities: readonly [string, ...string[]];
  /** Recipient of the newest, age1pq1…: public. */
  readonly recipient: string;
  /** The keys of others that this actor has seen. */
  readonly pins: PinStore;
  /** Seconds from its publication on for which a newer key of somebody else's waits, unless it is confirmed. */
  readonly keyWait: number;
}

/** The store for what belongs to a compartment. */
export function storeFor({ store, policies }: Context, compartment: Hex32 | undefined): BlockStore {
  return storeUnder(store, compartment === undefined ? undefined : policies?.[compartment]);
}

/** Where a long operation is. */
export interface Progress {
  readonly step:
    | "sealing"
    | "stamping"
    | "anchoring"
    | "delivering"
    | "collecting keys"
    | "opening"
    | "sealing anew"
    | "removing"
    | "exporting"
    | "verifying"
    | "listing";
  /** Position of the part at work, where there is one. */
  readonly part?: number;
  /** How much is done and how much there is, in bytes or items. */
  readonly done: number;
  readonly total: number;
}

/** Options of every operation that can take long. */
export interface PipelineOptions extends OperationOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

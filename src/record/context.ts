import type { Chain } from "../chain/connection.js";
import type { OperationOptions } from "../bytes.js";
import type { BlockStore } from "../storage/types.js";

/** One actor at work: what both pipelines need. */
export interface Context {
  readonly chain: Chain;
  readonly store: BlockStore;
  /** The actor's hybrid age identity, AGE-SECRET-KEY-PQ-1…: secret. */
  readonly identity: string;
  /** Its recipient, age1pq1…: public. */
  readonly recipient: string;
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
